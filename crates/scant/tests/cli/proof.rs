//! `scant check`, and what `scant build` refuses.

use snapbox::str;

use crate::check::check;
use crate::place::{MANIFEST, Place};

/// A manifest whose program starts, and one that names another.
fn wrong() -> Place {
    Place::with_app().file("wrong.yaml", &MANIFEST.replace("[/usr/bin/app]", "[/usr/bin/api]"))
}

#[test]
fn a_manifest_whose_image_starts() {
    check(
        &Place::with_app(),
        "check app.yaml",
        str![[r#"
exit 0
--- stderr
0 errors, 0 warnings, 0 hints

"#]],
    );
}

#[test]
fn a_manifest_whose_image_does_not_start() {
    check(
        &wrong(),
        "check wrong.yaml",
        str![[r#"
exit 1
--- stdout
error: entrypoint: `/usr/bin/api`, the entrypoint, is not in the image
    tried /usr/bin/api: not there
--- stderr
1 error, 0 warnings, 0 hints

"#]],
    );
    check(
        &wrong(),
        "check wrong.yaml --json",
        str![[r#"
exit 1
--- stdout
[
  {
    "findings": [
      {
        "check": "entrypoint",
        "help": [],
        "level": "error",
        "paths": [
          "/usr/bin/api"
        ],
        "text": "`/usr/bin/api`, the entrypoint, is not in the image",
        "tried": [
          "/usr/bin/api: not there"
        ]
      }
    ],
    "glibc": {
      "found": null,
      "needed": null
    },
    "ok": false,
    "platform": "linux/amd64"
  }
]

"#]],
    );
}

#[test]
fn findings_are_allowed_and_left_out() {
    check(
        &wrong(),
        "check wrong.yaml --allow entrypoint",
        str![[r#"
exit 0
--- stderr
0 errors, 0 warnings, 0 hints

"#]],
    );
    check(
        &wrong(),
        "check wrong.yaml --allow entrypoint:/usr/bin/*",
        str![[r#"
exit 0
--- stderr
0 errors, 0 warnings, 0 hints

"#]],
    );
    check(
        &wrong(),
        "check wrong.yaml --allow entry",
        str![[r#"
exit 2
--- stderr
error: invalid value 'entry' for '--allow <NAME[:GLOB]>': there is no such check; there are certificates, damaged-elf, dangling-link, entrypoint, foreign-machine, healthcheck, library-cache, link-loop, missing-interpreter, missing-library, missing-symbol, missing-version, name-service, not-permitted, privileged, readable-secret, run-time-need, script-interpreter, time-zone, unknown-group, unknown-user, unreadable, unused-allow, working-directory, world-writable

For more information, try '--help'.

"#]],
    );
    check(
        &wrong(),
        "check wrong.yaml --allow entrypoint:usr",
        str![[r#"
exit 2
--- stderr
error: invalid value 'entrypoint:usr' for '--allow <NAME[:GLOB]>': a glob of paths starts with `/`

For more information, try '--help'.

"#]],
    );
    check(
        &Place::with_app(),
        "check rootfs:root --level error",
        str![[r#"
exit 0
--- stderr
0 errors, 2 warnings, 0 hints

"#]],
    );
    check(
        &Place::with_app(),
        "check rootfs:root --level warning",
        str![[r#"
exit 0
--- stdout
warning: dangling-link: `/lib` -> `usr/lib` leads to nothing
warning: missing-library: `libgone.so.2` is nowhere that the image's loader looks
    needed by /usr/bin/broken
    tried /usr/bin/../app/libgone.so.2: not there
    tried /lib64/libgone.so.2: not there
    tried /usr/lib64/libgone.so.2: not there
--- stderr
0 errors, 2 warnings, 0 hints

"#]],
    );
}

#[test]
fn an_image_that_somebody_built() {
    let place = wrong();
    assert!(place.run("build app.yaml -q -o oci:image").status.success());
    check(
        &place,
        "check oci:image",
        str![[r#"
exit 0
--- stderr
0 errors, 0 warnings, 0 hints

"#]],
    );
    check(
        &place,
        "check oci:image --platform linux/arm64",
        str![[r#"
exit 3
--- stderr
error: the image is not made for linux/arm64; there is: linux/amd64

"#]],
    );
    assert!(place.run("build wrong.yaml -q --no-check -o oci-archive:wrong.tar").status.success());
    check(
        &place,
        "check wrong.tar --level error",
        str![[r#"
exit 1
--- stdout
error: entrypoint: `/usr/bin/api`, the entrypoint, is not in the image
    tried /usr/bin/api: not there
--- stderr
1 error, 0 warnings, 0 hints

"#]],
    );
    check(
        &place,
        "check nothing.tar",
        str![[r#"
exit 3
--- stderr
error: cannot read `nothing.tar`: No such file or directory (os error 2)

"#]],
    );
}

#[test]
fn a_build_refuses_an_image_that_does_not_start() {
    let place = wrong();
    check(
        &place,
        "build wrong.yaml -q -o oci:image",
        str![[r#"
exit 2
--- stderr
error: `/usr/bin/api`, the entrypoint, is not in the image [entrypoint]
 --> wrong.yaml:9:15
  |
9 |   entrypoint: [/usr/bin/api]
  |               ^^^^^^^^^^^^^^
  |
  = note: tried /usr/bin/api: not there
hint: `--no-check` builds it all the same; `checks` in the manifest accepts findings by name

"#]],
    );
    assert!(!place.path().join("image").exists());
}

#[test]
fn what_the_manifest_allows_is_built() {
    let allow = "checks:\n  allow:\n    - {name: entrypoint, reason: the volume has it}\n";
    let manifest = MANIFEST.replace("[/usr/bin/app]", "[/usr/bin/api]") + allow;
    let place = Place::with_app().file("app.yaml", &manifest);
    assert!(place.run("build app.yaml -q -o oci:image").status.success());
    check(
        &place,
        "check app.yaml",
        str![[r#"
exit 0
--- stderr
0 errors, 0 warnings, 0 hints

"#]],
    );
    let unused = Place::with_app().file("app.yaml", &format!("{MANIFEST}{allow}"));
    check(
        &unused,
        "check app.yaml",
        str![[r#"
exit 0
--- stdout
hint: unused-allow: `entrypoint` is allowed, and nothing of that is found
    help: remove the line
--- stderr
0 errors, 0 warnings, 1 hint

"#]],
    );
}
