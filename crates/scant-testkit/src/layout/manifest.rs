//! Image indexes, image manifests, and artifacts, which are manifests of something else.

use serde_json::Value;

use super::Check;
use super::descriptor::{Described, Within};
use super::json::Object;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";
/// The longest chain of indexes that is followed.
const DEPTH: usize = 8;

impl<'a> Check<'a> {
    /// [Image index](https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md).
    pub(super) fn index(&mut self, place: &str, bytes: &'a [u8], within: Within) {
        let Some(index) = self.object(place, bytes) else { return };
        self.schema_version(place, &index);
        self.must_be(place, &index, "mediaType", INDEX);
        self.annotations(place, &index);
        self.subject(place, &index);
        for (i, value) in self.array(place, &index, "manifests").iter().enumerate() {
            let place = format!("{place}: manifests[{i}]");
            let Some(described) = self.descriptor(&place, Some(value), within) else { continue };
            match described.media_type.as_str() {
                INDEX if place.matches(": ").count() > DEPTH => {
                    self.report(&place, "indexes are nested too deep");
                }
                INDEX => self.index(&place, described.bytes, Within::Below),
                MANIFEST => self.manifest(&place, described.bytes, Some(&described.object)),
                other => {
                    let problem = format!("`{other}` is neither an image manifest nor an index");
                    self.report(&place, problem);
                }
            }
        }
    }

    /// [Image manifest](https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md).
    /// `descriptor` is the one in an index, if that is the way here.
    pub(super) fn manifest(&mut self, place: &str, bytes: &'a [u8], descriptor: Option<&Object>) {
        let Some(manifest) = self.object(place, bytes) else { return };
        self.schema_version(place, &manifest);
        self.must_be(place, &manifest, "mediaType", MANIFEST);
        self.annotations(place, &manifest);
        self.subject(place, &manifest);
        let config_place = format!("{place}: config");
        let config = self.descriptor(&config_place, manifest.get("config"), Within::Below);
        let layers = self.array(place, &manifest, "layers");
        if layers.is_empty() {
            self.report(place, "`layers` is empty");
        }
        let mut described = Vec::new();
        for (i, layer) in layers.iter().enumerate() {
            let place = format!("{place}: layers[{i}]");
            described.push(self.descriptor(&place, Some(layer), Within::Below));
        }
        let Some(config) = config else { return };
        let artifact_type = manifest.get("artifactType").and_then(Value::as_str);
        match config.media_type.as_str() {
            CONFIG => self.image(place, descriptor, &config, &described),
            EMPTY => {
                if config.bytes != b"{}" {
                    self.report(&config_place, "the empty config is not `{}`");
                }
                if config.object.get("data").is_some_and(|data| data != "e30=") {
                    self.report(&config_place, "`data` is not `e30=`");
                }
                if artifact_type.is_none() {
                    self.report(place, "`artifactType` is missing beside the empty config");
                }
            }
            other if artifact_type.is_none() => {
                self.report(place, format!("`{other}` is not the media type of an image config"));
            }
            _ => {}
        }
        if let (Some(descriptor), Some(wanted)) = (descriptor, artifact_type)
            && descriptor.contains_key("artifactType")
        {
            self.must_be(place, descriptor, "artifactType", wanted);
        }
    }

    fn image(
        &mut self,
        place: &str,
        descriptor: Option<&Object>,
        config: &Described<'a>,
        layers: &[Option<Described<'a>>],
    ) {
        let diff_ids = self.config(&format!("{place}: config"), config.bytes, layers.len());
        if let Some(descriptor) = descriptor {
            self.platform(place, descriptor, config.bytes);
        }
        let mut time = None;
        for (i, layer) in layers.iter().enumerate() {
            let Some(layer) = layer else { continue };
            let place = format!("{place}: layers[{i}]");
            self.layer(&place, layer, diff_ids.get(i).map(String::as_str), &mut time);
        }
    }

    /// The subject of an artifact is in the same layout.
    fn subject(&mut self, place: &str, object: &Object) {
        if let Some(subject) = object.get("subject") {
            let place = format!("{place}: subject");
            let known = self.visited.clone();
            let described = self.descriptor(&place, Some(subject), Within::Below);
            // A subject that is here only as a subject does not become part of the image by that.
            if let Some(described) = described.filter(|found| !known.contains(&found.digest)) {
                self.visited.remove(&described.digest);
            }
        }
    }
}
