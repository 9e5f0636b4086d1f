//! What others wrote never reaches the terminal as a control character.

use crate::place::Place;

/// Clears the screen, starts a line of its own, and does the like with one character of C1.
const HOSTILE: &str = r"x\u001b[2J\nhint: y\u009b2Jz";

/// Runs a command; nothing that it writes is a control character but the ends of its lines.
#[track_caller]
fn check(place: &Place, line: &str, expected: &str) {
    let output = place.run(line);
    let seen = place.seen(&output);
    let control = seen.chars().find(|&c| c.is_control() && c != '\n');
    assert!(control.is_none(), "{control:?} in {seen:?}");
    assert!(seen.contains(expected), "{seen}");
}

#[test]
fn the_tags_of_an_image() {
    let index = format!(
        r#"{{"schemaVersion":2,"manifests":[{{"mediaType":"{HOSTILE}","digest":"sha256:{}","size":1,
        "annotations":{{"org.opencontainers.image.ref.name":"{HOSTILE}"}}}}]}}"#,
        "0".repeat(64)
    );
    let place = Place::with_app().file("index.json", &index);
    let place = place.file("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#);
    let shown = r"there is: x\u{1b}[2J\nhint: y\u{9b}2Jz";
    check(&place, "ls oci:.:other", shown);
}

#[test]
fn the_documents_of_an_image() {
    let version = format!(r#"{{"imageLayoutVersion":"{HOSTILE}"}}"#);
    let place = Place::with_app().file("oci-layout", &version);
    check(&place, "ls oci:.", r"its version is x\u{1b}[2J\nhint: y\u{9b}2Jz");
}

#[test]
fn the_reasons_of_a_person() {
    let manifest = format!(
        "inputs: {{ROOT: {{backend: sysroot, path: root}}}}\nbinaries:\n  - {{from: \
         ROOT/usr/bin/app, why: \"{HOSTILE}\"}}\n"
    );
    let place = Place::with_app().file("app.yaml", &manifest);
    let shown = r"at line 3: x\u{1b}[2J\nhint: y\u{9b}2Jz";
    check(&place, "plan app.yaml", shown);
    check(&place, "why app.yaml /usr/bin/app", shown);
}

#[test]
fn the_text_of_a_manifest() {
    let place = Place::with_app().file("app.yaml", "binary: [\u{8c}, \u{1b}]\n");
    check(&place, "plan app.yaml", "app.yaml:1:");
}

#[test]
fn names_of_files() {
    let place = Place::with_app();
    std::fs::write(place.path().join("root/etc/a\u{1b}[2J\n\u{9b}b"), "").unwrap();
    check(&place, "ls rootfs:root", r"/etc/a\u{1b}[2J\n\u{9b}b");
}
