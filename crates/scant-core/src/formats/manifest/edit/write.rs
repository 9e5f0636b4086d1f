//! Entries as YAML: in blocks as people write them, inside brackets as JSON.

use alloc::string::String;
use alloc::vec::Vec;

use super::Item;
use crate::formats::yaml;

/// The lines of an item of a block list whose dashes stand behind `indent` blanks.
pub(super) fn block_item(item: &Item, indent: usize) -> Vec<String> {
    let blanks = " ".repeat(indent);
    let line = |(number, (key, value)): (usize, &(&str, String))| {
        let dash = if number == 0 { "-" } else { " " };
        alloc::format!("{blanks}{dash} {key}: {}", scalar(key, value))
    };
    item.iter().enumerate().map(line).collect()
}

/// An item inside brackets.
pub(super) fn flow_item(item: &Item) -> String {
    let entry =
        |(key, value): &(&str, String)| alloc::format!("{}: {}", quoted(key), quoted(value));
    alloc::format!("{{{}}}", item.iter().map(entry).collect::<Vec<_>>().join(", "))
}

/// The line of a name in a list, its reason as a comment.
pub(super) fn name(name: &str, why: &str, indent: usize) -> String {
    let why: String = why.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    alloc::format!("{}- {} # {why}", " ".repeat(indent), scalar("", name))
}

/// A name inside brackets.
pub(super) fn flow_name(name: &str) -> String {
    let is_plain =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+' | b'/');
    match name.bytes().all(is_plain) && is_plain_scalar(name) {
        true => name.into(),
        false => quoted(name),
    }
}

/// A value in a block: without quotes where it then means the same.
pub(super) fn scalar(key: &str, text: &str) -> String {
    // Modes are quoted by everybody, as they look like numbers.
    match key != "mode" && is_plain_scalar(text) {
        true => text.into(),
        false => quoted(text),
    }
}

/// Whether a text can stand without quotes and is a string then.
fn is_plain_scalar(text: &str) -> bool {
    let starts_well =
        text.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '_' | '.'));
    let is_simple = !text.contains(": ") && !text.contains(" #") && !text.ends_with([':', ' ']);
    let is_printed =
        |c: char| c == ' ' || (!c.is_control() && !c.is_whitespace() && c != '\u{feff}');
    starts_well && is_simple && text.chars().all(is_printed) && yaml::is_string(text)
}

/// A JSON string, which YAML reads as well; what YAML does not print is escaped.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted += "\\n",
            '\t' => quoted += "\\t",
            '\r' => quoted += "\\r",
            c if (c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')) => {
                quoted += &alloc::format!("\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A text on one line as YAML reads it back, in brackets and outside of them: in quotes where it
/// must be.
pub fn yaml_word(text: &str) -> String {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"/._+-:@=~%".contains(&b);
    // An option, `-g`, is a word as well.
    let stem = text.trim_start_matches('-');
    let is_word = text.bytes().all(is_plain) && is_plain_scalar(stem) && yaml::is_string(text);
    if is_word { text.into() } else { quoted(text) }
}
