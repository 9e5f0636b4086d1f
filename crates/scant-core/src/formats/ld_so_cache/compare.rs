//! The order of names in a cache: glibc searches it by halves, so it must be this one exactly.

use core::cmp::Ordering;

/// Compares names as glibc's `_dl_cache_libcmp`: runs of digits by their value, a digit after
/// anything that is none.
pub fn compare_names(left: &[u8], right: &[u8]) -> Ordering {
    let (mut left, mut right) = (left, right);
    loop {
        match (left.first(), right.first()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(a), Some(b)) if a.is_ascii_digit() && b.is_ascii_digit() => {
                let (a, b) = (take_number(&mut left), take_number(&mut right));
                if a != b {
                    // glibc subtracts them, which overflows for numbers that are far apart. To
                    // follow it there would be no order: sorting might panic, and a name might
                    // not be found again.
                    return a.cmp(&b);
                }
            }
            (Some(a), _) if a.is_ascii_digit() => return Ordering::Greater,
            (_, Some(b)) if b.is_ascii_digit() => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(a), Some(b)) if a != b => return a.cmp(b),
            _ => (left, right) = (&left[1..], &right[1..]),
        }
    }
}

fn take_number(text: &mut &[u8]) -> i32 {
    let end = text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    *text = rest;
    digits
        .iter()
        .fold(0i32, |value, digit| value.wrapping_mul(10).wrapping_add(i32::from(digit - b'0')))
}
