//! Nodes of files, and how two declarations of one file agree.

use alloc::boxed::Box;

use super::fault::FaultKind;
use super::planner::Planner;
use crate::words::{
    Conflict, Content, Entry, FileContent, InputError, InputName, Meta, Mode, Node, NodeKind,
    Problem, Provenance, ReadAt, Source, TreePath, Why,
};

impl Planner<'_> {
    /// A file node for content of an input, as `entry` tells it.
    pub(super) fn file_node(
        &self,
        input: &InputName,
        path: &TreePath,
        entry: &Entry,
        meta: Meta,
        why: Why,
    ) -> Node {
        let content = Content { input: input.clone(), path: path.clone() };
        let (size, stamp) = (entry.file_size().unwrap_or(0), entry.stamp);
        Node {
            kind: NodeKind::File(FileContent { content, size, stamp }),
            meta,
            provenance: Provenance::new(Some(self.source(input, path)), why),
        }
    }

    /// The place in an input as the provenance tells it. Files beside the manifest are told from
    /// the manifest's directory on: what that is called must not change an image.
    pub(super) fn source(&self, input: &InputName, path: &TreePath) -> Source {
        let below = match *input == InputName::manifest() {
            true => path.below(&self.request.base),
            false => None,
        };
        let path = below.unwrap_or_else(|| path.clone());
        Source { input: input.as_str().into(), path, package: None }
    }

    /// Puts a declared node into the tree. Two declarations of different files with the same bytes
    /// agree.
    pub(super) fn declare_node(&mut self, path: TreePath, node: Node) -> Result<(), FaultKind> {
        match self.placer.declare(path.clone(), node) {
            Err(FaultKind::Conflict(conflict))
                if conflict.first.meta == conflict.second.meta
                    && self.have_same_bytes(&conflict) =>
            {
                if let Some(provenance) = self.placer.tree.provenance_mut(&path) {
                    provenance.merge(conflict.second.provenance);
                }
                Ok(())
            }
            other => other,
        }
    }

    fn have_same_bytes(&self, conflict: &Conflict) -> bool {
        let (NodeKind::File(first), NodeKind::File(second)) =
            (&conflict.first.kind, &conflict.second.kind)
        else {
            return false;
        };
        let (Ok(a), Ok(b)) = (self.open(&first.content), self.open(&second.content)) else {
            return false;
        };
        first.size == second.size && same_bytes(&*a, &*b).unwrap_or(false)
    }

    fn open(&self, content: &Content) -> Result<Box<dyn ReadAt>, InputError> {
        match self.request.inputs.get(&content.input) {
            Some(view) => view.input().open(&content.path),
            None => Err(InputError::new(&content.path, Problem::NotFound)),
        }
    }
}

fn same_bytes(first: &dyn ReadAt, second: &dyn ReadAt) -> Result<bool, InputError> {
    const CHUNK: usize = 64 << 10;
    let (mut a, mut b) = (alloc::vec![0; CHUNK], alloc::vec![0; CHUNK]);
    let mut offset = 0;
    loop {
        let (m, n) = (fill(first, offset, &mut a)?, fill(second, offset, &mut b)?);
        if a[..m] != b[..n] {
            return Ok(false);
        }
        if m == 0 {
            return Ok(true);
        }
        offset += m as u64;
    }
}

/// Reads until the buffer is full or the file ends.
pub(super) fn fill(file: &dyn ReadAt, offset: u64, buffer: &mut [u8]) -> Result<usize, InputError> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(offset + filled as u64, &mut buffer[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}

/// The mode that a file gets when nothing is declared: from the input only whether it is
/// executable.
pub(super) fn default_mode(mode: u32) -> Mode {
    if Mode::from_bits(mode).is_executable() { Mode::EXECUTABLE } else { Mode::FILE }
}
