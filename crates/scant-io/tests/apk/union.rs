//! Many packages as one root.

use std::collections::BTreeMap;

use scant_core::rules::packages::actions::{System, builtin};
use scant_core::words::{Escaped, Input, Record, Root, TreePath};
use scant_io::packages::apk::{ApkPackage, Demand, Expected, replaces};
use scant_io::packages::{Part, Union, UnionError};

use crate::support::{Item, directory, file, item, link, options, package};

fn made(name: &str, info: &str, files: &[Item]) -> ApkPackage {
    let expected = Expected { listed: None, keys: &[], demand: Demand::Nothing, vendor: "alpine" };
    let bytes = package(name, info, &[], files).bytes();
    ApkPackage::from_bytes(&bytes, &expected, &options()).unwrap()
}

fn union(packages: Vec<ApkPackage>) -> Result<Union, UnionError> {
    let infos: Vec<_> = packages.iter().map(|package| package.info.clone()).collect();
    let parts = packages.into_iter().map(Part::from).collect();
    Union::of(parts, &|a, b| replaces(&infos[a], &infos[b]))
}

fn path(text: &str) -> TreePath {
    TreePath::parse(text).unwrap()
}

/// All that is in a root, with the package it is of.
fn shown(union: &Union) -> Vec<String> {
    let (mut all, mut left) = (Vec::new(), vec![TreePath::root()]);
    while let Some(directory) = left.pop() {
        for name in union.list(&directory).unwrap() {
            let path = directory.join(&name);
            let entry = union.lookup(&path).unwrap().unwrap();
            let meta = union.meta(&path).unwrap().unwrap();
            let what = match (entry.file_size(), entry.link_target()) {
                (Some(_), _) => {
                    let content = union.read(&path, 1 << 20).unwrap();
                    format!("{}", Escaped(&content))
                }
                (_, Some(target)) => format!("-> {}", Escaped(target)),
                _ => {
                    left.push(path.clone());
                    format!("{} {}:{}", meta.mode, meta.uid, meta.gid)
                }
            };
            let package = union.package_of(&path).unwrap_or("nobody");
            all.push(format!("{path} {what} ({package})"));
        }
    }
    all.sort();
    all
}

#[test]
fn directories_merge_and_files_know_their_package() {
    let plain = || made("a", "", &[directory("tmp", 0o755), file("x", 0o644, b"1")]);
    let special = || made("b", "", &[directory("tmp", 0o1777), file("tmp/y", 0o644, b"2")]);
    let expected = ["/tmp 1777 0:0 (b)", "/tmp/y 2 (b)", "/x 1 (a)"];
    // In whatever order they come.
    assert_eq!(shown(&union(vec![plain(), special()]).unwrap()), expected);
    assert_eq!(shown(&union(vec![special(), plain()]).unwrap()), expected);
}

#[test]
fn a_path_of_two_packages() {
    let a = |info: &str, content: &[u8]| made("a", info, &[file("x", 0o644, content)]);
    let b = |info: &str, content: &[u8]| made("b", info, &[file("x", 0o644, content)]);
    let error = union(vec![a("", b"1"), b("", b"2")]).err().unwrap().to_string();
    let expected =
        "packages have different files at the same path:\n  `/x`: a file of `a`, a file of `b`";
    assert_eq!(error, expected);
    assert_eq!(shown(&union(vec![a("", b"1"), b("", b"1")]).unwrap()), ["/x 1 (a)"]);
    for turned in [false, true] {
        let mut packages = vec![a("replaces = b\n", b"1"), b("", b"2")];
        if turned {
            packages.reverse();
        }
        assert_eq!(shown(&union(packages).unwrap()), ["/x 1 (a)"]);
    }
    let older = union(vec![a("replaces = b<1\n", b"1"), b("", b"2")]);
    assert!(matches!(older, Err(UnionError::Collisions(all)) if all.len() == 1));
    // A directory makes room for nothing.
    let other = made("b", "replaces = a\n", &[directory("x", 0o755)]);
    assert!(union(vec![a("", b"1"), other]).is_err());
    // All of them are told.
    let many = |name: &str, content: &[u8]| {
        made(name, "", &[file("p", 0o644, content), file("q", 0o644, content)])
    };
    let Err(UnionError::Collisions(all)) = union(vec![many("a", b"1"), many("b", b"2")]) else {
        panic!("they were one root")
    };
    assert_eq!(all.len(), 2);
}

