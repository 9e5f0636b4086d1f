//! What a plan asked of its inputs, and what they said, to ask them again: if they say the same, the
//! plan would be the same. It is not made again for that, and no file is opened.
//!
//! Answers are not kept, only a digest of those of each directory. A file is taken to have the same
//! bytes when it has the same stamp, a directory the same names when it has the same stamp or when
//! they are the same; links and all else are compared as they are.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use scant_core::words::{Digest, EntryKind, Hasher, Input, Platform, TreePath};

use super::DirectoryInput;
use super::journal::Answer;
use super::open::{Declared, Identified};
use crate::bytes::{Bytes, put, put_number};

/// Questions and answers of a whole build.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub(super) openings: Vec<Opening>,
}

/// The inputs as they were opened for one platform.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Opening {
    pub(super) platform: Option<Platform>,
    /// The manifest's directory inside the input of the files beside it.
    pub(super) base: TreePath,
    pub(super) inputs: Vec<AskedInput>,
}

/// What was asked of one input.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct AskedInput {
    /// What is known without asking it: of a directory its packages, of another what it is.
    pub(super) known: Digest,
    pub(super) directories: Vec<Directory>,
}

/// What was asked of one directory.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Directory {
    pub(super) path: TreePath,
    /// What was looked up in it.
    pub(super) names: Vec<Box<[u8]>>,
    pub(super) answers: Digest,
    pub(super) listing: Option<Listing>,
}

/// The names of a directory.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Listing {
    /// The stamp of the directory before it was read, if it tells of later changes.
    pub(super) stamp: Option<[u8; 40]>,
    pub(super) names: Digest,
}

impl Asked {
    /// Whether the inputs of the manifest say the same now.
    pub(crate) fn is_still_so(&self, declared: &Declared<'_>, threads: usize) -> bool {
        let identify = |opening: &Opening| declared.identify(opening.platform);
        let identified: Option<Vec<_>> = self.openings.iter().map(identify).collect();
        let Some(identified) = identified else { return false };
        let mut questions = Vec::new();
        for ((inputs, base), then) in identified.iter().zip(&self.openings) {
            if *base != then.base || inputs.len() != then.inputs.len() {
                return false;
            }
            for ((_, input), asked) in inputs.iter().zip(&then.inputs) {
                let input = match input {
                    Identified::Directory(input) if input.packages.digest() == asked.known => input,
                    Identified::Fixed(Some(now)) if now.digest == asked.known => continue,
                    Identified::Directory(_) | Identified::Fixed(_) => return false,
                };
                questions.extend(asked.directories.iter().map(|directory| (input, directory)));
            }
        }
        are_all(&questions, threads, |(input, directory)| is_same(input, directory))
    }

    /// As bytes.
    pub(crate) fn put(&self, to: &mut Vec<u8>) {
        put_number(to, self.openings.len());
        for opening in &self.openings {
            let platform = opening.platform.map(|platform| platform.to_string());
            put(to, platform.unwrap_or_default().as_bytes());
            put(to, opening.base.as_bytes());
            put_number(to, opening.inputs.len());
            for input in &opening.inputs {
                to.extend_from_slice(input.known.as_bytes());
                put_number(to, input.directories.len());
                input.directories.iter().for_each(|directory| put_directory(to, directory));
            }
        }
    }

    /// What [`Self::put`] wrote.
    pub(crate) fn take(bytes: &mut Bytes<'_>) -> Option<Self> {
        let openings = bytes.list(|bytes| {
            let platform = match bytes.text()? {
                "" => None,
                platform => Some(platform.parse().ok()?),
            };
            let base = TreePath::parse(bytes.bytes()?).ok()?;
            let inputs = bytes.list(|bytes| {
                let known = bytes.digest()?;
                Some(AskedInput { known, directories: bytes.list(take_directory)? })
            })?;
            Some(Opening { platform, base, inputs })
        })?;
        Some(Self { openings })
    }
}

