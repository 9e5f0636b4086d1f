//! An image to a repository. What is needed goes before what needs it, and the tag last: whoever asks
//! for it gets an image that is complete.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use scant_core::formats::image_reference::Name;
use scant_core::formats::oci::{self, ImageIndex};
use scant_core::words::Digest;

use super::session::{Access, Session};
use super::upload::Brought;
use super::{Registries, RegistryError, each};
use crate::blobs::Blob;
use crate::image::Image;

/// What a push did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pushed {
    /// How many blobs were sent.
    pub sent: usize,
    /// How many bytes they have.
    pub bytes: u64,
    /// How many the registry had in another repository.
    pub mounted: usize,
    /// How many were there.
    pub present: usize,
}

/// Pushes an image, and the provenance of its platforms.
///
/// # Errors
/// When the registry does not take all of it. The tag is what it was then.
pub fn push(
    image: &Image,
    name: &Name,
    registries: &Arc<Registries>,
) -> Result<Pushed, RegistryError> {
    let endpoint = registries.conf.target(name)?;
    let blobs = image.blobs();
    let sources: BTreeSet<String> = blobs
        .values()
        .filter_map(|blob| blob.remote()?.repository_of(name).map(ToString::to_string))
        .collect();
    let from = sources.into_iter().collect();
    let session = Session::open(registries, &endpoint, &Access::Push { from })?;
    let top = image.top();
    let digest = top.descriptor.digest;
    if let Some(expected) = name.digest().filter(|expected| *expected != digest) {
        let place = name.to_string();
        return Err(RegistryError::Digest { place, expected, found: digest.to_string() });
    }
    let reference = match (name.tag(), name.digest()) {
        (None, Some(digest)) => digest.to_string(),
        _ => name.tag_or_latest().to_string(),
    };
    if session.digest_of(&reference)? == Some(digest) && has_provenance(&session, image)? {
        return Ok(Pushed { present: blobs.len(), ..Pushed::default() });
    }
    let manifests = manifests(image, &session.place)?;
    let mut blobs = blobs;
    for platform in &image.platforms {
        // It is put as a manifest.
        let provenance = platform.provenance.as_ref();
        provenance.map(|provenance| blobs.remove(&provenance.manifest.descriptor.digest));
    }
    let pushed = push_blobs(&session, registries, blobs, &manifests)?;
    let children: Vec<_> = manifests.iter().filter(|(child, _)| **child != digest).collect();
    each(&children, |(child, (media_type, bytes))| {
        session.put_manifest(&child.to_string(), media_type, bytes).map(drop)
    })?;
    for provenance in image.platforms.iter().filter_map(|platform| platform.provenance.as_ref()) {
        session.put_referrer(&provenance.manifest.bytes)?;
    }
    session.put_manifest(&reference, &top.descriptor.media_type, &top.bytes)?;
    Ok(pushed)
}

fn has_provenance(session: &Session, image: &Image) -> Result<bool, RegistryError> {
    let all: Vec<_> = image.platforms.iter().filter_map(|one| one.provenance.as_ref()).collect();
    let has = each(&all, |one| {
        let digest = one.manifest.descriptor.digest;
        session.digest_of(&digest.to_string()).map(|found| found == Some(digest))
    })?;
    Ok(has.into_iter().all(|has| has))
}

/// Media types and bytes of all that is put as a manifest, but for provenance.
type Manifests = BTreeMap<Digest, (String, Vec<u8>)>;

fn manifests(image: &Image, place: &str) -> Result<Manifests, RegistryError> {
    let mut found = Manifests::new();
    let documents = image.platforms.iter().map(|platform| &platform.manifest);
    for document in documents.chain(&image.index) {
        let descriptor = &document.descriptor;
        found.insert(descriptor.digest, (descriptor.media_type.clone(), document.bytes.clone()));
    }
    let Some(index) = &image.index else { return Ok(found) };
    let wrong = |why: String| RegistryError::Document { place: place.to_string(), why };
    let index: ImageIndex = oci::decode(&index.bytes).map_err(|error| wrong(error.to_string()))?;
    for child in &index.manifests {
        let Some(blob) = image.others.iter().find(|other| other.digest() == child.digest) else {
            continue;
        };
        let bytes = blob.read(super::MOST_DOCUMENT).map_err(|error| wrong(error.to_string()))?;
        found.insert(child.digest, (child.media_type.clone(), bytes));
    }
    Ok(found)
}

fn push_blobs(
    session: &Session,
    registries: &Registries,
    mut blobs: BTreeMap<Digest, Blob>,
    manifests: &Manifests,
) -> Result<Pushed, RegistryError> {
    blobs.retain(|digest, _| !manifests.contains_key(digest));
    let mut all: Vec<Blob> = blobs.into_values().collect();
    all.sort_by_key(|blob| std::cmp::Reverse(blob.size()));
    let brought = each(&all, |blob| {
        let from = blob.remote().and_then(|remote| remote.repository_at(session));
        session.bring(blob, from, &registries.traffic).map(|brought| (brought, blob.size()))
    })?;
    let mut pushed = Pushed::default();
    for (brought, size) in brought {
        match brought {
            Brought::Present => pushed.present += 1,
            Brought::Mounted => pushed.mounted += 1,
            Brought::Sent => {
                pushed.sent += 1;
                pushed.bytes += size;
            }
        }
    }
    Ok(pushed)
}
