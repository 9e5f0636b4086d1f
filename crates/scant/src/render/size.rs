//! Sizes for people.

use std::fmt;

/// A size in bytes, shown in the largest unit that keeps three digits (powers of 1000).
pub(crate) struct Size(pub(crate) u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut value = self.0 as f64;
        let mut unit = "B";
        for next in ["kB", "MB", "GB", "TB"] {
            if value < 999.5 {
                break;
            }
            value /= 1000.0;
            unit = next;
        }
        let digits = if unit == "B" || value >= 99.95 { 0 } else { 1 };
        f.pad(&format!("{value:.digits$} {unit}"))
    }
}

/// A number of things in words: `1 path`, `2 paths`.
pub(crate) struct Count(pub(crate) usize, pub(crate) &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.0, self.1, if self.0 == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_keep_three_digits() {
        for (bytes, shown) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (12_345_678, "12.3 MB"),
            (999_600, "1.0 MB"),
            (123_400_000, "123 MB"),
        ] {
            assert_eq!(Size(bytes).to_string(), shown);
        }
    }
}
