//! An image from a registry, or from a Docker engine. Of a registry only the documents are read: a
//! layer comes when somebody reads it.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use scant_core::formats::image_reference::Name;
use scant_core::formats::oci::{Descriptor, ImageConfig, ImageIndex, ImageManifest, media_type};
use scant_core::plan::assemble::Document;
use scant_core::words::Platform;

use super::layout::{Wanted, assemble, decode};
use super::place::Place;
use super::{OpenError, docker_archive, layout};
use crate::blobs::{Blob, Store};
use crate::image::{Image, PlatformImage, ProvenanceArtifact};
use crate::registry::{
    Access, MOST_DOCUMENT, Manifest, Registries, RegistryError, RemoteBlob, Session, each,
};
use crate::sinks::engine;

/// Where images come from that are not files.
#[derive(Clone, Debug)]
pub struct Sources {
    /// The registries; without them none can be read from.
    pub registries: Option<Arc<Registries>>,
    /// The Docker engine, as `DOCKER_HOST` writes it; none for the usual socket.
    pub docker_host: Option<String>,
    /// The directory for temporary files.
    pub temporary: PathBuf,
    /// The only platform that is read of a registry; none for all.
    pub platform: Option<Platform>,
    /// Whether only the files of a registry's image count: what else is known of it is not asked for.
    pub only_files: bool,
}

/// The image of this name of an engine, saved to a file that goes with the image.
pub(super) fn of_engine(sources: &Sources, name: &Name) -> Result<Image, OpenError> {
    let failed = |source| OpenError::Read { path: sources.temporary.clone(), source };
    let store = Store::temporary(&sources.temporary).map_err(failed)?;
    let (mut file, path): (File, PathBuf) = store.create().map_err(failed)?;
    engine::save(sources.docker_host.as_deref(), &name.familiar(), &mut file)?;
    drop(file);
    let place = Place::archive(&path)?;
    let is_layout = place.find("oci-layout").is_some() && place.find("index.json").is_some();
    let mut image = match is_layout {
        true => layout::open(&place, Wanted::Only)?,
        false => docker_archive::open(&place, None)?,
    };
    let layers = image.platforms.iter_mut().flat_map(|platform| &mut platform.layers);
    for blob in layers.map(|layer| &mut layer.blob).chain(&mut image.others) {
        *blob = blob.clone().kept_by(&store);
    }
    Ok(image)
}

/// Opens an image of a registry: of its mirrors first, if it has any.
pub(super) fn open(
    registries: &Arc<Registries>,
    name: &Name,
    (platform, only_files): (Option<Platform>, bool),
) -> Result<Image, OpenError> {
    let sources = registries.sources(name)?;
    let (last, mirrors) = sources.split_last().expect("the registry itself is one");
    let open = |endpoint| {
        let session = Arc::new(Session::open(registries, endpoint, &Access::Pull)?);
        let place = Place::Directory(format!("docker://{name}").into());
        Reader { registries, session, place, platform, only_files }.image(name)
    };
    // A mirror that has it not, or is not there, is no reason to do without.
    mirrors.iter().find_map(|mirror| open(mirror).ok()).map_or_else(|| open(last), Ok)
}

struct Reader<'a> {
    registries: &'a Arc<Registries>,
    session: Arc<Session>,
    /// For messages only.
    place: Place,
    platform: Option<Platform>,
    only_files: bool,
}

