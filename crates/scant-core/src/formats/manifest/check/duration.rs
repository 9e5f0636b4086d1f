//! Times as the config's authors write them, in the grammar of
//! [Go's `ParseDuration`](https://pkg.go.dev/time#ParseDuration) without signs.

/// Engines refuse a shorter one.
pub(super) const SHORTEST: u64 = 1_000_000;

/// The nanoseconds of `1m30s`, `1.5h` or `500ms`; none for what is no time, or a longer one than
/// the config can hold.
pub(super) fn parse(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut total: u128 = 0;
    while !rest.is_empty() || text.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (digits, after) = rest.split_at(number);
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let unit: u128 = match &after[..end] {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        total = total.checked_add(scaled(digits, unit)?)?;
        rest = &after[end..];
    }
    // The config's integers are Go's, signed.
    i64::try_from(total).ok().map(i64::unsigned_abs)
}

/// A decimal number times a unit.
fn scaled(digits: &str, unit: u128) -> Option<u128> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() || digits.len() > 20 {
        return None;
    }
    let number = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<u128>().ok() };
    let scale = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    (number(whole)? * unit).checked_add(number(fraction)? * unit / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: Option<u64>) {
        assert_eq!(parse(text), expected, "{text}");
    }

    #[test]
    fn times_are_read_as_go_reads_them() {
        case("30s", Some(30_000_000_000));
        case("1m30s", Some(90_000_000_000));
        case("1.5h", Some(5_400_000_000_000));
        case("500ms", Some(500_000_000));
        case(".5s", Some(500_000_000));
        case("2µs", Some(2_000));
        for bad in ["", "30", "s", "1x", "1m30", "-1s", "1 s", ".s", "1.2.3s", "99999999999h"] {
            case(bad, None);
        }
    }
}
