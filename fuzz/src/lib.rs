//! What the fuzz targets share: inputs made of bytes, and what must hold of any text that is shown.
//!
//! A target of several files takes them from one stretch of bytes, so that the fuzzer can move
//! bytes from one to the other: each file starts with a line `@@NAME`, each link is a line
//! `@@NAME -> TARGET`.

use std::collections::BTreeMap;
use std::io::Write as _;

use scant_core::words::{
    Entry, EntryKind, Input, InputError, Problem, ReadAt, Root as _, Stamp, TreePath,
};
use scant_io::inputs::{ArchiveInput, ArchiveOptions, Limits};

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

/// Writes the checksum into every header of a tar archive.
pub fn mend(archive: &mut [u8]) {
    let mut at = 0;
    while let Some(header) = archive.get_mut(at..at + 512).filter(|h| h.iter().any(|&b| b != 0)) {
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let size = header[124..136].iter().take_while(|byte| (b'0'..=b'7').contains(byte));
        let size = size.fold(0usize, |size, digit| size * 8 + usize::from(digit - b'0'));
        let size = if matches!(header[156], b'1'..=b'6') { 0 } else { size };
        at += 512 + size.next_multiple_of(512);
    }
}

/// How archives are read here: little of them, so that no input takes long.
pub fn archive_options() -> ArchiveOptions {
    let limits =
        Limits { max_bytes: 32 << 20, max_ratio: 1000, max_entries: 1 << 16, max_header: 1 << 16 };
    ArchiveOptions { strip_components: 0, limits, temporary: std::env::temp_dir() }
}

/// Reads bytes as an archive, and asserts what must hold of it, whatever they are.
pub fn check_archive(bytes: &[u8], options: &ArchiveOptions) {
    let mut file = tempfile::tempfile().expect("a file can be made");
    file.write_all(bytes).expect("it can be written");
    let input = match ArchiveInput::from_file(file, options) {
        Ok(input) => input,
        Err(fault) => return assert_plain(&fault.to_string()),
    };
    let (mut waiting, mut total) = (vec![TreePath::root()], 0);
    while let Some(directory) = waiting.pop() {
        let names = input.list(&directory).expect("a directory can be listed");
        assert!(names.is_sorted_by(|a, b| a < b), "{directory}");
        for name in names {
            let path = directory.join(&name);
            let entry = input.lookup(&path).expect("what is listed is known").expect("and there");
            assert!(input.meta(&path).is_ok_and(|meta| meta.is_some()), "{path}");
            match entry.kind {
                EntryKind::Directory => waiting.push(path),
                EntryKind::File { size } => {
                    total += size;
                    read(&input, &path, size);
                }
                EntryKind::Symlink { .. } | EntryKind::Special(_) => {
                    assert!(input.open(&path).is_err(), "{path}");
                }
            }
        }
    }
    // Each name of a file counts here, but only once in the archive.
    assert!(total <= options.limits.max_bytes * options.limits.max_entries);
}

fn read(input: &ArchiveInput, path: &TreePath, size: u64) {
    let file = match input.open(path) {
        Ok(file) => file,
        Err(error) => return assert_plain(&error.to_string()),
    };
    assert_eq!(file.size(), size, "{path}");
    let mut buffer = [0; 4096];
    for offset in [0, size / 2, size.saturating_sub(1), size, u64::MAX] {
        match file.read_at(offset, &mut buffer) {
            Ok(count) => assert_eq!(count == 0, offset >= size, "{path} at {offset}"),
            Err(error) => assert_plain(&error.to_string()),
        }
    }
}

/// Asserts that a text can be shown on a terminal: no control character but the end of a line.
pub fn assert_plain(text: &str) {
    let control = text.chars().find(|&c| c.is_control() && c != '\n');
    assert!(control.is_none(), "{control:?} is in {text:?}");
}
