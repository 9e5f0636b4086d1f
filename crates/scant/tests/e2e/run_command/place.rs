//! A directory with an image that has a shell, a user and a volume, and scant in it.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::run::{Ran, Run, run};
use crate::scant::scant;

const MANIFEST: &str = "\
inputs: {HOST: {backend: host}}
binaries: [HOST/usr/bin/busybox:/bin/busybox]
symlinks:
  - {target: busybox, link: /bin/sh}
  - {target: busybox, link: /bin/echo}
  - {target: busybox, link: /bin/cat}
accounts:
  users: [{name: alice, uid: 1000}]
directories:
  - {path: /run/alice, mode: \"0750\", owner: alice}
  - /tmp/of-the-image
data:
  - {from: ./file, to: /srv/data/file}
  - {from: ./file, to: /srv/not-executable}
image:
  entrypoint: [/bin/echo, entrypoint]
  cmd: [from, cmd]
  env: {PATH: /bin, GREETING: hello}
  volumes: [/srv/data]
  workdir: /srv
  stopsignal: SIGUSR1
";

/// Who runs scant.
#[derive(Clone, Copy)]
pub(super) enum Who {
    /// Whoever runs the tests.
    Tester,
    /// A user with one number and no rights.
    Nobody,
}

/// A directory of its own, which anybody may write to, with the image `oci:image`.
pub(super) struct Place(TempDir);

impl Place {
    pub(super) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        run("chmod").arg("0777").arg(directory.path()).ok();
        let place = Self(directory);
        place.write("image.yaml", MANIFEST);
        place.write("file", "of the image\n");
        scant(place.path(), "build image.yaml -q -o oci:image").ok();
        // Where the tests are built a user may have no business.
        fs::copy(env!("CARGO_BIN_EXE_scant"), place.program()).expect("the directory is ours");
        place
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    fn program(&self) -> PathBuf {
        self.path().join("scant")
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).expect("the directory is ours");
    }

    /// Any program in this directory.
    pub(super) fn any(&self, who: Who, program: impl AsRef<Path>) -> Run {
        let run = match who {
            Who::Tester => run(program.as_ref()),
            Who::Nobody => {
                let setpriv = run("setpriv").words("--reuid=65534 --regid=65534 --clear-groups");
                setpriv.arg(program.as_ref())
            }
        };
        run.directory(self.path()).without_env("HOME").without_env("XDG_CACHE_HOME")
    }

    /// `scant run` with these words after it.
    pub(super) fn run(&self, who: Who, words: &str) -> Run {
        self.any(who, self.program()).arg("run").words(words)
    }

    /// What a script of the image's shell prints, and how it ends.
    pub(super) fn script(&self, who: Who, options: &str, script: &str) -> Ran {
        let words = format!("oci:image --entrypoint /bin/sh {options} -- -c");
        self.run(who, &words).arg(script).end()
    }

    /// A script prints this on both streams, and ends well; as whoever it is run.
    #[track_caller]
    pub(super) fn says(&self, options: &str, script: &str, expected: &str) {
        for who in [Who::Tester, Who::Nobody] {
            let ran = self.script(who, options, script).expect(0);
            assert_eq!(ran.stdout, expected, "{script}: {}", ran.stderr);
        }
    }
}

/// Whether there are sandboxes on this machine, for both kinds of users; else why not.
pub(super) fn sandbox(place: &Place) -> Result<(), String> {
    for who in [Who::Tester, Who::Nobody] {
        let ran = place.run(who, "oci:image").end();
        if ran.code != Some(0) {
            return Err(ran.stderr);
        }
    }
    Ok(())
}
