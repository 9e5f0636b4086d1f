//! Images whose documents are hostile but whose digests are right: each part of the bytes is a
//! member of an archive, and may name those before it by their digests.
#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use scant_core::formats::image_reference::{ImageArgument, ImageReference};
use scant_core::formats::tar::{END, EntryType, Header, padding};
use scant_core::formats::{oci, provenance};
use scant_core::words::{Digest, Meta, Mode};
use scant_fuzz::{assert_plain, find, parts};
use scant_io::images::{Files, Opened, open};

fuzz_target!(|bytes: &[u8]| {
    let mut archive = Vec::new();
    let mut blobs: Vec<(Vec<u8>, String)> = Vec::new();
    for part in parts(bytes).into_iter().take(12) {
        let content = filled(part.content, &blobs);
        let digest = Digest::of(&content);
        // A part without a slash or point in its name is a blob.
        let is_blob = !part.name.iter().any(|b| matches!(b, b'/' | b'.' | b'-'));
        let blob = format!("blobs/sha256/{}", digest.hex());
        let name = if is_blob { blob.as_bytes() } else { part.name };
        // Longer names want extended headers, which the target `layers` is for.
        if name.len() <= 100 && !name.is_empty() {
            add(&mut archive, name, part.target, &content);
        }
        if is_blob && !part.name.is_empty() {
            let descriptor = format!("\"digest\":\"{digest}\",\"size\":{}", content.len());
            blobs.push((part.name.to_vec(), descriptor));
        }
    }
    archive.extend(END);
    read(&archive);
});

/// The content with `%NAME%` replaced by digest and size of that blob, `%%NAME%` by the digest.
fn filled(content: &[u8], blobs: &[(Vec<u8>, String)]) -> Vec<u8> {
    let mut content = content.to_vec();
    for (name, descriptor) in blobs {
        let digest = descriptor.split('"').nth(3).expect("the digest is in quotes");
        for (mark, value) in [("%%", digest), ("%", &**descriptor)] {
            let mark = [mark.as_bytes(), name, b"%"].concat();
            for _ in 0..4 {
                let Some(at) = find(&content, &mark) else { break };
                content.splice(at..at + mark.len(), value.bytes());
            }
        }
    }
    content
}

fn add(archive: &mut Vec<u8>, name: &[u8], target: Option<&[u8]>, content: &[u8]) {
    let link = target.unwrap_or_default();
    let link = &link[..link.len().min(100)];
    let (entry_type, content) = match target {
        Some(_) => (EntryType::Symlink, &b""[..]),
        None => (EntryType::File, content),
    };
    let (size, meta) = (content.len() as u64, &Meta::new(Mode::FILE));
    archive.extend(Header { name, entry_type, link, size, meta, mtime: 0 }.encode());
    archive.extend(content);
    archive.extend(&END[..padding(size)]);
}

fn read(archive: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("a file can be made");
    file.write_all(archive).expect("it can be written");
    let path = file.path().to_str().expect("its name is text").to_string();
    let name = "x:1".parse().expect("a name");
    let references = [
        ImageReference::OciArchive { file: path.clone(), tag: None },
        ImageReference::OciArchive { file: path.clone(), tag: Some("1".into()) },
        ImageReference::DockerArchive { file: path.clone(), name: None },
        ImageReference::DockerArchive { file: path, name: Some(name) },
    ];
    for reference in references {
        let image = match open(&ImageArgument::Reference(reference)) {
            Ok(Opened::Image(image)) => image,
            Ok(Opened::Files(_)) => panic!("an image was asked for"),
            Err(error) => {
                assert_plain(&error.to_string());
                continue;
            }
        };
        assert!(!image.platforms.is_empty());
        for platform in &image.platforms {
            let config: oci::ImageConfig =
                oci::decode(&platform.config.bytes).expect("it was read before");
            assert_eq!(config.rootfs.diff_ids.len(), platform.layers.len());
            if let Err(error) = Files::of(platform).list() {
                assert_plain(&error.to_string());
            }
            let document = platform.provenance.as_ref();
            let _ = document.map(|artifact| provenance::decode(&artifact.document));
        }
        let blobs = image.blobs();
        assert!(blobs.contains_key(&image.top().descriptor.digest));
    }
}
