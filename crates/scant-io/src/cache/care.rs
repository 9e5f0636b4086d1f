//! The whole cache as its owner sees it: how large it is, whether it is as it should be, and what
//! goes when it is to be smaller. Nothing here is needed to build.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use scant_core::words::{Digest, Time};

use super::downloads::kept as downloads;
use super::{Cache, Record, UNFINISHED, builds, outputs, sweep};

/// What is kept, in a few words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Layers: their pieces and records, and what was published.
    Layers,
    /// Whole builds.
    Builds,
    /// Files of the network, complete or not.
    Downloads,
}

/// How much there is of one kind.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The kind.
    pub kind: Kind,
    /// How many files.
    pub files: usize,
    /// How many bytes.
    pub size: u64,
    /// When the one that was used longest ago was used.
    pub oldest: Option<SystemTime>,
}

/// What came of looking at every file.
#[derive(Debug)]
pub struct Verified {
    /// How many files were read.
    pub files: usize,
    /// Those that were not what they must be, which are removed.
    pub damaged: Vec<PathBuf>,
}

/// What is to go.
#[derive(Clone, Copy, Debug, Default)]
pub struct Prune {
    /// Everything.
    pub all: bool,
    /// What was used longest ago, until no more bytes than these are left.
    pub keep_size: Option<u64>,
    /// What was not used for so long.
    pub older_than: Option<Duration>,
    /// The time now.
    pub now: Time,
}

/// What went.
#[derive(Debug, Default)]
pub struct Pruned {
    /// How many files.
    pub files: usize,
    /// How many bytes.
    pub size: u64,
    /// How many bytes are left.
    pub left: u64,
    /// Whether downloads are in use, so that complete ones have stayed.
    pub is_in_use: bool,
}

/// Something that goes as a whole.
pub(super) struct Item {
    pub(super) kind: Kind,
    pub(super) path: PathBuf,
    pub(super) size: u64,
    /// When it was last used.
    pub(super) used: SystemTime,
    /// Whether a build may be about to give it its name.
    pub(super) is_unfinished: bool,
}

/// Unfinished files of builds that may still live are left alone for so long.
const GRACE: Duration = Duration::from_secs(60 * 60);

/// How much there is of each kind, in all versions of the cache.
pub fn kept(cache: &Path) -> [Kept; 3] {
    let mut all = [Kind::Layers, Kind::Builds, Kind::Downloads].map(|kind| Kept {
        kind,
        files: 0,
        size: 0,
        oldest: None,
    });
    for item in items(cache) {
        let kept = &mut all[item.kind as usize];
        kept.files += 1;
        kept.size += item.size;
        kept.oldest = Some(kept.oldest.map_or(item.used, |oldest| oldest.min(item.used)));
    }
    all
}

/// Reads everything that this version keeps, and all downloads; what is damaged is removed.
pub fn verify(cache: &Path) -> Verified {
    let mut found = Verified { files: 0, damaged: Vec::new() };
    let mut look = |path: PathBuf, is_good: bool| {
        found.files += 1;
        if !is_good {
            // A damaged piece is gone already.
            let _ = fs::remove_file(&path);
            found.damaged.push(path);
        }
    };
    let ours = Cache::new(cache, Time::default());
    let named = |file: &Path| file.file_name().and_then(|name| name.to_str()).map(str::to_string);
    for kind in VERSIONED {
        for file in sweep::files(&ours.directory.join(kind)) {
            let path = file.path();
            let Some(name) = named(&path).filter(|name| name.len() == 64) else { continue };
            let read = || fs::read(&path).unwrap_or_default();
            let is_good = match kind {
                "pieces" => {
                    Digest::from_hex(&name).is_some_and(|key| ours.piece(&key, &mut Vec::new()))
                }
                "layers" => Record::decode(&read()).is_some(),
                "builds" => builds::is_build(&read()),
                _ => read().len() == outputs::ENTRY,
            };
            look(path, is_good);
        }
    }
    for (path, is_good) in downloads::verify(cache) {
        look(path, is_good);
    }
    found.damaged.sort();
    found
}

/// Removes what is to go. What is in use stays.
pub fn prune(cache: &Path, prune: &Prune) -> Pruned {
    let before = |age: Duration| {
        let seconds = u64::try_from(prune.now.seconds).unwrap_or(0);
        let now = SystemTime::UNIX_EPOCH + Duration::new(seconds, prune.now.nanoseconds);
        now.checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH)
    };
    let mut items = items(cache);
    items.sort_by(|a, b| (b.used, &b.path).cmp(&(a.used, &a.path)));
    let lock = downloads::lock(cache);
    let mut pruned = Pruned { is_in_use: lock.is_none(), ..Pruned::default() };
    for item in items {
        let is_over = prune.keep_size.is_some_and(|most| pruned.left + item.size > most);
        let is_old = prune.older_than.is_some_and(|age| item.used < before(age));
        let may_go = !item.is_unfinished || item.used < before(GRACE);
        let goes = may_go && (prune.all || is_over || is_old);
        let is_gone = goes
            && match item.kind {
                Kind::Downloads => downloads::remove(&item, lock.as_ref()),
                _ => fs::remove_file(&item.path).is_ok(),
            };
        if is_gone {
            pruned.files += 1;
            pruned.size += item.size;
        } else {
            pruned.left += item.size;
        }
    }
    pruned
}

/// The directories of a version.
const VERSIONED: [&str; 4] = ["pieces", "layers", "outputs", "builds"];

fn items(cache: &Path) -> Vec<Item> {
    let mut items = downloads::items(cache);
    let versions = fs::read_dir(cache).into_iter().flatten().flatten().filter(|entry| {
        let name = entry.file_name();
        name.as_encoded_bytes().first().is_some_and(u8::is_ascii_digit)
    });
    for version in versions.map(|entry| entry.path()).filter(|path| !path.is_symlink()) {
        let used = use_of_pieces(&version);
        for kind in VERSIONED {
            for file in sweep::files(&version.join(kind)) {
                let Ok(metadata) = file.metadata() else { continue };
                let name = file.file_name();
                if !metadata.is_file() || !sweep::is_ours(&name) {
                    continue;
                }
                let modified = sweep::modified(&file);
                let named = name.to_str().filter(|_| kind == "pieces");
                items.push(Item {
                    kind: if kind == "builds" { Kind::Builds } else { Kind::Layers },
                    path: file.path(),
                    size: metadata.len(),
                    used: named.and_then(|name| used.get(name)).map_or(modified, |used| *used),
                    is_unfinished: name.as_encoded_bytes().starts_with(UNFINISHED.as_bytes()),
                });
            }
        }
    }
    items
}

/// When each piece was last used: that is written down with the layers it is in.
fn use_of_pieces(version: &Path) -> BTreeMap<String, SystemTime> {
    let mut used = BTreeMap::new();
    for file in sweep::files(&version.join("layers")) {
        let time = sweep::modified(&file);
        // Records of another version may not be read: then a piece is as old as it is.
        let record = fs::read(file.path()).ok().and_then(|bytes| Record::decode(&bytes));
        for piece in record.iter().flat_map(|record| &record.pieces) {
            let last = used.entry(piece.key.hex()).or_insert(time);
            *last = time.max(*last);
        }
    }
    used
}
