//! Blobs that are missing, cut, changed, or named wrongly.

use super::fixture::{Files, Fixture};

/// The name of the blob of this size, or of the largest.
fn name(files: &Files, start: &[u8]) -> String {
    let blobs = files.iter().filter(|(name, _)| name.starts_with("blobs/"));
    let mut blobs = blobs.filter(|(_, bytes)| bytes.starts_with(start));
    blobs.next().unwrap().0.clone()
}

const GZIP: &[u8] = &[0x1f, 0x8b];
const CONFIG: &[u8] = b"{\"architecture";
const MANIFEST: &[u8] = b"{\"config";

#[track_caller]
fn changed(start: &'static [u8], change: fn(&mut Vec<u8>), expected: &[&str]) {
    let files = move |files: &mut Files| {
        let name = name(files, start);
        change(files.get_mut(&name).unwrap());
    };
    Fixture { files: Box::new(files), ..Fixture::default() }.has(expected);
}

#[track_caller]
fn removed(start: &'static [u8], expected: &[&str]) {
    let files = move |files: &mut Files| {
        files.remove(&name(files, start));
    };
    Fixture { files: Box::new(files), ..Fixture::default() }.has(expected);
}

#[test]
fn a_layer_that_is_damaged_is_one_mismatch() {
    let size = "layer <lower>: size: expected 165, found 100";
    changed(GZIP, |blob| blob.truncate(100), &[size]);
    changed(
        GZIP,
        |blob| blob[80] ^= 1,
        &["layer <lower>: digest: expected <lower>, found <other>"],
    );
    changed(
        GZIP,
        |blob| blob.fill(b'x'),
        &["layer <lower>: digest: expected <lower>, found <other>"],
    );
    changed(GZIP, Vec::clear, &["layer <lower>: size: expected 165, found 0"]);
    removed(GZIP, &["layer <lower>: expected a blob of 165 bytes, found nothing"]);
}

#[test]
fn a_document_that_is_damaged_is_one_mismatch() {
    changed(CONFIG, Vec::clear, &["config <config>: size: expected 329, found 0"]);
    changed(
        CONFIG,
        |blob| blob[0] = b'[',
        &["config <config>: digest: expected <config>, found <other>"],
    );
    removed(CONFIG, &["config <config>: expected a blob of 329 bytes, found nothing"]);
    removed(MANIFEST, &["manifest <manifest>: expected a blob of 551 bytes, found nothing"]);
    changed(
        b"{\"mediaType\":\"application/vnd.scant",
        |blob| blob.push(b' '),
        &["provenance <provenance>: size: expected 888, found 889"],
    );
}

#[test]
fn a_damaged_document_is_followed_as_far_as_it_can_be_read() {
    let files = |files: &mut Files| {
        let manifest = name(files, MANIFEST);
        files.get_mut(&manifest).unwrap().push(b' ');
        files.remove(&name(files, GZIP));
    };
    Fixture { files: Box::new(files), ..Fixture::default() }.has(&[
        "layer <lower>: expected a blob of 165 bytes, found nothing",
        "manifest <manifest>: size: expected 551, found 552",
    ]);
}

#[test]
fn other_blobs_are_what_their_names_say() {
    let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let with = |name: String, bytes: &'static [u8]| {
        let files = move |files: &mut Files| {
            files.insert(name, bytes.to_vec());
        };
        Fixture { files: Box::new(files), ..Fixture::default() }
    };
    with(format!("blobs/sha256/{hex}"), b"abc")
        .notes(&["1 blob in blobs/sha256 that nothing verified here names"]);
    with(format!("blobs/sha256/{hex}"), b"abd")
        .has(&[&format!("blobs/sha256/{hex}: digest: expected <other>, found <other>")]);
    with("blobs/sha256/notes.txt".into(), b"").has(&[
        "blobs/sha256/notes.txt: expected a name of 64 lower-case hexadecimal digits, found \
         notes.txt",
    ]);
    // What else lies in a layout is nobody's business.
    with("README".into(), b"x").notes(&[]);
}

#[test]
fn a_document_that_is_too_large_is_not_read() {
    changed(
        CONFIG,
        |blob| blob.resize(9 << 20, b' '),
        &["config <config>: expected a document of at most 8388608 bytes, found 9437184 bytes"],
    );
}
