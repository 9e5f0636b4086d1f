//! What is asked of inputs while a plan is made, and what they say. A plan depends on nothing else
//! of them, so when they would say the same again, it would be the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use scant_core::words::{
    Entry, EntryKind, Input, InputError, PackageIdentity, Platform, Problem, ReadAt, Record, Stamp,
    TreePath,
};

use super::asked::{Asked, AskedInput, Directory, Listing, Opening, answers, names_of};
use super::elsewhere::Identity;
use super::open::{Opened, OpenedInput};
use super::{DirectoryInput, Inputs, OpenedInputs};

/// More is not noted: a tree of so many paths takes long enough to plan.
const MOST: usize = 1 << 19;

/// Notes of all inputs of a build, for each time they are opened.
#[derive(Default)]
pub struct Journal(Mutex<Vec<Begun>>);

struct Begun {
    platform: Option<Platform>,
    base: TreePath,
    inputs: Vec<Noted>,
}

/// What is known of an input.
enum Noted {
    /// Of a directory: its packages, and what was asked.
    Directory { packages: scant_core::words::Digest, notes: Arc<Notes> },
    /// Of another: what it is, if that can be told.
    Fixed(Option<Identity>),
}

/// What was asked of one input; none when there was too much of it, or when it is over.
struct Notes(Mutex<Option<Vec<Note>>>);

/// A question and its answer.
enum Note {
    /// What is at a path.
    Entry(TreePath, Answer),
    /// What a directory holds: its stamp before it was read, and its names.
    Names(TreePath, Option<Stamp>, scant_core::words::Digest),
    /// An answer that nobody can tell to be the same next time.
    Unknown,
}

/// What [`Input::lookup`] says, without the path.
pub(super) type Answer = Result<Option<Entry>, Problem>;

impl Journal {
    /// Inputs that note what they are asked.
    pub(super) fn begin(&self, platform: Option<Platform>, opened: Opened) -> OpenedInputs {
        let Opened { inputs: opened, base } = opened;
        let (mut inputs, mut noted) = (Inputs::default(), Vec::new());
        for (name, input) in opened {
            let input = match input {
                OpenedInput::Directory(input) => input,
                OpenedInput::Fixed(identity, input) => {
                    noted.push(Noted::Fixed(identity));
                    inputs.insert(name, Box::new(input));
                    continue;
                }
            };
            let notes = Arc::new(Notes(Mutex::new(Some(Vec::new()))));
            noted
                .push(Noted::Directory { packages: input.packages.digest(), notes: notes.clone() });
            inputs.insert(name, Box::new(NotingInput { input, notes }));
        }
        let mut begun = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        begun.push(Begun { platform, base: base.clone(), inputs: noted });
        OpenedInputs { inputs, base }
    }

    /// Ends all notes: the plan is made. None if the answers cannot be compared with later ones:
    /// something changed meanwhile, or so shortly before that its stamp, which `can_trust` judges,
    /// would not tell of the next change.
    pub(crate) fn finish(self, can_trust: &dyn Fn(&Stamp) -> bool) -> Option<Asked> {
        let begun = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        // All of them are ended, also when one of them is of no use.
        let ended: Vec<_> = begun.into_iter().map(|begun| end(begun, can_trust)).collect();
        Some(Asked { openings: ended.into_iter().collect::<Option<_>>()? })
    }
}

fn end(
    Begun { platform, base, inputs }: Begun,
    can_trust: &dyn Fn(&Stamp) -> bool,
) -> Option<Opening> {
    let input = |noted: Noted| match noted {
        Noted::Directory { packages, notes } => {
            let notes = notes.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
            Some(AskedInput { known: packages, directories: directories(notes, can_trust)? })
        }
        Noted::Fixed(identity) => {
            let identity =
                identity.filter(|identity| identity.stamp.as_ref().is_none_or(can_trust))?;
            Some(AskedInput { known: identity.digest, directories: Vec::new() })
        }
    };
    let inputs: Vec<_> = inputs.into_iter().map(input).collect();
    Some(Opening { platform, base, inputs: inputs.into_iter().collect::<Option<_>>()? })
}