#[test]
fn what_lies_below_a_link_of_another_package() {
    let base = made(
        "base",
        "",
        &[directory("usr", 0o755), link("lib", "usr/lib"), directory("usr/lib", 0o755)],
    );
    let old = made("old", "", &[directory("lib", 0o755), file("lib/l.so", 0o755, b"1")]);
    let expected = [
        "/lib -> usr/lib (base)",
        "/usr 0755 0:0 (base)",
        "/usr/lib 0755 0:0 (base)",
        "/usr/lib/l.so 1 (old)",
    ];
    assert_eq!(shown(&union(vec![old, base]).unwrap()), expected);
    // In a circle it ends.
    let a = made("a", "", &[link("x", "y"), directory("y", 0o755), file("y/1", 0o644, b"1")]);
    let b = made("b", "", &[link("y", "x"), directory("x", 0o755), file("x/2", 0o644, b"2")]);
    let _ = union(vec![a, b]);
    // Below itself it leads nowhere, and what grows is not followed for ever.
    let name = "a".repeat(90);
    let a = made("a", "", &[link("x", &format!("/x/{name}"))]);
    let b = made("b", "", &[directory("x", 0o755), file("x/1", 0o644, b"1")]);
    assert!(union(vec![a, b]).is_err());
    let a = made("a", "", &[link("x", &format!("/y/{name}")), link("y", &format!("/x/{name}"))]);
    let files = [directory("x", 0o755), directory("y", 0o755), file("x/1", 0o644, b"1")];
    let _ = union(vec![a, made("b", "", &files)]);
}

#[test]
fn files_of_several_packages_are_told_apart() {
    let files = [file("a", 0o644, b"1"), item("b", b'1', 0o644, b"a")];
    let union =
        union(vec![made("p", "", &files), made("q", "", &[file("c", 0o644, b"1")])]).unwrap();
    let identity = |name: &str| union.lookup(&path(name)).unwrap().unwrap().identity();
    assert_eq!(identity("/a"), identity("/b"));
    assert_ne!(identity("/a"), identity("/c"));
    let entry = union.lookup(&path("/c")).unwrap().unwrap();
    assert_eq!(union.open(&path("/c")).unwrap().stamp().unwrap(), entry.stamp);
}

#[test]
fn what_scripts_would_have_made() {
    let busybox = made(
        "busybox",
        "",
        &[
            directory("usr", 0o755),
            directory("usr/bin", 0o755),
            link("bin", "usr/bin"),
            file("usr/bin/busybox", 0o755, b"program"),
            file("etc/busybox-paths.d/busybox", 0o644, b"bin/cat\nbin/ls\nsbin/init\n"),
        ],
    );
    let other = made("coreutils", "", &[file("usr/bin/ls", 0o755, b"ls")]);
    let certificates = made(
        "ca-certificates",
        "",
        &[file("usr/share/ca-certificates/mozilla/a.crt", 0o644, b"A")],
    );
    let union = union(vec![busybox, other, certificates]).unwrap();
    let union = union.with_actions(System::Apk, &builtin()).unwrap();
    let of: BTreeMap<_, _> = [
        "/usr/bin/cat",
        "/usr/bin/ls",
        "/sbin/init",
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/ssl",
    ]
    .map(|name| (name, union.package_of(&path(name))))
    .into();
    let expected = [
        ("/usr/bin/cat", Some("busybox")),
        ("/usr/bin/ls", Some("coreutils")),
        ("/sbin/init", Some("busybox")),
        ("/etc/ssl/certs/ca-certificates.crt", Some("ca-certificates")),
        ("/etc/ssl", None),
    ];
    assert_eq!(of, expected.into());
    let certificates = path("/etc/ssl/certs/ca-certificates.crt");
    assert_eq!(union.read(&certificates, 100).unwrap(), b"A\n");
    assert_eq!(shown(&union).iter().filter(|line| line.starts_with("/bin ")).count(), 1);
}

#[test]
fn what_apk_would_keep_of_a_package() {
    let package = made("a", "", &[file("usr/bin/a", 0o755, b"1")]);
    let Record::Alpine { fields, checksums } = &package.record else { panic!("not apk's") };
    assert!(fields.starts_with("C:Q1") && fields.contains("\nP:a\nV:"), "{fields}");
    let expected: [u8; 20] = crate::support::sha1(b"1").try_into().unwrap();
    assert_eq!(checksums.clone().into_iter().collect::<Vec<_>>(), [(path("/usr/bin/a"), expected)]);
    let record = package.record.clone();
    let union = union(vec![package]).unwrap();
    let records = union.records(&["a", "b"].map(Into::into).into());
    assert_eq!(records, [("a".to_string(), record)].into());
}
