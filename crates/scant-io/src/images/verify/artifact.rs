//! Manifests that are no image: the provenance of scant, attestations and signatures of others.

use std::collections::BTreeMap;

use scant_core::formats::oci::media_type;
use scant_core::formats::provenance;
use scant_core::rules::image::{self, Found, FoundKind, Manifest, MismatchKind, Reference};
use scant_core::words::{Digest, TreePath};

use super::super::listing::{Listed, ListedKind, Listing};
use super::super::place::MOST_DOCUMENT;
use super::walk::Walk;

/// What the provenance is about.
pub(super) struct About<'a> {
    /// The manifest of the image.
    pub(super) image: &'a Reference,
    /// The platform as `os/architecture[/variant]`.
    pub(super) platform: &'a str,
    /// The files, unless a layer is damaged.
    pub(super) listing: Option<&'a Listing>,
}

impl Walk<'_> {
    /// The blobs of an artifact, by their digests.
    pub(super) fn parts(&mut self, manifest: &Manifest, place: &str) {
        for part in manifest.layers.iter().flatten().chain(&manifest.config) {
            self.opaque(part, "blob");
        }
        if manifest.artifact_type.is_none() {
            self.report.note(format!("{place}: not an image; only its digests are verified"));
        }
    }

    /// The provenance of an image: its manifest, and the document that is compared with the files.
    pub(super) fn provenance(&mut self, digest: Digest, about: &About<'_>) {
        // The annotation has no size: any will do.
        let referrer = Reference {
            place: String::new(),
            digest,
            media_type: Some(media_type::MANIFEST.to_string()),
            size: None,
            platform: None,
            artifact_type: None,
            annotations: BTreeMap::new(),
        };
        let what = "provenance manifest";
        let Some((_, manifest)) = self.manifest_document(&referrer, what) else { return };
        let place = format!("{what} {digest}");
        image::artifact_of(
            &manifest,
            media_type::PROVENANCE,
            about.image,
            &place,
            &mut self.report,
        );
        if let Some(config) = &manifest.config {
            self.opaque(config, "blob");
        }
        match &manifest.layers[..] {
            [Some(layer)] => self.provenance_document(layer, about),
            [None] => {}
            layers => {
                let (place, found) = (format!("{place}: layers"), layers.len());
                self.report.mismatch(MismatchKind::Provenance, place, "one document", found);
            }
        }
    }

    fn provenance_document(&mut self, layer: &Reference, about: &About<'_>) {
        let what = "provenance";
        let Some(document) = self.document(layer, what, MOST_DOCUMENT) else { return };
        let place = format!("{what} {}", layer.digest);
        let kind = MismatchKind::Provenance;
        self.within(document.is_sound, |report| {
            let document = match provenance::decode(&document.bytes) {
                Ok(document) => document,
                Err(error) => {
                    return report.mismatch(kind, &place, "a provenance document", error);
                }
            };
            let platform = document.platform.to_string();
            if platform != about.platform {
                report.mismatch(kind, format!("{place}: platform"), about.platform, platform);
            }
            match about.listing {
                Some(listing) => {
                    image::coverage(&document, listing.iter().map(found), &place, report);
                }
                None => report.note(format!(
                    "{place}: not compared with the files, since a layer is damaged"
                )),
            }
        });
    }
}

/// A file in the words of the rules.
fn found<'a>((path, listed): (&'a TreePath, &'a Listed)) -> (&'a TreePath, Found<'a>) {
    let kind = match &listed.kind {
        ListedKind::Directory => FoundKind::Directory,
        ListedKind::File { size } => FoundKind::File(*size),
        ListedKind::Symlink { target } => FoundKind::symlink(target),
        ListedKind::HardLink { target } => FoundKind::HardLink(target),
        ListedKind::Special(what) => FoundKind::Special(what),
    };
    let xattrs = listed.xattrs.keys().map(String::as_str).collect();
    let Listed { mode, uid, gid, .. } = *listed;
    (path, Found { kind, mode, uid, gid, xattrs })
}
