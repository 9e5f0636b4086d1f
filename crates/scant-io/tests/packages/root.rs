//! Packages as one root.

use std::collections::BTreeSet;
use std::path::PathBuf;

use scant_core::words::{EntryKind, Input, Packaged, Record, TreePath};
use scant_io::inputs::{ArchiveOptions, Limits};
use scant_io::packages::Union;
use scant_io::packages::deb::{self, DebPackage};
use scant_testkit::RawTar;
use scant_testkit::debian::{ar, deb, deb_of};

fn options() -> ArchiveOptions {
    ArchiveOptions {
        strip_components: 0,
        limits: Limits::default(),
        temporary: std::env::temp_dir(),
    }
}

fn written(packages: &[Vec<u8>]) -> (tempfile::TempDir, Vec<PathBuf>) {
    let directory = tempfile::tempdir().unwrap();
    let write = |(number, bytes): (usize, &Vec<u8>)| {
        let path = directory.path().join(number.to_string());
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let paths = packages.iter().enumerate().map(write).collect();
    (directory, paths)
}

/// All that is in a root, and whose it is; or why it is none.
fn shown(packages: &[Vec<u8>]) -> String {
    let (directory, paths) = written(packages);
    match deb::root(&paths, &options()) {
        Ok(root) => {
            let mut lines = Vec::new();
            walk(&root, &TreePath::root(), &mut lines);
            lines.join("\n")
        }
        Err(error) => error.to_string().replace(&directory.path().display().to_string(), "D"),
    }
}

fn walk(root: &Union, at: &TreePath, lines: &mut Vec<String>) {
    for name in root.list(at).unwrap() {
        let path = at.join(&name);
        let owner = root.packages(&BTreeSet::from([path.clone()])).remove(&path);
        let owner = owner.map_or(String::new(), |owner| format!(" ({owner})"));
        match root.lookup(&path).unwrap().unwrap().kind {
            EntryKind::Directory => walk(root, &path, lines),
            EntryKind::File { .. } => {
                let content = String::from_utf8(root.read(&path, 1 << 20).unwrap()).unwrap();
                lines.push(format!("{path} {content}{owner}"));
            }
            EntryKind::Symlink { target } => {
                lines.push(format!("{path} -> {}{owner}", String::from_utf8_lossy(&target)));
            }
            EntryKind::Special(what) => lines.push(format!("{path} {what}{owner}")),
        }
    }
}

fn control(name: &str, more: &str) -> String {
    format!("Package: {name}\nVersion: 1.2-3\nArchitecture: amd64\n{more}")
}

#[test]
fn files_are_laid_over_one_another_below_usr() {
    let packages = [
        deb(
            &control("bb", "Source: src (1.2-2)\n"),
            "./\n./lib/\n./lib/x.so two\n./usr/bin/b = ./lib/x.so",
        ),
        deb(&control("aa", ""), "./lib64/\n./lib64/ld.so -> /lib/x.so\n./etc/a.conf one"),
        deb(&control("base-files", ""), "./lib -> usr/lib\n./bin -> usr/bin"),
    ];
    assert_eq!(
        shown(&packages),
        "/bin -> usr/bin
/etc/a.conf one (aa)
/lib -> usr/lib
/lib64 -> usr/lib64
/usr/bin/b two (bb)
/usr/lib/x.so two (bb)
/usr/lib64/ld.so -> /lib/x.so (aa)"
    );
}

#[test]
fn a_package_takes_over_what_it_replaces() {
    let older = |more| deb(&control("aa", more), "./usr/x older");
    let newer = |more| deb(&control("bb", more), "./usr/x newer");
    assert_eq!(shown(&[older(""), newer("Replaces: aa\n")]), "/usr/x newer (bb)");
    assert_eq!(shown(&[older("Replaces: bb\n"), newer("")]), "/usr/x older (aa)");
    let both = "packages have different files at the same path:\n  `/usr/x`: a file of `aa`, a file \
        of `bb`";
    assert_eq!(shown(&[older(""), newer("")]), both);
    assert_eq!(shown(&[older(""), newer("Replaces: aa (<< 1.2)\n")]), both);
}

#[test]
fn a_package_moves_files_of_others_away() {
    let script = |to: &str| {
        format!(
            "#!/bin/sh\nset -e\ndpkg-divert --package ours --add --rename \\\n  --divert {to} /bin/tool\n"
        )
    };
    let diverting_to = |name: &str, to: &str, after: &str| {
        let mut tar = RawTar::default();
        tar.entry("./control", b'0', "", control(name, ""));
        tar.entry("./postinst", b'0', "", after).entry("./preinst", b'0', "", script(to));
        let data = RawTar::of_lines("./bin/tool ours");
        ar(&[("debian-binary", b"2.0\n"), ("control.tar", &tar.end()), ("data.tar", &data)])
    };
    let diverting = |name: &str| diverting_to(name, "/bin/tool.theirs", "");
    let theirs = || deb(&control("theirs", ""), "./usr/bin/tool theirs\n./usr/bin/other o");
    let moved = "/bin -> usr/bin\n/usr/bin/other o (theirs)\n/usr/bin/tool ours (ours)\n\
        /usr/bin/tool.theirs theirs (theirs)";
    assert_eq!(shown(&[diverting("ours"), theirs()]), moved);
    assert_eq!(shown(&[theirs(), diverting("ours")]), moved);
    assert_eq!(shown(&[diverting("ours")]), "/bin -> usr/bin\n/usr/bin/tool ours (ours)");
    // Into a directory that nobody has; nowhere; taken back; in the name of another.
    let elsewhere = "/bin -> usr/bin\n/opt/x/tool theirs (theirs)\n/usr/bin/other o (theirs)\n\
        /usr/bin/tool ours (ours)";
    assert_eq!(shown(&[diverting_to("ours", "/opt/x/tool", ""), theirs()]), elsewhere);
    let both = "packages have different files at the same path:\n  `/usr/bin/tool`: a file of \
        `ours`, a file of `theirs`";
    assert_eq!(shown(&[diverting_to("ours", "/", ""), theirs()]), both);
    let after = "dpkg-divert --package ours --remove /bin/tool\n";
    assert_eq!(shown(&[diverting_to("ours", "/x", after), theirs()]), both);
    assert!(shown(&[diverting("other"), theirs()]).starts_with("packages have different files"));
    let (_directory, paths) = written(&[diverting("ours")]);
    let root = deb::root(&paths, &options()).unwrap();
    assert_eq!(Packaged::all(&root)[0].wanted.uncovered, [] as [&str; 0]);
}

#[test]
fn names_do_not_lead_out() {
    let case = |lines: &str, expected: &str| {
        let told = shown(&[deb(&control("aa", ""), lines)]);
        assert!(told.contains(expected), "{told}");
    };
    case("./usr/../../x one", "a name that contains `..`");
    case("../x one", "a name that contains `..`");
    // Inside of the root, wherever the link leads.
    case("./a -> ../../..\n./a/x one", "/x one");
}

#[test]
fn scripts_are_listed_and_not_run() {
    let (_directory, paths) = written(&[deb(&control("aa", ""), "./usr/x one")]);
    let package = DebPackage::open(&paths[0], &options()).unwrap();
    let names: Vec<_> = package.scripts.iter().map(|script| &*script.name).collect();
    assert_eq!(names, ["postinst"]);
}

#[test]
fn every_compression_is_read() {
    let data = RawTar::of_lines("./usr/x one");
    let mut control = RawTar::default();
    control.entry("control", b'0', "", self::control("aa", ""));
    let control = control.end();
    let xz = {
        use std::io::Write as _;
        let options = lzma_rust2::XzOptions::with_preset(1);
        let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
        writer.write_all(&data).unwrap();
        writer.finish().unwrap()
    };
    let zstd = zstd::encode_all(&data[..], 1).unwrap();
    for (name, data) in [("data.tar", &data), ("data.tar.xz", &xz), ("data.tar.zst", &zstd)] {
        let members = [("debian-binary", &b"2.0\n"[..]), ("control.tar", &control), (name, data)];
        assert_eq!(shown(&[ar(&members)]), "/usr/x one (aa)", "{name}");
    }
}

#[test]
fn what_is_no_package_is_refused() {
    let case = |bytes: &[u8], expected: &str| {
        assert_eq!(shown(&[bytes.to_vec()]), format!("the package `D/0`: {expected}"));
    };
    let no = "it is no Debian package:";
    case(b"", &format!("{no} it is too short"));
    case(b"#!/bin/sh\n", &format!("{no} it does not begin as an archive of ar"));
    case(&ar(&[]), &format!("{no} it has no `control.tar`"));
    case(&ar(&[("x", b"")]), &format!("{no} it begins with `x`, not `debian-binary`"));
    case(&ar(&[("debian-binary", b"3.0\n")]), &format!("{no} its form is of version `3.0`, not 2"));
    case(
        &ar(&[("debian-binary", b"2\0\x1b")]),
        &format!("{no} its form is of version `2\\u{{0}}\\u{{1b}}`, not 2"),
    );
    let binary = ("debian-binary", &b"2.0\n"[..]);
    case(&ar(&[binary, ("data.tar", b"")]), &format!("{no} `data.tar` comes before `control.tar`"));
    case(&ar(&[binary, ("evil", b"")]), &format!("{no} it has a member `evil` before its files"));
    let whole = deb(&control("aa", ""), "./usr/x one");
    case(&whole[..whole.len() - 600], &format!("{no} it ends in `data.tar`"));
    case(&deb("Package: aa\n", ""), "its control file: line 1: a package without Version");
    let mut device = RawTar::default();
    device.entry("./x", b'S', "", "");
    let told = shown(&[deb_of(&control("aa", ""), &device.end())]);
    assert!(told.starts_with("the package `D/0`: data.tar: "), "{told}");
}

#[test]
fn what_dpkg_would_keep_of_a_package() {
    let sums = "d41d8cd98f00b204e9800998ecf8427e  usr/bin/a\n";
    let control = "Package: aa\nVersion: 1\nArchitecture: amd64\nDescription: a\n b\n";
    let mut tar = RawTar::default();
    tar.entry("./", b'5', "", "").entry("./control", b'0', "", control);
    tar.entry("./md5sums", b'0', "", sums);
    let data = RawTar::of_lines("./usr/bin/a");
    let package =
        ar(&[("debian-binary", b"2.0\n"), ("control.tar", &tar.end()), ("data.tar", &data)]);
    let (_directory, paths) =
        written(&[package, deb("Package: bb\nVersion: 2\nArchitecture: all\n", "")]);
    let root = deb::root(&paths, &options()).unwrap();
    let record = |name: &str, control: &str, md5sums: &str| {
        (name.to_string(), Record::Debian { control: control.into(), md5sums: md5sums.into() })
    };
    let records = root.records(&["aa", "bb", "cc"].map(Into::into).into());
    let of_b = record("bb", "Package: bb\nVersion: 2\nArchitecture: all\n", "");
    assert_eq!(records, [record("aa", control, sums), of_b].into());
    let identities = root.identities(&BTreeSet::from(["aa".into(), "cc".into()]));
    assert_eq!(
        identities.into_values().map(|one| one.purl).collect::<Vec<_>>(),
        ["pkg:deb/debian/aa@1?arch=amd64"]
    );
}
