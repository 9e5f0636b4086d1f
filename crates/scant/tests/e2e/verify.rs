//! `scant verify` on images that other tools made or changed: no false alarm, and what is wrong
//! with them is found.

use crate::example::Example;
use crate::run::{Run, run};
use crate::scant::scant;
use crate::tools::require;

fn skopeo(example: &Example) -> Run {
    run("skopeo").directory(example.path()).words("--insecure-policy copy --quiet")
}

/// The example as a layout, which nothing but scant has touched.
fn built() -> Example {
    let example = Example::copy("bash");
    scant(example.path(), "build bash.yml -o oci:layout:read -t bash:read").ok();
    example
}

#[test]
fn what_skopeo_copies_is_sound() {
    require!(BASH, SKOPEO);
    let example = built();
    scant(example.path(), "verify oci:layout:read").ok();
    for target in ["oci:copy:a", "oci-archive:copy.tar:a", "docker-archive:saved.tar:x:1"] {
        skopeo(&example).words("oci:layout:read").arg(target).ok();
        scant(example.path(), &format!("verify {target}")).ok();
    }
    // Docker's media types in a layout.
    skopeo(&example).words("--format v2s2 oci:layout:read oci:docker:a").ok();
    scant(example.path(), "verify oci:docker:a").ok();
}

#[test]
fn what_umoci_adds_has_no_provenance() {
    require!(BASH, UMOCI);
    let example = built();
    std::fs::write(example.file("extra"), "x").expect("the copy is ours");
    let insert = run("umoci").directory(example.path()).words("insert --rootless");
    insert.words("--image layout:read extra /etc/extra").ok();
    // umoci keeps the annotation, which leads to the provenance of the image as it was.
    let said = scant(example.path(), "verify oci:layout:read").end().expect(1);
    let lines: Vec<_> = said.stdout.lines().collect();
    let expected = ["provenance manifest ", "provenance "];
    assert!(lines.iter().all(|line| expected.iter().any(|start| line.starts_with(start))));
    assert!(said.stdout.contains(": /etc/extra: expected nothing, since no reason is given"));
    assert!(said.stdout.contains(": subject.digest: expected sha256:"), "{}", said.stdout);
}

#[test]
fn an_image_of_umoci_alone_is_sound() {
    require!(UMOCI);
    let example = Example::copy("bash");
    let umoci = || run("umoci").directory(example.path());
    umoci().words("init --layout layout").ok();
    umoci().words("new --image layout:a").ok();
    for number in 0..2 {
        std::fs::write(example.file("extra"), number.to_string()).expect("the copy is ours");
        umoci().words("insert --rootless --image layout:a extra").arg(format!("/{number}")).ok();
    }
    let said = scant(example.path(), "verify oci:layout:a").ok();
    assert!(said.contains("2 layers of ") && said.contains("2 paths without"), "{said}");
}
