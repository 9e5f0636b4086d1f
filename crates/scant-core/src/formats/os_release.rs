//! os-release(5): which distribution a root is of.

/// The value of a key, without quotes.
pub fn get<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let value = text.lines().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='))?;
    let quoted = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    Some(quoted('"').or_else(|| quoted('\'')).unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::get;

    #[test]
    fn values_are_read() {
        let text = "# ID=no\nVERSION_ID=\"12\"\nID=debian\nNAME='A B'\nBROKEN\n";
        assert_eq!(get(text, "ID"), Some("debian"));
        assert_eq!(get(text, "VERSION_ID"), Some("12"));
        assert_eq!(get(text, "NAME"), Some("A B"));
        assert_eq!(get(text, "BROKEN"), None);
    }
}