/// The notes by directory, each question once.
fn directories(notes: Vec<Note>, can_trust: &dyn Fn(&Stamp) -> bool) -> Option<Vec<Directory>> {
    let mut entries = Vec::with_capacity(notes.len());
    let mut listings = BTreeMap::new();
    for note in notes {
        match note {
            Note::Entry(path, answer) => entries.push((path, answer)),
            Note::Names(path, stamp, names) => {
                let stamp = stamp.filter(can_trust).map(Stamp::to_bytes);
                let listing = Listing { stamp, names };
                if listings.insert(path, listing.clone()).is_some_and(|other| other != listing) {
                    return None;
                }
            }
            Note::Unknown => return None,
        }
    }
    entries.sort_by(|(a, _), (b, _)| parted(a).cmp(&parted(b)));
    entries.dedup();
    let mut directories = Vec::new();
    for group in entries.chunk_by(|(a, _), (b, _)| parted(a).0 == parted(b).0) {
        // Two answers to one question.
        if group.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return None;
        }
        if !group.iter().all(|(_, answer)| tells_of_changes(answer, can_trust)) {
            return None;
        }
        let path = group[0].0.parent().unwrap_or_else(TreePath::root);
        let listing = listings.remove(&path);
        let names = group.iter().map(|(path, _)| parted(path).1.into()).collect();
        let answers = answers(group.iter().map(|(_, answer)| answer));
        directories.push(Directory { path, names, answers, listing });
    }
    let others = listings.into_iter().map(|(path, listing)| Directory {
        path,
        names: Vec::new(),
        answers: answers([].into_iter()),
        listing: Some(listing),
    });
    directories.extend(others);
    Some(directories)
}

/// A path as its directory and the name in it, which is `.` for the root in itself.
fn parted(path: &TreePath) -> (&[u8], &[u8]) {
    match path.name() {
        None => (b"/", b"."),
        Some(name) => (&path.as_bytes()[..path.as_bytes().len() - name.len()], name),
    }
}

/// Whether the same answer means that nothing has changed. All others than those of files are
/// compared as a whole.
fn tells_of_changes(answer: &Answer, can_trust: &dyn Fn(&Stamp) -> bool) -> bool {
    match answer {
        Ok(Some(Entry { kind: EntryKind::File { .. }, stamp, .. })) => {
            stamp.is_some_and(|stamp| can_trust(&stamp))
        }
        _ => true,
    }
}

impl Notes {
    fn add(&self, note: impl FnOnce() -> Note) {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(all) = &mut *notes {
            all.push(note());
            if all.len() > MOST {
                *notes = None;
            }
        }
    }
}

/// An input that notes what it is asked.
struct NotingInput {
    input: DirectoryInput,
    notes: Arc<Notes>,
}

impl Input for NotingInput {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        let found = self.input.lookup(path);
        let answer = || found.clone().map_err(|error| error.problem);
        self.notes.add(|| Note::Entry(path.clone(), answer()));
        found
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        // Its stamp before it is read: a name that comes while it is read moves it.
        let before = self.lookup(path);
        let names = self.input.list(path);
        match (&names, before) {
            (Ok(names), Ok(Some(entry))) => {
                self.notes.add(|| Note::Names(path.clone(), entry.stamp, names_of(names)));
            }
            (Ok(_), _) | (Err(_), Ok(Some(Entry { kind: EntryKind::Directory, .. }))) => {
                self.notes.add(|| Note::Unknown);
            }
            // That follows from what is there.
            (Err(_), _) => {}
        }
        names
    }

    fn open(&self, path: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        match self.input.open_file(path) {
            Ok((file, entry)) => {
                self.notes.add(|| Note::Entry(path.clone(), Ok(Some(entry))));
                Ok(Box::new(file))
            }
            Err(error) => {
                // Otherwise it follows from what is there.
                let there = self.lookup(path);
                if there.is_ok_and(|entry| entry.is_some_and(|entry| entry.file_size().is_some())) {
                    self.notes.add(|| Note::Unknown);
                }
                Err(error)
            }
        }
    }

    fn packages(&self, paths: &BTreeSet<TreePath>) -> BTreeMap<TreePath, String> {
        self.input.packages.owners(self, paths)
    }

    fn identities(&self, names: &BTreeSet<String>) -> BTreeMap<String, PackageIdentity> {
        self.input.packages.identities(self, names)
    }

    fn records(&self, names: &BTreeSet<String>) -> BTreeMap<String, Record> {
        self.input.packages.records(self, names)
    }
}
