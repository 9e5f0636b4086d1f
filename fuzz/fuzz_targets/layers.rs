//! Layers over one another. Checksums of headers are mended first, or hardly any would be read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scant_core::formats::oci::{Descriptor, media_type};
use scant_core::plan::assemble::Document;
use scant_core::words::{DiffId, Digest};
use scant_fuzz::{assert_plain, find, mend};
use scant_io::blobs::Blob;
use scant_io::image::{LayerBlob, PlatformImage};
use scant_io::images::{Files, ListedKind, Listing};

/// What stands between two layers.
const BETWEEN: &[u8] = b"\n@@\n";

fuzz_target!(|bytes: &[u8]| {
    let mut layers = Vec::new();
    let mut rest = bytes;
    while let Some(end) = find(rest, BETWEEN).filter(|_| layers.len() < 3) {
        layers.push(rest[..end].to_vec());
        rest = &rest[end + BETWEEN.len()..];
    }
    layers.push(rest.to_vec());
    layers.iter_mut().for_each(|layer| mend(layer));
    let files = Files::of(&image(&layers));
    match files.list() {
        Ok(listing) => check(&files, &listing, bytes.len()),
        Err(error) => assert_plain(&error.to_string()),
    }
});

fn image(layers: &[Vec<u8>]) -> PlatformImage {
    let document = |kind| Document { descriptor: Descriptor::of(kind, b"{}"), bytes: b"{}".into() };
    let layer = |bytes: &Vec<u8>| LayerBlob {
        diff_id: DiffId(Digest::of(bytes)),
        tar_size: 0,
        descriptor: Descriptor::of(media_type::LAYER, bytes),
        blob: Blob::of_bytes(bytes),
    };
    PlatformImage {
        config: document(media_type::CONFIG),
        manifest: document(media_type::MANIFEST),
        layers: layers.iter().map(layer).collect(),
        provenance: None,
    }
}

fn check(files: &Files, listing: &Listing, length: usize) {
    let mut last = None;
    for (path, listed) in listing.iter() {
        assert!(last.is_none_or(|last| last < path));
        last = Some(path);
        let above = path.parent().filter(|above| !above.is_root());
        let above = above.map(|above| &listing.get(&above).expect("its directory is there").kind);
        assert!(above.is_none_or(|kind| *kind == ListedKind::Directory), "{path}");
        assert_plain(&listed.kind.to_string());
        match &listed.kind {
            ListedKind::HardLink { target } => {
                let file = &listing.get(target).expect("a hard link leads to a file").kind;
                assert!(matches!(file, ListedKind::File { .. }));
            }
            ListedKind::File { size } => assert!(*size <= length as u64, "{path}: {size}"),
            _ => {}
        }
    }
    let visited = files.visit(listing, &mut |path, listed, content| {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        assert!(listed.kind == ListedKind::File { size: bytes.len() as u64 }, "{path}");
        Ok(())
    });
    visited.expect("what was listed can be read");
}
