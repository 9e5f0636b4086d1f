//! Looks at one input: links followed inside its root, each question asked of the input once.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::cell::RefCell;

use crate::formats::elf::{Elf, ElfError};
use crate::words::{Entry, EntryKind, Input, InputError, Problem, TreePath};

/// The kernel gives up after as many links, `MAXSYMLINKS`.
const MOST_LINKS: usize = 40;

/// An input with what was already learnt of it.
pub struct View<'a> {
    input: &'a dyn Input,
    entries: RefCell<BTreeMap<TreePath, Option<Entry>>>,
    directories: RefCell<BTreeMap<Box<[u8]>, Walked>>,
    elves: RefCell<BTreeMap<TreePath, Rc<Result<Elf, ElfError>>>>,
}

type Walked = Result<Rc<Walk>, InputError>;

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The path without links.
    pub path: TreePath,
    /// What is there: never a link.
    pub entry: Entry,
    /// The links that were followed, in their order.
    pub links: Vec<Link>,
}

/// A symbolic link met on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it lies; every directory above is a real one.
    pub path: TreePath,
    /// The text it holds.
    pub target: Box<[u8]>,
}

#[derive(Clone, Debug)]
struct Walk {
    path: TreePath,
    links: Vec<Link>,
}

impl<'a> View<'a> {
    /// A view of `input` that knows nothing yet.
    pub fn new(input: &'a dyn Input) -> Self {
        Self {
            input,
            entries: RefCell::default(),
            directories: RefCell::default(),
            elves: RefCell::default(),
        }
    }

    /// The input itself.
    pub fn input(&self) -> &'a dyn Input {
        self.input
    }

    /// The entry at a resolved path, links not followed.
    ///
    /// # Errors
    /// When the input cannot tell.
    pub fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        if path.is_root() {
            return Ok(Some(Entry { kind: EntryKind::Directory, mode: 0o755, stamp: None }));
        }
        if let Some(entry) = self.entries.borrow().get(path) {
            return Ok(entry.clone());
        }
        let entry = self.input.lookup(path)?;
        self.entries.borrow_mut().insert(path.clone(), entry.clone());
        Ok(entry)
    }

    /// Follows an absolute path, links and `..` included, as the kernel would with the input's
    /// root as the root directory: what leads above it stays at it.
    ///
    /// # Errors
    /// [`Problem::NotFound`], [`Problem::NotADirectory`] and [`Problem::LinkLoop`] as the kernel
    /// says them, and what the input says.
    pub fn resolve(&self, path: &[u8]) -> Result<Resolved, InputError> {
        let split = path.iter().rposition(|&b| b == b'/').map_or(0, |at| at + 1);
        let (directory, name) = path.split_at(split);
        let (base, mut links) = match self.directory(directory) {
            Ok(walk) => (walk.path.clone(), walk.links.clone()),
            Err(error) => return Err(error),
        };
        let path = self.walk(base, name, &mut links)?;
        let missing = || InputError::new(&path, Problem::NotFound);
        let entry = self.lookup(&path)?.ok_or_else(missing)?;
        Ok(Resolved { path, entry, links })
    }

    /// The directory part of a path, which is empty or ends in a slash. Neighbours share it, and
    /// what lies deeper begins with it, so each directory on the way is walked to once.
    fn directory(&self, path: &[u8]) -> Walked {
        let slashes = (1..=path.len()).rev().filter(|&end| path[end - 1] == b'/');
        let start = Rc::new(Walk { path: TreePath::root(), links: Vec::new() });
        let (mut walked, mut done) = (Ok(start), 0);
        let mut ahead = Vec::new();
        for end in slashes {
            if let Some(known) = self.directories.borrow().get(&path[..end]) {
                (walked, done) = (known.clone(), end);
                break;
            }
            ahead.push(end);
        }
        while let (Ok(from), Some(end)) = (&walked, ahead.pop()) {
            walked = self.enter(from, &path[done..end]);
            self.directories.borrow_mut().insert(path[..end].into(), walked.clone());
            done = end;
        }
        walked
    }

    /// One directory further; `name` ends in a slash.
    fn enter(&self, from: &Rc<Walk>, name: &[u8]) -> Walked {
        if name == b"/" {
            return Ok(from.clone());
        }
        let mut links = from.links.clone();
        let path = self.walk(from.path.clone(), name, &mut links)?;
        match self.lookup(&path)? {
            Some(entry) if entry.is_directory() => Ok(Rc::new(Walk { path, links })),
            _ => Err(InputError::new(&path, Problem::NotADirectory)),
        }
    }

    /// Walks `path` from `base` component by component, so that the links on the way are known.
    fn walk(
        &self,
        base: TreePath,
        path: &[u8],
        links: &mut Vec<Link>,
    ) -> Result<TreePath, InputError> {
        let mut current = if path.starts_with(b"/") { TreePath::root() } else { base };
        let mut pending = Vec::new();
        push_components(&mut pending, path);
        while let Some(name) = pending.pop() {
            match &*name {
                b"." => continue,
                b".." => {
                    current = current.parent().unwrap_or_else(TreePath::root);
                    continue;
                }
                _ => {}
            }
            if name.contains(&0) {
                // No file system has such a name.
                return Err(InputError::new(&current, Problem::NotFound));
            }
            if name.len() > 255 {
                let problem = Problem::Other("file name too long".to_string());
                return Err(InputError::new(&current, problem));
            }
            let next = current.join(&name);
            match self.lookup(&next)?.map(|entry| entry.kind) {
                None => return Err(InputError::new(&next, Problem::NotFound)),
                Some(EntryKind::Symlink { target }) => {
                    if links.len() >= MOST_LINKS {
                        return Err(InputError::new(&next, Problem::LinkLoop));
                    }
                    if target.starts_with(b"/") {
                        current = TreePath::root();
                    }
                    push_components(&mut pending, &target);
                    links.push(Link { path: next, target });
                }
                Some(EntryKind::Directory) => current = next,
                Some(_) if pending.is_empty() => current = next,
                Some(_) => return Err(InputError::new(&next, Problem::NotADirectory)),
            }
        }
        Ok(current)
    }

    /// What a loader reads of the file at a resolved path.
    pub fn elf(&self, path: &TreePath) -> Rc<Result<Elf, ElfError>> {
        if let Some(elf) = self.elves.borrow().get(path) {
            return elf.clone();
        }
        let elf = self.input.open(path).map_err(ElfError::from);
        let elf = Rc::new(elf.and_then(|file| Elf::parse(&*file)));
        self.elves.borrow_mut().insert(path.clone(), elf.clone());
        elf
    }
}

/// Pushes the components of `path` so that the first one is popped first. A slash at the end
/// demands a directory, as `.` does.
fn push_components(pending: &mut Vec<Box<[u8]>>, path: &[u8]) {
    if path.len() > 1 && path.ends_with(b"/") {
        pending.push(Box::from(*b"."));
    }
    let components = path.rsplit(|&b| b == b'/').filter(|name| !name.is_empty());
    pending.extend(components.map(Box::from));
}
