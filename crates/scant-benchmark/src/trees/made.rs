//! A tree in the file system. A marker beside it says that it is whole, and which version it is.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::Sketch;
use super::content;
use super::sketch::Entry;

/// A tree that is there.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) sketch: &'static Sketch,
    /// Where it is.
    pub(crate) directory: PathBuf,
    pub(crate) files: usize,
    pub(crate) bytes: u64,
    /// A path in the middle of it, for a file that is added there.
    pub(crate) middle: String,
}

/// The time of every file, 2020-09-13. Some tools write it into their images.
const MTIME: Duration = Duration::from_secs(1_600_000_000);

impl Made {
    /// The tree below `directory`: as it is, when its marker says that it is whole, else made.
    pub(crate) fn below(directory: &Path, sketch: &'static Sketch) -> io::Result<Self> {
        let place = directory.join("trees").join(sketch.name);
        let marker = place.with_extension("complete");
        let digest = sketch.digest().to_string();
        let entries = sketch.entries();
        if fs::read_to_string(&marker).ok().as_deref() != Some(digest.as_str()) {
            eprintln!("making the tree `{}`", sketch.name);
            // The marker goes first and comes last: a tree that is half made has none.
            remove(&marker)?;
            remove(&place)?;
            make(&place, &entries)?;
            fs::write(&marker, digest)?;
        }
        let sizes = entries.values().filter_map(|entry| match entry {
            Entry::File { size, .. } => Some(size),
            Entry::Link(_) => None,
        });
        let middle = entries.keys().nth(entries.len() / 2).expect("a tree has files").clone();
        Ok(Self {
            sketch,
            directory: place,
            files: sizes.clone().count(),
            bytes: sizes.sum(),
            middle: format!("{middle}.changing"),
        })
    }
}

/// Removes a file or directory, if it is there.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn make(place: &Path, entries: &std::collections::BTreeMap<String, Entry>) -> io::Result<()> {
    let directories: BTreeSet<&Path> =
        entries.keys().filter_map(|path| Path::new(path).parent()).collect();
    for directory in directories {
        fs::create_dir_all(place.join(directory))?;
    }
    let mut bytes = Vec::new();
    for (path, entry) in entries {
        let path = place.join(path);
        match entry {
            Entry::Link(target) => symlink(target, path)?,
            Entry::File { kind, seed, size, executable } => {
                let size = usize::try_from(*size).expect("files fit into memory");
                content::fill(*kind, *seed, size, &mut bytes);
                write(&path, &bytes, if *executable { 0o755 } else { 0o644 })?;
            }
        }
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(bytes)?;
    file.set_modified(SystemTime::UNIX_EPOCH + MTIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_without_its_marker_is_made_again() {
        let directory = tempfile::tempdir().unwrap();
        let sketch = Sketch::named("small").unwrap();
        let made = Made::below(directory.path(), sketch).unwrap();
        let stray = made.directory.join("stray");
        fs::write(&stray, "").unwrap();
        Made::below(directory.path(), sketch).unwrap();
        assert!(stray.exists(), "a tree with its marker stays as it is");
        fs::remove_file(directory.path().join("trees/small.complete")).unwrap();
        Made::below(directory.path(), sketch).unwrap();
        assert!(!stray.exists());
    }
}
