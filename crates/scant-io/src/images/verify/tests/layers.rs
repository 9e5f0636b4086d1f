//! Layers with one entry changed, whose documents fit: what the entries themselves must satisfy.

use super::fixture::{Fixture, LOWER, entry, gzip, tar};

/// An image of this layer and an empty one, without provenance.
fn of(layer: impl Into<String>) -> Fixture {
    let index = |index: &mut serde_json::Value| {
        let annotations = index["manifests"][0]["annotations"].as_object_mut().unwrap();
        annotations.remove("dev.scant.provenance");
    };
    let layers = [layer.into(), String::new()];
    Fixture { layers, index: Box::new(index), ..Fixture::default() }
}

const STRAYS: &str = "3 blobs in blobs/sha256 that nothing verified here names";

#[track_caller]
fn has(layer: &str, expected: &[&str]) {
    of(layer).has(expected);
}

#[track_caller]
fn notes(layer: &str, expected: &[&str]) {
    of(layer).notes(&[&[STRAYS], expected].concat());
}

#[test]
fn paths() {
    has(
        "a/\na/b 1\na/b 2",
        &["layer <lower>: /a/b: expected one entry of this path, found another"],
    );
    has("a 1\n./a 2", &["layer <lower>: /a: expected one entry of this path, found another"]);
    has(
        "a/../b 1",
        &["layer <lower>: a/../b: expected a path inside the image, found `/a/../b` contains `..`"],
    );
    has(
        "a 1\na/b 1",
        &["layer <lower>: /a/b: expected an entry in a directory, found one below `/a`, which is \
         none"],
    );
    notes("/a 1", &["layer <lower>: names that begin with a slash: 1, the first at /a"]);
    notes("./\n./a 1", &["layer <lower>: names that begin with `./`: 2, the first at /"]);
    notes(
        "a/b 1\na/c 1\na/",
        &["layer <lower>: entries without their parent directory before them: 2, the first at \
         /a/b"],
    );
}

#[test]
fn hard_links() {
    has(
        "a = b\nb 1",
        &["layer <lower>: /a: expected a hard link to a file before it in the same layer, found \
         `/b`, which comes after it"],
    );
    has(
        "a = b",
        &["layer <lower>: /a: expected a hard link to a file before it in the same layer, found \
         `/b`, which is not in this layer"],
    );
    has(
        "d/\na = d",
        &["layer <lower>: /a: expected a hard link to a file, found `/d`, which is a directory"],
    );
    has(
        "a = ../b",
        &["layer <lower>: ../b: expected a hard link to a path inside the image, found `/../b` \
         contains `..`"],
    );
    notes(
        "b 1\na = b\nc = ./a\nd = /b",
        &[
            "layer <lower>: names that begin with `./`: 1, the first at /a",
            "layer <lower>: names that begin with a slash: 1, the first at /b",
        ],
    );
    notes(
        "l -> b\na = l",
        &["layer <lower>: hard links to what is no regular file: 1, the first at /a"],
    );
    // The directory of the target is reached through a link, as in merged file systems.
    notes("usr/\nusr/b 1\nlib -> usr\na = lib/b", &[]);
    let layers = ["b 1".into(), "a = b".into()];
    Fixture { layers, ..of("") }.has(&[
        "layer <upper>: /a: expected a hard link to a file before it in the same layer, found \
         `/b`, which is not in this layer",
    ]);
}

#[test]
fn whiteouts() {
    notes(".wh.a\nb/\nb/.wh..wh..opq", &[]);
    notes(".wh.a 1", &["layer <lower>: whiteouts with content: 1, the first at /.wh.a"]);
    notes(
        ".wh..wh.plnk",
        &["layer <lower>: marks of a storage driver: 1, the first at /.wh..wh.plnk"],
    );
    has(".wh.a/", &["layer <lower>: /.wh.a: expected an empty file, found something else"]);
    has(".wh.a -> b", &["layer <lower>: /.wh.a: expected an empty file, found something else"]);
    has(".wh..", &["layer <lower>: /.wh..: expected the name of what is removed, found none"]);
}

#[test]
fn types() {
    has(
        "a ! Z",
        &[
            "layer <lower>: /a: expected a file, directory, link, device or FIFO, found the type `Z`",
        ],
    );
    has("a ! g", &["layer <lower>: expected no global PAX header, found 1 global PAX headers"]);
    has(
        "a 1\nb ! S\nc 1\nc 1",
        &[
            "layer <lower>: expected a tar archive that can be read to its end, found sparse entries \
         are not supported after a",
        ],
    );
    notes(
        "a ! 3\nb ! 4\nc ! 6",
        &[
            "layer <lower>: FIFOs: 1, the first at /c",
            "layer <lower>: devices, which only root can make: 2, the first at /a",
        ],
    );
    has("./ 1", &["layer <lower>: /: expected a directory, found something else"]);
}

