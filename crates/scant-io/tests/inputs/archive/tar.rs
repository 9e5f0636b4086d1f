//! What every dialect of tar says, as GNU tar understands it.

use scant_core::words::{Input as _, Root as _, TreePath};
use scant_testkit::{RawHeader, RawTar};

use super::{case, opened, options, seen};
use crate::support::{answer, path};

#[track_caller]
fn lines(lines: &str, expected: &str) {
    case(&RawTar::of_lines(lines), expected);
}

fn header<'a>(name: &'a str, flag: u8, size: u64) -> RawHeader<'a> {
    RawHeader { name: name.as_bytes(), flag, link: b"", size, mode: 0o644, owner: (0, 0) }
}

#[test]
fn names_are_normalised_and_parents_implied() {
    lines("./\n./a/\n./a/b 1", "/a/ 0755\n/a/b 0644 \"1\"\n");
    lines("/a//b/./c 1", "/a/ 0755\n/a/b/ 0755\n/a/b/c 0644 \"1\"\n");
    case(&[0; 1024], "");
    case(&[0; 512], "");
}

#[test]
fn the_root_has_what_its_entry_says() {
    let mut archive = RawTar::default();
    archive.header(&RawHeader { mode: 0o700, owner: (1, 2), ..header("./", b'5', 0) });
    let input = opened(&archive.end(), &options()).unwrap();
    assert_eq!(input.lookup(&TreePath::root()).unwrap().unwrap().mode, 0o700);
    let meta = input.meta(&TreePath::root()).unwrap().unwrap();
    assert_eq!((meta.uid, meta.gid), (1, 2));
}

#[test]
fn the_last_of_several_entries_counts() {
    lines("a 1\na 22", "/a 0644 \"22\"\n");
    lines("a -> b\na 1", "/a 0644 \"1\"\n");
    lines("a 1\na/\na/b 2", "/a/ 0755\n/a/b 0644 \"2\"\n");
    lines("a/\na 1", "/a 0644 \"1\"\n");
    lines("a -> b\nb/\na/\na/c 1", "/a/ 0755\n/a/c 0644 \"1\"\n/b/ 0755\n");
}

#[test]
fn names_behind_a_link_lie_where_it_leads_inside() {
    lines(
        "lib -> usr/lib\nlib/a 1",
        "/lib -> usr/lib\n/usr/ 0755\n/usr/lib/ 0755\n/usr/lib/a 0644 \"1\"\n",
    );
    lines("a -> ../../../x\na/b 1", "/a -> ../../../x\n/x/ 0755\n/x/b 0644 \"1\"\n");
    lines("a -> /etc\na/b 1", "/a -> /etc\n/etc/ 0755\n/etc/b 0644 \"1\"\n");
}

#[test]
fn marks_of_layers_are_names() {
    lines(
        "a/\na/b 1\na/.wh.b 2\n.wh..wh..opq 3",
        "/.wh..wh..opq 0644 \"3\"\n/a/ 0755\n/a/.wh.b 0644 \"2\"\n/a/b 0644 \"1\"\n",
    );
}

#[test]
fn hard_links_are_found_wherever_their_file_stands() {
    lines("b 1\na = b", "/a 0644 \"1\"\n/b 0644 \"1\"\n");
    lines("a = b\nb 1", "/a 0644 \"1\"\n/b 0644 \"1\"\n");
    lines(
        "a = ./b\nb = /c\nc 1\nd = a",
        "/a 0644 \"1\"\n/b 0644 \"1\"\n/c 0644 \"1\"\n/d 0644 \"1\"\n",
    );
    lines("b -> c\na = b", "/a -> c\n/b -> c\n");
    // The link is to the file that was there.
    lines("b 1\na = b\nb 22", "/a 0644 \"1\"\n/b 0644 \"22\"\n");
    lines("a = b\na 2", "/a 0644 \"2\"\n");
    let input = opened(&RawTar::of_lines("a = b\nb 1\nc 1"), &options()).unwrap();
    let number = |name: &str| input.lookup(&path(name)).unwrap().unwrap().identity();
    assert_eq!(number("/a"), number("/b"));
    assert_ne!(number("/a"), number("/c"));
}

#[test]
fn devices_are_listed_and_never_opened() {
    let mut archive = RawTar::default();
    archive.entry("c", b'3', "", "").entry("b", b'4', "", "").entry("p", b'6', "", "");
    let input = opened(&archive.end(), &options()).unwrap();
    assert_eq!(
        crate::support::shown(&input, &TreePath::root()),
        "/b a block device\n/c a character device\n/p a FIFO\n"
    );
    assert_eq!(answer(&input, "/p"), "`/p`: not a regular file but a FIFO");
}