fn put_directory(to: &mut Vec<u8>, Directory { path, names, answers, listing }: &Directory) {
    put(to, path.as_bytes());
    put_number(to, names.len());
    names.iter().for_each(|name| put(to, name));
    to.extend_from_slice(answers.as_bytes());
    let stamp = listing.as_ref().and_then(|listing| listing.stamp);
    put_number(to, usize::from(listing.is_some()));
    put(to, stamp.as_ref().map_or(&[], |stamp| stamp));
    to.extend_from_slice(listing.as_ref().map_or(answers, |listing| &listing.names).as_bytes());
}

fn take_directory(bytes: &mut Bytes<'_>) -> Option<Directory> {
    let path = TreePath::parse(bytes.bytes()?).ok()?;
    let names = bytes.list(|bytes| bytes.bytes().map(Into::into))?;
    let answers = bytes.digest()?;
    let is_listed = bytes.number()? == 1;
    let stamp = match bytes.bytes()? {
        [] => None,
        stamp => Some(stamp.try_into().ok()?),
    };
    let listing = Some(Listing { stamp, names: bytes.digest()? }).filter(|_| is_listed);
    Some(Directory { path, names, answers, listing })
}

/// Whether a directory says the same.
fn is_same(input: &DirectoryInput, asked: &Directory) -> bool {
    let directory = input.open_directory(&asked.path);
    let directory = directory.as_ref().map_err(|errno| *errno);
    let now: Vec<Answer> =
        asked.names.iter().map(|name| DirectoryInput::find(directory, name)).collect();
    if answers(now.iter()) != asked.answers {
        return false;
    }
    let Some(listing) = &asked.listing else { return true };
    let stamp = DirectoryInput::find(directory, b".").ok().flatten().and_then(|entry| entry.stamp);
    if listing.stamp.is_some() && stamp.map(|stamp| stamp.to_bytes()) == listing.stamp {
        return true;
    }
    input.list(&asked.path).is_ok_and(|names| names_of(&names) == listing.names)
}

/// The digest of answers. It holds all that a plan may depend on: of files their stamps, of all
/// others what they are, where two names of one thing are told by its number.
pub(super) fn answers<'a>(answers: impl Iterator<Item = &'a Answer>) -> Digest {
    let mut bytes = Vec::new();
    for answer in answers {
        let entry = match answer {
            Ok(Some(entry)) => entry,
            Ok(None) => {
                put(&mut bytes, b"nothing");
                continue;
            }
            Err(problem) => {
                put(&mut bytes, b"problem");
                put(&mut bytes, problem.to_string().as_bytes());
                continue;
            }
        };
        put(&mut bytes, entry.kind.describe().as_bytes());
        bytes.extend_from_slice(&entry.mode.to_le_bytes());
        let (device, inode) = entry.identity();
        bytes.extend_from_slice(&device.to_le_bytes());
        bytes.extend_from_slice(&inode.to_le_bytes());
        match &entry.kind {
            EntryKind::File { size } => {
                bytes.extend_from_slice(&size.to_le_bytes());
                bytes.extend_from_slice(&entry.stamp.unwrap_or_default().to_bytes());
            }
            EntryKind::Symlink { target } => put(&mut bytes, target),
            EntryKind::Directory | EntryKind::Special(_) => {}
        }
    }
    Digest::of(&bytes)
}

/// The digest of the names in a directory.
pub(super) fn names_of(names: &[Box<[u8]>]) -> Digest {
    let mut hasher = Hasher::default();
    for name in names {
        hasher.update(name);
        // The byte that no name holds.
        hasher.update(b"/");
    }
    hasher.finish()
}

/// Whether something is so of all, looked at by several threads, which stop at the first that is
/// not.
fn are_all<T: Sync>(items: &[T], threads: usize, is_so: impl Fn(&T) -> bool + Sync) -> bool {
    // A thread is not worth it for less.
    const EACH: usize = 8;
    let (next, all) = (AtomicUsize::new(0), AtomicBool::new(true));
    let work = || {
        while all.load(Ordering::Relaxed) {
            let start = next.fetch_add(EACH, Ordering::Relaxed);
            let Some(some) = items.get(start..(start + EACH).min(items.len())) else { return };
            if !some.iter().all(&is_so) {
                all.store(false, Ordering::Relaxed);
            }
            if some.is_empty() {
                return;
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(items.len() / EACH) {
            scope.spawn(work);
        }
        work();
    });
    all.into_inner()
}
