//! `scant diff`.

mod hostile;
mod json;

use snapbox::str;

use crate::check::check;
use crate::place::{MANIFEST, Place};

/// The usual image as `old.tar`, and a manifest `new.yaml` that has changed.
fn place() -> Place {
    let place = Place::with_app();
    assert!(place.run("build app.yaml -q -o oci-archive:old.tar").status.success());
    let new = MANIFEST
        .replace("  - ROOT/etc/app.conf\n", "  - {from: ./my.conf, to: /etc/app.conf, mode: '0600'}\n")
        .replace("  - from: ROOT", "  - {from: ROOT/usr/bin/static, why: for tests}\n  - from: ROOT")
        .replace(
            "  entrypoint: [/usr/bin/app]\n",
            "  entrypoint: [/usr/bin/app, -v]\n  user: \"7:7\"\n  env: {MODE: \"a\\tb\"}\n  expose: [80]\n",
        );
    place
        .file("my.conf", "listen 81\n")
        .file("new.yaml", &format!("{new}symlinks: [{{link: /app, target: usr/bin/app}}]\n"))
}

#[test]
fn what_a_manifest_would_change() {
    check(
        &place(),
        "diff old.tar new.yaml",
        str![[r#"
exit 1
--- stdout
~ entrypoint: ["/usr/bin/app"] → ["/usr/bin/app","-v"]
+ env MODE: a\tb
+ port 80/tcp
+ user: 7:7
+ /app -> usr/bin/app            declared in `symlinks` at line 14
~ /etc/app.conf  mode 0644 → 0600, content, 10 B
+ /usr/bin/static         249 B  declared in `binaries` at line 4: for tests
--- stderr
2 added, 0 removed, 1 changed; 11 → 13 paths, 2.7 kB → 2.9 kB of files (+249 B)

"#]],
    );
}

#[test]
fn the_other_way_round() {
    check(
        &place(),
        "diff new.yaml old.tar",
        str![[r#"
exit 1
--- stdout
~ entrypoint: ["/usr/bin/app","-v"] → ["/usr/bin/app"]
- env MODE: a\tb
- port 80/tcp
- user: 7:7
- /app -> usr/bin/app            declared in `symlinks` at line 14
~ /etc/app.conf  mode 0600 → 0644, content, 10 B
- /usr/bin/static         249 B  declared in `binaries` at line 4: for tests
--- stderr
0 added, 2 removed, 1 changed; 13 → 11 paths, 2.9 kB → 2.7 kB of files (-249 B)

"#]],
    );
}

#[test]
fn the_same_image_in_two_formats() {
    let place = Place::with_app();
    let built =
        "build app.yaml -q -o oci:one -o docker-archive:two.tar -o rootfs:three -o tar:four.tar";
    assert!(place.run(built).status.success());
    check(
        &place,
        "diff oci:one docker-archive:two.tar",
        str![[r#"
exit 0
--- stderr
nothing differs in 11 paths, 2.7 kB of files

"#]],
    );
    check(
        &place,
        "diff app.yaml one --layers",
        str![[r#"
exit 2
--- stderr
error: `app.yaml` has no layers to compare
hint: images have, and a manifest when it is built

"#]],
    );
    check(
        &place,
        "diff one tar:four.tar",
        str![[r#"
exit 0
--- stderr
note: `tar:four.tar` has no settings, so only files are compared
nothing differs in 11 paths, 2.7 kB of files

"#]],
    );
    check(&place, "diff one two.tar --quiet", "exit 0\n");
    check(
        &place,
        "diff one two.tar --json",
        str![[r#"
exit 0
--- stdout
{
  "only": [],
  "platforms": [
    {
      "after": "linux/amd64",
      "before": "linux/amd64",
      "layers": null,
      "paths": [],
      "same": true,
      "settings": [],
      "totals": {
        "after": {
          "bytes": 2698,
          "paths": 11
        },
        "before": {
          "bytes": 2698,
          "paths": 11
        }
      }
    }
  ],
  "same": true
}

"#]],
    );
}

#[test]
fn layers_are_compared_when_asked_for() {
    let place = Place::with_app();
    assert!(place.run("build app.yaml -q -o oci:one").status.success());
    assert!(place.run("build app.yaml -q -o oci:two --compression none").status.success());
    check(
        &place,
        "diff oci:one oci:two",
        str![[r#"
exit 0
--- stderr
nothing differs in 11 paths, 2.7 kB of files

"#]],
    );
    check(
        &place,
        "diff oci:one oci:two --layers",
        str![[r#"
exit 1
--- stdout
~ layer 1: sha256:[DIGEST] → sha256:[DIGEST], the same diff ID sha256:[DIGEST], 995 B → 11.3 kB
--- stderr
0 added, 0 removed, 0 changed; 11 → 11 paths, 2.7 kB → 2.7 kB of files (+0 B)

"#]],
    );
}

#[test]
fn times_are_compared_when_asked_for() {
    let place = Place::with_app();
    assert!(place.run("build app.yaml -q -o oci:one").status.success());
    let mut scant = place.scant(["build", "app.yaml", "-q", "-o", "oci:two"]);
    assert!(scant.env("SOURCE_DATE_EPOCH", "7").output().unwrap().status.success());
    check(
        &place,
        "diff oci:one oci:two",
        str![[r#"
exit 0
--- stderr
nothing differs in 11 paths, 2.7 kB of files

"#]],
    );
    check(
        &place,
        "diff oci:one oci:two --times --exclude /usr",
        str![[r#"
exit 1
--- stdout
~ /etc  time 0 → 7
~ /etc/app.conf  time 0 → 7
~ /lib64  time 0 → 7
--- stderr
0 added, 0 removed, 3 changed; 3 → 3 paths, 10 B → 10 B of files (+0 B)

"#]],
    );
}

#[test]
fn only_the_exit_code_when_quiet() {
    let place = place();
    check(&place, "diff old.tar new.yaml --quiet", "exit 1\n");
    check(&place, "diff old.tar app.yaml --quiet", "exit 0\n");
}

#[test]
fn what_cannot_be_read() {
    let place = place();
    check(
        &place,
        "diff old.tar gone.tar",
        str![[r#"
exit 3
--- stderr
error: cannot read `gone.tar`: No such file or directory (os error 2)

"#]],
    );
    check(
        &place,
        "diff - -",
        str![[r#"
exit 2
--- stderr
error: standard input holds one manifest, not two

"#]],
    );
    check(
        &place,
        "diff old.tar app.yaml --exclude usr",
        str![[r#"
exit 2
--- stderr
error: invalid value 'usr' for '--exclude <GLOB>': a glob of paths starts with `/`

For more information, try '--help'.

"#]],
    );
    check(
        &place,
        "diff old.tar docker://example.com/app",
        str![[r#"
exit 3
--- stderr
error: `https://example.com/v2/` cannot be reached: there is no such host

"#]],
    );
}

#[test]
fn platforms_are_compared_one_by_one() {
    let place = two_platforms();
    check(
        &place,
        "diff oci:two other.yaml",
        str![[r#"
exit 1
--- stdout
linux/amd64: only `oci:two` has it
linux/arm64:
~ cmd: ["/tmp"] → ["/var"]
- /tmp/            declared in `directories` at line 1
+ /var/            declared in `directories` at line 1
linux/s390x: only `other.yaml` has it
--- stderr
linux/arm64: 1 added, 1 removed, 0 changed; 1 → 1 path, 0 B → 0 B of files (+0 B)

"#]],
    );
    check(
        &place,
        "diff oci:two other.yaml --platform linux/arm64",
        str![[r#"
exit 1
--- stdout
~ cmd: ["/tmp"] → ["/var"]
- /tmp/            declared in `directories` at line 1
+ /var/            declared in `directories` at line 1
--- stderr
1 added, 1 removed, 0 changed; 1 → 1 path, 0 B → 0 B of files (+0 B)

"#]],
    );
    check(
        &place,
        "diff oci:two other.yaml --platform linux/amd64",
        str![[r#"
exit 2
--- stderr
error: the manifest is not for that platform
hint: it is for linux/s390x, linux/arm64

"#]],
    );
    std::fs::create_dir(place.path().join("files")).unwrap();
    check(
        &place,
        "diff oci:two rootfs:files",
        str![[r#"
exit 2
--- stderr
error: files without an image are compared with one platform
hint: `--platform` chooses it

"#]],
    );
}

/// `oci:two` and `other.yaml`, each for two platforms, one of which is the same.
fn two_platforms() -> Place {
    let two = "directories: [/tmp]\nplatforms: [linux/amd64, linux/arm64]\nimage: {cmd: [/tmp]}\n";
    let place = Place::new("/")
        .file("two.yaml", two)
        .file("other.yaml", &two.replace("amd64", "s390x").replace("/tmp]", "/var]"));
    assert!(place.run("build two.yaml -q --no-check -o oci:two").status.success());
    place
}
