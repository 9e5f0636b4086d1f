//! Nodes in, header blocks out; trees in, the order of the archive out.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::*;
use crate::words::{
    Content, Digest, FileContent, InputName, Meta, Mode, Node, NodeKind, Place, Provenance,
    Section, Tree, TreePath, Why,
};

fn meta(mode: u32, uid: u32, gid: u32) -> Meta {
    Meta { mode: Mode::from_bits(mode), uid, gid, xattrs: BTreeMap::new() }
}

/// Size and digest of the blocks, as Go 1.26's `archive/tar` writes them for the same fields.
#[track_caller]
fn case(name: &[u8], entry_type: EntryType, link: &[u8], size: u64, meta: &Meta, expected: &str) {
    let blocks = Header { name, entry_type, link, size, meta, mtime: 7 }.encode();
    let digest = Digest::of(&blocks).hex();
    assert_eq!(format!("{} {digest}", blocks.len()), expected);
}

#[test]
fn headers_are_those_of_go() {
    use EntryType::{Directory, File, HardLink, Symlink};
    let plain = &meta(0o644, 0, 0);
    let open = &meta(0o755, 0, 0);
    let all = &meta(0o777, 0, 0);
    case(
        b"bin/a",
        File,
        b"",
        3,
        &meta(0o4755, 1, 2),
        "512 9f0812a9a85da3796fbc50d158943bf3a3a67b363e5566a2e982727cc387d5ff",
    );
    case(
        b"bin/",
        Directory,
        b"",
        0,
        &meta(0o1777, 0, 0),
        "512 61ab83419e584588157e8f0502678e8272d93043176ad33be4a4b145b3d324dd",
    );
    case(
        b"l",
        Symlink,
        b"../a",
        0,
        all,
        "512 9fece5ea5189952d2c6c21222912714c6fe8004ffcc900c2f976e77aac850ed9",
    );
    case(
        b"h",
        HardLink,
        b"bin/a",
        0,
        plain,
        "512 3eea3082bf9612719cdea8587c1b1acb4bf5d62717019b5731fb0bdc941ea3a2",
    );
    let deep = "d/".repeat(60);
    let long = format!("{deep}file");
    case(
        long.as_bytes(),
        File,
        b"",
        0,
        plain,
        "512 b5b54f098ebe8ebb5cc29c11df7895c0fb532ca1296525b298b55105ac41327f",
    );
    case(
        deep.as_bytes(),
        Directory,
        b"",
        0,
        plain,
        "512 529668844af8900f208c3894ce69ce5afce7c8e6fb28177473b1a6fe3d27d71a",
    );
    let name = format!("a/{}", "n".repeat(101));
    case(
        name.as_bytes(),
        File,
        b"",
        0,
        plain,
        "1536 963eb4ddda485afc2fa7878a62369303c72fe460f3734a95304781f510c66b9b",
    );
    case(
        format!("{}x", "directory/".repeat(30)).as_bytes(),
        File,
        b"",
        0,
        plain,
        "1536 7bc577b61a167db27eaffbb09b643738f7eb057f95d4e2b9b38ed717de97c2d8",
    );
    case(
        format!("{name}/").as_bytes(),
        Directory,
        b"",
        0,
        open,
        "1536 41de0460d3318c0dfe3c0d062f5008b24dc5df96edd1f7b122b708e10c9bca0f",
    );
    case(
        format!("{}/{}", "n".repeat(99), "m".repeat(120)).as_bytes(),
        File,
        b"",
        0,
        open,
        "1536 23f2ae0109c829f0c1dff3a4fba5dfef1c07afb96d4a62c4889eb9169a3701be",
    );
    case(
        b"l",
        Symlink,
        "t".repeat(101).as_bytes(),
        0,
        all,
        "1536 7236ffbfafda1bff0cb462d30e4bf4ce6e9afc402c41274b90f6f4b94314af5e",
    );
    case(
        "caf\u{e9}/x".as_bytes(),
        File,
        b"",
        0,
        plain,
        "1536 e024349d077068fe5c1863d0433aee5aa0c20289f5b80b308aabb892d094f635",
    );
    case(
        b"x\xff/y",
        File,
        b"",
        0,
        plain,
        "1536 5766f24b90ff37780f7b5ff4c5a691a402d99689653a71bb65035021d7edac33",
    );
    case(
        b"u",
        File,
        b"",
        0,
        &meta(0o644, 1 << 21, (1 << 21) - 1),
        "1536 7dcce277a02ed422c0b0f39592101ab3fa47946c62e2d978e0de9200e5ef1a2c",
    );
    case(
        b"s",
        File,
        b"",
        1 << 33,
        plain,
        "1536 6f1f38747d6030239d264cb531244356cdecd95bdbacb3d4737946e02b17b21f",
    );
    let mut with = meta(0o755, 0, 0);
    with.xattrs.insert("user.a".into(), (*b"1").into());
    case(
        long.as_bytes(),
        File,
        b"",
        0,
        &with,
        "1536 bd620fa23757a67723ee8fb375e398b5f374a6fcf2cc378fb96b7f19fef7a38a",
    );
    with.xattrs.insert("security.capability".into(), (*b"\x01\0\0\x02\0\x04").into());
    case(
        b"x",
        File,
        b"",
        0,
        &with,
        "1536 4c189f59b6aff719aa43efb09db4ed41e2830f543f69e85d2192a1cecd6fc1c0",
    );
}

