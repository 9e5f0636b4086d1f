//! What the fuzz targets share: inputs made of bytes, and what must hold of any text that is shown.
//!
//! A target of several files takes them from one stretch of bytes, so that the fuzzer can move
//! bytes from one to the other: each file starts with a line `@@NAME`, each link is a line
//! `@@NAME -> TARGET`.

pub mod openpgp;

use std::collections::BTreeMap;

use scant_core::words::{Entry, EntryKind, Input, InputError, Problem, ReadAt, Stamp, TreePath};

/// A file in memory.
pub struct Bytes(pub Vec<u8>);

impl ReadAt for Bytes {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, InputError> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.0.get(offset..));
        let rest = rest.unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

/// One file or link of the bytes.
pub struct Part<'a> {
    /// What stands after `@@`, up to the arrow.
    pub name: &'a [u8],
    /// What stands after the arrow.
    pub target: Option<&'a [u8]>,
    /// All up to the next part.
    pub content: &'a [u8],
}

/// The parts of the bytes, in their order.
pub fn parts(bytes: &[u8]) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = bytes.strip_prefix(b"@@").unwrap_or(bytes);
    loop {
        let end = find(rest, b"\n@@");
        let part = &rest[..end.unwrap_or(rest.len())];
        let line = part.iter().position(|&b| b == b'\n');
        let (head, content) = match line {
            Some(line) => (&part[..line], &part[line + 1..]),
            None => (part, &b""[..]),
        };
        let (name, target) = match find(head, b" -> ") {
            Some(arrow) => (&head[..arrow], Some(&head[arrow + 4..])),
            None => (head, None),
        };
        parts.push(Part { name, target, content });
        match end {
            Some(end) => rest = &rest[end + 3..],
            None => return parts,
        }
    }
}

/// Where `part` first is in `bytes`.
pub fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

/// An input of these parts. Directories are there by themselves.
#[derive(Default)]
pub struct MemoryInput {
    entries: BTreeMap<TreePath, (EntryKind, Vec<u8>)>,
}

impl MemoryInput {
    /// The input; a part whose name is no path, or that lies below a file, is left out.
    pub fn new(parts: &[Part<'_>]) -> Self {
        let mut input = Self::default();
        for part in parts {
            let Ok(path) = TreePath::parse(part.name) else { continue };
            let is_blocked = |above: TreePath| {
                let entry = input.entries.get(&above);
                entry.is_some_and(|(kind, _)| *kind != EntryKind::Directory)
            };
            let is_there = input.entries.contains_key(&path);
            if path.is_root() || is_there || path.ancestors().any(is_blocked) {
                continue;
            }
            for above in path.ancestors().filter(|above| !above.is_root()) {
                input.entries.entry(above).or_insert((EntryKind::Directory, Vec::new()));
            }
            let kind = match part.target {
                Some(target) => EntryKind::Symlink { target: target.into() },
                None => EntryKind::File { size: part.content.len() as u64 },
            };
            input.entries.insert(path, (kind, part.content.to_vec()));
        }
        input
    }

    /// All paths.
    pub fn paths(&self) -> impl Iterator<Item = &TreePath> {
        self.entries.keys()
    }

    /// What is at a path.
    pub fn kind(&self, path: &TreePath) -> Option<&EntryKind> {
        self.entries.get(path).map(|(kind, _)| kind)
    }

    /// Asserts that every directory above `path` is a real one, so that whoever opens `path` in
    /// this root stays in it.
    pub fn assert_no_link_above(&self, path: &TreePath) {
        for above in path.ancestors().filter(|above| !above.is_root()) {
            let kind = self.kind(&above);
            assert!(
                kind.is_none_or(|k| *k == EntryKind::Directory),
                "{path} leads through {above}"
            );
        }
    }
}

impl Input for MemoryInput {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        self.assert_no_link_above(path);
        let entry = |(number, kind): (usize, &EntryKind)| Entry {
            kind: kind.clone(),
            mode: 0o755,
            stamp: Some(Stamp { device: 1, inode: number as u64 + 1, ..Stamp::default() }),
        };
        let number = self.entries.range(..path.clone()).count();
        Ok(self.kind(path).map(|kind| entry((number, kind))))
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        self.assert_no_link_above(path);
        let children = self.paths().filter(|child| child.parent().as_ref() == Some(path));
        Ok(children.filter_map(|child| child.name().map(Box::from)).collect())
    }

    fn open(&self, path: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        self.assert_no_link_above(path);
        match self.entries.get(path) {
            Some((EntryKind::File { .. }, content)) => Ok(Box::new(Bytes(content.clone()))),
            Some((kind, _)) => Err(InputError::new(path, Problem::NotAFile(kind.describe()))),
            None => Err(InputError::new(path, Problem::NotFound)),
        }
    }
}

/// Asserts that a text can be shown on a terminal: no control character but the end of a line.
pub fn assert_plain(text: &str) {
    let control = text.chars().find(|&c| c.is_control() && c != '\n');
    assert!(control.is_none(), "{control:?} is in {text:?}");
}
