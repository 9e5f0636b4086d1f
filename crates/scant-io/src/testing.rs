//! What the tests of this crate share: a tree from text, and an input in memory.

use std::collections::BTreeMap;

use scant_core::words::{
    Content, Entry, FileContent, Input, InputError, InputName, Meta, Node, NodeKind, Place,
    Problem, Provenance, ReadAt, Section, Tree, TreePath, Why,
};

use crate::inputs::Inputs;

/// Files by path, and how they misbehave.
#[derive(Clone, Default)]
pub(crate) struct Memory {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// The most bytes one read returns; 0 for no limit.
    pub(crate) most: usize,
    /// Where files end although they say otherwise.
    pub(crate) ends_at: Option<u64>,
    /// Files have a byte more than they say.
    pub(crate) grows: bool,
}

impl Memory {
    pub(crate) fn insert(&mut self, path: &str, content: &[u8]) {
        self.files.insert(path.into(), content.into());
    }

    /// The only input of a set, under the name that [`tree`] uses.
    pub(crate) fn inputs(self) -> Inputs {
        let mut inputs = Inputs::default();
        inputs.insert(InputName::new("TEST"), Box::new(self));
        inputs
    }
}

impl Input for Memory {
    fn lookup(&self, _: &TreePath) -> Result<Option<Entry>, InputError> {
        Ok(None)
    }

    fn list(&self, _: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        Ok(Vec::new())
    }

    fn open(&self, path: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        let file = self.files.get(&path.to_string());
        let content = file.ok_or_else(|| InputError::new(path, Problem::NotFound))?.clone();
        let Self { most, ends_at, grows, .. } = *self;
        Ok(Box::new(Opened { content, most, ends_at, grows }))
    }
}

struct Opened {
    content: Vec<u8>,
    most: usize,
    ends_at: Option<u64>,
    grows: bool,
}

impl ReadAt for Opened {
    fn size(&self) -> u64 {
        self.content.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, InputError> {
        let end = self.ends_at.map_or(self.content.len(), |end| end as usize);
        let rest = self.content.get(offset as usize..end.min(self.content.len()));
        let rest = match rest.unwrap_or_default() {
            [] if self.grows => b"x",
            rest => rest,
        };
        let most = if self.most == 0 { usize::MAX } else { self.most };
        let count = rest.len().min(buffer.len()).min(most);
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

/// A tree from lines: `PATH dir`, `PATH file SIZE`, `PATH symlink TARGET`, `PATH hardlink TARGET`;
/// then `mode=`, `owner=UID:GID` and `xattr=NAME:VALUE`. Files are read at their own path.
pub(crate) fn tree(lines: &str) -> Tree {
    tree_of("TEST", lines)
}

/// [`tree`], with files of the input of this name.
pub(crate) fn tree_of(input: &str, lines: &str) -> Tree {
    let mut tree = Tree::default();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut words = line.split(' ');
        let mut word = || words.next().unwrap();
        let path = TreePath::parse(word()).unwrap();
        let (kind, mode) = match word() {
            "dir" => (NodeKind::Directory, "755"),
            "file" => {
                let content = Content { input: InputName::new(input), path: path.clone() };
                let size = word().parse().unwrap();
                (NodeKind::File(FileContent { content, size, stamp: None }), "644")
            }
            "symlink" => (NodeKind::Symlink { target: word().as_bytes().into() }, "777"),
            "hardlink" => (NodeKind::HardLink { target: TreePath::parse(word()).unwrap() }, "644"),
            other => panic!("{other}"),
        };
        let mut meta = Meta::new(mode.parse().unwrap());
        for (key, value) in words.map(|word| word.split_once('=').unwrap()) {
            let pair = || value.split_once(':').unwrap();
            match key {
                "mode" => meta.mode = value.parse().unwrap(),
                "owner" => {
                    meta.uid = pair().0.parse().unwrap();
                    meta.gid = pair().1.parse().unwrap();
                }
                "xattr" => {
                    meta.xattrs.insert(pair().0.into(), pair().1.as_bytes().into());
                }
                other => panic!("{other}"),
            }
        }
        let place = Place { section: Section::Data, line: 1 };
        let provenance = Provenance::new(None, Why::Declared { place, reason: None });
        tree.insert(path, Node { kind, meta, provenance }).unwrap();
    }
    tree
}
