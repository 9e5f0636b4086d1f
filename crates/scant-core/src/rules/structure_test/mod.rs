//! What the tests of [`crate::formats::structure_test`] mean: whether an image, or what one of its
//! programs printed, is as a test says. Nothing is run here. Each rule gives what is wrong, one
//! sentence each; nothing means that the test passes.

mod command;
mod files;
mod metadata;
mod mode;
#[cfg(test)]
mod tests;

pub use command::{End, Ran, environment, output};
pub use files::ImageFiles;
pub use metadata::metadata;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::formats::structure_test::{Pattern, Texts};
use crate::words::OneLine;

/// So much of a text is shown where it is not as expected, in characters and in lines.
const EXCERPT: (usize, usize) = (1000, 12);

/// What of `text`, which `name` names, is not as expected.
fn texts(name: &str, expected: &Texts, text: &str, wrong: &mut Vec<String>) {
    let before = wrong.len();
    for pattern in expected.expected.iter().filter(|pattern| !pattern.is_match(text)) {
        let mut line = format!("{name} does not match `{}`", OneLine(pattern.as_str()));
        let by_lines = Pattern::new(&format!("(?m){}", pattern.as_str()));
        if by_lines.is_ok_and(|pattern| pattern.is_match(text)) {
            line += "; it would with `(?m)`, which makes `^` and `$` the ends of lines";
        }
        wrong.push(line);
    }
    for pattern in expected.excluded.iter().filter(|pattern| pattern.is_match(text)) {
        wrong.push(format!("{name} matches `{}`", OneLine(pattern.as_str())));
    }
    if wrong.len() > before {
        wrong.push(excerpt(name, text));
    }
}

/// The beginning of a text, each of its lines behind a bar.
fn excerpt(name: &str, text: &str) -> String {
    if text.is_empty() {
        return format!("{name} is empty");
    }
    let (characters, lines) = EXCERPT;
    let cut = text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at);
    let mut shown: Vec<_> = text[..cut].lines().take(lines).map(ToString::to_string).collect();
    let taken: usize = shown.iter().map(|line| line.len() + 1).sum();
    if taken < text.len() {
        shown.push("…".into());
    }
    let lines: Vec<_> = shown.iter().map(|line| format!("\n  | {}", OneLine(line))).collect();
    format!("{name}:{}", lines.concat())
}
