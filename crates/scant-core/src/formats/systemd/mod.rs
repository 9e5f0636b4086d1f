//! Files by which packages say what systemd does for them: accounts, directories and services. What
//! is for a running system only is passed over.

pub mod sysusers;
pub mod tmpfiles;
pub mod unit;
mod words;

use alloc::string::String;
use alloc::vec::Vec;

pub(crate) use words::words;

/// The words of a line of a list. None for a comment or nothing.
fn words_of_list(line: &str) -> Option<Vec<String>> {
    let line = line.trim();
    (!line.is_empty() && !line.starts_with(['#', ';'])).then(|| words(line))
}

/// A word that says something: not `-`, not left out.
fn said(words: &[String], number: usize) -> Option<&str> {
    words.get(number).map(String::as_str).filter(|word| !matches!(*word, "" | "-"))
}
