//! Names of libraries that files hold as text: what a program may open at run time, if it opens
//! anything. A hint and no more: names are also composed, and texts are also messages.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use crate::formats::elf::{Elf, strings_holding};

/// Symbols of those who open libraries.
pub const OPENERS: [&str; 5] = ["dlopen", "dlmopen", "g_module_open", "lt_dlopen", "lt_dlopenext"];

/// A name of a library in the text of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Literal {
    /// A soname, or a path.
    pub name: String,
}

/// The whole texts of a file that name libraries, but those it needs anyway and its own.
pub fn literals(content: &[u8], elf: &Elf) -> Vec<Literal> {
    let own: BTreeSet<&[u8]> = elf.needed().map(|(_, name)| name).chain(elf.soname()).collect();
    // A name in the string table of versions or needs is one of `own` too.
    let names: BTreeSet<Box<[u8]>> = strings_holding(content, b'.', b'.')
        .map(|(_, text)| text)
        .filter(|text| is_library(text) && !own.contains(base(text)))
        .map(Box::from)
        .collect();
    let text = |name: Box<[u8]>| String::from_utf8(name.into_vec()).ok();
    names.into_iter().filter_map(text).map(|name| Literal { name }).collect()
}

fn base(name: &[u8]) -> &[u8] {
    name.rsplit(|&byte| byte == b'/').next().unwrap_or_default()
}

/// `(/directory/)?lib[\w+.-]+\.so(\.\d+)*`.
fn is_library(text: &[u8]) -> bool {
    if text.len() > 255 || (text.contains(&b'/') && !text.starts_with(b"/")) {
        return false;
    }
    let Some(name) = base(text).strip_prefix(b"lib") else { return false };
    let Some(at) = name.windows(3).rposition(|three| three == b".so") else { return false };
    let (stem, version) = (&name[..at], &name[at + 3..]);
    let is_word = |&byte: &u8| byte.is_ascii_alphanumeric() || b"_+.-".contains(&byte);
    let mut numbers = version.split(|&byte| byte == b'.');
    !stem.is_empty()
        && stem.iter().all(is_word)
        && numbers.next() == Some(b"")
        && numbers.all(|number| !number.is_empty() && number.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_libraries() {
        let case =
            |text: &str, expected| assert_eq!(is_library(text.as_bytes()), expected, "{text}");
        case("libz.so", true);
        case("libz.so.1", true);
        case("/usr/lib/libstdc++-x.so.6.0.1", true);
        case("lib.so", false);
        case("libz.so.x", false);
        case("libz.so.1.", false);
        case("libnss_%s.so.2", false);
        case("cannot open libz.so", false);
        case("dir/libz.so", false);
        case("liberty", false);
    }
}
