//! Directories and links that a package wants:
//! [tmpfiles.d(5)](https://www.freedesktop.org/software/systemd/man/tmpfiles.d.html).

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::{said, words_of_list};
use crate::words::{TreePath, WantedDirectory};

/// What a line makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A directory.
    Directory(WantedDirectory),
    /// A symbolic link with this text.
    Link(TreePath, Box<[u8]>),
}

/// The directories and links of a file, in its order. Lines of other kinds, and those with
/// specifiers, are passed over.
pub fn parse(text: &str) -> Vec<Entry> {
    text.lines().filter_map(words_of_list).filter_map(|words| entry(&words)).collect()
}

fn entry(words: &[String]) -> Option<Entry> {
    let (kind, how) = words.first()?.split_at_checked(1)?;
    // `!` is for the boot, `-` may fail, `+` replaces, `=` removes what is of another kind.
    if !how.chars().all(|c| "!-+=~^$".contains(c)) {
        return None;
    }
    let path = said(words, 1).filter(|path| !path.contains(['%', '*']))?;
    let path = TreePath::parse(path).ok().filter(|path| !path.is_root())?;
    match kind {
        "d" | "D" | "v" | "q" | "Q" => {
            let plain = |word: &'_ str| word.trim_start_matches([':', '~']).to_ascii_lowercase();
            let mode = said(words, 2).and_then(|mode| plain(mode).parse().ok());
            let owner =
                |number| said(words, number).unwrap_or("root").trim_start_matches(':').into();
            Some(Entry::Directory(WantedDirectory { path, mode, user: owner(3), group: owner(4) }))
        }
        "L" => {
            let target =
                words.get(6..).map(|words| words.join(" ")).filter(|text| !text.is_empty())?;
            (!target.contains('%')).then(|| Entry::Link(path, target.into_bytes().into()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn directories_and_links_are_read() {
        let text = "d /run/redis 2755 redis redis - -\nD! /run/x\nL+ /etc/mtab - - - - ../proc/self/mounts\n\
            L /etc/a\nx /tmp/*\nz /dev/x 0660 root kvm\nd /run/%u\nd! /run/y ~0700 :web - 10d\n";
        let shown = |entry: Entry| match entry {
            Entry::Directory(WantedDirectory { path, mode, user, group }) => {
                format!("{path} {mode:?} {user}:{group}")
            }
            Entry::Link(path, text) => format!("{path} -> {}", text.escape_ascii()),
        };
        let expected = [
            "/run/redis Some(2755) redis:redis",
            "/run/x None root:root",
            "/etc/mtab -> ../proc/self/mounts",
            "/run/y Some(0700) web:root",
        ];
        assert_eq!(parse(text).into_iter().map(shown).collect::<Vec<_>>(), expected);
    }
}
