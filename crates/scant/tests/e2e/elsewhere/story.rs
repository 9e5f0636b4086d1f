//! One manifest with inputs from everywhere.

use std::fs;

use super::place::{PRINTED, Place};
use crate::docker::docker;
use crate::scant::{everything_is_explained, paths};
use crate::tools::{require, require_ok};

/// All that is in the image for a platform, besides the loader.
const PATHS: [&str; 6] = [
    "/etc/app.conf",
    "/etc/ssl/certs/ca-certificates.crt",
    "/opt/tool/bin/tool",
    "/opt/tool/lib/libtool.so",
    "/opt/tool/share/words",
    "/usr/bin/busybox",
];

/// The words after each `sha256:` of a text.
fn digests(text: &str) -> Vec<String> {
    let after = text.split("sha256:").skip(1);
    after.map(|rest| rest.chars().take_while(char::is_ascii_hexdigit).collect()).collect()
}

#[test]
fn one_manifest_takes_from_everywhere() {
    require!(BUSYBOX, DOCKER_REGISTRY);
    let mut place = require_ok!(Place::new());
    place.scant("lock").ok();
    let built = place.scant("build --locked -q -o oci:out -t app:1").ok();
    for platform in ["linux/amd64", "linux/arm64"] {
        let found = paths(place.path(), &format!("--platform {platform} oci:out"));
        for path in PATHS {
            assert!(found.iter().any(|one| one == path), "{path} is not there: {found:?}");
        }
        everything_is_explained(place.path(), &format!("--platform {platform} oci:out"));
    }
    // Nothing is asked of anybody: neither of what has ended nor of the registry.
    place.files.stop();
    let before = place.files.heads().len();
    fs::remove_dir_all(place.file("out")).expect("it is ours");
    place.forget_layers();
    let again = place.scant("build --locked --offline -q -o oci:out -t app:1").ok();
    assert_eq!(again, built);
    assert_eq!(place.files.heads().len(), before);
}

#[test]
fn those_from_elsewhere_name_input_digest_and_line() {
    require!(BUSYBOX, DOCKER_REGISTRY);
    let place = require_ok!(Place::new());
    place.scant("lock").ok();
    place.scant("build -q -o oci:out").ok();
    let lock = fs::read_to_string(place.file("scant.lock")).expect("it is written");
    let case = |path: &str, input: &str, backend: &str, line: &str| {
        let said = place.scant(&format!("why oci:out {path}")).ok();
        let origin = said.lines().find(|line| line.contains(&format!("{input} ({backend}, ")));
        let digest = origin.map(digests).unwrap_or_default();
        assert!(digest.len() == 1 && lock.contains(&digest[0]), "{said}");
        assert!(said.contains(line), "{said}");
        let first = said.lines().next().unwrap_or_default();
        assert!(first.starts_with("linux/") || first.starts_with(path), "{said}");
    };
    case("/opt/tool/bin/tool", "TREE", "tar", "declared in `binaries` at line 14");
    case("/opt/tool/lib/libtool.so", "TREE", "tar", "declared in `binaries` at line 14");
    case("/opt/tool/share/words", "TREE", "tar", "declared in `data` at line 16");
    case("/etc/ssl/certs/ca-certificates.crt", "CERTS", "oci", "declared in `data` at line 17");
    case("/usr/share/doc/app/NOTICE", "NOTICE", "http", "declared in `data` at line 18");
}

#[test]
fn the_image_is_pushed_and_runs_from_there() {
    require!(BUSYBOX, DOCKER_REGISTRY);
    let place = require_ok!(Place::new());
    place.scant("lock").ok();
    let image = format!("docker://{}/app:1", place.registry.host);
    let pushed = place.scant(&format!("build --locked -q -o {image} -o oci:out")).ok();
    let digests = digests(&pushed);
    assert!(digests.len() == 2 && digests[0] == digests[1], "{pushed}");
    assert_eq!(place.scant(&format!("diff {image} oci:out --layers")).ok(), "");
    everything_is_explained(place.path(), &format!("--platform linux/arm64 {image}"));
    let ran = place.scant(&format!("run {image}")).end();
    assert_eq!((ran.code, &*ran.stdout), (Some(0), PRINTED), "{}", ran.stderr);
    let docker = require_ok!(docker());
    let name = image.trim_start_matches("docker://");
    let words = format!("run --quiet --rm --network none {name}");
    assert_eq!(docker.run(&words).ok(), PRINTED);
    docker.run("image rm").arg(name).ok();
}

#[test]
fn what_changes_elsewhere_is_refused_or_does_not_matter() {
    require!(BUSYBOX, DOCKER_REGISTRY);
    let place = require_ok!(Place::new());
    place.scant("lock").ok();
    let built = place.scant("build --locked -q -o oci:out").ok();

    // Other bytes where the manifest and the lock say which.
    place.files.put("/notice.txt", "no rights reserved!\n");
    let elsewhere = "build --locked -q --force -o oci:out --cache-dir other";
    let refused = place.scant(elsewhere).end().expect(3);
    let found = digests(&refused.stderr);
    assert!(refused.stderr.contains("/notice.txt"), "{}", refused.stderr);
    assert!(found.len() >= 2 && found[0] != found[1], "{}", refused.stderr);
    // What is loaded already is asked of nobody.
    assert_eq!(place.scant("build --locked -q --force -o oci:out").ok(), built);
    place.files.put("/notice.txt", "all rights reserved\n");

    // Another image where the tag was.
    place.push_certificates("authority 2\n");
    let again = "build --locked -q --force -o oci:out --no-cache";
    assert_eq!(place.scant(again).end().expect(0).stdout, built);
    let checked = place.scant("lock --check --update CERTS").end().expect(1);
    assert!(checked.stdout.starts_with("~ CERTS sha256:"), "{}", checked.stdout);
    let renewed = place.scant("lock --update CERTS").ok();
    assert!(renewed.starts_with("~ CERTS sha256:"), "{renewed}");
    place.scant("lock --check").ok();
    let other = place.scant("build --locked -q --force -o oci:out").ok();
    assert_ne!(other, built);
    let ran = place.scant("run oci:out -- cat /etc/ssl/certs/ca-certificates.crt").end();
    assert!(ran.stdout.ends_with("authority 2\n"), "{} {}", ran.stdout, ran.stderr);
}
