//! The documents tell what is so: their manifests parse, their commands print what they show.
//!
//! `SNAPSHOTS=overwrite cargo test -p scant --test cli docs` writes into them what the commands
//! print now.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use scant_core::formats::manifest;
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
