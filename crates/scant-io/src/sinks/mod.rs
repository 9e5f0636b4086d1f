//! An image to where it was asked for. Everything is written beside its place first and gets there
//! by rename: complete, or not at all. Several outputs of one build share its blobs.

mod archive;
mod bundle;
pub(crate) mod engine;
mod error;
mod layout;
mod rootfs;
mod tar;

pub use bundle::Bundle;
pub use engine::EngineError;
pub use error::SinkError;
pub use rootfs::Unpacked;

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use scant_core::formats::image_reference::{ImageReference, Name};
use scant_core::formats::oci::{Descriptor, annotation};
use scant_core::words::Digest;

use self::archive::Members;

use crate::cache::{Cache, Part, PublishedFile};
use crate::image::{Image, PlatformImage};
use crate::registry::{self, Pushed, Registries};
use crate::scratch::Scratch;

/// What decides how an image is published, besides the image.
#[derive(Clone, Copy, Debug)]
pub struct Output<'a> {
    /// Where to.
    pub reference: &'a ImageReference,
    /// The name of the image (`-t`); a tag or name in `reference` goes first.
    pub name: Option<&'a Name>,
    /// The time of the entries of archives: seconds since 1970.
    pub mtime: u64,
    /// What happens to a directory of files that is there already.
    pub existing: Existing,
    /// The Docker engine, as `DOCKER_HOST` writes it; none for the usual socket.
    pub docker_host: Option<&'a str>,
    /// The registries; without them none can be written to.
    pub registries: Option<&'a Arc<Registries>>,
    /// Knows what was published where, so that what is still there is not written again.
    pub cache: Option<&'a Cache>,
}

/// What happens to a directory that a `rootfs:` output would replace. Files are always replaced,
/// layouts always added to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It is an error, unless the directory is empty.
    Refuse,
    /// It is replaced as a whole.
    Replace,
}

/// What was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Where, in full: with the tag that was used.
    pub place: ImageReference,
    /// The digest of the manifest, or of the index for several platforms; of plain files, the chain
    /// ID of their layers.
    pub digest: Digest,
    /// What a person should know: owners that could not be set, what an engine answered.
    pub notes: Vec<String>,
    /// What a registry was sent.
    pub pushed: Pushed,
    /// The files to remember.
    files: Vec<PublishedFile>,
    /// All that it consists of; nothing where that cannot be told later.
    pub(crate) parts: Vec<Part>,
}

impl Published {
    /// Remembers what was published. To be called when the image is gone: files that it shares with
    /// the output change when they lose a name.
    pub fn remember(&self, cache: &Cache) {
        self.files.iter().for_each(|file| cache.keep_published(file));
    }
}

/// Publishes an image.
///
/// # Errors
/// When the output cannot be written. What was there before is unchanged then.
pub fn publish(image: &Image, output: &Output<'_>) -> Result<Published, SinkError> {
    let mut place = output.reference.clone();
    let (mut notes, mut files, mut parts) = (Vec::new(), Vec::new(), Vec::new());
    let mut pushed = Pushed::default();
    if !matches!(place, ImageReference::Docker { .. }) {
        // All at a time, where they would be read one after the other.
        registry::fetch_all(image)?;
    }
    match &mut place {
        ImageReference::Oci { directory, tag } => {
            let tag = tag.get_or_insert_with(|| tag_of(output.name));
            let entry = named(image, Some(tag), output.name);
            (files, parts) = layout::publish(image, Path::new(directory), &entry, output.cache)?;
        }
        ImageReference::OciArchive { file, tag } => {
            let tag = tag.get_or_insert_with(|| tag_of(output.name));
            let entry = named(image, Some(tag), output.name);
            let members = archive::oci_members(image, &entry);
            (files, parts) = archive(Path::new(file), &members, output)?;
        }
        ImageReference::DockerArchive { file, name } => {
            *name = name.take().or_else(|| output.name.cloned());
            let members = archive::docker_members(image, name.as_ref());
            (files, parts) = archive(Path::new(file), &members, output)?;
        }
        ImageReference::DockerDaemon { name } => {
            let members = archive::docker_members(image, Some(name));
            let upload = |out: &mut dyn Write| archive::write(&members, output.mtime, out);
            notes = engine::load(output.docker_host, &upload)?;
        }
        ImageReference::Rootfs { directory } => {
            let platform = only_platform(image, output)?;
            notes = rootfs::publish(platform, Path::new(directory), output.existing)?;
        }
        ImageReference::Tar { file } => {
            let platform = only_platform(image, output)?;
            replace(Path::new(file), |out| tar::write(platform, output.mtime, out))?;
        }
        ImageReference::Docker { name } => match output.registries {
            Some(registries) => pushed = registry::push(image, name, registries)?,
            None => return Err(SinkError::Unsupported { reference: Box::new(place) }),
        },
    }
    Ok(Published { digest: digest(image, &place), place, notes, pushed, files, parts })
}

/// What is to be remembered of an output, and all that it consists of.
type Traces = (Vec<PublishedFile>, Vec<Part>);

/// Publishes an archive, unless it is there already.
fn archive(file: &Path, members: &Members, output: &Output<'_>) -> Result<Traces, SinkError> {
    let content = archive::identity(members, output.mtime);
    if !output.cache.is_some_and(|cache| cache.is_published(file, &content)) {
        replace(file, |out| archive::write(members, output.mtime, out))?;
    }
    let part = Part::Known(file.to_path_buf(), content);
    Ok((PublishedFile::new(file, content).into_iter().collect(), vec![part]))
}

