//! An image for one platform: its config, its layers, and what they come to together.

use scant_core::rules::image::{self, Config, Manifest, MismatchKind, Reference, Report};
use scant_core::words::{DiffId, Digest};

use super::artifact::About;
use super::blob::{At, MOST_DOCUMENT, is_sound};
use super::layer::{self, LayerRead, Merged};
use super::walk::{Top, Walk};
use super::{VerifiedLayer, VerifiedPlatform};

/// What the diff ID of a layer is compared with.
#[derive(Clone, Copy)]
pub(super) struct Expected<'a> {
    /// Where the config is.
    pub(super) config: &'a str,
    /// The place of the layer in it, from 0.
    pub(super) number: usize,
    pub(super) diff_id: Option<DiffId>,
}

impl Walk<'_> {
    /// An image that `reference` names.
    pub(super) fn image(&mut self, reference: &Reference, manifest: &Manifest, top: &mut Top) {
        let config = manifest
            .config
            .as_ref()
            .and_then(|config| self.config(config, manifest.layers.len(), reference));
        self.has_gaps |= config.is_none();
        let config = config.unwrap_or_default();
        let config_digest = manifest.config.as_ref().map(|config| config.digest);
        let place = config_digest.map_or_else(String::new, |digest| format!("config {digest}"));
        let mut merged = Merged::default();
        let mut layers = Vec::new();
        for (number, layer) in manifest.layers.iter().enumerate() {
            let diff_id = config.diff_ids.get(number).copied().flatten();
            let expected = Expected { config: &place, number, diff_id };
            let read = layer.as_ref().and_then(|layer| self.layer(layer, expected, &mut merged));
            merged.is_whole &= read.is_some();
            layers.extend(read);
        }
        if let Some(config) = config_digest {
            let layers = manifest.layers.iter().flatten().map(|layer| layer.digest).collect();
            self.images.push((config, layers));
        }
        let listing = merged.finish(&place, &mut self.report);
        let provenance = top.provenance.remove(&config.platform);
        if let Some(digest) = provenance {
            let about =
                About { image: reference, platform: &config.platform, listing: listing.as_ref() };
            self.provenance(digest, &about);
        }
        self.platforms.push(VerifiedPlatform {
            tags: top.tag.iter().cloned().collect(),
            platform: config.platform,
            manifest: Some(reference.digest),
            image_id: config_digest,
            layers,
            paths: listing.map(|listing| listing.len()),
            has_provenance: provenance.is_some(),
        });
    }

    fn config(&mut self, config: &Reference, layers: usize, named: &Reference) -> Option<Config> {
        let document = self.document(config, "config", MOST_DOCUMENT)?;
        let place = format!("config {}", config.digest);
        self.within(document.is_sound, |report| {
            image::config(&document.bytes, layers, named.platform.as_ref(), &place, report)
        })
    }

    /// A layer that a descriptor names; none when it cannot be read.
    fn layer(
        &mut self,
        reference: &Reference,
        expected: Expected<'_>,
        merged: &mut Merged,
    ) -> Option<VerifiedLayer> {
        let has_blob = self.place.find(&format!("blobs/sha256/{}", reference.digest.hex()));
        if has_blob.is_none() && reference.is_foreign_layer() {
            self.reached.insert(reference.digest);
            let text = format!("layer {}: kept elsewhere, not verified", reference.digest);
            self.report.note(text);
            return None;
        }
        let at = self.locate(reference, "layer")?;
        let place = format!("layer {}", reference.digest);
        // What is wrong inside is told only when the bytes are those that are meant.
        let mut inner = Report::default();
        let read = self.read_layer(&at, &place, expected.number, merged, &mut inner)?;
        if !is_sound(reference, "layer", (read.digest, read.size), &mut self.report) {
            return None;
        }
        self.report.merge(inner);
        reference.is_encoded(read.encoding, &mut self.report);
        self.diff_id(&read, expected)
    }

    /// Reads a layer from wherever it is.
    pub(super) fn read_layer(
        &mut self,
        at: &At,
        place: &str,
        number: usize,
        merged: &mut Merged,
        report: &mut Report,
    ) -> Option<LayerRead> {
        let read = at.open().and_then(|source| layer::read(source, place, number, merged, report));
        match read {
            Ok(read) => Some(read),
            Err(error) => {
                self.report.mismatch(MismatchKind::BlobMissing, place, "a blob", error);
                None
            }
        }
    }

    /// Compares the diff ID of a layer with what the config says.
    pub(super) fn diff_id(
        &mut self,
        read: &LayerRead,
        expected: Expected<'_>,
    ) -> Option<VerifiedLayer> {
        let (found, tar_size) = read.tar?;
        if let Some(DiffId(diff_id)) = expected.diff_id
            && diff_id != found
        {
            let place = format!("{}: rootfs.diff_ids[{}]", expected.config, expected.number);
            self.report.mismatch(MismatchKind::DiffId, place, diff_id, found);
        }
        Some(VerifiedLayer {
            digest: read.digest,
            size: read.size,
            diff_id: DiffId(found),
            tar_size,
        })
    }
}

/// The digest that a member's name says it has: `blobs/sha256/DIGEST`, as in a layout.
pub(super) fn named_digest(name: &str) -> Option<Digest> {
    Digest::from_hex(name.strip_prefix("blobs/sha256/")?)
}
