//! What a directory that is named without a transport, and is no layout, seems to be: a root file
//! system, or something else that was meant for nothing of the kind.

use std::fs;
use std::path::Path;

use scant_core::formats::image_reference::ImageArgument;

use super::{OpenError, Opened};

/// What a root has, one of these at least.
/// <https://refspecs.linuxfoundation.org/FHS_3.0/fhs/ch03s02.html>
const OF_ROOTS: [&str; 8] = ["bin", "etc", "lib", "lib64", "opt", "sbin", "usr", "var"];

/// What a directory of source has, which may have a `bin` and a `lib` too.
const OF_SOURCE: [&str; 9] = [
    ".git",
    "CMakeLists.txt",
    "Cargo.toml",
    "Makefile",
    "configure",
    "go.mod",
    "package.json",
    "pom.xml",
    "pyproject.toml",
];

/// Whether the argument is a path that was taken as a root file system, and does not look like one.
pub fn is_doubtful(argument: &ImageArgument, opened: &Opened) -> bool {
    match (argument, opened) {
        (ImageArgument::Path(path), Opened::Files(files)) if files.directory().is_some() => {
            let has = |name: &&str| Path::new(path).join(name).symlink_metadata().is_ok();
            !OF_ROOTS.iter().any(has) || OF_SOURCE.iter().any(has)
        }
        _ => false,
    }
}

/// Refuses a directory with nothing in it, and one that cannot be listed.
pub(super) fn is_something(path: &Path) -> Result<(), OpenError> {
    let failed = |source| OpenError::Read { path: path.to_path_buf(), source };
    match fs::read_dir(path).map_err(failed)?.next() {
        Some(_) => Ok(()),
        None => Err(OpenError::NotAnImage {
            path: path.to_path_buf(),
            expected: "an image or a root file system",
            why: "the directory is empty".into(),
        }),
    }
}
