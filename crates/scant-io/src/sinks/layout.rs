//! An OCI image layout in a directory: made, or added to. Blobs come first, each by rename;
//! `index.json` comes last, so that at every moment all it lists is there. Blobs that no tag
//! reaches any more stay, as with other tools.
//! [Image specification, layout](https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md).

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use scant_core::formats::oci::{
    self, Descriptor, ImageIndex, LAYOUT_MARKER, LayoutMarker, annotation,
};
use scant_core::words::Digest;

use super::archive::copy;
use super::{SinkError, Traces};
use crate::blobs::Blob;
use crate::cache::{Cache, Part, PublishedFile};
use crate::image::Image;
use crate::scratch::{Scratch, is_scratch};

/// Publishes `image` in the layout at `directory`, where `entry` lists it. The blobs that are worth
/// it are to be remembered.
pub(super) fn publish(
    image: &Image,
    directory: &Path,
    entry: &Descriptor,
    cache: Option<&Cache>,
) -> Result<Traces, SinkError> {
    let failed = |source| write_error(directory, source);
    let blobs = image.blobs();
    let index = match directory.symlink_metadata().and_then(|_| directory.metadata()) {
        Ok(metadata) if metadata.is_dir() => {
            // Two builds may add to one layout at the same time.
            let lock = File::open(directory).map_err(failed)?;
            flock(&lock, FlockOperation::LockExclusive).map_err(|e| failed(e.into()))?;
            let scratch = Scratch::within(directory).map_err(failed)?;
            let index = with_entry(existing(directory)?, entry);
            fill(&blobs, directory, scratch.path(), cache)?;
            write(directory, scratch.path(), "index.json", &index)?;
            index
        }
        Ok(_) => {
            let found = "not a directory";
            return Err(SinkError::Other { path: directory.to_path_buf(), found });
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let scratch = Scratch::beside(directory).map_err(failed)?;
            let made = scratch.path().join("layout");
            fs::create_dir(&made).map_err(failed)?;
            let index = with_entry(ImageIndex::new(Vec::new()), entry);
            fill(&blobs, &made, scratch.path(), None)
                .map_err(|error| moved(error, &made, directory))?;
            write(&made, scratch.path(), "index.json", &index)?;
            match fs::rename(&made, directory) {
                // Another build was faster: now there is a layout to add to.
                Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
                    return publish(image, directory, entry, cache);
                }
                renamed => renamed.map_err(failed)?,
            }
            index
        }
        Err(error) => return Err(failed(error)),
    };
    Ok(traces(&blobs, directory, &index))
}

fn traces(blobs: &BTreeMap<Digest, Blob>, directory: &Path, index: &[u8]) -> Traces {
    let document = |name, bytes| Part::Read(directory.join(name), Digest::of(bytes));
    let mut parts = vec![document("oci-layout", LAYOUT_MARKER), document("index.json", index)];
    let mut files = Vec::new();
    for (digest, blob) in blobs {
        let path = blob_path(directory, *digest);
        if blob.size() < LARGE {
            parts.push(Part::Read(path, *digest));
        } else {
            files.extend(PublishedFile::new(&path, *digest));
            parts.push(Part::Known(path, *digest));
        }
    }
    (files, parts)
}

/// Smaller blobs are read faster than they are remembered.
const LARGE: u64 = 1 << 16;

fn blob_path(directory: &Path, digest: Digest) -> PathBuf {
    directory.join("blobs/sha256").join(digest.hex())
}

/// Whether an image can be put there: nothing, an empty directory, or a layout.
pub(super) fn check(directory: &Path) -> Result<(), SinkError> {
    match directory.metadata() {
        Ok(metadata) if metadata.is_dir() => existing(directory).map(|_| ()),
        Ok(_) => {
            let path = directory.to_path_buf();
            Err(SinkError::Other { path, found: "not a directory" })
        }
        Err(_) if directory.is_symlink() => {
            let path = directory.to_path_buf();
            Err(SinkError::Other { path, found: "a link that leads to no directory" })
        }
        // What else may be wrong is told when it is written.
        Err(_) => Ok(()),
    }
}

