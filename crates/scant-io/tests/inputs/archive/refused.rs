//! Each fault of an archive, and what is said of it.

use scant_io::inputs::{ArchiveOptions, Limits};
use scant_testkit::{RawHeader, RawTar};

use super::{case, options, seen};

#[track_caller]
fn lines(lines: &str, expected: &str) {
    case(&RawTar::of_lines(lines), &format!("`FILE`: {expected}"));
}

#[track_caller]
fn limited(bytes: &[u8], limits: Limits, expected: &str) {
    let options = ArchiveOptions { limits, ..options() };
    assert_eq!(seen(bytes, &options), format!("`FILE`: {expected}"));
}

#[test]
fn names_that_lead_out() {
    lines("../a 1", "refused at byte 512, in `../a`: a name that contains `..`");
    lines("a/../b 1", "refused at byte 512, in `a/../b`: a name that contains `..`");
    lines("a = ../x", "refused at byte 512, in `a`: a hard link to a name that contains `..`");
    let mut archive = RawTar::default();
    let deep = "n/".repeat(3000);
    archive.pax(b'x', &[("path", deep.as_bytes())]).entry("a", b'0', "", "");
    case(
        &archive.end(),
        &format!(
            "`FILE`: refused at byte 7168, in `{}...`: a name is refused: it has more than 4096 bytes",
            "n/".repeat(200)
        ),
    );
    let long = "n".repeat(300);
    let mut archive = RawTar::default();
    archive.pax(b'x', &[("path", long.as_bytes())]).entry("a", b'0', "", "");
    case(
        &archive.end(),
        &format!(
            "`FILE`: refused at byte 1536, in `{long}`: a name is refused: `/{long}` has a name of \
             more than 255 bytes"
        ),
    );
    let mut archive = RawTar::default();
    archive.pax(b'x', &[("path", b"a\0b")]).entry("a", b'0', "", "");
    case(
        &archive.end(),
        "`FILE`: refused at byte 1536, in `a\\u{0}b`: a name is refused: `/a\\u{0}b` contains a NUL \
         byte",
    );
}

#[test]
fn names_that_contradict_each_other() {
    lines("a 1\na/b 1", "refused at byte 1536, in `a/b`: `/a/b` lies below `/a`, which is a file");
    lines(
        "a/\na/b 1\na 2",
        "refused at byte 2048, in `a`: `/a` is to replace a directory that is not empty",
    );
    lines(
        "a/b 1\na -> c",
        "refused at byte 1536, in `a`: `/a` is to replace a directory that is not empty",
    );
    lines(
        "a -> a\na/b 1",
        "refused at byte 1024, in `a/b`: `/a/b` lies behind too many symbolic links",
    );
    lines(". 1", "refused at byte 512, in `.`: the root is to be something else than a directory");
}

#[test]
fn links_that_hold_nothing_usable() {
    let file = "which is no file of the archive";
    lines("a = b", &format!("refused at byte 1024: `/a` is a hard link to `/b`, {file}"));
    lines("a = b\nb = a", &format!("refused at byte 1536: `/a` is a hard link to `/b`, {file}"));
    lines("a = a", &format!("refused at byte 1024: `/a` is a hard link to `/a`, {file}"));
    lines(
        "b/\na = b",
        &format!("refused at byte 1024, in `a`: `/a` is a hard link to `/b`, {file}"),
    );
    lines("a = b\nb/", &format!("refused at byte 1536: `/a` is a hard link to `/b`, {file}"));
    let mut archive = RawTar::default();
    archive.entry("a", b'2', "", "");
    case(&archive.end(), "`FILE`: refused at byte 512, in `a`: the link `/a` holds nothing");
    let mut archive = RawTar::default();
    archive.pax(b'x', &[("linkpath", b"a\0b")]).entry("a", b'2', "", "");
    case(&archive.end(), "`FILE`: refused at byte 1536, in `a`: the link `/a` holds a NUL byte");
}

#[test]
fn entries_that_are_not_known() {
    let mut archive = RawTar::default();
    archive.entry("a", b'M', "", "x");
    case(
        &archive.end(),
        "`FILE`: refused at byte 512, in `a`: it goes on from another volume, which is not read",
    );
    let mut archive = RawTar::default();
    archive.entry("a", b'?', "", "x");
    case(&archive.end(), "`FILE`: refused at byte 512, in `a`: `/a` has the unknown type `?`");
}

#[test]
fn damage_is_said_where_it_is() {
    let whole = RawTar::of_lines("a one\nb two");
    let cut =
        |length: usize, expected: &str| case(&whole[..length], &format!("`FILE`: {expected}"));
    cut(512 + 2, "damaged at byte 512, in `a`: the archive ends too early");
    cut(1024 + 100, "damaged at byte 1024: the archive ends within a header");
    cut(1536 + 1, "damaged at byte 1536, in `b`: the archive ends too early");
    let mut wrong = whole.clone();
    wrong[1024 + 5] = b'x';
    case(
        &wrong,
        "`FILE`: damaged at byte 1536: not a tar archive, or damaged: a header has a wrong checksum",
    );
}

