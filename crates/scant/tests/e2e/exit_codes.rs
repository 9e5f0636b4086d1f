//! The exit codes of `docs/exit-codes.md`, and what a failed command leaves behind: nothing.

use std::fs;
use std::path::Path;

use scant_testkit::{Elf, Machine};
use tempfile::TempDir;

use crate::scant::scant;

/// A directory with a static program, a manifest for it, and these further lines in the manifest.
fn project(lines: &str) -> TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let program = Elf::static_program(Machine::X86_64).build();
    fs::write(directory.path().join("app"), program).expect("the directory is ours");
    let manifest = format!("binaries:\n  - ./app:/app\n{lines}");
    fs::write(directory.path().join("app.yml"), manifest).expect("the directory is ours");
    directory
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("the directory is ours");
    let name = |entry: std::io::Result<fs::DirEntry>| {
        entry.expect("the directory is ours").file_name().to_string_lossy().into_owned()
    };
    let mut names: Vec<_> = entries.map(name).collect();
    names.sort();
    names
}

/// A command in such a project ends with this code, says these words on stderr, prints nothing,
/// and leaves no file behind.
#[track_caller]
fn case(lines: &str, command: &str, code: i32, words: &[&str]) {
    let project = project(lines);
    let before = names(project.path());
    let ran = scant(project.path(), command).end().expect(code);
    for word in words {
        assert!(ran.stderr.contains(word), "`{word}` is not in\n{}", ran.stderr);
    }
    assert_eq!(ran.stdout, "");
    assert_eq!(names(project.path()), before, "something was left behind");
}

#[test]
fn a_build_that_works_ends_with_0_and_prints_each_output_with_its_digest() {
    let project = project("");
    let ran = scant(project.path(), "build app.yml -o oci-archive:app.tar").end().expect(0);
    let words: Vec<&str> = ran.stdout.split_whitespace().collect();
    assert_eq!(words.len(), 2, "{}", ran.stdout);
    assert!(words[0].starts_with("oci-archive:app.tar") && words[1].starts_with("sha256:"));
    assert_eq!(names(project.path()), ["app", "app.tar", "app.yml"]);
}

#[test]
fn without_an_output_it_is_an_archive_named_after_the_manifest_and_stderr_says_so() {
    let project = project("");
    let ran = scant(project.path(), "build app.yml").end().expect(0);
    assert!(ran.stderr.contains("app.tar"), "{}", ran.stderr);
    assert_eq!(names(project.path()), ["app", "app.tar", "app.yml"]);
}

#[test]
fn what_is_not_so_ends_with_1() {
    let project = project("");
    scant(project.path(), "build app.yml -o oci:image").ok();
    scant(project.path(), "why oci:image /absent").end().expect(1);
    scant(project.path(), "why app.yml /absent").end().expect(1);
}

#[test]
fn wrong_usage_ends_with_2() {
    case("", "build --no-such-option", 2, &["--no-such-option"]);
    case("", "build app.yml -o nowhere:app", 2, &["nowhere"]);
    case("", "no-such-command", 2, &["no-such-command"]);
}

#[test]
fn a_wrong_manifest_ends_with_2_and_all_its_faults() {
    let lines = "no-such-key: 1\ndirectories:\n  - {path: /tmp, mode: \"9\"}\n";
    case(lines, "build app.yml -o oci:image", 2, &["app.yml", "no-such-key", "9"]);
    case("", "build absent.yml -o oci:image", 2, &["absent.yml"]);
}

#[test]
fn two_declarations_that_disagree_end_with_2_and_name_both_lines() {
    let lines = "  - {from: ./app, to: /other, mode: \"0700\"}\n  - {from: ./app, to: /other}\n";
    case(lines, "build app.yml -o oci:image", 2, &["/other", "3 |   - {from", "app.yml:4:5"]);
}

#[test]
fn missing_inputs_end_with_3_and_are_all_told() {
    let lines = "data:\n  - ./absent:/etc/absent\n  - ./lacking:/etc/lacking\n";
    case(
        lines,
        "build app.yml -o oci:image -o rootfs:root",
        3,
        &["absent", "lacking", "app.yml:4"],
    );
    case("", "ls oci:absent", 3, &["absent"]);
}

#[test]
fn an_output_that_cannot_be_written_ends_with_4() {
    case("", "build app.yml -o oci-archive:app/image.tar", 4, &["app"]);
    case("", "build app.yml -o oci:app", 4, &["app"]);
    case("", "build app.yml -o docker-daemon:app:1", 4, &["docker"]);
}
