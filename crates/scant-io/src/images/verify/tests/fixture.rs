//! An image of two layers with its provenance, with a hook at each step of its making.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use scant_core::formats::image_reference::ImageArgument;
use scant_core::words::Digest;
use serde_json::{Value, json};

use super::super::{Verification, verify};

/// The files of a layout by their names.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

type Hook<T> = Box<dyn FnOnce(&mut T)>;

/// What is to be made, and what is to be wrong with it. Hooks of the layer are for the lower one.
pub(super) struct Fixture {
    pub(super) layers: [String; 2],
    pub(super) tar: Hook<Vec<u8>>,
    pub(super) blob: Hook<Vec<u8>>,
    pub(super) config: Hook<Value>,
    pub(super) manifest: Hook<Value>,
    pub(super) document: Hook<Value>,
    pub(super) referrer: Hook<Value>,
    pub(super) index: Hook<Value>,
    pub(super) files: Hook<Files>,
}

pub(super) const LOWER: &str = "\
    bin/\n\
    bin/app x\n\
    bin/run = bin/app\n\
    etc/\n\
    etc/old 1\n\
    lib -> bin";

const UPPER: &str = "\
    etc/\n\
    etc/.wh.old\n\
    etc/new 22";

impl Default for Fixture {
    fn default() -> Self {
        Self {
            layers: [LOWER.into(), UPPER.into()],
            tar: Box::new(|_| {}),
            blob: Box::new(|_| {}),
            config: Box::new(|_| {}),
            manifest: Box::new(|_| {}),
            document: Box::new(|_| {}),
            referrer: Box::new(|_| {}),
            index: Box::new(|_| {}),
            files: Box::new(|_| {}),
        }
    }
}

/// What is seen of an image: mismatches, then notes, then platforms.
pub(super) struct Seen {
    pub(super) mismatches: Vec<String>,
    pub(super) notes: Vec<String>,
    pub(super) platforms: Vec<String>,
}

