//! The documents tell what is so: their manifests parse, their commands print what they show.
//!
//! `SNAPSHOTS=overwrite cargo test -p scant --test cli docs` writes into them what the commands
//! print now.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use scant_core::formats::manifest;
use scant_testkit::alpine::{KEY, KEY_PEM};
use scant_testkit::{AlpineRepository, Apk, Listing, RawHeader, RawTar};
use snapbox::Data;

use crate::check::same;
use crate::markdown::{Block, Part, joined, parts};
use crate::place::Place;

/// The root file system that the documents are about; their manifests call its directory `root`.
const ROOT: &str = include_str!("snapshots/docs-root.listing");

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn documents() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for directory in [repository(), repository().join("docs")] {
        let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
        found.extend(entries.filter(|path| path.extension().is_some_and(|end| end == "md")));
    }
    found.sort();
    found
}

#[track_caller]
fn blocks(document: &Path, visit: &mut dyn FnMut(&Block<'_>)) {
    let text = std::fs::read_to_string(document).unwrap();
    for part in parts(&text) {
        if let Part::Block(block) = part {
            visit(&block);
        }
    }
}

/// Runs a line of a document as a shell does, with scant in its `PATH`; both streams as one.
fn shell(line: &str, directory: &Path) -> Output {
    let scant = Path::new(env!("CARGO_BIN_EXE_scant")).parent().unwrap().display();
    Command::new("/bin/sh")
        .args(["-c", &format!("exec 2>&1\n{line}")])
        .current_dir(directory)
        .env_clear()
        .env("PATH", format!("{scant}:/usr/bin:/bin"))
        .output()
        .unwrap()
}

/// Writes the packages that the documents are about, and the key that signed their index.
fn repository_of_packages(directory: &Path) {
    let mut repository = AlpineRepository::default();
    for (info, path, line) in [
        (
            "pkgname = tool\npkgver = 1.0-r0\narch = x86_64\ndepend = so:libtool.so.1\n\
             provides = cmd:tool=1.0-r0\n",
            "usr/bin/tool",
            "elf x86_64 interp=/lib/ld-musl-x86_64.so.1 needed=libtool.so.1,libc.musl-x86_64.so.1",
        ),
        (
            "pkgname = libtool\npkgver = 2.1-r3\narch = x86_64\norigin = tool\n\
             depend = so:libc.musl-x86_64.so.1\nprovides = so:libtool.so.1=1.2\n",
            "usr/lib/libtool.so.1",
            "elf x86_64 soname=libtool.so.1 needed=libc.musl-x86_64.so.1",
        ),
        (
            "pkgname = musl\npkgver = 1.2.5-r9\narch = x86_64\n\
             provides = so:libc.musl-x86_64.so.1=1\n",
            "lib/ld-musl-x86_64.so.1",
            "loader musl x86_64",
        ),
    ] {
        let made = tempfile::tempdir().unwrap();
        Listing::new(&format!("/file {line}\n")).write_to(made.path());
        let content = std::fs::read(made.path().join("file")).unwrap();
        let header = RawHeader {
            name: path.as_bytes(),
            flag: b'0',
            link: b"",
            size: content.len() as u64,
            mode: 0o755,
            owner: (0, 0),
        };
        let mut files = RawTar::default();
        files.header(&header).blocks(&content);
        if path.contains("ld-musl") {
            files.entry("lib/libc.musl-x86_64.so.1", b'2', "ld-musl-x86_64.so.1", "");
        }
        repository.add_apk(info, &Apk::new(info, &[], &files.end()));
    }
    repository.write_to(&directory.join("packages"));
    std::fs::create_dir(directory.join("keys")).unwrap();
    std::fs::write(directory.join("keys").join(KEY), KEY_PEM).unwrap();
}

/// The commands of a block, each with what it prints now.
fn told(block: &Block<'_>, directory: &Path) -> String {
    let mut text = String::new();
    for line in block.text.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let output = shell(line, directory);
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "`{line}` fails: {printed}");
        text += &format!("$ {line}\n{printed}");
    }
    text
}

#[test]
fn commands_print_what_the_documents_show() {
    for document in documents() {
        let place = Place::new(ROOT);
        repository_of_packages(place.path());
        let text = std::fs::read_to_string(&document).unwrap();
        let mut parts = parts(&text);
        for part in &mut parts {
            let Part::Block(block) = part else { continue };
            if let Some(name) = block.file() {
                std::fs::write(place.path().join(name), &block.text).unwrap();
            } else if block.language() == "console" && block.is_marked("tested") {
                block.text = told(block, place.path());
            }
        }
        same(&joined(&parts), Data::read_from(&document, None));
    }
}

#[test]
fn commands_on_this_machine_succeed() {
    if !Path::new("/bin/bash").exists() {
        return;
    }
    for document in documents() {
        let place = Place::new("/");
        blocks(&document, &mut |block| {
            if block.language() == "console" && block.is_marked("host") {
                told(block, place.path());
            }
        });
    }
}

#[test]
fn manifests_parse() {
    for document in documents() {
        blocks(&document, &mut |block| {
            if block.language() == "yaml" && !block.is_marked("part") {
                let faults = manifest::parse(&block.text).err().unwrap_or_default();
                assert!(faults.is_empty(), "{}: {faults:?}\n{}", document.display(), block.text);
            }
        });
    }
}

#[test]
fn the_reference_of_the_manifest_is_what_the_types_say() {
    let expected = Place::new("/").run("schema --markdown").stdout;
    let found = std::fs::read(repository().join("docs/manifest.md")).unwrap();
    assert!(
        found == expected,
        "docs/manifest.md is not what the types say; renew it with\n    \
         cargo run -- schema --markdown > docs/manifest.md"
    );
}

#[test]
fn links_between_documents_lead_somewhere() {
    for document in documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.starts_with("http")) {
            let file = link.split('#').next().unwrap();
            let path = document.parent().unwrap().join(file);
            assert!(path.exists(), "{}: `{link}` leads nowhere", document.display());
        }
    }
}
