//! A line of words, and of values with names.

/// A line.
#[derive(Clone)]
pub(super) struct Options<'a> {
    line: &'a str,
    /// A signature that is part of the one that is made.
    pub(super) embedded: Option<Vec<u8>>,
}

impl<'a> Options<'a> {
    pub(super) fn new(line: &'a str) -> Self {
        Self { line, embedded: None }
    }

    /// The words that stand first, up to a value or what has none.
    pub(super) fn words(&self) -> Vec<&'a str> {
        let is_word = |word: &&str| {
            !word.contains('=')
                && !matches!(*word, "primary" | "notation" | "broken" | "back-broken")
        };
        self.line.split_whitespace().take_while(is_word).collect()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.line.split_whitespace().any(|word| word == name)
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        let mut values = self.line.split_whitespace().filter_map(|word| word.split_once('='));
        values.find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.get(name).map(|value| value.parse().unwrap_or_else(|_| panic!("no number: {value}")))
    }
}
