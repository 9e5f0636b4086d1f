//! The files of an image as one tar archive without compression. For an image of one layer it is
//! that layer, byte for byte.

use std::io::{self, Write};
use std::path::PathBuf;

use scant_core::formats::tar::{END, EntryType, Header, padding};
use scant_core::words::{Meta, TreePath};

use super::{SinkError, copy_content};
use crate::image::PlatformImage;
use crate::images::{Files, Listed, ListedKind, OpenError};

/// Writes the archive.
pub(super) fn write(
    image: &PlatformImage,
    mtime: u64,
    out: &mut dyn Write,
) -> Result<(), SinkError> {
    let failed = |source| SinkError::Write { path: PathBuf::new(), source };
    if let [layer] = &image.layers[..] {
        let read = |source| {
            let (digest, path) = (layer.blob.digest(), layer.blob.path().to_path_buf());
            SinkError::Read(crate::blobs::BlobError::Read { digest, path, source }.into())
        };
        let blob = layer.blob.open().map_err(read)?;
        let mut plain = crate::images::plain(Box::new(blob)).map_err(read)?;
        let mut write_failed = None;
        let copied = copy_content(&mut plain, out, |error| {
            write_failed = Some(error);
            io::ErrorKind::Other.into()
        });
        return match (copied, write_failed) {
            (Err(_), Some(error)) => Err(failed(error)),
            (copied, _) => copied.map_err(read).and_then(|()| out.flush().map_err(failed)),
        };
    }
    merged(image, mtime, out)
}

/// Several layers: directories and symbolic links first, then the files in the order of the layers,
/// which are read once, then hard links.
fn merged(image: &PlatformImage, mtime: u64, out: &mut dyn Write) -> Result<(), SinkError> {
    let failed = |source| SinkError::Write { path: PathBuf::new(), source };
    let files = Files::of(image);
    let listing = files.list()?;
    for (path, listed) in listing.iter() {
        match &listed.kind {
            ListedKind::Directory => put(out, path, listed, EntryType::Directory, b"", 0, mtime),
            ListedKind::Symlink { target } => {
                put(out, path, listed, EntryType::Symlink, target, 0, mtime)
            }
            ListedKind::Special(what) => Err(io::Error::other(format!("`{path}` is {what}"))),
            ListedKind::File { .. } | ListedKind::HardLink { .. } => Ok(()),
        }
        .map_err(failed)?;
    }
    let mut write_failed = None;
    let visited = files.visit(&listing, &mut |path, listed, content| {
        let ListedKind::File { size } = listed.kind else { return Ok(()) };
        let mut failed = |error| {
            write_failed = Some(error);
            io::ErrorKind::Other.into()
        };
        put(out, path, listed, EntryType::File, b"", size, mtime).map_err(&mut failed)?;
        copy_content(content, out, &mut failed)?;
        out.write_all(&END[..padding(size)]).map_err(failed)
    });
    match (visited, write_failed) {
        (Err(OpenError::Layer { .. }), Some(error)) => return Err(failed(error)),
        (visited, _) => visited?,
    }
    for (path, listed) in listing.iter() {
        if let ListedKind::HardLink { target } = &listed.kind {
            put(out, path, listed, EntryType::HardLink, target.relative(), 0, mtime)
                .map_err(failed)?;
        }
    }
    out.write_all(&END).and_then(|()| out.flush()).map_err(failed)
}

fn put(
    out: &mut dyn Write,
    path: &TreePath,
    listed: &Listed,
    entry_type: EntryType,
    link: &[u8],
    size: u64,
    mtime: u64,
) -> io::Result<()> {
    let mut name = path.relative().to_vec();
    if entry_type == EntryType::Directory {
        name.push(b'/');
    }
    let id = |id: u64| u32::try_from(id).map_err(|_| io::Error::other("an owner is too large"));
    let mut meta = Meta::new(listed.mode);
    (meta.uid, meta.gid) = (id(listed.uid)?, id(listed.gid)?);
    meta.xattrs = listed.xattrs.clone();
    let header = Header { name: &name, entry_type, link, size, meta: &meta, mtime };
    out.write_all(&header.encode())
}
