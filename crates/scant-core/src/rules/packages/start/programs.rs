//! The programs of a package, and the one that its name means.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use super::Asked;
use crate::words::{EntryKind, InputError, TreePath};

/// Where programs are that everybody starts.
const EVERYWHERE: [&str; 4] = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];
/// What directories are called in which a package has programs of its own.
const OF_ITS_OWN: [&[u8]; 3] = [b"bin", b"sbin", b"libexec"];

/// The programs of a package: those that everybody starts, else those in directories of its own.
pub(super) fn of(asked: &Asked<'_>, own: &BTreeSet<TreePath>) -> Result<Vec<TreePath>, InputError> {
    let is_in = |path: &&TreePath, is_meant: &dyn Fn(&TreePath) -> bool| {
        path.parent().is_some_and(|parent| is_meant(&parent)) && is_program(asked, path)
    };
    let everywhere =
        |parent: &TreePath| EVERYWHERE.iter().any(|it| parent.as_bytes() == it.as_bytes());
    let programs: Vec<_> = own.iter().filter(|path| is_in(path, &everywhere)).cloned().collect();
    if !programs.is_empty() {
        return Ok(programs);
    }
    let of_its_own =
        |parent: &TreePath| parent.name().is_some_and(|name| OF_ITS_OWN.contains(&name));
    Ok(own.iter().filter(|path| is_in(path, &of_its_own)).cloned().collect())
}

/// Whether there is a program at a path, or a link to one.
pub(super) fn is_program(asked: &Asked<'_>, path: &TreePath) -> bool {
    asked.view.resolve(path.as_bytes()).is_ok_and(|found| {
        matches!(found.entry.kind, EntryKind::File { .. }) && found.entry.mode & 0o111 != 0
    })
}

/// The program that the name of a package means; the first one if none does.
pub(super) fn meant(package: &str, programs: &[TreePath]) -> Option<TreePath> {
    programs.iter().min_by_key(|path| (rank(package, path), (*path).clone())).cloned()
}

/// The same, only if it is called as the package.
pub(super) fn named(package: &str, programs: &[TreePath]) -> Option<TreePath> {
    meant(package, programs).filter(|path| rank(package, path) <= 2)
}

/// How far the name of a program is from that of its package.
fn rank(package: &str, program: &TreePath) -> usize {
    let stem = stem(package);
    let name = String::from_utf8_lossy(program.name().unwrap_or_default()).into_owned();
    match &*name {
        name if name == package => 0,
        name if name == stem => 1,
        name if name.strip_suffix('d') == Some(stem) => 2,
        // `postgres` of `postgresql-15`.
        name if name.len() >= 4 && stem.starts_with(name) => 3,
        name if name.starts_with(stem) => 4,
        _ => 5,
    }
}

/// Whether two packages belong together by their names.
pub(super) fn is_kin(one: &str, other: &str) -> bool {
    stem(one) == stem(other)
}

/// A package's name without what tells it from others of its kind: `nginx` of `nginx-light`.
pub(super) fn stem(package: &str) -> &str {
    let end = package.find(|c: char| !c.is_ascii_alphabetic()).filter(|end| *end >= 2);
    &package[..end.unwrap_or(package.len())]
}