#[test]
fn names_are_bytes_and_never_folded() {
    let mut archive = RawTar::default();
    for name in [&b"A"[..], b"a", b"\xff\n", "\u{e9}".as_bytes(), "e\u{301}".as_bytes()] {
        archive.entry(name, b'0', "", "");
    }
    let input = opened(&archive.end(), &options()).unwrap();
    let expected = [&b"A"[..], b"a", "e\u{301}".as_bytes(), "\u{e9}".as_bytes(), b"\xff\n"];
    assert_eq!(input.list(&TreePath::root()).unwrap(), expected.map(Box::from));
}

#[test]
fn extended_headers_count_before_the_header() {
    let long = "d/".repeat(100) + "file";
    let mut archive = RawTar::default();
    let records: &[(&str, &[u8])] = &[
        ("path", long.as_bytes()),
        ("uid", b"4000000"),
        ("gid", b"5000000"),
        ("size", b"3"),
        ("mtime", b"12.5"),
        ("SCHILY.xattr.user.a", b"x\0=\n"),
    ];
    archive.pax(b'x', records).header(&header("short", b'0', 0)).blocks("abc");
    archive.pax(b'x', &[("linkpath", long.as_bytes())]).entry("link", b'2', "l", "");
    archive.pax(b'x', &[("path", b"gone"), ("path", b"")]).entry("kept", b'0', "", "k");
    let input = opened(&archive.end(), &options()).unwrap();
    let at = format!("/{long}");
    assert_eq!(answer(&input, &at), "\"abc\"");
    assert_eq!(answer(&input, "/kept"), "\"k\"");
    let meta = input.meta(&path(&at)).unwrap().unwrap();
    assert_eq!((meta.uid, meta.gid), (4_000_000, 5_000_000));
    assert_eq!(meta.xattrs["user.a"][..], b"x\0=\n"[..]);
    let link = input.lookup(&path("/link")).unwrap().unwrap();
    assert_eq!(link.link_target(), Some(long.as_bytes()));
}

#[test]
fn global_headers_count_for_all_that_follow() {
    let mut archive = RawTar::default();
    archive.entry("a", b'0', "", "").pax(b'g', &[("uid", b"7"), ("path", b"x")]);
    archive.entry("b", b'0', "", "").pax(b'x', &[("uid", b"8")]).entry("c", b'0', "", "");
    archive.entry("d", b'0', "", "");
    let input = opened(&archive.end(), &options()).unwrap();
    let owner = |at: &str| input.meta(&path(at)).unwrap().unwrap().uid;
    assert_eq!(["/a", "/b", "/c", "/d"].map(owner), [0, 7, 8, 7]);
}

#[test]
fn long_names_of_gnu() {
    let long = "n".repeat(200);
    let mut archive = RawTar::default();
    archive.entry("././@LongLink", b'L', "", format!("{long}\0"));
    archive.entry("././@LongLink", b'K', "", format!("{long}/{long}\0"));
    archive.entry("cut", b'2', "cut", "");
    case(&archive.end(), &format!("/{long} -> {long}/{long}\n"));
}

#[test]
fn numbers_in_base_256() {
    let mut archive = RawTar::default();
    archive.changed(&RawHeader { owner: (1 << 40, 1 << 22), ..header("a", b'0', 1) }, |block| {
        block[124..136].copy_from_slice(b"\x80\0\0\0\0\0\0\0\0\0\0\x01");
    });
    archive.blocks("x");
    let input = opened(&archive.end(), &options()).unwrap();
    assert_eq!(answer(&input, "/a"), "\"x\"");
    let meta = input.meta(&path("/a")).unwrap().unwrap();
    // What no kernel knows is nobody.
    assert_eq!((meta.uid, meta.gid), (u32::MAX, 1 << 22));
}

/// An old GNU sparse header: `a` at 1, `bc` at 6, and 10 bytes in all.
fn old_sparse(block: &mut [u8; 512], size: &[u8; 11]) {
    block[257..265].copy_from_slice(b"ustar  \0");
    for (at, number) in [(386, 1), (398, 1), (410, 6), (422, 2), (434, 10), (446, 0)] {
        block[at..at + 11].copy_from_slice(format!("{number:011o}").as_bytes());
    }
    block[483..494].copy_from_slice(size);
}

