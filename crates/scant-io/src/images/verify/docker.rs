//! `manifest.json`: beside a layout, with which it must agree, or alone, as `docker save` once
//! wrote it.

use scant_core::formats::image_reference::Name;
use scant_core::rules::image::{self, MismatchKind, Report, Saved};
use scant_core::words::Digest;

use super::super::OpenError;
use super::blob::{At, MOST_DOCUMENT};
use super::image::{Expected, named_digest};
use super::layer::Merged;
use super::walk::Walk;
use super::{Verification, VerifiedPlatform};

impl Walk<'_> {
    /// The `manifest.json` beside a layout, if there is one. `is_all` says whether all images of
    /// the layout have been looked at.
    pub(super) fn docker_manifest(&mut self, is_all: bool) {
        if self.place.find("manifest.json").is_none() {
            return;
        }
        let Some(bytes) = self.file("manifest.json", "a list of images") else { return };
        for saved in image::saved(&bytes, &mut self.report) {
            self.agrees(&saved, is_all);
        }
    }

    /// Whether config and layers are those of an image of the layout.
    fn agrees(&mut self, saved: &Saved, is_all: bool) {
        let kind = MismatchKind::DockerManifest;
        let Some(name) = &saved.config else { return };
        let place = format!("{}.Config", saved.place);
        let Some(config) = self.member_digest(name, &place) else { return };
        let Some((_, layers)) = self.images.iter().find(|(digest, _)| *digest == config) else {
            if is_all && !self.has_gaps {
                let expected = "the config of an image in index.json";
                self.report.mismatch(kind, place, expected, name);
            }
            return;
        };
        let layers = layers.clone();
        let place = format!("{}.Layers", saved.place);
        if layers.len() != saved.layers.len() {
            let expected = format!("{} layers, as the image has", layers.len());
            self.report.mismatch(kind, &place, expected, saved.layers.len());
        }
        for (number, (expected, name)) in layers.into_iter().zip(&saved.layers).enumerate() {
            let place = format!("{place}[{number}]");
            if let Some(found) = self.member_digest(name, &place)
                && found != expected
            {
                self.report.mismatch(kind, place, expected, found);
            }
        }
    }

    /// The digest of a member: that of its name, which is compared with its bytes elsewhere.
    fn member_digest(&mut self, name: &str, place: &str) -> Option<Digest> {
        let at = self.member(name, place)?;
        if let Some(digest) = named_digest(name) {
            return Some(digest);
        }
        match at.measure() {
            Ok((digest, _)) => Some(digest),
            Err(error) => {
                self.report.mismatch(MismatchKind::BlobMissing, place, name, error);
                None
            }
        }
    }

    fn member(&mut self, name: &str, place: &str) -> Option<At> {
        let found = self.place.find(name).map(At::new);
        if found.is_none() {
            let expected = format!("a member {name}");
            self.report.mismatch(MismatchKind::BlobMissing, place, expected, "nothing");
        }
        found
    }

    /// Verifies the image of this name, or all, of an archive without a layout.
    pub(super) fn saved(mut self, wanted: Option<&Name>) -> Result<Verification, OpenError> {
        if self.place.find("oci-layout").is_some() {
            let expected = "an index, as there is an `oci-layout`";
            self.report.mismatch(MismatchKind::Document, "index.json", expected, "nothing");
        }
        let bytes = self.file("manifest.json", "a list of images");
        let mut images = bytes.map_or_else(Vec::new, |b| image::saved(&b, &mut self.report));
        if let Some(wanted) = wanted {
            let tags = images.iter().flat_map(|saved| saved.tags.clone()).collect();
            let is_named =
                |tag: &String| tag.parse::<Name>().is_ok_and(|tag| tag.tagged() == wanted.tagged());
            images.retain(|saved| saved.tags.iter().any(is_named));
            if images.is_empty() && self.report.is_ok() {
                let path = self.place.path().to_path_buf();
                return Err(OpenError::NoTag { path, tag: wanted.familiar(), tags });
            }
        }
        for saved in &images {
            self.saved_image(saved);
        }
        Ok(self.finish())
    }

    fn saved_image(&mut self, saved: &Saved) {
        let config = saved.config.as_ref().and_then(|name| {
            let at = self.member(name, &format!("{}.Config", saved.place))?;
            self.saved_config(name, &at, saved.layers.len())
        });
        let (image_id, config) = config.unzip();
        let config = config.flatten().unwrap_or_default();
        let place = saved.config.as_ref().map_or_else(String::new, |name| format!("config {name}"));
        let mut merged = Merged::default();
        let mut layers = Vec::new();
        for (number, name) in saved.layers.iter().enumerate() {
            let at = self.member(name, &format!("{}.Layers[{number}]", saved.place));
            let diff_id = config.diff_ids.get(number).copied().flatten();
            let expected = Expected { config: &place, number, diff_id };
            let read = at.and_then(|at| {
                let mut inner = Report::default();
                let place = format!("layer {name}");
                let read = self.read_layer(&at, &place, number, &mut merged, &mut inner)?;
                self.report.merge(inner);
                self.diff_id(&read, expected)
            });
            merged.is_whole &= read.is_some();
            layers.extend(read);
        }
        let listing = merged.finish(&place, &mut self.report);
        self.platforms.push(VerifiedPlatform {
            tags: saved.tags.clone(),
            platform: config.platform,
            manifest: None,
            image_id,
            layers,
            paths: listing.map(|listing| listing.len()),
            has_provenance: false,
        });
    }

    /// The config of an image. Its name is its digest with `.json`, where it looks like one.
    fn saved_config(
        &mut self,
        name: &str,
        at: &At,
        layers: usize,
    ) -> Option<(Digest, Option<image::Config>)> {
        let place = format!("config {name}");
        let expected = format!("a document of at most {MOST_DOCUMENT} bytes");
        if at.size > MOST_DOCUMENT {
            let found = format!("{} bytes", at.size);
            self.report.mismatch(MismatchKind::BlobSize, place, expected, found);
            return None;
        }
        let bytes = match at.read() {
            Ok(bytes) => bytes,
            Err(error) => {
                self.report.mismatch(MismatchKind::BlobMissing, place, expected, error);
                return None;
            }
        };
        let found = Digest::of(&bytes);
        let base = name.rsplit('/').next().unwrap_or(name);
        let named = base.strip_suffix(".json").unwrap_or(base);
        let named = Digest::from_hex(named);
        let is_sound = named.is_none_or(|named| named == found);
        if let Some(named) = named.filter(|_| !is_sound) {
            let place = format!("{place}: digest");
            self.report.mismatch(MismatchKind::BlobDigest, place, named, found);
        }
        let config =
            self.within(is_sound, |report| image::config(&bytes, layers, None, &place, report));
        Some((found, config))
    }
}