/// A tree of directories, files and hard links (`LINK -> FILE`), as its archive lists it.
fn archive(lines: &[&str]) -> Result<String, String> {
    let mut tree = Tree::default();
    for line in lines {
        let (path, kind) = match line.split_once(" -> ") {
            Some((link, target)) => {
                (link, NodeKind::HardLink { target: TreePath::parse(target).unwrap() })
            }
            None if line.ends_with('/') => (*line, NodeKind::Directory),
            None => {
                let path = TreePath::parse(line).unwrap();
                let content = Content { input: InputName::new("I"), path };
                (*line, NodeKind::File(FileContent { content, size: 1, stamp: None }))
            }
        };
        let place = Place { section: Section::Data, line: 1 };
        let provenance = Provenance::new(None, Why::Declared { place, reason: None });
        let node = Node { kind, meta: meta(0o755, 0, 0), provenance };
        tree.insert(TreePath::parse(path).unwrap(), node).unwrap();
    }
    let steps = recipe(&tree, 0).map_err(|error| error.to_string())?;
    let text = |field: &[u8]| -> String {
        let bytes: Vec<u8> = field.iter().copied().take_while(|&b| b != 0).collect();
        String::from_utf8(bytes).unwrap()
    };
    let line = |step: Step<'_>| {
        let content = step.content.map(|content| format!(" < {}", content.content.path));
        let link = Some(text(&step.header[157..257])).filter(|link| !link.is_empty());
        let link = link.map(|link| format!(" -> {link}"));
        let name = text(&step.header[..100]);
        format!("{name}{}{}\n", content.unwrap_or_default(), link.unwrap_or_default())
    };
    Ok(steps.map(line).collect())
}

#[test]
fn names_are_sorted_within_their_directory() {
    assert_eq!(
        archive(&["/a/b", "/a-b", "/a.b", "/a/", "/B"]).unwrap(),
        "B < /B\na/\na/b < /a/b\na-b < /a-b\na.b < /a.b\n"
    );
}

#[test]
fn the_first_name_of_a_file_carries_it() {
    assert_eq!(archive(&["/a", "/b -> /a"]).unwrap(), "a < /a\nb -> a\n");
    assert_eq!(archive(&["/b", "/a -> /b", "/c -> /a"]).unwrap(), "a < /b\nb -> a\nc -> a\n");
}

#[test]
fn a_hard_link_needs_its_file() {
    let shown = |lines: &[&str]| archive(lines).unwrap_err();
    let expected = "`/b` is a hard link to `/a`, which is not a regular file of the same layer";
    assert_eq!(shown(&["/b -> /a"]), expected);
    assert_eq!(shown(&["/b -> /a", "/a/"]), expected);
    assert_eq!(
        shown(&["/b -> /a", "/a -> /b"]),
        expected.replace("/a", "/x").replace("/b", "/a").replace("/x", "/b")
    );
}

#[test]
fn padding_fills_the_block() {
    let shown = [0, 1, 511, 512, 513].map(padding);
    assert_eq!(shown, [0, 511, 1, 0, 511]);
}
