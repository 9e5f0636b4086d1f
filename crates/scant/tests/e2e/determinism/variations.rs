//! What may be around a build, one row for each variation.

use std::fs;
use std::path::Path;

use crate::run::{Ran, run};

/// The surroundings of a build.
#[derive(Clone, Copy)]
pub(super) struct Setting {
    pub(super) umask: &'static str,
    pub(super) environment: &'static [(&'static str, &'static str)],
    pub(super) threads: &'static str,
    pub(super) manifest: Manifest,
    pub(super) is_nobody: bool,
    pub(super) is_busy: bool,
    pub(super) tree: Tree,
    pub(super) cache: Cache,
}

/// How the manifest is named.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manifest {
    Beside,
    Absolute,
    FromAbove,
    StandardInput,
}

/// What is different of the files that are built from.
#[derive(Clone, Copy)]
pub(super) enum Tree {
    AsMade,
    /// Made again, each directory in the other order.
    Backwards,
    OnDisk,
    OnTmpfs,
    BackwardsOnTmpfs,
    /// Made again, and changed in what does not count.
    Changed(fn(&Path) -> Result<(), String>),
}

/// What is remembered of earlier builds.
#[derive(Clone, Copy)]
pub(super) enum Cache {
    None,
    /// In the home directory, for the first time.
    Home,
    Cold,
    Warm,
    /// Warm, then done this to each of its files.
    Damaged(fn(&mut Vec<u8>)),
}

pub(super) const USUAL: Setting = Setting {
    umask: "022",
    environment: &[("TZ", "UTC"), ("LC_ALL", "C"), ("LANG", "C")],
    threads: "4",
    manifest: Manifest::Beside,
    is_nobody: false,
    is_busy: false,
    tree: Tree::AsMade,
    cache: Cache::None,
};

const fn environment(environment: &'static [(&'static str, &'static str)]) -> Setting {
    Setting { environment, ..USUAL }
}

const fn tree(tree: Tree) -> Setting {
    Setting { tree, ..USUAL }
}

const fn cache(cache: Cache) -> Setting {
    Setting { cache, ..USUAL }
}

/// All of them; a failure names the example and the variation.
pub(super) const VARIATIONS: &[(&str, &Setting)] = &[
    ("umask 000", &Setting { umask: "000", ..USUAL }),
    ("umask 077", &Setting { umask: "077", ..USUAL }),
    ("time zone Asia/Kolkata", &environment(&[("TZ", "Asia/Kolkata")])),
    ("LC_ALL tr_TR.UTF-8", &environment(&[("LC_ALL", "tr_TR.UTF-8")])),
    ("LANG de_DE.UTF-8", &environment(&[("LANG", "de_DE.UTF-8"), ("LANGUAGE", "de")])),
    ("the cache in the home directory", &cache(Cache::Home)),
    ("manifest by an absolute path", &Setting { manifest: Manifest::Absolute, ..USUAL }),
    ("manifest from the directory above", &Setting { manifest: Manifest::FromAbove, ..USUAL }),
    ("manifest on standard input", &Setting { manifest: Manifest::StandardInput, ..USUAL }),
    ("user 65534, not root", &Setting { is_nobody: true, ..USUAL }),
    ("1 thread", &Setting { threads: "1", ..USUAL }),
    ("2 threads", &Setting { threads: "2", ..USUAL }),
    ("7 threads", &Setting { threads: "7", ..USUAL }),
    ("7 threads, all processors busy", &Setting { threads: "7", is_busy: true, ..USUAL }),
    ("files made in the other order", &tree(Tree::Backwards)),
    ("files on a disk", &tree(Tree::OnDisk)),
    ("files on tmpfs", &tree(Tree::OnTmpfs)),
    ("files on tmpfs, made in the other order", &tree(Tree::BackwardsOnTmpfs)),
    ("files of 2001", &tree(Tree::Changed(|path| find(path, "touch -h -d 2001-02-03")))),
    ("files closed to others", &tree(Tree::Changed(|path| find(path, "chmod go-rwx")))),
    ("files open to all", &tree(Tree::Changed(|path| find(path, "chmod a+rw")))),
    ("files setuid and setgid", &tree(Tree::Changed(|path| find(path, "chmod ug+s")))),
    ("files of another user", &tree(Tree::Changed(|path| find(path, "chown -h 65534:65534")))),
    ("files with attributes", &tree(Tree::Changed(attributes))),
    ("cold cache", &cache(Cache::Cold)),
    ("warm cache", &cache(Cache::Warm)),
    ("cache with a bit turned in each file", &cache(Cache::Damaged(|bytes| turn_a_bit(bytes)))),
    ("cache with all files cut", &cache(Cache::Damaged(|bytes| bytes.truncate(bytes.len() / 2)))),
    ("cache with all files empty", &cache(Cache::Damaged(Vec::clear))),
    (
        "all at once",
        &Setting {
            umask: "007",
            environment: &[("TZ", "America/Lima"), ("LC_ALL", "C.UTF-8")],
            threads: "3",
            manifest: Manifest::Absolute,
            is_nobody: false,
            is_busy: true,
            tree: Tree::BackwardsOnTmpfs,
            cache: Cache::Warm,
        },
    ),
];

/// Runs a command on the files of a tree that are no links.
fn find(tree: &Path, command: &str) -> Result<(), String> {
    let line = format!("-depth -mindepth 1 -not -type l -exec {command} {{}} +");
    succeeded(run("find").arg(tree).words(&line).end())
}

/// Gives every file an attribute, which links cannot have: GNU tar can write one into an archive and out of it.
fn attributes(tree: &Path) -> Result<(), String> {
    let name = "SCHILY.xattr.user.scant";
    let script = format!(
        "find . -type f -print0 | tar --null -T - --format=posix --pax-option={name}:=test \
         -cf $PWD.tar && \
         tar --xattrs --xattrs-include='user.*' -xf $PWD.tar && rm $PWD.tar"
    );
    succeeded(run("sh").directory(tree).arg("-c").arg(script).end())
}

/// What cannot be done here, such as changing owners without being root, is said.
fn succeeded(ran: Ran) -> Result<(), String> {
    if ran.code == Some(0) && ran.stderr.is_empty() {
        return Ok(());
    }
    Err(ran.stderr.lines().next().unwrap_or("a command fails").to_string())
}

fn turn_a_bit(bytes: &mut [u8]) {
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 1;
    }
}

/// Does something to every file below a directory, and says how many there are.
pub(super) fn each_file(directory: &Path, change: fn(&mut Vec<u8>)) -> usize {
    let mut count = 0;
    for entry in fs::read_dir(directory).expect("the cache was made") {
        let path = entry.expect("the cache can be listed").path();
        if path.is_dir() {
            count += each_file(&path, change);
        } else {
            let mut bytes = fs::read(&path).expect("the cache is ours");
            change(&mut bytes);
            fs::write(&path, bytes).expect("the cache is ours");
            count += 1;
        }
    }
    count
}
