//! The files of one image, from its layers, a tar archive or a directory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use scant_core::words::{DiffId, Hasher, TreePath};

use super::OpenError;
use super::directory;
use super::listing::{Listed, ListedKind, Listing};
use super::overlay::Overlay;
use super::tar_reader::{Stream, TarEntry, TarReader};
use crate::blobs::Blob;
use crate::image::PlatformImage;

/// The files of one image.
#[derive(Clone, Debug)]
pub struct Files {
    pub(super) path: PathBuf,
    pub(super) source: Source,
}

/// Where they are.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Layers(Vec<(Blob, DiffId)>),
    Archive,
    Directory,
}

/// What is done with the content of a file.
type Each<'a> = dyn FnMut(&TreePath, &Listed, &mut dyn Read) -> io::Result<()> + 'a;

/// What is done with an entry, which is the second number's of the layer of the first.
pub(super) type EachEntry<'a> =
    dyn FnMut(TarEntry, (usize, u64), &mut dyn Read) -> io::Result<()> + 'a;

impl Files {
    /// The files of the image for one platform.
    pub fn of(image: &PlatformImage) -> Self {
        let layers = image.layers.iter().map(|layer| (layer.blob.clone(), layer.diff_id));
        let layers: Vec<_> = layers.collect();
        let path = layers.first().map(|(blob, _)| blob.path().to_path_buf()).unwrap_or_default();
        Self { path, source: Source::Layers(layers) }
    }

    /// The files in a tar archive, compressed or not.
    pub fn in_archive(path: &Path) -> Self {
        Self { path: path.to_path_buf(), source: Source::Archive }
    }

    /// The directory, if that is where they are.
    pub fn directory(&self) -> Option<&Path> {
        matches!(self.source, Source::Directory).then_some(&*self.path)
    }

    /// The files in a directory.
    pub fn in_directory(path: &Path) -> Self {
        Self { path: path.to_path_buf(), source: Source::Directory }
    }

    /// The files, sorted.
    ///
    /// # Errors
    /// When a layer cannot be read or is damaged.
    pub fn list(&self) -> Result<Listing, OpenError> {
        if let Source::Directory = self.source {
            return directory::list(&self.path);
        }
        let mut overlay = Overlay::default();
        self.entries(&mut |entry, at, _| overlay.apply(entry, at).map_err(io::Error::other))?;
        self.finish(overlay)
    }

    /// What is visible when all entries were laid over one another.
    pub(super) fn finish(&self, overlay: Overlay) -> Result<Listing, OpenError> {
        overlay.finish().map_err(|why| match &self.source {
            Source::Layers(layers) => {
                let source = io::Error::other(why);
                OpenError::Layer { path: self.path.clone(), number: layers.len(), source }
            }
            Source::Archive | Source::Directory => OpenError::NotAnImage {
                path: self.path.clone(),
                expected: "an archive that can be read",
                why,
            },
        })
    }

    /// Gives the content of every regular file of `listing` to `each`, in the order of the layers.
    /// What `each` does not read is skipped.
    ///
    /// # Errors
    /// When a layer cannot be read, or `each` fails.
    pub fn visit(&self, listing: &Listing, each: &mut Each<'_>) -> Result<(), OpenError> {
        let is_file = |listed: &Listed| matches!(listed.kind, ListedKind::File { .. });
        let files = listing.iter().filter(|(_, listed)| is_file(listed));
        if let Source::Directory = self.source {
            return directory::visit(&self.path, files, each);
        }
        let files: BTreeMap<_, _> =
            files.map(|(path, listed)| (listed.at, (path, listed))).collect();
        self.entries(&mut |_, at, content| match files.get(&at) {
            Some((path, listed)) => each(path, listed, content),
            None => Ok(()),
        })
    }

    /// The content of the regular file at `path`, of at most `limit` bytes; none when there is no
    /// such file. Links are not followed, but another name of a file is the file.
    ///
    /// # Errors
    /// When a layer cannot be read, or the file is larger.
    pub fn read(
        &self,
        listing: &Listing,
        path: &TreePath,
        limit: u64,
    ) -> Result<Option<Vec<u8>>, OpenError> {
        let path = match listing.get(path).map(|listed| &listed.kind) {
            Some(ListedKind::HardLink { target }) => target,
            _ => path,
        };
        let mut found = None;
        self.visit(listing, &mut |at, listed, content| match listed.kind {
            ListedKind::File { size } if at == path && size > limit => {
                Err(io::Error::other(format!("`{path}` has more than {limit} bytes")))
            }
            _ if at == path => {
                let mut bytes = Vec::new();
                content.read_to_end(&mut bytes)?;
                found = Some(bytes);
                Ok(())
            }
            _ => Ok(()),
        })?;
        Ok(found)
    }

    /// Gives every entry of every layer to `each`, and checks digests and diff IDs.
    pub(super) fn entries(&self, each: &mut EachEntry<'_>) -> Result<(), OpenError> {
        let failed = |number: usize, source: io::Error| OpenError::Layer {
            path: self.path.clone(),
            number: number + 1,
            source,
        };
        match &self.source {
            Source::Layers(layers) => {
                for (number, (blob, diff_id)) in layers.iter().enumerate() {
                    blob.open()
                        .and_then(|blob| {
                            layer_entries(number, Box::new(blob), Some(*diff_id), each)
                        })
                        .map_err(|error| failed(number, error))?;
                }
                Ok(())
            }
            Source::Archive | Source::Directory => {
                let path = &self.path;
                let file = File::open(path)
                    .map_err(|source| OpenError::Read { path: path.clone(), source })?;
                let (path, expected) = (path.clone(), "an archive that can be read");
                layer_entries(0, Box::new(file), None, each).map_err(|error| {
                    OpenError::NotAnImage { path, expected, why: error.to_string() }
                })
            }
        }
    }
}

fn layer_entries(
    number: usize,
    source: Box<dyn Read>,
    diff_id: Option<DiffId>,
    each: &mut EachEntry<'_>,
) -> io::Result<()> {
    let hashed = Hashed { source: plain(source)?, hasher: Hasher::default() };
    let mut archive = TarReader::new(Stream(BufReader::with_capacity(1 << 16, hashed)));
    let mut entry_number = 0;
    while let Some(entry) = archive.next()? {
        each(entry, (number, entry_number), &mut archive)?;
        entry_number += 1;
    }
    // The rest is read as well: the digests are those of all of it.
    let mut rest = archive.into_source().0;
    io::copy(&mut rest, &mut io::sink())?;
    let found = rest.into_inner().hasher.finish();
    match diff_id {
        Some(DiffId(expected)) if expected != found => Err(io::Error::other(format!(
            "its diff ID is {found}, but the image's config says {expected}"
        ))),
        _ => Ok(()),
    }
}

/// The stream without its compression, told by its first bytes: media types are often wrong.
pub(crate) fn plain(source: Box<dyn Read>) -> io::Result<Box<dyn Read>> {
    let mut source = BufReader::with_capacity(1 << 16, source);
    let head = source.fill_buf()?;
    // A frame of zstd that holds nothing to decompress comes first where pzstd wrote it.
    let is_skippable = matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]);
    Ok(if head.starts_with(&[0x1f, 0x8b]) {
        Box::new(flate2::bufread::MultiGzDecoder::new(source))
    } else if is_skippable || head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        Box::new(zstd::stream::read::Decoder::with_buffer(source)?)
    } else {
        Box::new(source)
    })
}

/// A reader that hashes what passes.
struct Hashed<R> {
    source: R,
    hasher: Hasher,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        Ok(count)
    }
}
