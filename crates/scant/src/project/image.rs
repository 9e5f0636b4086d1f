//! Images that are given where a manifest is wanted.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use scant_core::formats::image_reference::ImageReference;

use crate::exit::Failure;

/// Where the header of a tar archive says that it is one.
const TAR: (usize, &[u8]) = (257, b"ustar");

/// What compressed files begin with: gzip, zstd, xz.
const COMPRESSED: [&[u8]; 3] = [b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ"];

/// What an argument is that names an image by its transport, as in `oci:DIR`.
pub(super) fn of_name(name: &str) -> Option<&'static str> {
    name.parse::<ImageReference>().ok().map(|_| "an image")
}

/// What a file or directory is that holds an image.
pub(super) fn of_file(path: &Path) -> Option<&'static str> {
    if path.is_dir() {
        return path.join("oci-layout").is_file().then_some("a directory with an image");
    }
    if !path.is_file() {
        return None;
    }
    let mut start = Vec::new();
    File::open(path).ok()?.take(512).read_to_end(&mut start).ok()?;
    let is_tar = start.get(TAR.0..).is_some_and(|rest| rest.starts_with(TAR.1));
    match () {
        () if is_tar => Some("a tar archive"),
        () if COMPRESSED.iter().any(|mark| start.starts_with(mark)) => Some("a compressed file"),
        () => None,
    }
}

/// Says so.
pub(super) fn given(name: &str, what: &str) -> Failure {
    Failure::usage(format_args!("`{name}` is {what}, and a manifest is wanted")).hint(
        "`scant ls`, `why`, `check`, `verify`, `run` and `test` take images; \
         `build`, `plan` and `trace` take the manifest that one is built from",
    )
}
