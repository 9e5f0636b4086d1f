//! The way through a layout: marker, index, nested indexes, manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use scant_core::formats::oci::{ImageIndex, annotation};
use scant_core::rules::image::{self, Manifest, MismatchKind, Reference, Report};
use scant_core::words::Digest;

use super::super::OpenError;
use super::super::layout::{self, Wanted};
use super::super::place::Place;
use super::blob::{At, MOST_DOCUMENT};
use super::{Verification, VerifiedPlatform};

/// As many indexes may lie in one another.
const MOST_DEPTH: usize = 8;

/// A verification under way.
pub(super) struct Walk<'p> {
    pub(super) place: &'p Place,
    pub(super) report: Report,
    pub(super) platforms: Vec<VerifiedPlatform>,
    /// The digests that something names.
    pub(super) reached: BTreeSet<Digest>,
    /// Config and layers of the images.
    pub(super) images: Vec<(Digest, Vec<Digest>)>,
    /// Whether there is a document that could not be read, so that something may be missing that
    /// is named there.
    pub(super) has_gaps: bool,
}

/// What `index.json` says about an image.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Top {
    pub(super) tag: Option<String>,
    /// The provenance of each platform that has not been looked at yet.
    pub(super) provenance: BTreeMap<String, Digest>,
    /// What has been looked at: a manifest may be listed for several platforms.
    seen: BTreeSet<(Digest, String)>,
}

impl<'p> Walk<'p> {
    pub(super) fn new(place: &'p Place) -> Self {
        Self {
            place,
            report: Report::default(),
            platforms: Vec::new(),
            reached: BTreeSet::new(),
            images: Vec::new(),
            has_gaps: false,
        }
    }

    /// Verifies an image of a layout, or all of it.
    pub(super) fn layout(mut self, wanted: Wanted<'_>) -> Result<Verification, OpenError> {
        if let Some(marker) = self.file("oci-layout", "the marker of a layout") {
            image::layout_marker(&marker, &mut self.report);
        }
        let index = self.file("index.json", "an index");
        let index = index.map_or_else(Default::default, |bytes| {
            image::index(&bytes, None, "index.json", &mut self.report)
        });
        let tops = match wanted {
            Wanted::Only => index.manifests,
            wanted => match self.chosen(&index.manifests, wanted) {
                Ok(chosen) => vec![chosen],
                // The tag may be in what cannot be read.
                Err(error) if !self.report.is_ok() => {
                    let expected = "the image that was asked for";
                    let place = "index.json: manifests";
                    self.report.mismatch(MismatchKind::Document, place, expected, error);
                    Vec::new()
                }
                Err(error) => return Err(error),
            },
        };
        if tops.is_empty() && self.report.is_ok() {
            let place = "index.json: manifests";
            self.report.mismatch(MismatchKind::Document, place, "an image", "none");
        }
        self.tops(&tops);
        if matches!(self.place, Place::Archive { .. }) {
            self.docker_manifest(matches!(wanted, Wanted::Only));
        }
        self.strays();
        Ok(self.finish())
    }

    pub(super) fn finish(self) -> Verification {
        Verification { platforms: self.platforms, report: self.report }
    }