impl Reader<'_> {
    fn image(&self, name: &Name) -> Result<Image, OpenError> {
        let digest = name.digest().map(|digest| digest.to_string());
        let top = self.manifest(digest.as_deref().unwrap_or_else(|| name.tag_or_latest()))?;
        let kind = &*top.descriptor.media_type;
        if !matches!(kind, media_type::INDEX | media_type::DOCKER_INDEX) {
            return self.platform_image(&top.descriptor, top.bytes).map(Image::single);
        }
        self.index(top)
    }

    fn manifest(&self, reference: &str) -> Result<Manifest, OpenError> {
        let missing = || RegistryError::NotFound {
            image: self.place.path().display().to_string(),
            said: match reference.starts_with("sha256:") {
                true => format!("there is no {reference}"),
                false => format!("there is no tag `{reference}`"),
            },
        };
        Ok(self.session.manifest(reference)?.ok_or_else(missing)?)
    }

    fn index(&self, top: Manifest) -> Result<Image, OpenError> {
        let index: ImageIndex = decode(&self.place, "the index", &top.bytes)?;
        let is_other = |child: &&Descriptor| {
            child.artifact_type.is_some()
                || child.platform.as_ref().is_some_and(|platform| platform.os == "unknown")
        };
        let (others, mut images): (Vec<_>, Vec<_>) = index.manifests.iter().partition(is_other);
        let platform = |child: &Descriptor| child.platform.as_ref().and_then(|p| p.to_platform());
        if let Some(wanted) = self.platform {
            let all = images.iter().filter_map(|child| platform(child));
            let platforms = all.map(|platform| platform.to_string()).collect();
            images.retain(|child| platform(child) == Some(wanted));
            images.truncate(1);
            if images.is_empty() {
                return Err(OpenError::NoPlatform { platform: wanted.to_string(), platforms });
            }
        }
        let platforms = each(&images, |child| {
            let manifest = self.manifest(&child.digest.to_string())?;
            self.platform_image(child, manifest.bytes)
        })?;
        if platforms.is_empty() {
            return Err(OpenError::Document {
                path: self.place.path().to_path_buf(),
                what: "the index".into(),
                why: "it lists no image".into(),
            });
        }
        if self.platform.is_some() {
            return Ok(Image { platforms, index: None, others: Vec::new() });
        }
        let others = match self.only_files {
            true => Vec::new(),
            false => each(&others, |child| self.other(child))?.into_iter().flatten().collect(),
        };
        let index = Some(Document { descriptor: top.descriptor, bytes: top.bytes });
        Ok(Image { platforms, index, others })
    }

    /// The blobs of what is no image.
    fn other(&self, child: &Descriptor) -> Result<Vec<Blob>, OpenError> {
        let manifest = self.manifest(&child.digest.to_string())?;
        let mut blobs = vec![Blob::of_bytes(&manifest.bytes)];
        let manifest: ImageManifest = decode(&self.place, "a manifest", &manifest.bytes)?;
        for part in manifest.layers.iter().chain([&manifest.config]) {
            blobs.push(self.blob(part)?);
        }
        Ok(blobs)
    }

    fn platform_image(
        &self,
        descriptor: &Descriptor,
        bytes: Vec<u8>,
    ) -> Result<PlatformImage, OpenError> {
        let manifest: ImageManifest = decode(&self.place, "the manifest", &bytes)?;
        let config = self.blob(&manifest.config)?.read(MOST_DOCUMENT)?;
        let parsed: ImageConfig = decode(&self.place, "the config", &config)?;
        let config = Document { descriptor: manifest.config.clone(), bytes: config };
        let layers = manifest.layers.into_iter().map(|layer| {
            let blob = self.blob(&layer)?;
            Ok((layer, blob))
        });
        let layers = layers.collect::<Result<Vec<_>, OpenError>>()?;
        let mut named = Descriptor::new(&descriptor.media_type, descriptor.digest, descriptor.size);
        named.platform = descriptor.platform.clone();
        let document = Document { descriptor: named, bytes };
        let mut image = assemble(&self.place, config, document, layers)?;
        // Only scant's images have what scant looks for.
        let mut history = parsed.history.iter().filter_map(|entry| entry.created_by.as_deref());
        if history.any(|by| by.starts_with("scant build")) {
            image.provenance = self.provenance(&image)?;
        }
        Ok(image)
    }

    fn blob(&self, descriptor: &Descriptor) -> Result<Blob, OpenError> {
        let (digest, size) = (descriptor.digest, descriptor.size);
        let remote = RemoteBlob::new(self.registries, &self.session, (digest, size))?;
        Ok(Blob::remote_of(remote, digest, size))
    }

    fn provenance(&self, image: &PlatformImage) -> Result<Option<ProvenanceArtifact>, OpenError> {
        // Who refers to an image only its registry can say.
        if self.only_files || self.registries.is_offline() {
            return Ok(None);
        }
        let subject = image.manifest.descriptor.digest;
        let found = self.session.referrers(subject, media_type::PROVENANCE)?;
        let Some(first) = found.first() else { return Ok(None) };
        let Some(Manifest { mut descriptor, bytes }) =
            self.session.manifest(&first.digest.to_string())?
        else {
            return Ok(None);
        };
        let manifest: ImageManifest = decode(&self.place, "the provenance", &bytes)?;
        let is_of = manifest.subject.as_ref().is_some_and(|of| of.digest == subject);
        let Some(layer) = manifest.layers.first().filter(|_| is_of) else { return Ok(None) };
        let document = self.blob(layer)?.read(MOST_PROVENANCE)?;
        descriptor.artifact_type = manifest.artifact_type;
        Ok(Some(ProvenanceArtifact { document, manifest: Document { descriptor, bytes } }))
    }
}

/// The largest provenance document that is read.
const MOST_PROVENANCE: u64 = super::place::MOST_DOCUMENT;
