//! Dates as documents write them.

/// Whether a text is a date and time of [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339#section-5.6).
/// `T` and `Z` are capitals, and there is no leap second: engines refuse a config otherwise.
pub(super) fn is_date(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else { return false };
    is_day(date) && is_time(time)
}

/// `YYYY-MM-DD`.
fn is_day(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut next = |digits| parts.next().and_then(|part| number(part, digits));
    let (year, month, day) = (next(4), next(2), next(2));
    let (Some(year), Some(month), Some(day), None) = (year, month, day, parts.next()) else {
        return false;
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// `HH:MM:SS[.FRACTION]`, then `Z` or `+HH:MM`.
fn is_time(text: &str) -> bool {
    let Some((clock, rest)) = text.split_at_checked(8) else { return false };
    let is_right = is_clock(&clock[..5]) && {
        let seconds = clock[5..].strip_prefix(':').and_then(|seconds| number(seconds, 2));
        seconds.is_some_and(|seconds| seconds < 60)
    };
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            if zone.len() == fraction.len() {
                return false;
            }
            zone
        }
        None => rest,
    };
    let offset = zone.strip_prefix(['+', '-']).is_some_and(is_clock);
    is_right && (zone == "Z" || offset)
}

/// `HH:MM`.
fn is_clock(text: &str) -> bool {
    let Some((hours, minutes)) = text.split_once(':') else { return false };
    number(hours, 2).is_some_and(|hours| hours < 24)
        && number(minutes, 2).is_some_and(|minutes| minutes < 60)
}

fn number(text: &str, digits: usize) -> Option<u32> {
    let is_number = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    #[test]
    fn dates_are_those_of_rfc_3339() {
        for text in [
            "1970-01-01T00:00:00Z",
            "2024-02-29T23:59:59.123456789Z",
            "2023-11-14T22:13:20+05:30",
            "0001-01-01T00:00:00Z",
        ] {
            assert!(super::is_date(text), "{text}");
        }
        for text in [
            "",
            "1970-01-01",
            "yesterday",
            "2023-02-29T00:00:00Z",
            "2023-13-01T00:00:00Z",
            "2023-01-01T24:00:00Z",
            "2023-01-01T00:00:60Z",
            "2023-01-01T00:00:00",
            "2023-01-01T00:00:00.Z",
            "2023-01-01 00:00:00Z",
            "2023-01-01T00:00:00z",
            "2023-01-01T00:00:00+5",
            "2023-01-01T00:00é0Z",
            "+023-01-01T00:00:00Z",
        ] {
            assert!(!super::is_date(text), "{text}");
        }
    }
}
