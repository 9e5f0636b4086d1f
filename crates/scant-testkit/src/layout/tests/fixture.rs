//! A small image, with a hook at each step of its making.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::layout::{Files, check_files, digest_of};

type Hook<T> = Box<dyn FnOnce(&mut T)>;

/// What is to be made, and what is to be wrong with it.
pub(super) struct Fixture {
    pub(super) entries: Vec<tar::Header>,
    pub(super) tar: Hook<Vec<u8>>,
    pub(super) gzip: Hook<Vec<u8>>,
    pub(super) config: Hook<Value>,
    pub(super) manifest: Hook<Value>,
    pub(super) index: Hook<Value>,
    pub(super) files: Hook<Files>,
}

impl Default for Fixture {
    fn default() -> Self {
        Self {
            entries: vec![entry("bin/", b'5'), entry("bin/app", b'0'), link("bin/run", "bin/app")],
            tar: Box::new(|_| {}),
            gzip: Box::new(|_| {}),
            config: Box::new(|_| {}),
            manifest: Box::new(|_| {}),
            index: Box::new(|_| {}),
            files: Box::new(|_| {}),
        }
    }
}

impl Fixture {
    pub(super) fn make(self) -> Files {
        let mut files = Files::new();
        let mut tar: Vec<u8> =
            self.entries.iter().flat_map(|header| header.as_bytes().to_vec()).collect();
        tar.extend([0; 1024]);
        (self.tar)(&mut tar);
        let mut gzip = gzip(&tar);
        (self.gzip)(&mut gzip);
        let mut config = json!({
            "architecture": "amd64",
            "created": "1970-01-01T00:00:00Z",
            "history": [{"created": "1970-01-01T00:00:00Z", "created_by": "scant"}],
            "os": "linux",
            "rootfs": {"diff_ids": [digest_of(&tar)], "type": "layers"},
        });
        (self.config)(&mut config);
        let mut manifest = json!({
            "config": blob(&mut files, "application/vnd.oci.image.config.v1+json", &bytes(&config)),
            "layers": [blob(&mut files, "application/vnd.oci.image.layer.v1.tar+gzip", &gzip)],
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "schemaVersion": 2,
        });
        (self.manifest)(&mut manifest);
        let media_type = "application/vnd.oci.image.manifest.v1+json";
        let mut descriptor = blob(&mut files, media_type, &bytes(&manifest));
        descriptor["annotations"] = json!({"org.opencontainers.image.ref.name": "latest"});
        descriptor["platform"] = json!({"architecture": "amd64", "os": "linux"});
        let mut index = json!({
            "manifests": [descriptor],
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "schemaVersion": 2,
        });
        (self.index)(&mut index);
        files.insert("index.json".into(), bytes(&index));
        files.insert("oci-layout".into(), br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec());
        (self.files)(&mut files);
        files
    }

    /// Checks that exactly these violations are found.
    #[track_caller]
    pub(super) fn has(self, expected: &[&str]) {
        assert_eq!(check_files(&self.make()), expected);
    }
}

/// Stores a blob and describes it.
pub(super) fn blob(files: &mut Files, media_type: &str, bytes: &[u8]) -> Value {
    let digest = digest_of(bytes);
    files.insert(format!("blobs/sha256/{}", &digest[7..]), bytes.to_vec());
    json!({"digest": digest, "mediaType": media_type, "size": bytes.len()})
}

pub(super) fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).expect("a value has a text")
}

pub(super) fn gzip(tar: &[u8]) -> Vec<u8> {
    let builder = flate2::GzBuilder::new().operating_system(255);
    let mut encoder = builder.write(Vec::new(), flate2::Compression::default());
    encoder.write_all(tar).expect("memory takes it");
    let mut bytes = encoder.finish().expect("memory takes it");
    bytes[8] = 0;
    bytes
}

/// An entry without content.
pub(super) fn entry(path: &str, kind: u8) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    let name = &mut header.as_ustar_mut().expect("it is one").name;
    name[..path.len()].copy_from_slice(path.as_bytes());
    header.set_entry_type(tar::EntryType::new(kind));
    header.set_mode(0o755);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(0);
    header.set_mtime(0);
    header.set_device_major(0).expect("ustar has devices");
    header.set_device_minor(0).expect("ustar has devices");
    header.set_cksum();
    header
}

/// A hard link.
pub(super) fn link(path: &str, target: &str) -> tar::Header {
    with(entry(path, b'1'), |header| header.set_link_name_literal(target).expect("it is short"))
}

/// The header, changed, with its checksum made right again.
pub(super) fn with(mut header: tar::Header, change: impl FnOnce(&mut tar::Header)) -> tar::Header {
    change(&mut header);
    header.set_cksum();
    header
}
