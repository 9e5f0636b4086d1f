//! `scant diff` on images that other tools made or changed: what they changed is told, and nothing
//! else.

use std::os::unix::fs::MetadataExt as _;

use crate::example::Example;
use crate::run::{Run, run};
use crate::scant::scant;
use crate::tools::{require, require_ok};

fn skopeo(example: &Example) -> Run {
    run("skopeo").directory(example.path()).words("--insecure-policy copy --quiet")
}

fn umoci(example: &Example, words: &str) {
    run("umoci").directory(example.path()).words(words).ok();
}

/// The example as a layout, which nothing but scant has touched.
fn built() -> Example {
    let example = Example::copy("bash");
    scant(example.path(), "build bash.yml -o oci:layout:read -t bash:read").ok();
    example
}

#[test]
fn a_copy_of_skopeo_is_the_same() {
    require!(BASH, SKOPEO);
    let example = built();
    skopeo(&example).words("--format v2s2 oci:layout:read oci:docker:a").ok();
    for target in ["oci:copy:a", "oci-archive:copy.tar:a", "docker-archive:saved.tar:x:1"] {
        skopeo(&example).words("oci:layout:read").arg(target).ok();
        let said = scant(example.path(), &format!("diff bash.yml {target}")).ok();
        assert_eq!(said, "");
    }
    scant(example.path(), "diff oci:docker:a docker-archive:saved.tar --times").ok();
}

#[test]
fn what_umoci_inserts_and_removes_is_told() {
    require!(BASH, UMOCI);
    let example = built();
    scant(example.path(), "build bash.yml -o oci:first -t bash:read").ok();
    std::fs::write(example.file("extra"), "twelve bytes").expect("the copy is ours");
    umoci(&example, "insert --rootless --image layout:read extra /etc/extra");
    umoci(&example, "insert --rootless --image layout:read --whiteout /usr/bin/id");
    umoci(&example, "config --image layout:read --config.user 7 --config.env A=b");
    let said = scant(example.path(), "diff oci:first oci:layout:read").end().expect(1);
    let lines: Vec<_> = said.stdout.lines().collect();
    let starts = ["+ env A: b", "+ user: 7", "+ /etc/extra ", "- /usr/bin/id "];
    assert!(
        lines.len() == 4 && lines.iter().zip(starts).all(|(line, start)| line.starts_with(start)),
        "{}",
        said.stdout
    );
    assert!(lines[2].ends_with("12 B"), "{}", lines[2]);
    assert!(lines[3].contains("declared in `binaries`"), "{}", lines[3]);
}

#[test]
fn how_umoci_divides_layers_does_not_matter() {
    require!(UMOCI);
    let example = Example::copy("bash");
    std::fs::create_dir(example.file("d")).expect("the copy is ours");
    for name in ["0", "1"] {
        std::fs::write(example.file(&format!("d/{name}")), name).expect("the copy is ours");
    }
    umoci(&example, "init --layout layout");
    for image in ["one", "two"] {
        umoci(&example, &format!("new --image layout:{image}"));
    }
    umoci(&example, "insert --rootless --image layout:one d /d");
    for name in ["0", "1"] {
        umoci(&example, &format!("insert --rootless --image layout:two d/{name} /d/{name}"));
    }
    assert_eq!(scant(example.path(), "diff oci:layout:one oci:layout:two --exclude /d").ok(), "");
    let said = scant(example.path(), "diff oci:layout:one oci:layout:two").end();
    // The directory has the mode of this machine's in one of them, and none in the other.
    assert!(said.stdout.lines().all(|line| line.starts_with("~ /d  mode")), "{}", said.stdout);
    let said = scant(example.path(), "diff oci:layout:one oci:layout:two --layers").end().expect(1);
    assert!(said.stdout.contains("\n+ layer 2: "), "{}", said.stdout);
}

#[test]
fn what_umoci_unpacks_is_what_was_packed() {
    require!(BASH, UMOCI);
    require_ok!(root());
    let example = built();
    umoci(&example, "unpack --image layout:read bundle");
    let said = scant(example.path(), "diff oci:layout:read rootfs:bundle/rootfs").end();
    assert_eq!((said.code, &*said.stdout), (Some(0), ""), "{}", said.stderr);
}

/// Owners are set by root only.
fn root() -> Result<(), String> {
    let own = std::fs::metadata("/proc/self").map_err(|error| format!("/proc/self: {error}"))?;
    match own.uid() {
        0 => Ok(()),
        _ => Err("only root gives files to others".to_string()),
    }
}
