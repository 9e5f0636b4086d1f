//! Files by which packages say what systemd makes for them: accounts and directories. What is for a
//! running system only is passed over.

pub mod sysusers;
pub mod tmpfiles;

use alloc::string::String;
use alloc::vec::Vec;

/// The words of a line, in which quotes hold blanks together. None for a comment or nothing.
pub(crate) fn words(line: &str) -> Option<Vec<String>> {
    let line = line.trim();
    if line.is_empty() || line.starts_with(['#', ';']) {
        return None;
    }
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

/// A word that says something: not `-`, not left out.
fn said(words: &[String], number: usize) -> Option<&str> {
    words.get(number).map(String::as_str).filter(|word| !matches!(*word, "" | "-"))
}
