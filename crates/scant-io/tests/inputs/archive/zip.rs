//! Zip archives: what the directory says, and what must agree with it.

use scant_core::words::{Input as _, Root as _};
use scant_io::inputs::{ArchiveOptions, Limits};
use scant_testkit::{RawMember, RawZip};

use super::{case, opened, options, seen};
use crate::support::{answer, path};

fn zip(members: &[RawMember]) -> Vec<u8> {
    grown(members).end()
}

fn grown(members: &[RawMember]) -> RawZip {
    let mut zip = RawZip::default();
    members.iter().for_each(|member| {
        zip.member(member);
    });
    zip
}

fn stored(name: &str, content: &str) -> RawMember {
    RawMember::stored(name, content)
}

fn deflated(name: &str, content: &str) -> RawMember {
    RawMember::deflated(name, content)
}

#[test]
fn members_of_every_kind() {
    let link = RawMember { mode: 0o120_777, ..stored("l", "d/s") };
    let deflated_link = RawMember { mode: 0o120_777, ..deflated("m", "d/s") };
    let program = RawMember { mode: 0o104_755, ..deflated("d/p", &"text ".repeat(10)) };
    let fifo = RawMember { mode: 0o010_644, ..stored("f", "") };
    let directory = RawMember { mode: 0o040_700, ..stored("e/", "") };
    let unknown = RawMember { mode: 0, ..stored("u", "") };
    let members = [stored("d/s", "one"), link, deflated_link, program, fifo, directory, unknown];
    let text = "text ".repeat(10);
    case(
        &zip(&members),
        &format!(
            "/d/ 0755\n/d/p 4755 \"{text}\"\n/d/s 0644 \"one\"\n/e/ 0700\n/f a FIFO\n/l -> d/s\n\
             /m -> d/s\n/u 0644 \"\"\n"
        ),
    );
    case(&zip(&[]), "");
    case(&zip(&[stored("./a", "1"), stored("/b", "2")]), "/a 0644 \"1\"\n/b 0644 \"2\"\n");
    case(&zip(&[stored("a", "1"), deflated("a", "22")]), "/a 0644 \"22\"\n");
}

#[test]
fn sizes_may_follow_the_content_or_be_large() {
    let later = |member: RawMember| RawMember { flags: 8, ..member };
    let large = |member: RawMember| RawMember { zip64: true, ..member };
    let members = [
        later(stored("a", "1")),
        later(deflated("b", "22")),
        large(stored("c", "333")),
        large(deflated("d", "4444")),
    ];
    let expected = "/a 0644 \"1\"\n/b 0644 \"22\"\n/c 0644 \"333\"\n/d 0644 \"4444\"\n";
    case(&zip(&members), expected);
    case(&grown(&members).end64(), expected);
}

#[test]
fn owners_and_names_from_extra_fields() {
    let owner = b"\x75\x78\x0b\0\x01\x04\xe8\x03\0\0\x04\x64\0\0\0";
    let mut name = b"\x75\x70\x07\0\x01".to_vec();
    let mut crc = flate2::Crc::new();
    crc.update(b"raw");
    name.extend(crc.sum().to_le_bytes());
    name.extend("\u{e9}".as_bytes());
    let extra = [&owner[..], &name].concat();
    let input = opened(&zip(&[RawMember { extra, ..stored("raw", "1") }]), &options()).unwrap();
    assert_eq!(answer(&input, "/\u{e9}"), "\"1\"");
    let meta = input.meta(&path("/\u{e9}")).unwrap().unwrap();
    assert_eq!((meta.uid, meta.gid), (1000, 100));
    // A field for another name says nothing.
    name[5] ^= 1;
    case(&zip(&[RawMember { extra: name, ..stored("raw", "1") }]), "/raw 0644 \"1\"\n");
    let text = RawMember { flags: 1 << 11, ..stored("\u{e9}", "") };
    case(&zip(&[text]), "/\u{e9} 0644 \"\"\n");
    let bytes = RawMember { name: b"\xe9".to_vec(), ..stored("", "") };
    case(&zip(&[bytes]), "/\\xe9 0644 \"\"\n");
}

#[test]
fn components_are_stripped() {
    let options = ArchiveOptions { strip_components: 1, ..options() };
    let members = [stored("p/", ""), stored("p/a", "1"), stored("b", "2")];
    assert_eq!(seen(&zip(&members), &options), "/a 0644 \"1\"\n");
}

#[track_caller]
fn refused(archive: &[u8], expected: &str) {
    case(archive, &format!("`FILE`: {expected}"));
}

#[test]
fn members_that_no_input_may_have() {
    refused(
        &zip(&[RawMember { flags: 1, ..stored("a", "1") }]),
        "refused at byte 32, in `a`: it is encrypted, which is not read",
    );
    refused(
        &zip(&[RawMember { method: 12, ..stored("a", "1") }]),
        "refused at byte 32, in `a`: it is compressed by method 12, which is not read; only stored \
         and deflated are",
    );
    refused(
        &zip(&[stored("x/../../a", "1")]),
        "refused at byte 0, in `x/../../a`: a name that contains `..`",
    );
    refused(
        &zip(&[stored("a", "1"), stored("a/b", "1")]),
        "refused at byte 32, in `a/b`: `/a/b` lies below `/a`, which is a file",
    );
    refused(
        &zip(&[RawMember { mode: 0o140_000, ..stored("a", "") }]),
        "refused at byte 0, in `a`: a file of the unknown type 140000",
    );
    refused(
        &zip(&[RawMember { mode: 0o120_000, ..stored("a", &"x".repeat(4097)) }]),
        "refused at byte 0, in `a`: a link that holds more than 4096 bytes",
    );
    refused(
        &zip(&[RawMember { flags: 1 << 11, name: b"\xe9".to_vec(), ..stored("", "") }]),
        "damaged at byte 31, in `\\xe9`: its name is marked as UTF-8 and is not",
    );
}