#[test]
fn sparse_files_are_whole_in_every_format() {
    let expected = "/s 0644 \"\\u{0}a\\u{0}\\u{0}\\u{0}\\u{0}bc\\u{0}\\u{0}\"\n";
    let mut old = RawTar::default();
    old.changed(&header("s", b'S', 3), |block| old_sparse(block, b"00000000012")).blocks("abc");
    case(&old.end(), expected);
    let mut old = RawTar::default();
    old.changed(&header("s", b'S', 3), |block| {
        old_sparse(block, b"00000000012");
        block[410..482].fill(0);
        block[482] = 1;
    });
    let mut more = [0; 512];
    more[..11].copy_from_slice(b"00000000006");
    more[12..23].copy_from_slice(b"00000000002");
    old.blocks(more).blocks("abc");
    case(&old.end(), expected);
    let pax = |records: &[(&str, &[u8])], content: &[u8]| {
        let mut archive = RawTar::default();
        archive.pax(b'x', records).entry("GNUSparseFile.0/s", b'0', "", content);
        archive.entry("t", b'0', "", "next");
        case(&archive.end(), &format!("{expected}/t 0644 \"next\"\n"));
    };
    let name: (&str, &[u8]) = ("GNU.sparse.name", b"s");
    let parts: [(&str, &[u8]); 4] = [
        ("GNU.sparse.offset", b"1"),
        ("GNU.sparse.numbytes", b"1"),
        ("GNU.sparse.offset", b"6"),
        ("GNU.sparse.numbytes", b"2"),
    ];
    let size: (&str, &[u8]) = ("GNU.sparse.size", b"10");
    pax(&[&[("path", &b"s"[..]), size][..], &parts].concat(), b"abc");
    pax(&[name, size, ("GNU.sparse.map", b"1,1,6,2,10,0")], b"abc");
    let one: &[(&str, &[u8])] = &[
        ("GNU.sparse.major", b"1"),
        ("GNU.sparse.minor", b"0"),
        name,
        ("GNU.sparse.realsize", b"10"),
    ];
    let mut content = b"3\n1\n1\n6\n2\n10\n0\n".to_vec();
    content.resize(512, 0);
    content.extend(b"abc");
    pax(one, &content);
}

#[test]
fn sparse_files_are_read_from_anywhere() {
    let mut archive = RawTar::default();
    let records: &[(&str, &[u8])] =
        &[("GNU.sparse.size", b"5000000000"), ("GNU.sparse.map", b"4999999990,3")];
    archive.pax(b'x', records).entry("s", b'0', "", "abc");
    let input = opened(&archive.end(), &options()).unwrap();
    let file = input.open(&path("/s")).unwrap();
    let read = |offset: u64| {
        let mut buffer = [b'?'; 16];
        let count = file.read_at(offset, &mut buffer).unwrap();
        buffer[..count].to_vec()
    };
    assert_eq!(file.size(), 5_000_000_000);
    assert_eq!(read(0), [0; 16]);
    assert_eq!(read(4_999_999_985), [0; 5]);
    assert_eq!(read(4_999_999_991), b"bc");
    assert_eq!(read(4_999_999_993), [0; 7]);
    assert_eq!(read(5_000_000_000), b"");
}

#[test]
fn what_is_no_file_is_left_out() {
    let mut archive = RawTar::default();
    archive.entry("label", b'V', "", "").entry("dump", b'D', "", "Ya\0").entry("a", b'7', "", "1");
    archive.entry("old/", b'\0', "", "");
    case(&archive.end(), "/a 0644 \"1\"\n/dump/ 0644\n/old/ 0644\n");
}

#[test]
fn what_follows_the_end_does_not_count() {
    let mut archive = RawTar::of_lines("a 1");
    archive.extend(b"garbage");
    case(&archive, "/a 0644 \"1\"\n");
    // Some leave the end out.
    archive.truncate(1024);
    case(&archive, "/a 0644 \"1\"\n");
    // The sum of signed bytes is as good.
    let mut archive = RawTar::default();
    let mut block = RawHeader { name: b"\xe9", ..header("", b'0', 0) }.block();
    let sum: i64 = block[..148].iter().chain(&block[156..]).map(|&b| i64::from(b as i8)).sum();
    block[148..156].copy_from_slice(format!("{:06o}\0 ", sum + 256).as_bytes());
    archive.blocks(block);
    case(&archive.end(), "/\\xe9 0644 \"\"\n");
}

#[test]
fn components_are_stripped_as_tar_does() {
    let strip = |lines: &str, strip_components, expected: &str| {
        let options = super::ArchiveOptions { strip_components, ..options() };
        assert_eq!(seen(&RawTar::of_lines(lines), &options), expected);
    };
    strip("p/\np/a/\np/a/b 1\np/l -> p/a", 1, "/a/ 0755\n/a/b 0644 \"1\"\n/l -> p/a\n");
    strip("p/a 1\np/b = p/a", 1, "/a 0644 \"1\"\n/b 0644 \"1\"\n");
    strip("./p/a 1", 1, "/p/ 0755\n/p/a 0644 \"1\"\n");
    strip("./p/a 1", 2, "/a 0644 \"1\"\n");
    strip("/p//a 1\nb 2", 1, "/a 0644 \"1\"\n");
    strip("p/a 1\nq/a 22", 1, "/a 0644 \"22\"\n");
    strip(
        "a 1\np/b = a",
        1,
        "`FILE`: refused at byte 1536, in `p/b`: a hard link to a file that `strip_components` \
         leaves out",
    );
}
