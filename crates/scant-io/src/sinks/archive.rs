//! Image archives: an OCI layout as a tar archive, and the same with the `manifest.json` that
//! `docker load` reads. Members are sorted and have one date.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use scant_core::formats::image_reference::Name;
use scant_core::formats::oci::{Descriptor, ImageIndex, LAYOUT_MARKER, encode};
use scant_core::formats::tar::{END, EntryType, Header, padding};
use scant_core::words::{Digest, Hasher, Meta, Mode};
use serde::Serialize;

use super::{SinkError, named};
use crate::blobs::{Blob, BlobError};
use crate::image::Image;

/// Members by name; directories end in `/` and have no content.
pub(super) type Members = BTreeMap<String, Option<Blob>>;

/// The members of an `oci-archive:`.
pub(super) fn oci_members(image: &Image, entry: &Descriptor) -> Members {
    let index = encode(&ImageIndex::new(vec![entry.clone()]));
    let mut members = Members::from([
        ("blobs/".to_string(), None),
        ("blobs/sha256/".to_string(), None),
        ("index.json".to_string(), Some(Blob::of_bytes(&index))),
        ("oci-layout".to_string(), Some(Blob::of_bytes(LAYOUT_MARKER))),
    ]);
    let blobs = image.blobs().into_iter();
    members.extend(blobs.map(|(digest, blob)| (blob_name(digest), Some(blob))));
    members
}

/// The members of a `docker-archive:`: an OCI layout whose blobs `manifest.json` points at, which
/// every engine loads. `manifest.json` lists the first platform only: readers that know no other
/// document cannot choose between platforms.
pub(super) fn docker_members(image: &Image, name: Option<&Name>) -> Members {
    let entry = named(image, name.map(Name::tag_or_latest), name);
    let mut members = oci_members(image, &entry);
    let platform = &image.platforms[0];
    let saved = Saved {
        config: blob_name(platform.config.descriptor.digest),
        layers: platform.layers.iter().map(|layer| blob_name(layer.blob.digest())).collect(),
        repo_tags: name.map(Name::familiar).into_iter().collect(),
    };
    members.insert("manifest.json".to_string(), Some(Blob::of_bytes(&encode(&[saved]))));
    members
}

/// One image of `manifest.json`.
/// [Docker image specification 1.2, combined image](https://github.com/moby/docker-image-spec/blob/v1.2.0/v1.2.md).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    config: String,
    layers: Vec<String>,
    repo_tags: Vec<String>,
}

fn blob_name(digest: Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}

/// What decides every byte of an archive.
pub(super) fn identity(members: &Members, mtime: u64) -> Digest {
    let mut hasher = Hasher::default();
    hasher.update(&mtime.to_le_bytes());
    for (name, blob) in members {
        hasher.update(name.as_bytes());
        hasher.update(b"\n");
        if let Some(blob) = blob {
            hasher.update(blob.digest().as_bytes());
        }
    }
    hasher.finish()
}

/// Writes the archive.
pub(super) fn write(members: &Members, mtime: u64, out: &mut dyn Write) -> Result<(), SinkError> {
    // Whoever opened the output knows its path.
    let failed = |source| SinkError::Write { path: PathBuf::new(), source };
    for (name, blob) in members {
        let (entry_type, mode) = match blob {
            Some(_) => (EntryType::File, Mode::FILE),
            None => (EntryType::Directory, Mode::EXECUTABLE),
        };
        let size = blob.as_ref().map_or(0, Blob::size);
        let (name, meta) = (name.as_bytes(), &Meta::new(mode));
        let header = Header { name, entry_type, link: b"", size, meta, mtime };
        out.write_all(&header.encode()).map_err(failed)?;
        if let Some(blob) = blob {
            copy(blob, out, failed)?;
            out.write_all(&END[..padding(size)]).map_err(failed)?;
        }
    }
    out.write_all(&END).and_then(|()| out.flush()).map_err(failed)
}

/// Copies a blob, and tells whether reading or writing fails.
pub(super) fn copy(
    blob: &Blob,
    out: &mut dyn Write,
    failed: impl FnOnce(io::Error) -> SinkError,
) -> Result<(), SinkError> {
    let unread = |source| {
        let (digest, path) = (blob.digest(), blob.path().to_path_buf());
        SinkError::Read(BlobError::Read { digest, path, source }.into())
    };
    let mut reader = blob.open().map_err(unread)?;
    let mut buffer = vec![0; 1 << 18];
    loop {
        match io::Read::read(&mut reader, &mut buffer).map_err(unread)? {
            0 => return Ok(()),
            count => {
                if let Err(error) = out.write_all(&buffer[..count]) {
                    return Err(failed(error));
                }
            }
        }
    }
}