#[test]
fn entries_that_do_not_fit_on_the_layers_below() {
    let layers = ["a 1\nl -> l".into(), "a/b 1\nl/x 1\nc 1".into()];
    Fixture { layers, ..of("") }.has(&[
        "layer <upper>: a/b: expected an entry that can be laid over those before it, found \
         `/a/b` lies below `/a`, which is a file",
        "layer <upper>: l/x: expected an entry that can be laid over those before it, found \
         `/l/x` lies behind too many symbolic links",
    ]);
}

/// The lower layer's archive with a change that its documents know of.
#[track_caller]
fn archive(change: impl FnOnce(&mut Vec<u8>) + 'static, expected: &[&str]) {
    Fixture { tar: Box::new(change), ..Fixture::default() }.has(expected);
}

#[test]
fn the_archive_is_read_to_its_end() {
    archive(
        |tar| tar.truncate(700),
        &[
            "layer <lower>: expected a tar archive that can be read to its end, found the archive ends \
         within a header after bin/",
        ],
    );
    archive(
        |tar| tar.truncate(512 * 2),
        &[
            "layer <lower>: expected a tar archive that can be read to its end, found unexpected end \
         of file after bin/app",
        ],
    );
    archive(
        |tar| tar[512] = b'x',
        &["layer <lower>: expected a tar archive that can be read to its end, found not a tar \
         archive, or damaged: a header has a wrong checksum after bin/"],
    );
    archive(|tar| tar.extend([0; 10_000]), &[]);
    archive(
        |tar| tar.extend([0, 1, 0, 2]),
        &["layer <lower>: end of the archive: expected nothing but zeros, found 2 other bytes"],
    );
    let text = "layer <lower>: no zeros mark the end of the archive";
    Fixture { tar: Box::new(|tar| tar.truncate(tar.len() - 1024)), ..Fixture::default() }
        .notes(&[text]);
    // umoci writes the last entry without its padding.
    let strays = &[STRAYS, text][..];
    Fixture { tar: Box::new(|tar| tar.truncate(513)), ..of("a 1") }.notes(strays);
}

/// The lower layer's blob with a change that the descriptor knows of.
#[track_caller]
fn blob(change: impl FnOnce(&mut Vec<u8>) + 'static, expected: &[&str]) {
    Fixture { blob: Box::new(change), ..Fixture::default() }.has(expected);
}

#[test]
fn the_compressed_stream_is_read_to_its_end() {
    // Zeros too: skopeo and umoci refuse them.
    blob(
        |blob| blob.extend([0; 7]),
        &["layer <lower>: end of the gzip stream: expected nothing, found 7 bytes"],
    );
    blob(
        |blob| blob.truncate(blob.len() - 1),
        &[
            "layer <lower>: expected a tar archive that can be read to its end, found unexpected end \
         of file",
        ],
    );
    blob(
        |blob| blob.truncate(100),
        &["layer <lower>: expected a tar archive that can be read to its end, found incomplete \
             deflate stream after bin/app"],
    );
    blob(
        |blob| *blob = b"garbage".to_vec(),
        &[
            "config <config>: rootfs.diff_ids[0]: expected <diff-id>, found <lower>",
            "layer <lower>: expected a tar archive that can be read to its end, found the archive ends \
         within a header",
            "layer <lower>: compression: expected gzip by its media type, found a tar archive that is \
         not compressed",
        ],
    );
    // Several members are one stream.
    blob(|blob| *blob = [gzip(&tar(LOWER)[..600]), gzip(&tar(LOWER)[600..])].concat(), &[]);
    let zstd = zstd::encode_all(&tar(LOWER)[..], 3).unwrap();
    let expected = "layer <lower>: compression: expected gzip by its media type, found zstd";
    blob(move |blob| *blob = zstd, &[expected]);
}

#[test]
fn names_without_bounds_are_refused() {
    let long = "d/".repeat(3000) + "a";
    let record = |length: usize| format!("{length} path={long}\n");
    let record = record(record(0).len() + 3);
    let mut archive = entry("x", b'x', "", record.as_bytes());
    archive.extend(entry("x", b'0', "", b""));
    archive.extend([0; 1024]);
    let fixture = Fixture { tar: Box::new(move |tar| *tar = archive), ..of("") };
    let seen = fixture.seen().mismatches;
    let [mismatch] = &seen[..] else { panic!("{seen:?}") };
    assert!(mismatch.starts_with("layer <lower>: d/d/d/"), "{mismatch}");
    let end = "…: expected a path of at most 4095 bytes, found 6001";
    assert!(mismatch.ends_with(end), "{mismatch}");
    assert!(mismatch.len() < 1000);
}
