//! Registries, as they are seen from the command line.

use std::io::Write as _;
use std::process::Stdio;

use scant_testkit::FakeRegistry;
use scant_testkit::registry::{Auth, Manners};
use snapbox::data::Inline;
use snapbox::str;

use crate::check::same;
use crate::place::Place;

const CHALLENGE: &str = r#"Bearer realm="REALM",service="registry""#;

/// Runs a line with `HOST` for the registry, and shows it so. The home is the place itself.
#[track_caller]
fn check(place: &Place, registry: &FakeRegistry, line: &str, input: &str, expected: Inline) {
    let line = line.replace("HOST", &registry.host);
    let mut command = place.scant(line.split_whitespace());
    command.env("HOME", place.path()).env_remove("XDG_RUNTIME_DIR").env_remove("XDG_CONFIG_HOME");
    command.env_remove("DOCKER_CONFIG").env_remove("REGISTRY_AUTH_FILE");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let seen = place.seen(&output);
    assert!(!seen.contains("opensesame"), "{seen}");
    same(&seen.replace(&registry.host, "HOST"), expected);
}

#[test]
fn an_image_goes_to_a_registry_and_comes_back() {
    let registry = FakeRegistry::new(Manners::default());
    let place = Place::with_app();
    let check = |line: &str, expected: Inline| check(&place, &registry, line, "", expected);
    check(
        "build app.yaml -q -o docker://HOST/team/app:1",
        str![[r#"
exit 0
--- stdout
docker://HOST/team/app:1 sha256:[DIGEST]

"#]],
    );
    check(
        "copy docker://HOST/team/app:1 docker://HOST/team/app:2",
        str![[r#"
exit 0
--- stdout
docker://HOST/team/app:2 sha256:[DIGEST]
--- stderr
0 blobs of 0 B sent, 4 there already

"#]],
    );
    check(
        "copy docker://HOST/team/app:2 oci-archive:app.tar",
        str![[r#"
exit 0
--- stdout
oci-archive:app.tar:2 sha256:[DIGEST]

"#]],
    );
    check(
        "copy oci-archive:app.tar docker://HOST/other --json",
        str![[r#"
exit 0
--- stdout
{
  "digest": "sha256:[DIGEST]",
  "mounted": 0,
  "notes": [],
  "place": "docker://HOST/other:latest",
  "present": 0,
  "sent": {
    "blobs": 4,
    "bytes": 3804
  }
}

"#]],
    );
    check(
        "why docker://HOST/team/app:2 /etc/app.conf",
        str![[r#"
exit 0
--- stdout
/etc/app.conf (file, 10 B, from ROOT/etc/app.conf)
    declared in `data` at line 7

"#]],
    );
    check(
        "verify oci-archive:app.tar",
        str![[r#"
exit 0
--- stdout
linux/amd64: manifest sha256:[DIGEST], image ID sha256:[DIGEST], 1 layer of 995 B, 11.3 kB as tar, 11 paths with provenance

"#]],
    );
    check(
        "ls docker://HOST/team/gone",
        str![[r#"
exit 3
--- stderr
error: `docker://HOST/team/gone` is not there: there is no tag `latest`

"#]],
    );
    check(
        "copy docker://HOST/team/app:2 rootfs:root2",
        str![[r#"
exit 2
--- stderr
error: rootfs:root2 would hold the files of the image, and no image
hint: `skopeo` and `umoci` unpack images

"#]],
    );
    check(
        "copy rootfs:root docker://HOST/x",
        str![[r#"
exit 2
--- stderr
error: rootfs:root holds files, and is no image
hint: `scant build` makes images of files

"#]],
    );
    check(
        "copy docker://HOST/team/app:2 oci:x --platform linux/riscv64",
        str![[r#"
exit 3
--- stderr
error: the image is not made for linux/riscv64; there is: linux/amd64

"#]],
    );
}

#[test]
fn a_password_is_kept_and_forgotten() {
    let auth = Some(Auth::Bearer("alice", "opensesame", CHALLENGE));
    let registry = FakeRegistry::new(Manners { auth, ..Manners::default() });
    let place = Place::with_app();
    let check =
        |line: &str, input: &str, expected: Inline| check(&place, &registry, line, input, expected);
    check(
        "build app.yaml -q -o docker://HOST/app:1",
        "",
        str![[r#"
exit 4
--- stderr
error: `HOST/app` is refused: `http://HOST/token` answers 401; there are no credentials for it (`scant login` makes some)

"#]],
    );
    check(
        "login HOST -u alice --password-stdin",
        "wrong",
        str![[r#"
exit 3
--- stderr
error: `HOST` is refused: `http://HOST/token` answers 401; credentials are those of what was typed

"#]],
    );
    check(
        "login HOST -u alice --password-stdin",
        "opensesame\n",
        str![[r#"
exit 0
--- stdout
the password of alice for HOST is kept in `[PLACE]/.docker/config.json`

"#]],
    );
    check(
        "build app.yaml -q -o docker://HOST/app:1",
        "",
        str![[r#"
exit 0
--- stdout
docker://HOST/app:1 sha256:[DIGEST]

"#]],
    );
    check(
        "login HOST -u alice --password-stdin --json",
        "opensesame\n",
        str![[r#"
exit 0
--- stdout
{
  "checked": true,
  "file": "[PLACE]/.docker/config.json",
  "helper": null,
  "registry": "HOST",
  "username": "alice"
}

"#]],
    );
    check(
        "logout HOST",
        "",
        str![[r#"
exit 0
--- stdout
the password for HOST is gone from `[PLACE]/.docker/config.json`

"#]],
    );
    check(
        "logout HOST",
        "",
        str![[r#"
exit 1
--- stderr
there was no password for HOST

"#]],
    );
    check(
        "login not-a-host -u alice --password-stdin",
        "opensesame\n",
        str![[r#"
exit 2
--- stderr
error: `not-a-host` is not the name of a registry
hint: `HOST` or `HOST:PORT` was expected, as in `registry.example.com`

"#]],
    );
    check(
        "login HOST -u alice --password-stdin",
        "",
        str![[r#"
exit 2
--- stderr
error: there is no password in standard input

"#]],
    );
}
