//! Compressed archives: every container, in several parts, cut off and damaged.

use std::io::{Read as _, Write as _};

use scant_core::words::TreePath;
use scant_io::inputs::{ArchiveInput, ArchiveOptions, Limits};
use scant_testkit::RawTar;

use super::{case, opened, options, seen};
use crate::support::{answer, shown};

const LINES: &str = "a/\na/b one\nc two";
const SHOWN: &str = "/a/ 0755\n/a/b 0644 \"one\"\n/c 0644 \"two\"\n";

type Compress = fn(&[u8]) -> Vec<u8>;

pub(crate) const COMPRESSIONS: [(&str, Compress); 4] =
    [("gzip", gzip), ("xz", xz), ("zstd", zstd), ("bzip2", bzip2)];

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(1);
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    let level = bzip2::Compression::fast();
    bzip2::read::BzEncoder::new(bytes, level).read_to_end(&mut compressed).unwrap();
    compressed
}

#[test]
fn every_compression_in_one_part_and_in_several() {
    let whole = RawTar::of_lines(LINES);
    for (name, compress) in COMPRESSIONS {
        assert_eq!(seen(&compress(&whole), &options()), SHOWN, "{name}");
        for at in [1, 512, 700, whole.len() - 1] {
            let parts = [compress(&whole[..at]), compress(b""), compress(&whole[at..])].concat();
            assert_eq!(seen(&parts, &options()), SHOWN, "{name}, in parts at {at}");
        }
    }
}

#[test]
fn what_may_stand_between_and_behind() {
    let whole = RawTar::of_lines(LINES);
    let skipped = b"\x50\x2a\x4d\x18\x04\0\0\0meta";
    case(&[&skipped[..], &zstd(&whole), &skipped[..]].concat(), SHOWN);
    case(&[&gzip(&whole)[..], &[0; 10_000]].concat(), SHOWN);
    case(&[&xz(&whole)[..], &[0; 8]].concat(), SHOWN);
}

#[test]
fn what_is_behind_and_means_nothing() {
    let whole = RawTar::of_lines(LINES);
    let size = whole.len();
    for (name, compress, why) in [
        ("gzip", gzip as Compress, "what follows the compressed data is not compressed"),
        ("xz", xz, "invalid data after stream"),
        ("zstd", zstd, "Unknown frame descriptor"),
        ("bzip2", bzip2, "bzip2: bz2 header missing"),
    ] {
        let archive = [&compress(&whole)[..], b"garbage!"].concat();
        let expected = format!("`FILE`: damaged at byte {size} of what {name} holds: {why}");
        assert_eq!(seen(&archive, &options()), expected);
    }
}

#[test]
fn a_cut_archive_is_found_wherever_it_is_cut() {
    let whole = RawTar::of_lines(&format!("{LINES}\nd {}", "text ".repeat(2000)));
    for (name, compress) in COMPRESSIONS {
        let archive = compress(&whole);
        for length in (12..archive.len()).step_by(7).chain([archive.len() - 1]) {
            let said = seen(&archive[..length], &options());
            assert!(said.starts_with("`FILE`: "), "{name}, {length}: {said}");
            let is_fit = ["the archive ends too early", "is compressed with", "damaged at"];
            assert!(is_fit.iter().any(|why| said.contains(why)), "{name}, {length}: {said}");
        }
        let said = seen(&archive[..archive.len() - 1], &options());
        let size = whole.len();
        assert_eq!(
            said,
            format!(
                "`FILE`: damaged at byte {size} of what {name} holds: the archive ends too early"
            )
        );
    }
}

#[test]
fn a_wrong_checksum_is_found() {
    let whole = RawTar::of_lines(&format!("{LINES}\nd {}", "text ".repeat(2000)));
    for (name, compress) in COMPRESSIONS {
        let archive = compress(&whole);
        let right = seen(&archive, &options());
        for at in (10..archive.len()).step_by(11) {
            let mut wrong = archive.clone();
            wrong[at] ^= 0x10;
            let said = seen(&wrong, &options());
            // Some bits mean nothing: times in a header of gzip, tables of bzip2 that are not used.
            assert!(said.starts_with("`FILE`: ") || said == right, "{name}, {at}");
        }
    }
    let mut wrong = gzip(&whole);
    let at = wrong.len() - 8;
    wrong[at] ^= 1;
    let size = whole.len();
    case(
        &wrong,
        &format!(
            "`FILE`: damaged at byte {size} of what gzip holds: corrupt gzip stream does not have a matching checksum"
        ),
    );
}

