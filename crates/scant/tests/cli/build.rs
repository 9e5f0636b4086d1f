//! `scant build`.

use snapbox::str;

use crate::check::{check, same};
use crate::place::{MANIFEST, Place};

#[test]
fn an_archive_is_the_default_output() {
    let place = Place::with_app();
    check(
        &place,
        "build app.yaml",
        str![[r#"
exit 0
--- stdout
oci-archive:app.tar:latest sha256:[DIGEST]
--- stderr
linux/amd64: 11 paths, 2.7 kB of files, 995 B as a layer
written to oci-archive:app.tar:latest

"#]],
    );
    assert!(place.path().join("app.tar").is_file());
}

#[test]
fn several_outputs_in_one_build() {
    let line = "build app.yaml -t app:1 -o oci:layout -o docker-archive:docker.tar \
                -o oci-archive:archive.tar:two -o tar:files.tar";
    let place = Place::with_app();
    check(
        &place,
        line,
        str![[r#"
exit 0
--- stdout
oci:layout:1 sha256:[DIGEST]
docker-archive:docker.tar:docker.io/library/app:1 sha256:[DIGEST]
oci-archive:archive.tar:two sha256:[DIGEST]
tar:files.tar sha256:[DIGEST]
--- stderr
linux/amd64: 11 paths, 2.7 kB of files, 995 B as a layer

"#]],
    );
}

#[test]
fn files_in_a_directory() {
    let place = Place::with_app();
    // Without root there is a note about owners.
    check(
        &place,
        "build app.yaml -q -o rootfs:files",
        str![[r#"
exit 0
--- stdout
rootfs:files sha256:[DIGEST]

"#]],
    );
    assert!(place.path().join("files/usr/bin/app").is_file());
}

#[test]
fn a_build_as_json() {
    check(
        &Place::with_app(),
        "build app.yaml --json --quiet",
        str![[r#"
exit 0
--- stdout
{
  "digest": "sha256:[DIGEST]",
  "outputs": [
    {
      "notes": [],
      "place": "oci-archive:app.tar:latest"
    }
  ],
  "platforms": [
    {
      "image_id": "sha256:[DIGEST]",
      "layers": [
        {
          "diff_id": "sha256:[DIGEST]",
          "digest": "sha256:[DIGEST]",
          "name": "all",
          "size": 995
        }
      ],
      "manifest": "sha256:[DIGEST]",
      "platform": "linux/amd64"
    }
  ]
}

"#]],
    );
}

#[test]
fn quiet_leaves_what_was_built() {
    check(
        &Place::with_app(),
        "build app.yaml -q -o oci:app",
        str![[r#"
exit 0
--- stdout
oci:app:latest sha256:[DIGEST]

"#]],
    );
}

#[test]
fn a_manifest_from_standard_input() {
    let place = Place::with_app();
    let mut command = place.scant(["build", "-", "-o", "oci:app"]);
    let manifest = std::fs::File::open(place.path().join("app.yaml")).unwrap();
    let output = command.stdin(manifest).output().unwrap();
    same(
        &place.seen(&output),
        str![[r#"
exit 0
--- stdout
oci:app:latest sha256:[DIGEST]
--- stderr
linux/amd64: 11 paths, 2.7 kB of files, 995 B as a layer

"#]],
    );
}

#[test]
fn a_directory_that_is_there_is_kept_unless_forced() {
    let place = Place::with_app();
    std::fs::create_dir(place.path().join("out")).unwrap();
    std::fs::write(place.path().join("out/mine"), "").unwrap();
    check(
        &place,
        "build app.yaml -q -o rootfs:out",
        str![[r#"
exit 4
--- stderr
error: `out` is there already and is not empty
hint: name another directory, or replace it with `--force`

"#]],
    );
    assert!(place.path().join("out/mine").exists());
    assert!(place.run("build app.yaml -q -o rootfs:out --force").status.success());
    assert!(!place.path().join("out/mine").exists());
}

#[test]
fn a_directory_that_does_not_exist() {
    check(
        &Place::with_app(),
        "build app.yaml -o oci:nowhere/app",
        str![[r#"
exit 4
--- stderr
error: `[PLACE]/nowhere` cannot be written to: No such file or directory (os error 2)

"#]],
    );
}

#[test]
fn a_directory_that_is_no_layout() {
    let place = Place::with_app();
    std::fs::create_dir_all(place.path().join("other/x")).unwrap();
    check(
        &place,
        "build app.yaml -q -o oci:other",
        str![[r#"
exit 4
--- stderr
error: `other` is there already and is not an OCI image layout: it has no `oci-layout` and is not empty

"#]],
    );
}

#[test]
fn an_engine_that_is_not_there() {
    let place = Place::with_app();
    let mut command = place.scant(["build", "app.yaml", "-q", "-o", "docker-daemon:app:1"]);
    let output = command.env("DOCKER_HOST", "unix:///nowhere/docker.sock").output().unwrap();
    same(
        &place.seen(&output),
        str![[r#"
exit 4
--- stderr
error: no Docker engine at `unix:///nowhere/docker.sock`: there is no such socket. Is Docker installed and running? Set `DOCKER_HOST` if it listens elsewhere, or write `docker-archive:FILE` and run `docker load -i FILE`

"#]],
    );
}

#[test]
fn outputs_are_looked_at_before_any_is_written() {
    let place = Place::with_app();
    std::fs::create_dir(place.path().join("other")).unwrap();
    check(
        &place,
        "build app.yaml -q -o oci:first -o oci-archive:other",
        str![[r#"
exit 4
--- stderr
error: `other` is there already and is a directory, not a file

"#]],
    );
    assert!(!place.path().join("first").exists());
}

#[test]
fn a_failed_build_leaves_nothing() {
    let place =
        Place::new(crate::place::ROOT).file("app.yaml", &MANIFEST.replace("bin/app", "bin/broken"));
    assert_eq!(place.run("build app.yaml").status.code(), Some(3));
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 2);
}

#[test]
fn the_date_changes_the_layer_and_nothing_else_does() {
    let digest = |variables: &[(&str, &str)]| {
        let place = Place::with_app();
        let mut command = place.scant(["build", "app.yaml", "-q", "-o", "oci:app"]);
        command.envs(variables.iter().copied());
        command.output().unwrap().stdout
    };
    let plain = digest(&[]);
    assert_eq!(plain, digest(&[("TZ", "Asia/Tokyo"), ("LANG", "de_DE.UTF-8"), ("USER", "x")]));
    assert_eq!(plain, digest(&[("SOURCE_DATE_EPOCH", "0")]));
    assert_ne!(plain, digest(&[("SOURCE_DATE_EPOCH", "1700000000")]));
}