    /// The content of a file that is no blob.
    pub(super) fn file(&mut self, name: &str, what: &str) -> Option<Vec<u8>> {
        let mismatch = |found: &dyn std::fmt::Display, report: &mut Report| {
            report.mismatch(MismatchKind::Document, name, what, found);
        };
        let Some(at) = self.place.find(name).map(At::new) else {
            mismatch(&"nothing", &mut self.report);
            return None;
        };
        if at.size > MOST_DOCUMENT {
            mismatch(&format!("{} bytes", at.size), &mut self.report);
            return None;
        }
        match at.read() {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                mismatch(&error, &mut self.report);
                None
            }
        }
    }

    fn chosen(&self, listed: &[Reference], wanted: Wanted<'_>) -> Result<Reference, OpenError> {
        let descriptors: Vec<_> = listed.iter().map(Reference::to_descriptor).collect();
        let index = ImageIndex::new(descriptors);
        let chosen = layout::choose(self.place, &index, wanted)?;
        let at = index.manifests.iter().position(|descriptor| descriptor == chosen);
        Ok(listed[at.expect("it was chosen from them")].clone())
    }

    fn tops(&mut self, references: &[Reference]) {
        // Where the platforms are of an image that was looked at.
        let mut seen = BTreeMap::new();
        for reference in references {
            let mut top = self.top(reference);
            // Of tags that name the same image one is enough to look at.
            let key = (reference.digest, reference.size, top.provenance.clone());
            if let Some(platforms) = seen.get(&key) {
                self.also_tagged(platforms, &top);
                continue;
            }
            let (had_gaps, start) = (std::mem::take(&mut self.has_gaps), self.platforms.len());
            self.node(reference, &mut top, 0);
            if !self.has_gaps {
                self.left_over(reference, &top);
            }
            self.has_gaps |= had_gaps;
            seen.insert(key, start..self.platforms.len());
        }
    }

    /// Notes another tag of platforms that are known.
    fn also_tagged(&mut self, platforms: &Range<usize>, top: &Top) {
        for platform in &mut self.platforms[platforms.clone()] {
            let tags = platform.tags.iter().cloned().chain(top.tag.clone());
            platform.tags = tags.collect::<BTreeSet<_>>().into_iter().collect();
        }
    }

    /// The tag, and the provenance that belongs to it.
    fn top(&mut self, reference: &Reference) -> Top {
        let tag = reference.annotations.get(annotation::REF_NAME).cloned();
        let mut top = Top { tag, ..Top::default() };
        let Some(text) = reference.annotations.get(annotation::PROVENANCE) else { return top };
        for pair in text.split(' ') {
            let parsed = pair.split_once('=').and_then(|(platform, digest)| {
                let digest = digest.parse().ok()?;
                top.provenance.insert(platform.to_string(), digest).is_none().then_some(())
            });
            if parsed.is_none() {
                let place = format!("{}: {}", reference.place, annotation::PROVENANCE);
                let expected = "PLATFORM=DIGEST, once for a platform";
                self.report.mismatch(MismatchKind::Provenance, place, expected, pair);
            }
        }
        top
    }

    /// Provenance of platforms that the image does not have.
    fn left_over(&mut self, reference: &Reference, top: &Top) {
        for platform in top.provenance.keys() {
            let place = format!("{}: {}", reference.place, annotation::PROVENANCE);
            let expected = "platforms of the image";
            self.report.mismatch(MismatchKind::Provenance, place, expected, platform);
        }
    }

    /// An index or manifest.
    fn node(&mut self, reference: &Reference, top: &mut Top, depth: usize) {
        let platform = reference.platform.as_ref().map(|p| format!("{p:?}"));
        if !top.seen.insert((reference.digest, platform.unwrap_or_default())) {
            return;
        }
        if reference.media_type.as_deref().is_some_and(image::is_index) {
            self.index(reference, top, depth);
        } else {
            self.manifest(reference, top);
        }
    }

    fn index(&mut self, reference: &Reference, top: &mut Top, depth: usize) {
        let Some(document) = self.document(reference, "index", MOST_DOCUMENT) else {
            self.has_gaps = true;
            return;
        };
        let place = format!("index {}", reference.digest);
        let index = self.within(document.is_sound, |report| {
            image::index(&document.bytes, reference.media_type.as_deref(), &place, report)
        });
        self.has_gaps |= index.manifests.is_empty();
        if depth == MOST_DEPTH {
            let expected = format!("at most {MOST_DEPTH} indexes in one another");
            self.report.mismatch(MismatchKind::Document, place, expected, "more");
            return;
        }
        for reference in &index.manifests {
            self.node(reference, top, depth + 1);
        }
    }

    fn manifest(&mut self, reference: &Reference, top: &mut Top) {
        let Some((size, manifest)) = self.manifest_document(reference, "manifest") else {
            self.has_gaps = true;
            return;
        };
        // A wrong size has been told; from here on it is the one that the manifest has.
        let reference = &Reference { size, ..reference.clone() };
        if manifest.is_image {
            self.image(reference, &manifest, top);
        } else {
            self.has_gaps |= manifest.config.is_none();
            self.parts(&manifest, &format!("manifest {}", reference.digest));
        }
    }

    /// The manifest of a descriptor, and its size.
    pub(super) fn manifest_document(
        &mut self,
        reference: &Reference,
        what: &str,
    ) -> Option<(Option<u64>, Manifest)> {
        let document = self.document(reference, what, MOST_DOCUMENT)?;
        let place = format!("{what} {}", reference.digest);
        let manifest = self.within(document.is_sound, |report| {
            image::manifest(&document.bytes, reference, &place, report)
        });
        let size = document.bytes.len() as u64;
        Some((if document.is_sound { Some(size) } else { reference.size }, manifest))
    }
}
