//! What every input does the same.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use scant_core::formats::image_reference::ImageArgument;
use scant_core::words::{EntryKind, Input, InputError, Problem, TreePath};
use scant_io::images::{self, Contents, Opened};
use scant_io::inputs::{BuildrootTree, DirectoryInput, Packages, open_buildroot};
use scant_io::packages::{Union, apk};
use scant_testkit::{Apk, RawMember, RawZip};
use tempfile::{NamedTempFile, TempDir};

use crate::archive::{COMPRESSIONS, opened, options};
use crate::support::{path, shown, tree};

const LISTING: &str = r#"
/bin                   -> usr/bin
/dangling              -> nowhere
/etc/motd              mode=0640 "hello\n"
/etc/empty             ""
/up                    -> ../../../etc/motd
/usr/bin/tool          mode=4755 "tool\n"
/var/empty/
/var/tmp/              mode=1777
"#;

/// Every backend over the same tree, with the directory that keeps it alive.
fn each(check: impl Fn(&str, &dyn Input)) {
    let directory = tree(LISTING);
    let sysroot = DirectoryInput::open(directory.path(), Packages::default()).unwrap();
    check("sysroot", &sysroot);
    let as_tree = open_buildroot(directory.path(), BuildrootTree::Staging).unwrap();
    check("buildroot, the tree itself", &as_tree);
    let (output, below) = buildroot_output();
    let as_output = open_buildroot(output.path(), below).unwrap();
    check("buildroot, its output directory", &as_output);
    let tar = std::fs::read(archive_of(directory.path())).unwrap();
    check("archive, tar", &opened(&tar, &options()).unwrap());
    for (name, compress) in COMPRESSIONS {
        check(&format!("archive, {name}"), &opened(&compress(&tar), &options()).unwrap());
    }
    check("archive, zip", &opened(&zip_of(directory.path()), &options()).unwrap());
    check("packages of Alpine", &packages_of(directory.path()));
    check("image, a directory", &contents(directory.path()));
    check("image, an archive", &contents(archive_of(directory.path()).path()));
}

/// The files that `path` names as an image.
fn contents(path: &Path) -> Contents {
    let argument = ImageArgument::Path(path.to_str().unwrap().into());
    let Opened::Files(files) = images::open(&argument).unwrap() else { panic!("no files") };
    Contents::read(&files, path.parent().unwrap()).unwrap()
}

/// The same tree in an archive.
fn archive_of(tree: &Path) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    let mut archive = tar::Builder::new(file.reopen().unwrap());
    archive.follow_symlinks(false);
    archive.append_dir_all(".", tree).unwrap();
    archive.finish().unwrap();
    file
}

/// The same tree in a zip archive, every second file compressed.
fn zip_of(tree: &Path) -> Vec<u8> {
    let mut zip = RawZip::default();
    let mut waiting = vec![String::new()];
    while let Some(below) = waiting.pop() {
        for entry in std::fs::read_dir(tree.join(&below)).unwrap() {
            let entry = entry.unwrap();
            let (metadata, at) = (entry.metadata().unwrap(), entry.path());
            let name = format!("{below}{}", entry.file_name().into_string().unwrap());
            let member = |name: &str, content: &str| RawMember {
                mode: metadata.mode(),
                method: if name.len().is_multiple_of(2) { 8 } else { 0 },
                ..RawMember::stored(name, content)
            };
            if metadata.is_dir() {
                zip.member(&member(&format!("{name}/"), ""));
                waiting.push(format!("{name}/"));
            } else if metadata.is_symlink() {
                let target = std::fs::read_link(at).unwrap();
                zip.member(&member(&name, target.to_str().unwrap()));
            } else {
                zip.member(&member(&name, &std::fs::read_to_string(at).unwrap()));
            }
        }
    }
    zip.end()
}

/// The same tree in two packages, of which one has what the other lacks.
fn packages_of(tree: &Path) -> Union {
    let file = |name: &str, keep: fn(&[u8]) -> bool| {
        let mut archive = tar::Archive::new(archive_of(tree).reopen().unwrap());
        let mut part = tar::Builder::new(Vec::new());
        for entry in archive.entries().unwrap() {
            let entry = entry.unwrap();
            let path = entry.path_bytes().to_vec();
            let name = entry.path().unwrap().into_owned();
            let mut header = entry.header().clone();
            let target = entry.link_name().unwrap().map(|target| target.into_owned());
            if path != b"./" && (header.entry_type().is_dir() || keep(&path)) {
                match target {
                    Some(target) => part.append_link(&mut header, &name, target).unwrap(),
                    None => part.append_data(&mut header, &name, entry).unwrap(),
                }
            }
        }
        let info = format!("pkgname = {name}\npkgver = 1-r0\narch = x86_64\n");
        let file = NamedTempFile::new().unwrap();
        let apk = Apk::new(&info, &[], &part.into_inner().unwrap());
        std::fs::write(file.path(), apk.bytes()).unwrap();
        file
    };
    let is_of_a = |path: &[u8]| path.len().is_multiple_of(2);
    let files = [file("a", is_of_a), file("b", |path| !path.len().is_multiple_of(2))];
    let paths = files.each_ref().map(|file| file.path().to_path_buf());
    apk::root(&paths, "alpine", &options()).unwrap()
}

