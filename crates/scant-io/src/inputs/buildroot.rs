//! The trees of a Buildroot build: which directory is meant, and which package made each file.

use std::path::{Path, PathBuf};

use super::{DirectoryInput, OpenError, Packages};

/// Which of Buildroot's trees: `staging` is the sysroot with everything, `target` what Buildroot
/// itself would ship (stripped, without headers).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "said above")]
pub enum BuildrootTree {
    Staging,
    Target,
}

/// Opens a tree of Buildroot. `path` is Buildroot's `output` directory or the tree itself. Where
/// `build/packages-file-list*.txt` lies beside the tree, each file's package is known.
///
/// # Errors
/// When the directory cannot be opened.
pub fn open_buildroot(path: &Path, tree: BuildrootTree) -> Result<DirectoryInput, OpenError> {
    let (name, list) = match tree {
        BuildrootTree::Staging => ("staging", "packages-file-list-staging.txt"),
        BuildrootTree::Target => ("target", "packages-file-list.txt"),
    };
    let below = path.join(name);
    let is_output = below.is_dir() && path.join("build").is_dir();
    let root = if is_output { below } else { path.to_path_buf() };
    let list = output_directories(path, &root)
        .map(|output| output.join("build").join(list))
        .find_map(|file| std::fs::read(file).ok());
    let packages = match list {
        Some(list) => Packages::Buildroot(list),
        None => Packages::default(),
    };
    DirectoryInput::open(&root, packages)
}

/// Where the output directory may be: `path` itself, above the tree, or above
/// `host/TUPLE/sysroot`, which `staging` is a link to.
fn output_directories(path: &Path, root: &Path) -> impl Iterator<Item = PathBuf> {
    let real = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let above = |count: usize| real.ancestors().nth(count).map(Path::to_path_buf);
    let found =
        [Some(path.to_path_buf()), root.parent().map(Path::to_path_buf), above(1), above(3)];
    found.into_iter().flatten()
}