#[test]
fn one_compressed_file_is_no_archive() {
    let expected = "an archive is expected: tar, by itself or in gzip, xz, zstd or bzip2, or zip";
    for (name, compress) in COMPRESSIONS {
        for content in [&b""[..], b"hello", &[b'x'; 5000]] {
            let what = format!("`FILE`: it is one file that is compressed with {name}; {expected}");
            assert_eq!(seen(&compress(content), &options()), what);
        }
    }
}

#[test]
fn bombs_are_stopped_before_they_are_unpacked() {
    let mut bomb = RawTar::default();
    bomb.entry("zeros", b'0', "", vec![0; 80 << 20]);
    let bomb = bomb.end();
    for (name, compress) in [("gzip", gzip as Compress), ("zstd", zstd)] {
        let bomb = compress(&bomb);
        let limited = |limits, expected: &str| {
            let temporary = std::path::PathBuf::from("/nowhere");
            let said = opened(&bomb, &ArchiveOptions { limits, temporary, strip_components: 0 });
            assert_eq!(said.map(|_| ()), Err(expected.to_string()), "{name}");
        };
        let limits = Limits::default();
        limited(
            Limits { max_bytes: 1 << 20, ..limits },
            "`FILE`: it unpacks to too many bytes, more than 1048576; raise `max_bytes` if it is meant",
        );
        limited(
            Limits { max_ratio: 10, ..limits },
            "`FILE`: it unpacks to too many times its size, more than 10; raise `max_ratio` if it is meant",
        );
        limited(
            Limits { max_ratio: 1 << 40, ..limits },
            "`FILE`: cannot be decompressed into a temporary file in `/nowhere`: entity not found",
        );
    }
}

#[test]
fn memory_for_decompression_is_bounded() {
    // A frame of zstd with a window of 256 MiB, and a block of nothing.
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0, (28 - 10) << 3, 1, 0, 0];
    case(
        &frame,
        "`FILE`: damaged at byte 0 of what zstd holds: it needs a window of more than 128 MiB; \
         compress it with `--long=27` or less",
    );
    let mut options = lzma_rust2::XzOptions::with_preset(0);
    options.lzma_options.dict_size = 512 << 20;
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    encoder.write_all(&RawTar::of_lines("a 1")).unwrap();
    case(
        &encoder.finish().unwrap(),
        "`FILE`: damaged at byte 0 of what xz holds: it needs more than 192 MiB of memory; compress \
         it with a smaller dictionary",
    );
}

#[test]
fn what_is_large_goes_to_a_file_without_a_name() {
    let directory = tempfile::tempdir().unwrap();
    let mut large = RawTar::default();
    large.entry("first", b'0', "", vec![7; 65 << 20]).entry("last", b'0', "", "end");
    let path = directory.path().join("a.tar.zst");
    std::fs::write(&path, zstd(&large.end())).unwrap();
    let limits = Limits { max_ratio: 1 << 20, ..Limits::default() };
    let temporary = directory.path().to_path_buf();
    let options = ArchiveOptions { strip_components: 0, limits, temporary };
    let input = ArchiveInput::open(&path, &options).unwrap();
    assert_eq!(answer(&input, "/last"), "\"end\"");
    let names: Vec<_> = std::fs::read_dir(&directory).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(names, [path]);
}

#[test]
fn an_archive_that_changes_is_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.tar");
    std::fs::write(&path, RawTar::of_lines(LINES)).unwrap();
    let input = ArchiveInput::open(&path, &options()).unwrap();
    assert_eq!(shown(&input, &TreePath::root()), SHOWN);
    use scant_core::words::Input as _;
    let file = input.open(&crate::support::path("/c")).unwrap();
    assert!(file.stamp().is_ok());
    std::fs::write(&path, RawTar::of_lines("a 1")).unwrap();
    assert_eq!(file.stamp().unwrap_err().to_string(), "`/c`: changed while it was read");
}
