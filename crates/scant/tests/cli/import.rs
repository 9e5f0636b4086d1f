//! `scant import`.

use snapbox::str;

use crate::check::check;
use crate::place::Place;

/// A file of apko, and one that it lies over.
const WEB: &str = "\
include: base/base.yaml
contents:
  packages: [nginx]
entrypoint:
  command: /usr/sbin/nginx -g 'daemon off;'
paths:
  - {path: /etc/nginx, type: permissions, permissions: 0o700, uid: 65532, recursive: true}
";

const BASE: &str = "\
contents:
  repositories: [https://example.com/os]
  keyring: [https://example.com/os/example.rsa.pub]
  packages: [baselayout]
archs: [amd64]
accounts: {run-as: nobody}
";

fn place() -> Place {
    let place = Place::new("/").file("web.yaml", WEB);
    std::fs::create_dir(place.path().join("base")).unwrap();
    place.file("base/base.yaml", BASE)
}

#[test]
fn a_manifest_is_made_of_a_file_and_what_it_includes() {
    check(
        &place(),
        "import web.yaml",
        str![[r#"
exit 0
--- stdout
# What web.yaml declares, by `scant import`.
inputs:
  APK:
    backend: apk
    repositories:
      - https://example.com/os
    keys:
      - ./keys/example.rsa.pub
    packages:
      - baselayout
      - nginx

# Whole packages, and those that they depend on.
packages:
  - APK/*

data:
  - {from: APK/etc/nginx, mode: "0700", owner: 65532:0, directory-mode: "0700"}

image:
  entrypoint: [/usr/sbin/nginx, -g, "daemon off;"]
  env:
    PATH: /usr/local/sbin:/usr/local/bin:/usr/bin:/usr/sbin:/sbin:/bin
    SSL_CERT_FILE: /etc/ssl/certs/ca-certificates.crt
  # user: nobody

platforms:
  - linux/amd64
--- stderr
base/base.yaml:3: nothing is fetched: store https://example.com/os/example.rsa.pub as ./keys/example.rsa.pub, and check its fingerprint
base/base.yaml:6: `nobody` is no user under `accounts`: apko takes its number from the /etc/passwd of a package; write that number as `user`

"#]],
    );
}

#[test]
fn a_file_is_not_replaced_unless_asked() {
    let place = place().file("scant.yaml", "mine\n");
    check(
        &place,
        "import web.yaml -o scant.yaml",
        str![[r#"
exit 4
--- stderr
error: `[PLACE]/scant.yaml` is there already
hint: `--force` replaces it

"#]],
    );
    assert_eq!(std::fs::read_to_string(place.path().join("scant.yaml")).unwrap(), "mine\n");
    assert!(place.run("import web.yaml -o scant.yaml --force").status.success());
    let written = std::fs::read(place.path().join("scant.yaml")).unwrap();
    assert_eq!(written, place.run("import web.yaml").stdout);
}

#[test]
fn faults_are_shown_where_they_are() {
    let place = place().file("base/base.yaml", "contents: {package: [a]}\narchs: amd64\n");
    check(
        &place,
        "import web.yaml",
        str![[r#"
exit 2
--- stderr
error: unknown key `package`
 --> base/base.yaml:1:12
  |
1 | contents: {package: [a]}
  |            ^^^^^^^
  |
  = help: did you mean `packages`? known keys here: `repositories`, `build_repositories`, `runtime_repositories`, `keyring`, `runtime_keyring`, `packages`, `baseimage`

error: expected a list, found a string
 --> base/base.yaml:2:8
  |
2 | archs: amd64
  |        ^^^^^
  |
  = help: a list of one item is written [amd64]
hint: line 1 of web.yaml includes it

"#]],
    );
}

#[test]
fn files_that_include_each_other() {
    let place =
        Place::new("/").file("a.yaml", "include: b.yaml\n").file("b.yaml", "include: a.yaml\n");
    check(
        &place,
        "import a.yaml",
        str![[r#"
exit 2
--- stderr
error: `a.yaml` is included again and again
hint: line 1 of b.yaml includes it

"#]],
    );
}

#[test]
fn a_file_that_is_not_there() {
    check(
        &Place::new("/").file("a.yaml", "include: b.yaml\n"),
        "import a.yaml",
        str![[r#"
exit 2
--- stderr
error: the apko file `b.yaml` cannot be read: No such file or directory (os error 2)
hint: line 1 of a.yaml includes it

"#]],
    );
}

#[test]
fn a_manifest_is_no_file_of_apko_nor_the_other_way_round() {
    let place = place().file("scant.yaml", crate::place::MANIFEST);
    check(
        &place,
        "import scant.yaml",
        str![[r#"
exit 2
--- stderr
error: this is a manifest, not a file of apko: it has `inputs`
 --> scant.yaml:1:1
  |
1 | inputs:
  | ^^^^^^
  |
  = help: `scant build` and `scant plan` take manifests

"#]],
    );
    check(
        &place,
        "build web.yaml",
        str![[r#"
exit 2
--- stderr
error: this is a file of apko, not a manifest: it has `include`
 --> web.yaml:1:1
  |
1 | include: base/base.yaml
  | ^^^^^^^
  |
  = help: `scant import FILE` makes a manifest of it

"#]],
    );
}