/// What identifies what was published. Plain files hold no manifest: theirs is the digest of the
/// archives of their layers, which does not depend on how layers are compressed elsewhere.
fn digest(image: &Image, place: &ImageReference) -> Digest {
    let is_plain = matches!(place, ImageReference::Rootfs { .. } | ImageReference::Tar { .. });
    match chain_id(&image.platforms[0]).filter(|_| is_plain) {
        Some(chain_id) => chain_id,
        None => image.top().descriptor.digest,
    }
}

/// The digest of what layers come to, one over the other; of one layer its diff ID.
/// [Image specification, config: layer ChainID](https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md#layer-chainid).
fn chain_id(image: &PlatformImage) -> Option<Digest> {
    let diff_ids = image.layers.iter().map(|layer| layer.diff_id.0);
    diff_ids.reduce(|below, layer| Digest::of(format!("{below} {layer}").as_bytes()))
}

/// Whether it can be told later that an output is still there, with nothing changed.
pub fn can_be_recognised(reference: &ImageReference) -> bool {
    use ImageReference::{DockerArchive, Oci, OciArchive};
    matches!(reference, Oci { .. } | OciArchive { .. } | DockerArchive { .. })
}

/// Looks at what is in the way of an output, before anything is written. That nothing is does not
/// promise that publishing succeeds.
///
/// # Errors
/// When something else is there, or a directory that is not to be replaced.
pub fn check(reference: &ImageReference, existing: Existing) -> Result<(), SinkError> {
    match reference {
        ImageReference::Oci { directory, .. } => layout::check(Path::new(directory)),
        ImageReference::Rootfs { directory } => {
            rootfs::is_there(Path::new(directory), existing).map(|_| ())
        }
        ImageReference::OciArchive { file, .. }
        | ImageReference::DockerArchive { file, .. }
        | ImageReference::Tar { file } => real_file(Path::new(file)).map(|_| ()),
        ImageReference::DockerDaemon { .. } | ImageReference::Docker { .. } => Ok(()),
    }
}

/// The file that an archive replaces: `file`, or what it links to. Devices and the like are never
/// replaced by a file.
fn real_file(file: &Path) -> Result<PathBuf, SinkError> {
    let refused = |found| SinkError::Other { path: file.to_path_buf(), found };
    let Ok(metadata) = fs::symlink_metadata(file) else { return Ok(file.to_path_buf()) };
    let (real, kind) = match metadata.is_symlink() {
        false => (file.to_path_buf(), metadata.file_type()),
        true => fs::canonicalize(file)
            .and_then(|real| Ok((real.clone(), fs::metadata(&real)?.file_type())))
            .map_err(|_| refused("a link that leads to no file"))?,
    };
    if kind.is_dir() {
        return Err(refused("a directory, not a file"));
    }
    if !kind.is_file() {
        return Err(refused("a device, FIFO or socket, not a file"));
    }
    Ok(real)
}

/// The tag of a name, or `latest`: a layout without tags cannot be addressed by all tools.
fn tag_of(name: Option<&Name>) -> String {
    name.map_or("latest", Name::tag_or_latest).to_string()
}

/// The descriptor of the image as `index.json` lists it: the only one, for skopeo and others refuse
/// a layout with two when no tag is given.
fn named(image: &Image, tag: Option<&str>, name: Option<&Name>) -> Descriptor {
    let mut entry = image.top().descriptor.clone();
    entry.annotations.extend(tag.map(|tag| (annotation::REF_NAME.to_string(), tag.to_string())));
    // A tag that no name can hold stays out of the full name.
    let full = match tag {
        Some(tag) => name.and_then(|name| name.with_tag(tag).ok()),
        None => name.cloned(),
    };
    let full = full.map(|name| (annotation::CONTAINERD_NAME.to_string(), name.tagged()));
    entry.annotations.extend(full);
    let provenance = image.provenance_annotation();
    entry.annotations.extend(provenance.map(|pairs| (annotation::PROVENANCE.to_string(), pairs)));
    entry
}

fn only_platform<'a>(
    image: &'a Image,
    output: &Output<'_>,
) -> Result<&'a PlatformImage, SinkError> {
    match &image.platforms[..] {
        [platform] => Ok(platform),
        platforms => Err(SinkError::SeveralPlatforms {
            reference: Box::new(output.reference.clone()),
            platforms: platforms.iter().map(PlatformImage::platform).collect(),
        }),
    }
}

/// Writes a file beside `target` and puts it in its place when it is complete.
fn replace(
    target: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), SinkError>,
) -> Result<(), SinkError> {
    let target = &*real_file(target)?;
    let failed = |source| SinkError::Write { path: target.to_path_buf(), source };
    let scratch = Scratch::beside(target).map_err(failed)?;
    let path = scratch.path().join("file");
    let mut file = BufWriter::with_capacity(1 << 18, File::create_new(&path).map_err(failed)?);
    write(&mut file).map_err(|error| at(target, error))?;
    file.into_inner().map_err(io::IntoInnerError::into_error).map_err(failed)?;
    fs::rename(&path, target).map_err(failed)
}

/// Copies the content of a file. An error of writing goes through `failed`; one of reading does not.
fn copy_content(
    from: &mut dyn Read,
    to: &mut dyn Write,
    failed: impl FnOnce(io::Error) -> io::Error,
) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = match from.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        if count == 0 {
            return Ok(());
        }
        if let Err(error) = to.write_all(&buffer[..count]) {
            return Err(failed(error));
        }
    }
}

/// Names the place in errors of writers that do not know it.
fn at(target: &Path, error: SinkError) -> SinkError {
    match error {
        SinkError::Write { path, source } if path.as_os_str().is_empty() => {
            SinkError::Write { path: target.to_path_buf(), source }
        }
        error => error,
    }
}

#[cfg(test)]
mod tests;
