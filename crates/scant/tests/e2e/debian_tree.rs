//! A file system of another architecture, unpacked from Debian's packages without running their
//! scripts: unbound for aarch64 with the libraries that it needs.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::run::run;
use crate::tools;

/// Unbound and what its libraries need, in the words of Debian 12.
const PACKAGES: [&str; 17] = [
    "unbound",
    "libc6",
    "libcap2",
    "libevent-2.1-7",
    "libexpat1",
    "libgcc-s1",
    "libgcrypt20",
    "libgpg-error0",
    "liblz4-1",
    "liblzma5",
    "libnghttp2-14",
    "libprotobuf-c1",
    "libpython3.11",
    "libssl3",
    "libsystemd0",
    "libzstd1",
    "zlib1g",
];

/// The tree, made once and kept below `target/`. An error is a reason to skip the test.
pub(crate) fn unbound_aarch64() -> Result<&'static Path, String> {
    static TREE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let tree = TREE.get_or_init(|| make(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("aarch64")));
    tree.as_deref().map_err(Clone::clone)
}

fn make(place: &Path) -> Result<PathBuf, String> {
    if place.is_dir() {
        return Ok(place.to_path_buf());
    }
    for program in ["apt-get", "dpkg-deb"] {
        tools::find(program).ok_or(format!("{program} is not installed: this is not Debian"))?;
    }
    let scratch = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("target/ is ours");
    let (packages, tree) = (scratch.path().join("packages"), scratch.path().join("tree"));
    fs::create_dir(&packages).expect("the directory is ours");
    let names = PACKAGES.map(|name| format!("{name}:arm64")).join(" ");
    let ran = run("apt-get").words("download --quiet").words(&names).directory(&packages).end();
    if ran.code != Some(0) {
        let said = ran.stderr.lines().next().unwrap_or_default();
        let help = "dpkg --add-architecture arm64 && apt-get update";
        return Err(format!("apt-get finds no packages for arm64 ({help}): {said}"));
    }
    for package in fs::read_dir(&packages).expect("the directory is ours") {
        let package = package.expect("the directory is ours").path();
        run("dpkg-deb").arg("-x").arg(package).arg(&tree).ok();
    }
    // Another run of the tests may have been faster.
    match fs::rename(&tree, place) {
        Err(error) if !place.is_dir() => panic!("{}: {error}", place.display()),
        _ => Ok(place.to_path_buf()),
    }
}