#[test]
fn damaged_extended_headers() {
    let pax = |body: &str, expected: &str| {
        let mut archive = RawTar::default();
        archive.entry("pax", b'x', "", body).entry("a", b'0', "", "abc");
        case(&archive.end(), &format!("`FILE`: damaged at byte {}: {expected}", 512 + body.len()));
    };
    pax("999", "a PAX record is damaged");
    pax("9 path=a", "a PAX record is damaged");
    pax("6 path\n", "a PAX record is damaged");
    pax("9 size=x\n", "a PAX record holds no valid number");
    pax("11 size=-1\n", "a PAX record holds no valid number");
    let sparse = |records: &[(&str, &[u8])], expected: &str| {
        let mut archive = RawTar::default();
        archive.pax(b'x', records).entry("a", b'0', "", "abc");
        let said = seen(&archive.end(), &options());
        let said = said.strip_prefix("`FILE`: damaged at byte ").unwrap();
        assert_eq!(said.trim_start_matches(char::is_numeric), format!(": {expected}"));
    };
    let map = "the map of a sparse entry is damaged";
    let size: (&str, &[u8]) = ("GNU.sparse.size", b"10");
    for wrong in [&b"1"[..], b"1,x", b"5,1,4,1", b"9,2", b"0,4", b"18446744073709551615,1"] {
        sparse(&[size, ("GNU.sparse.map", wrong)], map);
    }
    sparse(&[("GNU.sparse.map", b"0,1")], "a sparse entry has no size");
    sparse(&[size, ("GNU.sparse.numbytes", b"1")], map);
    let major = |value| ("GNU.sparse.major", value);
    sparse(&[size, major(&b"2"[..])], "a sparse entry has an unknown format");
    sparse(&[size, major(b"1")], "the archive ends too early");
}

#[test]
fn what_is_no_archive() {
    let expected = "an archive is expected: tar, by itself or in gzip, xz, zstd or bzip2, or zip";
    for (bytes, what) in [
        (&b""[..], "it is empty"),
        (b"hello", "it does not begin with a header of tar"),
        (b"7z\xbc\xaf\x27\x1c", "it is a 7-Zip archive"),
        (b"!<arch>\ndebian-binary", "it is an ar archive, such as a .deb"),
        (b"070701", "it is a cpio archive"),
        (b"\x7fELF\x02", "it is an ELF file"),
        (b"\x04\x22\x4d\x18", "it is compressed with lz4"),
    ] {
        case(bytes, &format!("`FILE`: {what}; {expected}"));
    }
    // An archive is one, however its first name begins.
    case(&RawTar::of_lines("070701 1"), "/070701 0644 \"1\"\n");
    let directory = tempfile::tempdir().unwrap();
    let open = |path: &std::path::Path| {
        let error = scant_io::inputs::ArchiveInput::open(path, &options()).map(|_| ()).unwrap_err();
        error.to_string().replace(&directory.path().display().to_string(), "DIR")
    };
    assert_eq!(open(directory.path()), format!("`DIR`: it is a directory; {expected}"));
    assert_eq!(
        open(&directory.path().join("a.tar")),
        "`DIR/a.tar`: cannot be read: No such file or directory (os error 2)"
    );
}

#[test]
fn more_than_the_limits_allow() {
    let two = RawTar::of_lines("a 12345\nb 67890");
    let limits = Limits::default();
    limited(
        &two,
        Limits { max_entries: 1, ..limits },
        "it has too many entries, more than 1; raise `max_entries` if it is meant",
    );
    limited(
        &two,
        Limits { max_bytes: 9, ..limits },
        "its files have too many bytes, more than 9; raise `max_bytes` if it is meant",
    );
    let mut long = RawTar::default();
    long.entry("././@LongLink", b'L', "", "n".repeat(600)).entry("a", b'0', "", "");
    limited(
        &long.end(),
        Limits { max_header: 1000, ..limits },
        "an entry has too many bytes of headers, more than 1000; raise `max_header` if it is meant",
    );
    let mut huge = RawTar::default();
    let header =
        RawHeader { name: b"pax", flag: b'x', link: b"", size: 1 << 40, mode: 0, owner: (0, 0) };
    huge.header(&header);
    limited(
        &huge.end(),
        limits,
        "an entry has too many bytes of headers, more than 1048576; raise `max_header` if it is meant",
    );
    let mut sparse = RawTar::default();
    let records: &[(&str, &[u8])] =
        &[("GNU.sparse.size", b"1000000000000"), ("GNU.sparse.map", b"0,1")];
    sparse.pax(b'x', records).entry("s", b'0', "", "x");
    limited(
        &sparse.end(),
        limits,
        "its files have too many bytes, more than 17179869184; raise `max_bytes` if it is meant",
    );
}
