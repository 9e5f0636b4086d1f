//! A tree in, its archive or an error out.

use std::io::Read;
use std::sync::LazyLock;

use scant_core::formats::tar::PIECE;
use scant_core::words::Digest;

mod readers;

use super::*;
use crate::blobs::Store;
use crate::testing::{Memory, tree, tree_of};

fn written(tree: &Tree, memory: Memory, compression: &str, threads: usize) -> (String, Vec<u8>) {
    let place = tempfile::tempdir().unwrap();
    let store = Store::temporary(place.path()).unwrap();
    let progress = std::sync::atomic::AtomicU64::new(0);
    let options = Options {
        compression: compression.parse().unwrap(),
        threads,
        mtime: 0,
        progress: &|done| progress.store(done, std::sync::atomic::Ordering::Relaxed),
        slot: None,
    };
    match write(tree, &memory.inputs(), &store, &options) {
        Ok(layer) => {
            assert_eq!(progress.into_inner(), layer.tar_size);
            assert_eq!(tar_size(tree).unwrap(), layer.tar_size);
            let bytes = layer.blob.read(u64::MAX).unwrap();
            assert_eq!(layer.descriptor.size, bytes.len() as u64);
            (layer.diff_id.to_string(), bytes)
        }
        Err(error) => (format!("error: {error}"), Vec::new()),
    }
}

/// Files that end within, at and beyond the seams of the pieces, of bytes that compress somewhat.
fn large() -> (Tree, Memory) {
    static LARGE: LazyLock<(Tree, Memory)> = LazyLock::new(|| {
        let mut memory = Memory::default();
        let mut lines = String::new();
        let mut state = 1_u32;
        for (name, size) in [("a", 3 * PIECE - 512), ("b", PIECE + 1), ("c", 0), ("d", 700_000)] {
            let bytes = std::iter::repeat_with(|| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                b"abcdefgh\0\n"[(state >> 24) as usize % 10]
            });
            memory.insert(&format!("/{name}"), &bytes.take(size).collect::<Vec<_>>());
            lines.push_str(&format!("/{name} file {size}\n"));
        }
        (tree(&lines), memory)
    });
    LARGE.clone()
}

fn plain(compression: &str, blob: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    match &compression[..4] {
        // A decoder of one member: a second one would be left unread.
        "gzip" => flate2::read::GzDecoder::new(blob).read_to_end(&mut plain).unwrap(),
        "zstd" => zstd::stream::read::Decoder::new(blob).unwrap().read_to_end(&mut plain).unwrap(),
        _ => (&mut &*blob).read_to_end(&mut plain).unwrap(),
    };
    plain
}

#[test]
fn bytes_do_not_depend_on_threads_or_on_how_much_a_read_returns() {
    let (tree, memory) = large();
    let (diff_id, tar) = written(&tree, memory, "none", 1);
    assert_eq!(diff_id, Digest::of(&tar).to_string());
    for compression in ["none", "gzip", "gzip:0", "gzip:1", "gzip:9", "zstd", "zstd:1"] {
        let first = written(&tree, large().1, compression, 1);
        assert_eq!(first.0, diff_id, "{compression}");
        assert!(plain(compression, &first.1) == tar, "{compression}");
        for threads in [2, 8] {
            assert!(written(&tree, large().1, compression, threads) == first, "{compression}");
        }
        let slow = Memory { most: 1234, ..large().1 };
        assert!(written(&tree, slow, compression, 2) == first, "{compression}");
    }
}

/// A change here is a change of every image that users have: raise the version for it.
#[test]
fn blobs_are_those_of_the_last_release() {
    let (tree, _) = large();
    let blob = |compression| {
        let (_, blob) = written(&tree, large().1, compression, 2);
        format!("{compression} {} {}\n", blob.len(), Digest::of(&blob))
    };
    let shown: String = ["none", "gzip:0", "gzip", "gzip:6", "gzip:9", "zstd"].map(blob).concat();
    let expected = "\
none 4897792 sha256:32892b1e2bd0c1cb91f443a6b211f4bcba12e5f8cbf465e19a9e72ee51fbf13d
gzip:0 4898232 sha256:d334b508fb9a9f5b75518f51d8dc13e0fdeb6833102fa8d3ad388a1a9f3b00c8
gzip 2188249 sha256:1114cdb6d7a0581d7a983799e7291c19ceab250bfb76a419a755a266f2bd24b5
gzip:6 2119166 sha256:b2b87c069eb03c11b106641666a7a331f536560d487f853737e526ca3843aa1c
gzip:9 2119138 sha256:c3130628393bba6bc8110514b46ea6b40f2a1fd9ac211066fb0817fcb4ca76b2
zstd 2152369 sha256:9b8b4e6384b78ac24afe023957c595018f796f692428659099436577946d374d
";
    assert_eq!(shown, expected);
}

#[test]
fn gzip_is_one_member_with_a_bare_head() {
    let (_, blob) = written(&tree("/d dir\n"), Memory::default(), "gzip", 1);
    assert_eq!(blob[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
    let mut rest = &blob[..];
    let mut decoder = flate2::bufread::GzDecoder::new(&mut rest);
    assert_eq!(decoder.read_to_end(&mut Vec::new()).unwrap(), 512 + 1024);
    drop(decoder);
    assert_eq!(rest, b"");
}

#[test]
fn a_tree_without_nodes_is_two_blocks_of_zeros() {
    let (_, tar) = written(&Tree::default(), Memory::default(), "none", 1);
    assert_eq!(tar, [0; 1024]);
}

#[test]
fn faults_stop_every_thread() {
    let (tree, _) = large();
    let case = |memory: Memory, expected: &str| {
        for threads in [1, 8] {
            assert_eq!(written(&tree, memory.clone(), "gzip:1", threads).0, expected);
        }
    };
    case(
        Memory::default(),
        "error: `/a` of the input `TEST` changed while the image was built: it is not there any more",
    );
    let mut shorter = large().1;
    shorter.insert("/d", b"x");
    case(
        shorter,
        "error: `/d` of the input `TEST` changed while the image was built: it had 700000 bytes, now it \
         has 1",
    );
    let shrinks = Memory { ends_at: Some(2_000_000), ..large().1 };
    case(
        shrinks,
        "error: `/a` of the input `TEST` changed while the image was built: it had 3145216 bytes, and \
         ended before them",
    );
    let grows = Memory { grows: true, ..large().1 };
    case(
        grows,
        "error: `/a` of the input `TEST` changed while the image was built: it had 3145216 bytes, now it \
         has 3145217",
    );
    let unknown = tree_of("OTHER", "/a file 1\n");
    assert_eq!(
        written(&unknown, Memory::default(), "none", 1).0,
        "error: `/a` of the image is read from the input `OTHER`, which is not open"
    );
}

#[test]
fn a_full_disk_is_an_error_and_no_hang() {
    let (tree, memory) = large();
    let place = tempfile::tempdir().unwrap();
    let store = Store::temporary(place.path()).unwrap();
    // The directory is gone before the blob is begun.
    std::fs::remove_dir_all(place.path()).unwrap();
    let options = Options {
        compression: Compression::None,
        threads: 2,
        mtime: 0,
        progress: &|_| (),
        slot: None,
    };
    let error = write(&tree, &memory.inputs(), &store, &options).unwrap_err();
    assert!(matches!(error, LayerError::Write { .. }), "{error}");
}
