//! `scant diff` of archives that somebody made on purpose.

use scant_core::formats::tar::{END, EntryType, Header, padding};
use scant_core::words::{Meta, Mode};
use snapbox::str;

use crate::check::check;
use crate::place::Place;

/// An archive of entries, each with its name, its link and its content.
fn archive(place: &Place, file: &str, entries: &[(&str, EntryType, &str, &str)]) {
    let mut archive = Vec::new();
    for (name, entry_type, link, content) in entries {
        let (meta, size) = (&Meta::new(Mode::FILE), content.len() as u64);
        let (name, link, entry_type) = (name.as_bytes(), link.as_bytes(), *entry_type);
        archive.extend(Header { name, entry_type, link, size, meta, mtime: 0 }.encode());
        archive.extend(content.as_bytes());
        archive.extend(&END[..padding(size)]);
    }
    archive.extend(END);
    std::fs::write(place.path().join(file), archive).unwrap();
}

#[test]
fn hostile_names_stay_on_their_lines() {
    use EntryType::{File, HardLink, Symlink};
    let place = Place::new("/");
    archive(
        &place,
        "a.tar",
        &[
            ("one\x1b[2J", File, "", "1"),
            ("link", Symlink, "\u{9b}2J", ""),
            ("gone\nx", File, "", ""),
        ],
    );
    archive(
        &place,
        "b.tar",
        &[
            ("one\x1b[2J", File, "", "22"),
            ("two\u{202e}", HardLink, "one\x1b[2J", ""),
            ("link", Symlink, "\x07\n", ""),
        ],
    );
    check(
        &place,
        "diff a.tar b.tar",
        str![[r#"
exit 1
--- stdout
- /gone\nx                           0 B
~ /link  target \u{9b}2J → \u{7}\n
~ /one\u{1b}[2J  content, 1 → 2 B
+ /two\u{202e} = /one\u{1b}[2J
--- stderr
1 added, 1 removed, 2 changed; 3 → 3 paths, 1 B → 2 B of files (+1 B)

"#]],
    );
}

#[test]
fn hostile_archives_are_refused() {
    use EntryType::{File, HardLink};
    let place = Place::new("/");
    archive(&place, "good.tar", &[("a", File, "", "1234")]);
    archive(&place, "above.tar", &[("../a", File, "", "1")]);
    archive(&place, "nothing.tar", &[("a", HardLink, "b", "")]);
    check(
        &place,
        "diff good.tar above.tar",
        str![[r#"
exit 3
--- stderr
error: `above.tar` is not an archive that can be read: a name is refused: `/../a` contains `..`

"#]],
    );
    check(
        &place,
        "diff nothing.tar good.tar",
        str![[r#"
exit 3
--- stderr
error: `nothing.tar` is not an archive that can be read: `/a` is a hard link to `/b`, which is no file of the image

"#]],
    );
    let cut = std::fs::read(place.path().join("good.tar")).unwrap();
    std::fs::write(place.path().join("cut.tar"), &cut[..514]).unwrap();
    check(
        &place,
        "diff good.tar cut.tar",
        str![[r#"
exit 3
--- stderr
error: `cut.tar` is not an archive that can be read: unexpected end of file

"#]],
    );
}

#[test]
fn names_that_share_a_file_are_told() {
    use EntryType::{File, HardLink};
    let place = Place::new("/");
    archive(&place, "a.tar", &[("a", File, "", "x"), ("b", HardLink, "a", "")]);
    archive(&place, "b.tar", &[("a", File, "", "x"), ("b", File, "", "x")]);
    check(
        &place,
        "diff a.tar b.tar",
        str![[r#"
exit 1
--- stdout
~ /b  another name of /a → a file of its own
--- stderr
0 added, 0 removed, 1 changed; 2 → 2 paths, 1 B → 2 B of files (+1 B)

"#]],
    );
}
