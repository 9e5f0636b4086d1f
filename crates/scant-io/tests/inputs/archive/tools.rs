//! What the programs write that everybody uses: the archive of a tree is the tree.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Command;

use scant_core::words::{EntryKind, Escaped, Root, TreePath};
use scant_io::inputs::{ArchiveInput, DirectoryInput, Packages};
use tempfile::TempDir;

use super::options;

/// Numbers that look random, the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Whether the program is there; says so when it is not.
#[expect(clippy::disallowed_methods, reason = "a test may ask how it is run")]
fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = std::env::split_paths(&path).any(|directory| directory.join(program).is_file());
    if !is_there {
        let is_strict = std::env::var_os("SCANT_NO_SKIP").is_some_and(|value| value == "1");
        assert!(!is_strict, "`{program}` is missing");
        println!("skipped: `{program}` is not installed");
    }
    is_there
}

/// Makes `archive` of the tree that the command runs in.
#[track_caller]
fn run(tree: &Path, archive: &Path, command: &str) {
    let mut shell = Command::new("sh");
    shell.args(["-ec", command]).env("A", archive).env("LC_ALL", "C.UTF-8").current_dir(tree);
    let output = shell.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {said}");
}

/// All of an input: types, modes, what is in files, and which names are one file.
fn whole(input: &dyn Root) -> String {
    let (mut text, mut waiting) = (String::new(), vec![TreePath::root()]);
    let mut first = std::collections::BTreeMap::new();
    while let Some(directory) = waiting.pop() {
        for name in input.list(&directory).unwrap() {
            let path = directory.join(&name);
            let entry = input.lookup(&path).unwrap().unwrap();
            let what = match &entry.kind {
                EntryKind::Directory => {
                    waiting.push(path.clone());
                    format!("directory {:04o}", entry.mode)
                }
                EntryKind::File { size } => {
                    let content = input.read(&path, 64 << 20).unwrap();
                    let sum = scant_core::words::Digest::of(&content);
                    let same = first.entry(entry.identity()).or_insert_with(|| path.clone());
                    format!("file {:04o} {size} {sum} {same}", entry.mode)
                }
                EntryKind::Symlink { target } => format!("link {}", Escaped(target)),
                EntryKind::Special(what) => (*what).to_string(),
            };
            text += &format!("{path} {what}\n");
        }
    }
    text
}

/// The tree and the archive of it must be the same.
#[track_caller]
fn same(tree: &Path, command: &str) {
    let place = tempfile::tempdir().unwrap();
    let archive = place.path().join("archive");
    run(tree, &archive, command);
    let archive =
        ArchiveInput::open(&archive, &options()).unwrap_or_else(|e| panic!("{command}: {e}"));
    let tree = DirectoryInput::open(tree, Packages::None).unwrap();
    assert_eq!(whole(&archive), whole(&tree), "{command}");
}

/// A tree of directories, files, links of both kinds, long names and odd names.
fn random_tree(seed: u64) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let mut numbers = Numbers(seed);
    let (mut directories, mut files) = (vec![directory.path().to_path_buf()], Vec::new());
    for number in 0..40 {
        let above = directories[numbers.below(directories.len() as u64) as usize].clone();
        let name = match numbers.below(8) {
            0 => format!("{number}{}", "n".repeat(numbers.below(240) as usize)).into_bytes(),
            1 => format!("{number} a'b\"c\n\\").into_bytes(),
            2 => format!("{number}\u{e9}\u{1f600}").into_bytes(),
            3 => format!(".wh.{number}").into_bytes(),
            _ => number.to_string().into_bytes(),
        };
        let path = above.join(std::ffi::OsStr::from_bytes(&name));
        match numbers.below(6) {
            0 | 1 => {
                fs::create_dir(&path).unwrap();
                directories.push(path);
            }
            2 => {
                let target = "../t/".repeat(1 + numbers.below(60) as usize);
                std::os::unix::fs::symlink(&target, &path).unwrap();
            }
            3 if !files.is_empty() => {
                let file: &std::path::PathBuf = &files[numbers.below(files.len() as u64) as usize];
                fs::hard_link(file, &path).unwrap();
            }
            _ => {
                let size = [0, 1, 511, 512, 513, 10_000][numbers.below(6) as usize];
                fs::write(&path, vec![number; size]).unwrap();
                let mode = [0o644, 0o755, 0o600, 0o4755][numbers.below(4) as usize];
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
                files.push(path);
            }
        }
    }
    directory
}

#[test]
fn random_trees_by_gnu_tar() {
    if !is_there("tar") {
        return;
    }
    for seed in 0..6 {
        let tree = random_tree(seed);
        for format in ["gnu", "pax", "oldgnu"] {
            same(tree.path(), &format!("tar --format={format} -cf \"$A\" ."));
        }
        same(tree.path(), "tar --format=pax --sort=name -cf \"$A\" .");
    }
}

