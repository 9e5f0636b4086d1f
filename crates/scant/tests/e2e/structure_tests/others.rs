//! Files of tests in the way that others write them, on images that others made.

use super::place::{Place, outcomes, sandbox};
use crate::run::run;
use crate::scant::scant;
use crate::tools::{require, require_ok};

/// As one would write it for an image of busybox, with a daemon in mind.
const TESTS: &str = r#"schemaVersion: "2.0.0"

globalEnvVars:
  - key: "APP_ENV"
    value: "test"

commandTests:
  - name: "busybox is there"
    command: "busybox"
    args: ["--help"]
    expectedOutput: ["BusyBox v[0-9]+\\.[0-9]+\\.[0-9]+"]

  - name: "say hello world"
    command: "busybox"
    args:
      - sh
      - -c
      - |
         echo hello &&
         echo world
    expectedOutput:
      - "hello"
      - "world"

  - name: "environment"
    command: "busybox"
    args: ["env"]
    expectedOutput: ['APP_ENV=test', 'LANG=C\.UTF-8']
    exitCode: 0

  - name: "setup runs first"
    setup: [["busybox", "touch", "/marker"]]
    command: "busybox"
    args: ["ls", "/"]
    expectedOutput: ["marker"]

fileExistenceTests:
  - name: 'Busybox'
    path: '/bin/busybox'
    shouldExist: true
    permissions: '-rwxr-xr-x'
    isExecutableBy: 'any'
  - name: 'No package manager'
    path: '/usr/bin/apt-get'
    shouldExist: false

metadataTest:
  env:
    - key: LANG
      value: C.UTF-8
  labels:
    - key: 'org.example.version'
      value: '^\d+\.\d+$'
      isRegex: true
  exposedPorts: ["8080"]
  cmd: ["/bin/busybox", "sh"]
  workdir: "/"
"#;

const PASSED: &str = "\
busybox is there: ok
say hello world: ok
environment: ok
setup runs first: ok
Busybox: ok
No package manager: ok
: ok
";

#[test]
fn an_image_of_umoci() {
    require!(BUSYBOX, UMOCI);
    require_ok!(sandbox());
    let place = Place::empty();
    place.write("tests.yaml", TESTS);
    let umoci = |words: &str| run("umoci").directory(place.path()).words(words).ok();
    umoci("init --layout image");
    umoci("new --image image:1");
    umoci("insert --image image:1 /usr/bin/busybox /bin/busybox");
    umoci(
        "config --image image:1 --config.env LANG=C.UTF-8 --config.env PATH=/bin \
         --config.label org.example.version=1.2 --config.exposedports 8080/tcp \
         --config.workingdir / --config.cmd /bin/busybox --config.cmd sh",
    );
    let ran = scant(place.path(), "test oci:image:1 -c tests.yaml --json").end();
    assert_eq!(outcomes(&ran), PASSED, "{}", ran.stderr);
}

#[test]
fn an_image_of_buildah() {
    require!(BUSYBOX, BUILDAH);
    require_ok!(sandbox());
    let place = Place::empty();
    place.write("tests.yaml", TESTS);
    let here = place.path().display().to_string();
    let buildah = |arguments: &[&str]| {
        let options = format!("--root {here}/root --runroot {here}/run --storage-driver vfs");
        let buildah = run("buildah").directory(place.path()).words(&options);
        arguments.iter().fold(buildah, |buildah, argument| buildah.arg(argument)).end()
    };
    let from = buildah(&["from", "--name", "work", "scratch"]);
    if from.code != Some(0) {
        return crate::tools::skip(&format!("buildah does not work here: {}", from.stderr));
    }
    buildah(&["copy", "work", "/usr/bin/busybox", "/bin/busybox"]).expect(0);
    for (option, value) in [
        ("--env", "LANG=C.UTF-8"),
        ("--env", "PATH=/bin"),
        ("--label", "org.example.version=1.2"),
        ("--port", "8080"),
        ("--workingdir", "/"),
        ("--entrypoint", r#"["/bin/busybox", "false"]"#),
        ("--cmd", "/bin/busybox sh"),
    ] {
        buildah(&["config", option, value, "work"]).expect(0);
    }
    buildah(&["commit", "work", "oci-archive:image.tar:1"]).expect(0);
    let ran = scant(place.path(), "test oci-archive:image.tar -c tests.yaml --json").end();
    assert_eq!(outcomes(&ran), PASSED, "{}", ran.stderr);
}
