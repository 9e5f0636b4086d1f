//! Deep trees through every kind of output, and back.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::scant::scant;

/// A directory for deep trees. The standard library does not remove those.
struct Place(PathBuf);

impl Place {
    /// A place whose `data` has so many directories in one another, each named `a`, and an empty
    /// file in the last.
    fn new(levels: usize) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory can be made").keep();
        fs::create_dir(directory.join("data")).expect("it is ours");
        let place = Self(directory);
        let mut left = levels;
        let mut inner = None;
        // No kernel takes a path of all levels at once: chains are put into one another.
        while left > 0 {
            let count = left.min(1900);
            let outer = place.0.join("outer");
            let last = outer.join(below(count));
            fs::create_dir_all(&last).expect("it is ours");
            match inner.replace(place.0.join("inner")) {
                None => fs::write(last.join("f"), "").expect("it is ours"),
                Some(inner) => fs::rename(inner.join("a"), last.join("a")).expect("it is ours"),
            }
            let _ = fs::remove_dir(place.0.join("inner"));
            fs::rename(outer, place.0.join("inner")).expect("it is ours");
            left -= count;
        }
        fs::rename(place.0.join("inner/a"), place.0.join("data/a")).expect("it is ours");
        fs::remove_dir(place.0.join("inner")).expect("it is ours");
        fs::write(place.0.join("app.yml"), "data:\n  - ./data:/\n").expect("it is ours");
        place
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("it is ours");
        let name = |entry: std::io::Result<fs::DirEntry>| {
            entry.expect("it is ours").file_name().to_string_lossy().into_owned()
        };
        let mut names: Vec<_> = entries.map(name).collect();
        names.sort();
        names
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = Command::new("rm").arg("-rf").arg(&self.0).status();
    }
}

fn below(levels: usize) -> String {
    let names = vec!["a"; levels];
    names.join("/")
}

#[test]
fn a_tree_of_1900_levels_goes_through_every_output_and_back() {
    let place = Place::new(1900);
    let here: &Path = &place.0;
    let outputs = ["oci:layout", "rootfs:root", "tar:app.tar"];
    scant(here, &format!("build app.yml -o {}", outputs.join(" -o "))).ok();
    assert!(here.join("root").join(below(1900)).join("f").exists());
    let file = format!("/{}/f", below(1900));
    for output in outputs {
        let listed = crate::scant::paths(here, output);
        assert_eq!((listed.len(), listed.last()), (1901, Some(&file)), "{output}");
    }
    let why = scant(here, "why oci:layout").arg(&file).ok();
    assert!(why.ends_with("declared in `data` at line 2\n"), "{why}");
    scant(here, "verify oci:layout").ok();
    // The old tree is removed, and nothing is left of it.
    scant(here, "build app.yml --force -o rootfs:root").ok();
    assert_eq!(place.names(), ["app.tar", "app.yml", "data", "layout", "root"]);
}

#[test]
fn a_tree_of_4000_levels_is_a_fault() {
    let place = Place::new(4000);
    let ran = scant(&place.0, "build app.yml -o tar:app.tar").end().expect(2);
    let start = "/a".repeat(32);
    let fault = format!(
        "error: `{start}...` cannot be placed: its path has 4096 bytes, and Linux opens none of \
         more than 4095\n"
    );
    assert!(ran.stderr.contains(&fault), "{}", ran.stderr);
    assert_eq!(place.names(), ["app.yml", "data"]);
    let manifest = format!("data:\n  - ./data/{}:/short\n", below(2040));
    fs::write(place.0.join("app.yml"), manifest).expect("it is ours");
    scant(&place.0, "build app.yml -o rootfs:root").ok();
    assert!(place.0.join("root/short").join(below(1960)).join("f").exists());
}

#[test]
fn a_place_that_is_too_long_for_a_deep_tree_is_told() {
    let place = Place::new(1900);
    let long = ["n".repeat(200), "n".repeat(200)].join("/");
    fs::create_dir_all(place.0.join(&long)).expect("it is ours");
    let ran = scant(&place.0, &format!("build app.yml -o rootfs:{long}/root")).end().expect(4);
    let text = "/root`: a path of the image has 3802 bytes, and with those of the directory that \
                is more than the 4095 that Linux opens at once; a directory with a shorter path \
                helps\n";
    assert!(ran.stderr.contains(text), "{}", ran.stderr);
    assert_eq!(fs::read_dir(place.0.join(long)).expect("it is ours").count(), 0);
}
