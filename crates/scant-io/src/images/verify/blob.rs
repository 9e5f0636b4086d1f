//! Blobs: whether they are there, of their size, and what their digest says.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use scant_core::rules::image::{MismatchKind, Reference, Report};
use scant_core::words::Digest;

use super::tally::Tally;
use super::walk::Walk;

/// The largest document that is looked at, the provenance aside. Registries take manifests of
/// 4 MiB.
pub(super) const MOST_DOCUMENT: u64 = 8 << 20;

/// Where a blob is.
pub(super) struct At {
    path: Arc<Path>,
    offset: u64,
    pub(super) size: u64,
}

impl At {
    pub(super) fn new((path, offset, size): (Arc<Path>, u64, u64)) -> Self {
        Self { path, offset, size }
    }

    pub(super) fn open(&self) -> io::Result<impl Read + use<>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.offset))?;
        Ok(file.take(self.size))
    }

    /// Digest and size of what is there.
    pub(super) fn measure(&self) -> io::Result<(Digest, u64)> {
        Tally::new(self.open()?).finish()
    }

    /// All of it.
    pub(super) fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open()?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// A document that could be read.
pub(super) struct Document {
    pub(super) bytes: Vec<u8>,
    /// Whether these are the bytes that the digest names. What is wrong in others is a consequence
    /// and not reported.
    pub(super) is_sound: bool,
}

impl Walk<'_> {
    /// Where the blob of a descriptor is; says so when it is nowhere.
    pub(super) fn locate(&mut self, reference: &Reference, what: &str) -> Option<At> {
        let digest = reference.digest;
        self.reached.insert(digest);
        let found = self.place.find(&format!("blobs/sha256/{}", digest.hex()));
        if found.is_none() {
            let size = reference.size.map_or(String::new(), |size| format!(" of {size} bytes"));
            let place = format!("{what} {digest}");
            let expected = format!("a blob{size}");
            self.report.mismatch(MismatchKind::BlobMissing, place, expected, "nothing");
        }
        found.map(At::new)
    }

    /// A document that a descriptor names.
    pub(super) fn document(
        &mut self,
        reference: &Reference,
        what: &str,
        limit: u64,
    ) -> Option<Document> {
        let at = self.locate(reference, what)?;
        let place = format!("{what} {}", reference.digest);
        if at.size > limit {
            let expected = format!("a document of at most {limit} bytes");
            let found = format!("{} bytes", at.size);
            self.report.mismatch(MismatchKind::BlobSize, place, expected, found);
            return None;
        }
        match at.read() {
            Ok(bytes) => {
                let found = (Digest::of(&bytes), bytes.len() as u64);
                let is_sound = is_sound(reference, what, found, &mut self.report);
                Some(Document { bytes, is_sound })
            }
            Err(error) => {
                self.report.mismatch(MismatchKind::BlobMissing, place, "a blob", error);
                None
            }
        }
    }

    /// A blob that is looked at no further than by its digest.
    pub(super) fn opaque(&mut self, reference: &Reference, what: &str) {
        let Some(at) = self.locate(reference, what) else { return };
        match at.measure() {
            Ok(found) => {
                is_sound(reference, what, found, &mut self.report);
            }
            Err(error) => {
                let place = format!("{what} {}", reference.digest);
                self.report.mismatch(MismatchKind::BlobMissing, place, "a blob", error);
            }
        }
    }

    /// What to report into while looking at a document: nowhere when its bytes are wrong anyway.
    pub(super) fn within<T>(&mut self, is_sound: bool, look: impl FnOnce(&mut Report) -> T) -> T {
        if is_sound {
            return look(&mut self.report);
        }
        look(&mut Report::default())
    }
}

/// Compares what a blob is with what its descriptor says; whether the bytes are those that are
/// meant. A blob of another size is reported once: its digest is another as well.
pub(super) fn is_sound(
    reference: &Reference,
    what: &str,
    (digest, size): (Digest, u64),
    report: &mut Report,
) -> bool {
    let place = format!("{what} {}", reference.digest);
    match reference.size {
        Some(expected) if expected != size => {
            let place = format!("{place}: size");
            report.mismatch(MismatchKind::BlobSize, place, expected, size);
        }
        _ if digest != reference.digest => {
            let place = format!("{place}: digest");
            report.mismatch(MismatchKind::BlobDigest, place, reference.digest, digest);
        }
        _ => {}
    }
    digest == reference.digest
}
