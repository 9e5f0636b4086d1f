//! Descriptors: what they must say, and whether the blob is as they say.
//! [Image specification, descriptor](https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md)

use serde_json::Value;

use super::json::Object;
use super::{Check, digest_of};

const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// Where a descriptor stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    /// In `index.json`, the only place for reference names.
    Top,
    /// Anywhere else.
    Below,
}

/// A descriptor whose blob is there.
pub(super) struct Described<'a> {
    pub(super) media_type: String,
    pub(super) digest: String,
    pub(super) object: Object,
    pub(super) bytes: &'a [u8],
}

impl<'a> Check<'a> {
    pub(super) fn descriptor(
        &mut self,
        place: &str,
        value: Option<&Value>,
        within: Within,
    ) -> Option<Described<'a>> {
        let Some(Value::Object(object)) = value else {
            self.report(place, "it is not a descriptor");
            return None;
        };
        self.annotations(place, object);
        self.reference_name(place, object, within);
        let text = |key: &str| object.get(key).and_then(Value::as_str);
        let media_type = text("mediaType").unwrap_or_default();
        if !is_media_type(media_type) {
            self.report(place, format!("`mediaType` is `{media_type}`, which is none"));
        }
        let size = object.get("size").and_then(Value::as_u64);
        if size.is_none() {
            self.report(place, "`size` is not a number of bytes");
        }
        let digest = text("digest").unwrap_or_default();
        if !is_digest(digest) {
            self.report(place, format!("the digest `{digest}` is not `sha256:` and 64 digits"));
            return None;
        }
        self.visited.insert(digest.to_string());
        let path = format!("blobs/sha256/{}", &digest["sha256:".len()..]);
        let Some(bytes) = self.files.get(&path) else {
            self.report(place, format!("`{path}` is missing"));
            return None;
        };
        if let Some(size) = size.filter(|size| *size != bytes.len() as u64) {
            self.report(place, format!("the size is {} bytes, not {size}", bytes.len()));
        }
        let found = digest_of(bytes);
        if found != digest {
            self.report(place, format!("the digest is `{found}`, not `{digest}`"));
        }
        let (media_type, digest) = (media_type.to_string(), digest.to_string());
        Some(Described { media_type, digest, object: object.clone(), bytes })
    }

    fn reference_name(&mut self, place: &str, descriptor: &Object, within: Within) {
        let name = descriptor.get("annotations").and_then(|all| all.get(REF_NAME));
        let Some(name) = name.and_then(Value::as_str) else { return };
        if within == Within::Below {
            self.report(place, format!("`{REF_NAME}` belongs in `index.json` only"));
        }
        if !name.split('/').all(is_name_component) {
            self.report(place, format!("`{name}` is not a reference name"));
        }
    }
}

/// `sha256:` and 64 lower-case hexadecimal digits.
pub(super) fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|hex| {
        hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// A type and a subtype. [RFC 6838, 4.2](https://www.rfc-editor.org/rfc/rfc6838#section-4.2).
fn is_media_type(text: &str) -> bool {
    let is_name = |name: &str| {
        let rest = |b: u8| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b);
        name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.bytes().all(rest)
    };
    text.split_once('/').is_some_and(|(kind, subtype)| is_name(kind) && is_name(subtype))
}

/// `alphanum (separator alphanum)*`, where a separator is one of `-._:@+` or `--`.
/// [Annotations](https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md).
fn is_name_component(text: &str) -> bool {
    let text = text.replace("--", "-");
    text.split(['-', '.', '_', ':', '@', '+'])
        .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_names_follow_the_grammar() {
        for name in ["latest", "1.0--rc+1", "docker.io/library/app:latest", "a@sha256:0"] {
            assert!(name.split('/').all(is_name_component), "{name}");
        }
        for name in ["", "-a", "a..b", "a/", "a b", "a---b"] {
            assert!(!name.split('/').all(is_name_component), "{name}");
        }
    }
}
