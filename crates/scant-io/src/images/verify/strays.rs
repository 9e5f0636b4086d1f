//! Blobs that nothing names: they may be there, but must be what their names say.

use std::collections::BTreeMap;

use scant_core::rules::image::MismatchKind;
use scant_core::words::{Digest, Escaped, TreePath};

use super::super::place::{Member, Place};
use super::blob::At;
use super::walk::Walk;

impl Walk<'_> {
    /// Looks at the blobs that nothing verified so far names.
    pub(super) fn strays(&mut self) {
        let mut count = 0;
        for (name, at) in self.blobs() {
            let place = format!("blobs/sha256/{name}");
            let Some(digest) = Digest::from_hex(&name) else {
                let expected = "a name of 64 lower-case hexadecimal digits";
                self.report.mismatch(MismatchKind::BlobDigest, place, expected, name);
                continue;
            };
            if self.reached.contains(&digest) {
                continue;
            }
            count += 1;
            match at.measure() {
                Ok((found, _)) if found == digest => {}
                Ok((found, _)) => {
                    let place = format!("{place}: digest");
                    self.report.mismatch(MismatchKind::BlobDigest, place, digest, found);
                }
                Err(error) => {
                    self.report.mismatch(MismatchKind::BlobMissing, place, "a blob", error);
                }
            }
        }
        if count > 0 {
            let blobs = if count == 1 { "1 blob" } else { &format!("{count} blobs") };
            self.report.note(format!("{blobs} in blobs/sha256 that nothing verified here names"));
        }
    }

    /// The files in `blobs/sha256`.
    fn blobs(&self) -> BTreeMap<String, At> {
        let mut blobs = BTreeMap::new();
        match self.place {
            Place::Directory(root) => {
                let entries = std::fs::read_dir(root.join("blobs/sha256"));
                for entry in entries.into_iter().flatten().flatten() {
                    let name = entry.file_name();
                    let name = Escaped(name.as_encoded_bytes()).to_string();
                    if let Ok(metadata) = entry.path().metadata()
                        && metadata.is_file()
                    {
                        let at = (entry.path().into(), 0, metadata.len());
                        blobs.insert(name, At::new(at));
                    }
                }
            }
            Place::Archive { path, members } => {
                let directory = TreePath::literal("/blobs/sha256");
                for (name, member) in members {
                    let Some(below) = name.below(&directory) else { continue };
                    if let Member::File { offset, size } = member {
                        let name = Escaped(below.relative()).to_string();
                        blobs.insert(name, At::new((path.clone(), *offset, *size)));
                    }
                }
            }
        }
        blobs
    }
}
