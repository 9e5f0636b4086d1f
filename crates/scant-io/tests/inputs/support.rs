//! Trees on disk and what an input says of them, as text.

use std::fs;
use std::path::Path;

use scant_core::words::{EntryKind, Escaped, Input, TreePath};
use scant_testkit::Listing;
use tempfile::TempDir;

/// A directory with the tree of a listing.
pub(crate) fn tree(listing: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    Listing::new(listing).write_to(directory.path());
    directory
}

pub(crate) fn path(text: &str) -> TreePath {
    TreePath::parse(text).unwrap()
}

/// All that the input shows below a directory, depth first: kind, mode, path and content.
pub(crate) fn shown(input: &dyn Input, directory: &TreePath) -> String {
    let mut text = String::new();
    for name in input.list(directory).unwrap() {
        let path = directory.join(&name);
        let entry = input.lookup(&path).unwrap().expect("what is listed is there");
        let mode = entry.mode;
        match &entry.kind {
            EntryKind::Directory => {
                text += &format!("{path}/ {mode:04o}\n{}", shown(input, &path));
            }
            EntryKind::File { size } => {
                let content = input.read(&path, 1 << 20).unwrap();
                assert_eq!(content.len() as u64, *size, "{path}");
                text += &format!("{path} {mode:04o} {:?}\n", Escaped(&content));
            }
            EntryKind::Symlink { target } => {
                text += &format!("{path} -> {}\n", Escaped(target));
            }
            EntryKind::Special(what) => text += &format!("{path} {what}\n"),
        }
    }
    text
}

/// What an input answers, or why it does not.
pub(crate) fn answer(input: &dyn Input, text: &str) -> String {
    match input.read(&path(text), 1 << 20) {
        Ok(content) => format!("{:?}", Escaped(&content)),
        Err(error) => error.to_string(),
    }
}

/// Makes a FIFO, which the test kit's listings cannot.
pub(crate) fn make_fifo(at: &Path) {
    let kind = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, at, kind, 0o644.into(), 0).unwrap();
    assert!(fs::symlink_metadata(at).is_ok());
}
