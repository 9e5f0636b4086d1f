//! A tree in, where its pieces end out.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};

use super::*;
use crate::words::{
    Content, Digest, InputName, Meta, Mode, Node, NodeKind, Place, Provenance, Section, Why,
};

fn tree(files: impl IntoIterator<Item = (String, u64)>) -> Tree {
    let mut tree = Tree::default();
    for (path, size) in files {
        let path = TreePath::parse(&path).unwrap();
        let content = Content { input: InputName::new("I"), path: path.clone() };
        let place = Place { section: Section::Data, line: 1 };
        let node = Node {
            kind: NodeKind::File(FileContent { content, size, stamp: None }),
            meta: Meta::new(Mode::FILE),
            provenance: Provenance::new(None, Why::Declared { place, reason: None }),
        };
        tree.insert(path, node).unwrap();
    }
    tree
}

/// A thousand files of up to some 60 kB each, as a root file system has them.
fn many() -> impl Iterator<Item = (String, u64)> {
    (0..1000_u64).map(|n| (format!("/f{n:04}"), n * n * 7919 % 60_000))
}

/// Each piece in a line: how many bytes of headers and padding, and the ranges of files.
fn shown(tree: &Tree) -> Vec<String> {
    let part = |part: &Part<'_>| match part {
        Part::Bytes(bytes) => bytes.len().to_string(),
        Part::Content { path, offset, size, .. } => format!("{path}[{offset}..][..{size}]"),
    };
    let line = |piece: Piece<'_>| {
        let size = |part: &Part<'_>| match part {
            Part::Bytes(bytes) => bytes.len(),
            Part::Content { size, .. } => *size,
        };
        assert_eq!(piece.parts.iter().map(size).sum::<usize>(), piece.size);
        assert!(piece.size <= PIECE, "{}", piece.size);
        piece.parts.iter().map(part).collect::<Vec<_>>().join(" ")
    };
    pieces(tree, 0).unwrap().map(line).collect()
}

#[test]
fn large_files_begin_a_piece_and_are_cut_alike_wherever_they_stand() {
    let alone = shown(&tree([("/b".into(), 2_000_000)]));
    let expected = ["512 /b[0..][..1048064]", "/b[1048064..][..951936] 1408"];
    assert_eq!(alone, expected);
    let after = shown(&tree([("/a".into(), 3), ("/b".into(), 2_000_000)]));
    assert_eq!(after[0], "512 /a[0..][..3] 509");
    assert_eq!(after[1..], expected);
}

#[test]
fn the_end_gets_a_piece_of_its_own_if_it_must() {
    let full = PIECE as u64 - 512;
    assert_eq!(shown(&tree([("/a".into(), full)])), ["512 /a[0..][..1048064]", "1024"]);
    assert_eq!(shown(&tree([("/a".into(), full - 1024)])), ["512 /a[0..][..1047040] 1024"]);
    assert_eq!(shown(&Tree::default()), ["1024"]);
}

#[test]
fn pieces_are_the_whole_archive_in_order() {
    let tree = tree(many());
    let mut expected = Vec::new();
    for step in recipe(&tree, 0).unwrap() {
        expected.extend_from_slice(&step.header);
        let size = step.content.map_or(0, |content| content.size) as usize;
        expected.resize(expected.len() + size + padding(size as u64), 0);
    }
    expected.extend_from_slice(&END);
    let mut found = Vec::new();
    for part in pieces(&tree, 0).unwrap().flat_map(|piece| piece.parts) {
        match part {
            Part::Bytes(bytes) => found.extend_from_slice(&bytes),
            Part::Content { size, .. } => found.resize(found.len() + size, 0),
        }
    }
    assert_eq!(Digest::of(&found), Digest::of(&expected));
}

#[test]
fn a_change_moves_only_what_is_near() {
    let before: BTreeSet<String> = shown(&tree(many())).into_iter().collect();
    let case = |files: Vec<(String, u64)>| {
        let after: BTreeSet<String> = shown(&tree(files)).into_iter().collect();
        let new = after.difference(&before).count();
        assert!(new <= 4 && before.len() > 30, "{new} of {} are new", before.len());
    };
    case(many().chain([("/f0500x".into(), 12_345)]).collect());
    case(many().filter(|(path, _)| path != "/f0300").collect());
    case(
        many()
            .map(|(path, n)| if path == "/f0700" { (path, n + 9999) } else { (path, n) })
            .collect(),
    );
}