/// The index of the layout that is there; an empty one for an empty directory.
fn existing(directory: &Path) -> Result<ImageIndex, SinkError> {
    let wrong = |why: String| SinkError::NotALayout { path: directory.to_path_buf(), why };
    let marker = match fs::read(directory.join("oci-layout")) {
        Ok(marker) => marker,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let entries = fs::read_dir(directory).map_err(|e| write_error(directory, e))?;
            let others = entries.flatten().filter(|entry| !is_scratch(&entry.file_name()));
            return match others.count() {
                0 => Ok(ImageIndex::new(Vec::new())),
                _ => Err(wrong("it has no `oci-layout` and is not empty".into())),
            };
        }
        Err(error) => return Err(wrong(format!("`oci-layout` cannot be read: {error}"))),
    };
    let marker: LayoutMarker =
        oci::decode(&marker).map_err(|error| wrong(format!("`oci-layout`: {error}")))?;
    if marker.image_layout_version != "1.0.0" {
        return Err(wrong(format!("its version is {}", marker.image_layout_version)));
    }
    match fs::read(directory.join("index.json")) {
        Ok(index) => oci::decode(&index).map_err(|error| wrong(format!("`index.json`: {error}"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(ImageIndex::new(Vec::new())),
        Err(error) => Err(wrong(format!("`index.json` cannot be read: {error}"))),
    }
}

/// The index with `entry` in the place of what had its tag.
fn with_entry(mut index: ImageIndex, entry: &Descriptor) -> Vec<u8> {
    let tag = |descriptor: &Descriptor| descriptor.annotations.get(annotation::REF_NAME).cloned();
    match index.manifests.iter().position(|other| tag(other) == tag(entry)) {
        Some(at) => index.manifests[at] = entry.clone(),
        None => index.manifests.push(entry.clone()),
    }
    oci::encode(&index)
}

/// Writes the marker and the blobs that are missing or damaged.
fn fill(
    blobs: &BTreeMap<Digest, Blob>,
    directory: &Path,
    scratch: &Path,
    cache: Option<&Cache>,
) -> Result<(), SinkError> {
    // The marker first: without it nobody takes the directory for a layout, the next build included.
    write(directory, scratch, "oci-layout", LAYOUT_MARKER)?;
    let place = directory.join("blobs/sha256");
    fs::create_dir_all(&place).map_err(|error| write_error(&place, error))?;
    let mut ready = Vec::new();
    for (digest, blob) in blobs {
        let target = blob_path(directory, *digest);
        let is_known = cache.is_some_and(|cache| cache.is_published(&target, digest));
        if !is_known && !is_there(&target, blob) {
            let unfinished = scratch.join(digest.hex());
            bring(blob, &unfinished, &target)?;
            ready.push((unfinished, target));
        }
    }
    // Not before all are complete: a disk that is full in between leaves no blobs without an image.
    let put = |(from, to): (PathBuf, PathBuf)| {
        fs::rename(from, &to).map_err(|error| write_error(&to, error))
    };
    ready.into_iter().try_for_each(put)
}

/// Whether a file holds a blob.
fn is_there(path: &Path, blob: &Blob) -> bool {
    path.symlink_metadata().is_ok_and(|file| file.is_file() && file.len() == blob.size())
        && Blob::in_file(path, 0, blob.digest(), blob.size())
            .open()
            .and_then(|mut reader| io::copy(&mut reader, &mut io::sink()))
            .is_ok()
}

/// A blob to `unfinished`: by a link where it has a file of its own on this file system, else as a
/// copy.
fn bring(blob: &Blob, unfinished: &Path, target: &Path) -> Result<(), SinkError> {
    if blob.own_file().is_some_and(|file| fs::hard_link(file, unfinished).is_ok()) {
        return Ok(());
    }
    let failed = |source| write_error(target, source);
    let mut file = File::create_new(unfinished).map_err(failed)?;
    copy(blob, &mut file, failed)
}

fn write(directory: &Path, scratch: &Path, name: &str, bytes: &[u8]) -> Result<(), SinkError> {
    let (unfinished, target) = (scratch.join(name), directory.join(name));
    fs::write(&unfinished, bytes)
        .and_then(|()| fs::rename(&unfinished, &target))
        .map_err(|error| write_error(&target, error))
}

fn write_error(path: &Path, source: io::Error) -> SinkError {
    SinkError::Write { path: path.to_path_buf(), source }
}

/// Names the place that was asked for instead of the one beside it.
fn moved(error: SinkError, from: &Path, to: &Path) -> SinkError {
    match error {
        SinkError::Write { path, source } => {
            let path = path.strip_prefix(from).map_or_else(|_| path.clone(), |rest| to.join(rest));
            SinkError::Write { path: PathBuf::from(&path), source }
        }
        error => error,
    }
}
