//! Permissions as text. The original shows them as Go does, people know them from `ls`.

use alloc::string::String;

use crate::words::EntryKind;

/// Type and permissions as Go's `FileMode` writes them: every special bit is a letter of its own
/// before the nine. <https://pkg.go.dev/io/fs#FileMode.String>
pub(super) fn go(kind: &EntryKind, mode: u32) -> String {
    let mut text = String::new();
    let letters = match kind {
        EntryKind::Directory => "d",
        EntryKind::Symlink { .. } => "L",
        EntryKind::File { .. } => "",
        EntryKind::Special(what) if what.contains("FIFO") => "p",
        EntryKind::Special(what) if what.contains("socket") => "S",
        EntryKind::Special(what) if what.contains("character") => "Dc",
        EntryKind::Special(_) => "D",
    };
    // A device's letter comes before those of the bits, and a character device's `c` after them.
    let (first, last) = letters.split_at(letters.len().min(1));
    text.push_str(first);
    for (bit, letter) in [(0o4000, 'u'), (0o2000, 'g')] {
        if mode & bit != 0 {
            text.push(letter);
        }
    }
    text.push_str(last);
    if mode & 0o1000 != 0 {
        text.push('t');
    }
    if text.is_empty() {
        text.push('-');
    }
    text + &nine(mode)
}

/// Type and permissions as `ls -l` writes them.
pub(super) fn ls(kind: &EntryKind, mode: u32) -> String {
    let mut text = String::new();
    text.push(match kind {
        EntryKind::Directory => 'd',
        EntryKind::Symlink { .. } => 'l',
        EntryKind::File { .. } => '-',
        EntryKind::Special(what) if what.contains("FIFO") => 'p',
        EntryKind::Special(what) if what.contains("socket") => 's',
        EntryKind::Special(what) if what.contains("character") => 'c',
        EntryKind::Special(_) => 'b',
    });
    let special = [(0o4000, 2, 's'), (0o2000, 5, 's'), (0o1000, 8, 't')];
    for (at, letter) in nine(mode).chars().enumerate() {
        let set = special.iter().find(|(bit, place, _)| mode & bit != 0 && *place == at);
        text.push(match set {
            Some((_, _, special)) if letter == 'x' => *special,
            Some((_, _, special)) => special.to_ascii_uppercase(),
            None => letter,
        });
    }
    text
}

fn nine(mode: u32) -> String {
    let bit = |(index, letter): (usize, char)| {
        if mode & (0o400_u32 >> index) != 0 { letter } else { '-' }
    };
    "rwxrwxrwx".chars().enumerate().map(bit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_write_permissions() {
        let link = EntryKind::Symlink { target: (*b"x").into() };
        let file = EntryKind::File { size: 0 };
        let device = EntryKind::Special("a character device");
        for (kind, mode, in_go, in_ls) in [
            (&file, 0o755, "-rwxr-xr-x", "-rwxr-xr-x"),
            (&file, 0o4755, "urwxr-xr-x", "-rwsr-xr-x"),
            (&file, 0o6644, "ugrw-r--r--", "-rwSr-Sr--"),
            (&EntryKind::Directory, 0o1777, "dtrwxrwxrwx", "drwxrwxrwt"),
            (&link, 0o777, "Lrwxrwxrwx", "lrwxrwxrwx"),
            (&device, 0o666, "Dcrw-rw-rw-", "crw-rw-rw-"),
        ] {
            assert_eq!((&*go(kind, mode), &*ls(kind, mode)), (in_go, in_ls));
        }
    }
}