fn buildroot_output() -> (TempDir, BuildrootTree) {
    let output = tempfile::tempdir().unwrap();
    std::fs::create_dir(output.path().join("build")).unwrap();
    scant_testkit::Listing::new(LISTING).write_to(output.path().join("target"));
    (output, BuildrootTree::Target)
}

#[test]
fn everything_is_shown_sorted_and_links_as_links() {
    each(|backend, input| {
        let expected = "\
/bin -> usr/bin
/dangling -> nowhere
/etc/ 0755
/etc/empty 0644 \"\"
/etc/motd 0640 \"hello\\n\"
/up -> ../../../etc/motd
/usr/ 0755
/usr/bin/ 0755
/usr/bin/tool 4755 \"tool\\n\"
/var/ 0755
/var/empty/ 0755
/var/tmp/ 1777
";
        assert_eq!(shown(input, &TreePath::root()), expected, "{backend}");
    });
}

#[test]
fn what_is_not_there_is_none_and_cannot_be_opened() {
    each(|backend, input| {
        for missing in ["/nothing", "/nothing/below", "/etc/motd/below"] {
            assert_eq!(input.lookup(&path(missing)), Ok(None), "{backend}: {missing}");
            let problem = input.open(&path(missing)).map(|_| ()).unwrap_err().problem;
            let expected = [Problem::NotFound, Problem::NotADirectory];
            assert!(expected.contains(&problem), "{backend}: {missing}: {problem}");
        }
    });
}

#[test]
fn only_regular_files_are_opened() {
    each(|backend, input| {
        let problem = input.open(&path("/etc")).map(|_| ()).unwrap_err().problem;
        assert_eq!(problem, Problem::NotAFile("a directory"), "{backend}");
        let problem = input.list(&path("/etc/motd")).unwrap_err().problem;
        assert_eq!(problem, Problem::NotADirectory, "{backend}");
    });
}

#[test]
fn a_file_over_the_limit_is_not_read() {
    each(|backend, input| {
        let at = path("/etc/motd");
        let expected = InputError::new(&at, Problem::TooLarge { limit: 5 });
        assert_eq!(input.read(&at, 5), Err(expected), "{backend}");
        assert_eq!(input.read(&at, 6).as_deref(), Ok(&b"hello\n"[..]), "{backend}");
    });
}

#[test]
fn reads_start_anywhere_and_end_with_the_file() {
    each(|backend, input| {
        let file = input.open(&path("/etc/motd")).unwrap();
        let mut buffer = [0; 16];
        assert_eq!(file.size(), 6, "{backend}");
        assert_eq!(file.read_at(4, &mut buffer), Ok(2), "{backend}");
        assert_eq!(&buffer[..2], b"o\n", "{backend}");
        assert_eq!(file.read_at(6, &mut buffer), Ok(0), "{backend}");
        assert_eq!(file.read_at(1 << 40, &mut buffer), Ok(0), "{backend}");
    });
}

#[test]
fn two_names_of_one_file_have_one_number() {
    let directory = tree(
        r#"
        /a  "same\n"
        /b  hardlink /a
        /c  "same\n"
        "#,
    );
    let input = DirectoryInput::open(directory.path(), Packages::default()).unwrap();
    let number = |name: &str| input.lookup(&path(name)).unwrap().unwrap().identity();
    assert_eq!(number("/a"), number("/b"));
    assert_ne!(number("/a"), number("/c"));
}

#[test]
fn a_fifo_is_named_and_never_waited_for() {
    let directory = tree("/etc/");
    crate::support::make_fifo(&directory.path().join("pipe"));
    let input = DirectoryInput::open(directory.path(), Packages::default()).unwrap();
    let entry = input.lookup(&path("/pipe")).unwrap().unwrap();
    assert_eq!(entry.kind, EntryKind::Special("a FIFO"));
    let problem = input.open(&path("/pipe")).map(|_| ()).unwrap_err().problem;
    assert_eq!(problem, Problem::NotAFile("a FIFO"));
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let directory = tree("/etc/motd \"\"");
    for (below, reason) in [("nowhere", "No such file"), ("etc/motd", "Not a directory")] {
        let at = directory.path().join(below);
        let error = DirectoryInput::open(&at, Packages::default()).map(|_| ()).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(below) && text.contains(reason), "{text}");
    }
}