#[test]
fn random_trees_by_bsdtar() {
    if !is_there("bsdtar") {
        return;
    }
    for seed in 10..14 {
        let tree = random_tree(seed);
        for format in ["pax", "gnutar"] {
            same(tree.path(), &format!("bsdtar --format {format} -cf \"$A\" ."));
        }
    }
}

#[test]
fn random_trees_by_python() {
    if !is_there("python3") {
        return;
    }
    for seed in 20..24 {
        let tree = random_tree(seed);
        for format in ["GNU", "PAX"] {
            let program = format!(
                "import os, tarfile; a = tarfile.open(os.environ[\"A\"], \"w\", \
                 format=tarfile.{format}_FORMAT); a.add(\".\"); a.close()"
            );
            same(tree.path(), &format!("python3 -c '{program}'"));
        }
    }
}

#[test]
fn random_trees_by_info_zip() {
    if !is_there("zip") {
        return;
    }
    for seed in 30..34 {
        let tree = random_tree(seed);
        // A zip archive has no hard links: each name is a file of its own.
        let copies = tempfile::tempdir().unwrap();
        run(tree.path(), copies.path(), "tar --hard-dereference -cf - . | tar -C \"$A\" -xpf -");
        same(copies.path(), "zip -qry - . > \"$A\"");
        same(copies.path(), "zip -qry0 \"$A.zip\" . && mv \"$A.zip\" \"$A\"");
        same(copies.path(), "zip -qryfz \"$A.zip\" . && mv \"$A.zip\" \"$A\"");
        if is_there("bsdtar") {
            same(copies.path(), "bsdtar --format zip -cf \"$A\" .");
        }
    }
}

#[test]
fn every_compressor() {
    let tree = random_tree(40);
    for (program, command) in [
        ("gzip", "gzip -c"),
        ("xz", "xz -9 -T2 --block-size=4096"),
        ("zstd", "zstd -q --long=27"),
        ("pzstd", "pzstd -q -p 2"),
        ("bzip2", "bzip2 -9"),
    ] {
        if is_there(program) && is_there("tar") {
            same(tree.path(), &format!("tar -cf - . | {command} > \"$A\""));
            same(
                tree.path(),
                &format!(
                    "tar -cf - . > \"$A.tar\"; head -c 1000 \"$A.tar\" | {command} > \"$A\"; \
                     tail -c +1001 \"$A.tar\" | {command} >> \"$A\""
                ),
            );
        }
    }
}

#[test]
fn sparse_files_of_gnu_tar() {
    if !is_there("tar") {
        return;
    }
    let tree = tempfile::tempdir().unwrap();
    for (name, parts) in [("many", 40), ("one", 1), ("none", 0)] {
        let file = fs::File::create(tree.path().join(name)).unwrap();
        file.set_len(8 << 20).unwrap();
        for part in 0..parts {
            file.write_all_at(format!("part {part}").as_bytes(), part * 200_000 + 70_000).unwrap();
        }
    }
    fs::write(tree.path().join("plain"), "text").unwrap();
    for format in
        ["--format=gnu", "--sparse-version=0.0", "--sparse-version=0.1", "--sparse-version=1.0"]
    {
        let format = format.replace("--sparse", "--format=pax --sparse");
        same(
            tree.path(),
            &format!("tar -S {format} -cf \"$A\" . && test $(stat -c %s \"$A\") -lt 2000000"),
        );
    }
}

/// What GNU tar makes of an archive of these lines; none when it complains.
fn unpacked(lines: &str) -> Option<String> {
    let place = tempfile::tempdir().unwrap();
    let (archive, tree) = (place.path().join("a.tar"), place.path().join("tree"));
    fs::create_dir(&tree).unwrap();
    fs::write(&archive, scant_testkit::RawTar::of_lines(lines)).unwrap();
    let output = Command::new("tar").arg("-xf").arg(&archive).current_dir(&tree).output().unwrap();
    let unpacked = DirectoryInput::open(&tree, Packages::None).unwrap();
    output.status.success().then(|| whole(&unpacked))
}

#[test]
fn what_entries_do_to_one_another_is_what_gnu_tar_does() {
    if !is_there("tar") {
        return;
    }
    for lines in [
        "a 1\na 22",
        "a -> b\na 1",
        "a 1\na/\na/b 2",
        "a/\na 1",
        "a -> b\nb/\na/\na/c 1",
        "b/\na -> b\na/c 1",
        "b 1\na = b\nb 22",
        "b 1\na = b\na 22",
        "b -> c\na = b",
        "a 1\na -> c",
        "a/\na/b 1\na 2",
        "a/b 1\na -> c",
        "a 1\na/b 1",
        "a -> a\na/b 1",
        "a = b",
        "../a 1",
        "/a 1\n/b = /a",
        "a 1\na = a",
    ] {
        let place = tempfile::tempdir().unwrap();
        let archive = place.path().join("a.tar");
        fs::write(&archive, scant_testkit::RawTar::of_lines(lines)).unwrap();
        let seen = ArchiveInput::open(&archive, &options()).ok().map(|input| whole(&input));
        assert_eq!(seen, unpacked(lines), "{lines}");
    }
}