impl Fixture {
    /// The files, and the names of their digests.
    pub(super) fn make(self) -> (Files, Vec<(String, &'static str)>) {
        let mut files = Files::new();
        let mut names = Vec::new();
        let mut add = |files: &mut Files, name, media_type: &str, bytes: &[u8]| {
            let digest = Digest::of(bytes);
            names.push((digest.hex(), name));
            files.insert(format!("blobs/sha256/{}", digest.hex()), bytes.to_vec());
            json!({"digest": digest, "mediaType": media_type, "size": bytes.len()})
        };
        let [mut lower, upper] = self.layers.map(|lines| tar(&lines));
        (self.tar)(&mut lower);
        let diff_ids = [Digest::of(&lower), Digest::of(&upper)];
        let mut blob = gzip(&lower);
        (self.blob)(&mut blob);
        let gzip_type = "application/vnd.oci.image.layer.v1.tar+gzip";
        let tar_type = "application/vnd.oci.image.layer.v1.tar";
        let layers = [
            add(&mut files, "lower", gzip_type, &blob),
            add(&mut files, "upper", tar_type, &upper),
        ];
        let mut config = json!({
            "architecture": "amd64",
            "created": "1970-01-01T00:00:00Z",
            "history": [{"empty_layer": true}, {"created_by": "a"}, {"created_by": "b"}],
            "os": "linux",
            "rootfs": {"diff_ids": diff_ids, "type": "layers"},
        });
        (self.config)(&mut config);
        let config_type = "application/vnd.oci.image.config.v1+json";
        let mut manifest = json!({
            "config": add(&mut files, "config", config_type, config.to_string().as_bytes()),
            "layers": layers,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "schemaVersion": 2,
        });
        (self.manifest)(&mut manifest);
        let manifest_type = "application/vnd.oci.image.manifest.v1+json";
        let manifest = manifest.to_string();
        let mut top = add(&mut files, "manifest", manifest_type, manifest.as_bytes());
        let mut document = document();
        (self.document)(&mut document);
        let provenance_type = "application/vnd.scant.provenance.v1+json";
        let document = document.to_string();
        let mut referrer = json!({
            "artifactType": provenance_type,
            "config": add(&mut files, "empty", "application/vnd.oci.empty.v1+json", b"{}"),
            "layers": [add(&mut files, "provenance", provenance_type, document.as_bytes())],
            "mediaType": manifest_type,
            "schemaVersion": 2,
            "subject": top,
        });
        (self.referrer)(&mut referrer);
        let referrer = referrer.to_string();
        let referrer = add(&mut files, "referrer", manifest_type, referrer.as_bytes());
        let referrer = format!("linux/amd64={}", referrer["digest"].as_str().unwrap());
        top["annotations"] = json!({
            "dev.scant.provenance": referrer,
            "org.opencontainers.image.ref.name": "latest",
        });
        top["platform"] = json!({"architecture": "amd64", "os": "linux"});
        let mut index = json!({
            "manifests": [top],
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "schemaVersion": 2,
        });
        (self.index)(&mut index);
        files.insert("index.json".into(), index.to_string().into_bytes());
        files.insert("oci-layout".into(), br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec());
        (self.files)(&mut files);
        names.push((diff_ids[0].hex(), "diff-id"));
        (files, names)
    }

    /// Makes the image in a directory and in archives; everywhere the same is to be seen.
    #[track_caller]
    pub(super) fn seen(self) -> Seen {
        let (files, names) = self.make();
        let place = tempfile::tempdir().unwrap();
        let [layout, archive] = ["oci", "a.tar"].map(|name| place.path().join(name));
        write(&files, &layout);
        let in_layout = seen(&format!("oci:{}", layout.display()), &names).unwrap();
        std::fs::write(&archive, tar_of(&files)).unwrap();
        for transport in ["oci-archive", "docker-archive"] {
            let in_archive = seen(&format!("{transport}:{}", archive.display()), &names).unwrap();
            assert_eq!(in_archive.mismatches, in_layout.mismatches, "{transport}");
            assert_eq!(in_archive.notes, in_layout.notes, "{transport}");
        }
        in_layout
    }

    /// Expects these mismatches.
    #[track_caller]
    pub(super) fn has(self, expected: &[&str]) {
        assert_eq!(self.seen().mismatches, expected);
    }

    /// Expects no mismatch, and these notes.
    #[track_caller]
    pub(super) fn notes(self, expected: &[&str]) {
        let seen = self.seen();
        assert_eq!(seen.mismatches, Vec::<String>::new());
        assert_eq!(seen.notes, expected);
    }
}

/// The document about the two layers.
fn document() -> Value {
    let node = |path: &str, kind: &str, extra: Value| {
        let mut node = json!({
            "gid": 0, "kind": kind, "mode": "0755", "path": path, "uid": 0,
            "reasons": [{"line": 1, "section": "data", "why": "declared"}],
        });
        node.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        node
    };
    json!({
        "mediaType": "application/vnd.scant.provenance.v1+json",
        "nodes": [
            node("/bin", "directory", json!({})),
            // The layer holds the content at the first name, whichever is declared as the file.
            node("/bin/app", "hard-link", json!({"target": "/bin/run"})),
            node("/bin/run", "file", json!({"size": 1})),
            node("/etc", "directory", json!({})),
            node("/etc/new", "file", json!({"size": 2})),
            node("/lib", "symlink", json!({"target": "bin"})),
        ],
        "platform": "linux/amd64",
        "version": 1,
    })
}

/// Verifies, with digests replaced by their names.
pub(super) fn seen(argument: &str, names: &[(String, &'static str)]) -> Result<Seen, String> {
    let argument = ImageArgument::Reference(argument.parse().unwrap());
    let found = verify(&argument).map_err(|error| error.to_string())?;
    Ok(shown(&found, names))
}

pub(super) fn shown(found: &Verification, names: &[(String, &'static str)]) -> Seen {
    let named = |text: String| {
        let mut text = text;
        for (hex, name) in names {
            text = text.replace(&format!("sha256:{hex}"), &format!("<{name}>"));
            text = text.replace(hex, &format!("<{name}>"));
        }
        let mut parts = text.split("sha256:");
        let mut named = parts.next().unwrap().to_string();
        for part in parts {
            let rest = part.trim_start_matches(|c: char| c.is_ascii_hexdigit());
            named += if rest.len() == part.len() { "sha256:" } else { "<other>" };
            named += rest;
        }
        named
    };
    let platform = |found: &super::super::VerifiedPlatform| {
        format!(
            "{:?} {} {} {} layers, paths {:?}, provenance {}",
            found.tags.first(),
            found.platform,
            found.manifest.map_or("-".into(), |digest| named(digest.to_string())),
            found.layers.len(),
            found.paths,
            found.has_provenance,
        )
    };
    Seen {
        mismatches: found.report.mismatches().map(|m| named(m.to_string())).collect(),
        notes: found.report.notes().map(|note| named(note.to_string())).collect(),
        platforms: found.platforms.iter().map(platform).collect(),
    }
}

pub(super) fn write(files: &Files, directory: &Path) {
    for (name, bytes) in files {
        let path = directory.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

/// The files as members of an archive.
pub(super) fn tar_of(files: &Files) -> Vec<u8> {
    let mut archive: Vec<u8> =
        files.iter().flat_map(|(name, bytes)| entry(name, b'0', "", bytes)).collect();
    archive.extend([0; 1024]);
    archive
}

/// An archive from lines: `NAME/`, `NAME CONTENT`, `NAME -> TARGET`, `NAME = FILE`, and
/// `NAME ! TYPE` for other types.
pub(super) fn tar(lines: &str) -> Vec<u8> {
    let mut archive = Vec::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        archive.extend(if let Some((name, link)) = line.split_once(" -> ") {
            entry(name, b'2', link, b"")
        } else if let Some((name, link)) = line.split_once(" = ") {
            entry(name, b'1', link, b"")
        } else if let Some((name, flag)) = line.split_once(" ! ") {
            entry(name, flag.as_bytes()[0], "", b"")
        } else if line.ends_with('/') {
            entry(line, b'5', "", b"")
        } else {
            let (name, content) = line.split_once(' ').unwrap_or((line, ""));
            entry(name, b'0', "", content.as_bytes())
        });
    }
    archive.extend([0; 1024]);
    archive
}

/// One entry with its content.
pub(super) fn entry(name: &str, flag: u8, link: &str, content: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    let fields = header.as_ustar_mut().unwrap();
    let (prefix, name) = match name.len() {
        ..=100 => ("", name),
        _ => name.split_at(name.rfind('/').unwrap()),
    };
    let name = if prefix.is_empty() { name } else { &name[1..] };
    fields.prefix[..prefix.len()].copy_from_slice(prefix.as_bytes());
    fields.name[..name.len()].copy_from_slice(name.as_bytes());
    fields.linkname[..link.len()].copy_from_slice(link.as_bytes());
    header.set_entry_type(tar::EntryType::new(flag));
    header.set_mode(0o755);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(content.len() as u64);
    header.set_mtime(0);
    header.set_cksum();
    let mut entry = header.as_bytes().to_vec();
    entry.extend(content);
    entry.resize(entry.len().next_multiple_of(512), 0);
    entry
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