#[test]
fn archives_that_are_not_whole() {
    let whole = zip(&[stored("a", "1"), deflated("b", "2")]);
    let no_end =
        "there is no end record where the archive ends: it is cut off, or something follows it";
    refused(&whole[..whole.len() - 1], &format!("damaged at byte 0: {no_end}"));
    refused(&[&whole[..], b"x"].concat(), &format!("damaged at byte 0: {no_end}"));
    refused(&whole[..40], &format!("damaged at byte 0: {no_end}"));
    let changed = |at: usize, value: u8, expected: &str| {
        let mut archive = whole.clone();
        let at = if at > 1000 { archive.len() + at - 2000 } else { at };
        archive[at] = value;
        refused(&archive, expected);
    };
    let end = whole.len() - 22;
    let end = format!("damaged at byte {end}");
    changed(
        2000 - 22 + 16,
        1,
        &format!("{end}: the central directory is not where the end record says"),
    );
    changed(
        2000 - 22 + 12,
        9,
        &format!("{end}: the central directory is not where the end record says"),
    );
    changed(2000 - 22 + 4, 1, "refused at byte 0: it is one part of an archive in several");
    changed(2000 - 22 + 10, 3, "refused at byte 0: it is one part of an archive in several");
    let mut counts = whole.clone();
    let at = counts.len() - 22 + 8;
    counts[at] = 3;
    counts[at + 2] = 3;
    let why = "its central directory has more or fewer entries than its end record says";
    refused(&counts, &format!("{end}: {why}"));
}

#[test]
fn headers_that_disagree() {
    let whole = zip(&[stored("abc", "12345"), deflated("b", "2")]);
    let changed = |at: usize, value: u8, expected: &str| {
        let mut archive = whole.clone();
        archive[at] = value;
        refused(&archive, &format!("damaged at byte 0, in `abc`: {expected}"));
    };
    let local = "its local header and the central directory disagree on";
    changed(30, b'x', &format!("{local} the name"));
    changed(8, 8, &format!("{local} the method"));
    changed(14, 0, &format!("{local} the CRC"));
    changed(22, 4, &format!("{local} the size"));
    let mut archive = whole.clone();
    archive[38] = b'Q';
    refused(&archive, "damaged at byte 38, in `b`: the local header is damaged");
    changed(28, 0xff, "it lies over the central directory");
}

#[test]
fn members_that_lie_over_one_another() {
    let mut twice = grown(&[stored("abc", "12345")]);
    // Two entries of one member: few bytes that unpack to many.
    let mut again = RawZip::default();
    again.member(&stored("abc", "12345"));
    twice.directory.extend(&again.directory);
    let mut archive = twice.end();
    let at = archive.len() - 22 + 8;
    archive[at] = 2;
    archive[at + 2] = 2;
    refused(&archive, "damaged at byte 0, in `abc`: it lies over another member");
}

#[test]
fn content_that_is_not_what_was_said() {
    let text = "text ".repeat(20);
    for (member, at) in [(stored("a", &text), 35), (deflated("a", &text), 32)] {
        let mut archive = zip(&[member]);
        archive[at] ^= 0x20;
        let input = opened(&archive, &options()).unwrap();
        let said = answer(&input, "/a");
        assert!(said.starts_with("`/a`: damaged at byte 31 of the archive: "), "{said}");
    }
    let mut archive = zip(&[stored("a", &text)]);
    archive[35] ^= 0x20;
    let input = opened(&archive, &options()).unwrap();
    let expected = "`/a`: damaged at byte 31 of the archive: its CRC is not what the archive says";
    assert_eq!(answer(&input, "/a"), expected);
    let mut link = zip(&[RawMember { mode: 0o120_777, ..stored("a", "target") }]);
    link[31] ^= 1;
    refused(&link, "damaged at byte 0, in `a`: its CRC is not what the archive says");
}

#[test]
fn more_than_the_limits_allow() {
    let limited = |limits, expected: &str| {
        let text = "text ".repeat(14 << 20);
        let archive = zip(&[deflated("a", &text), stored("b", "")]);
        let options = ArchiveOptions { limits, ..options() };
        assert_eq!(seen(&archive, &options), format!("`FILE`: {expected}"));
    };
    let limits = Limits::default();
    limited(
        Limits { max_entries: 1, ..limits },
        "it has too many entries, more than 1; raise `max_entries` if it is meant",
    );
    limited(
        Limits { max_bytes: 1000, ..limits },
        "its files have too many bytes, more than 1000; raise `max_bytes` if it is meant",
    );
    limited(
        Limits { max_ratio: 100, ..limits },
        "it unpacks to too many times its size, more than 100; raise `max_ratio` if it is meant",
    );
}

#[test]
fn a_member_is_read_as_often_as_one_likes() {
    let input = opened(&zip(&[deflated("a", "content")]), &options()).unwrap();
    assert_eq!(answer(&input, "/a"), answer(&input, "/a"));
    let file = input.open(&path("/a")).unwrap();
    let mut buffer = [0; 3];
    assert_eq!(file.read_at(4, &mut buffer), Ok(3));
    assert_eq!(&buffer, b"ent");
}
