//! Everything that a build takes of the network, put into a directory that goes with the project: the
//! image is the same for somebody else, on a machine without a network and without a cache.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;

use scant_testkit::debian::deb;
use scant_testkit::registry::Manners;
use scant_testkit::{DebianArchive, FakeRegistry, FileServer, RawTar};
use tempfile::TempDir;

use crate::run::{Ran, Run, run};
use crate::scant::scant as scant_alone;
use crate::tools::{require, skip};

const NOBODY: u32 = 65534;

/// A project that takes something of every place there is, with a lock.
struct Project {
    directory: TempDir,
    server: FileServer,
    registry: FakeRegistry,
}

impl Project {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("there is room");
        let mut archive = DebianArchive::default();
        for (architecture, content) in [("amd64", "x"), ("arm64", "y")] {
            let fields = format!("Package: tool\nVersion: 1\nArchitecture: {architecture}\n");
            archive.add(&fields, &deb(&fields, &format!("./usr/share/tool {content}")));
        }
        let mut files: BTreeMap<String, Vec<u8>> = archive.files();
        let tarball = RawTar::of_lines("./share/data tarball");
        let digests = [&b"a file"[..], &tarball].map(|bytes| {
            fs::write(directory.path().join("x"), bytes).expect("it is ours");
            let sum = run("sha256sum").arg(directory.path().join("x")).ok();
            sum.split_whitespace().next().expect("a digest").to_string()
        });
        files.insert("file".into(), b"a file".to_vec());
        files.insert("data.tar".into(), tarball);
        let project = Self {
            directory,
            server: FileServer::new(files),
            registry: FakeRegistry::new(Manners::default()),
        };
        project.write("base.yaml", "data: [x:/x]\nplatforms: [linux/amd64, linux/arm64]\n");
        let base = format!("docker://{}/base:1", project.registry.host);
        project.scant(&format!("build base.yaml --no-check -q -o {base}")).ok();
        let [file, tarball] = digests;
        let url = project.server.url();
        project.write(
            "scant.yaml",
            &format!(
                "inputs:
  TOOL: {{backend: apt, packages: [tool], sources: [{{uris: ['{url}'], suites: [stable], components: [main]}}], allow-unsigned: true}}
  FILE: {{backend: http, url: '{url}/file', sha256: {file}, name: file}}
  DATA: {{backend: tar, url: '{url}/data.tar', sha256: {tarball}}}
  BASE: {{backend: oci, image: '{base}'}}
data: [TOOL/usr/share/tool, FILE/file:/file, DATA/share/data, BASE/x]
platforms: [linux/amd64, linux/arm64]
"
            ),
        );
        project
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).expect("it is ours");
    }

    fn scant(&self, words: &str) -> Run {
        with_cache(scant_alone(self.path(), words), self.path())
    }

    /// scant without a cache.
    fn alone(&self, words: &str) -> Run {
        scant_alone(self.path(), words).without_env("CI")
    }

    fn vendored(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path().join("vendor/sha256")).expect("it was made");
        entries
            .map(|entry| entry.expect("ours").file_name().to_string_lossy().into_owned())
            .collect()
    }

    /// Nobody is asked any more.
    fn forget(&self) {
        self.server.take_asked();
        self.registry.take_log();
    }

    #[track_caller]
    fn expect_not_asked(&self) {
        assert_eq!(self.server.take_asked(), Vec::<String>::new());
        assert_eq!(self.registry.take_log(), Vec::<String>::new());
    }
}

fn with_cache(run: Run, home: &Path) -> Run {
    run.env("XDG_CACHE_HOME", home.join("cache")).without_env("CI")
}

/// The digest that a build prints.
fn digest(ran: &str) -> &str {
    ran.trim_end().rsplit_once(' ').expect("a place and a digest").1
}

#[test]
fn a_build_takes_all_of_it() {
    let project = Project::new();
    let before = project.scant("build --no-check -q -o oci:before:x").ok();
    let said = project.scant("lock --vendor vendor").end().expect(0).stderr;
    // Packages, a file, a tarball, an index, and for each platform a manifest, a configuration and a
    // layer, of which the last is the same.
    let count = project.vendored().len();
    assert!(said.contains(&format!("vendor has {count} files, {count} of them new")), "{said}");
    assert_eq!(count, 2 + 1 + 1 + 1 + 3 + 2, "{said}");

    // What is there is not loaded, and not written, again: not even with an empty cache.
    fs::remove_dir_all(project.path().join("cache")).expect("it is ours");
    project.forget();
    let said = project.scant("lock --vendor vendor").end().expect(0).stderr;
    assert!(said.contains(&format!("vendor has {count} files, 0 of them new")), "{said}");
    project.expect_not_asked();

    for words in ["--offline", "--locked", ""] {
        let line = format!("build --no-check -q --vendor vendor -o oci:after:x {words}");
        let after = project.alone(&line).ok();
        assert_eq!(digest(&after), digest(&before), "{words}");
        project.expect_not_asked();
    }
    let line = "build --no-check -q -o oci:after:x";
    let after = project.alone(line).env("SCANT_VENDOR", "vendor").ok();
    assert_eq!(digest(&after), digest(&before));
    project.expect_not_asked();
    // One that is not there was misspelt.
    let said = project.scant("build --no-check --vendor vendr -o oci:out:x").end().expect(3).stderr;
    assert!(said.contains("there is no directory `vendr`"), "{said}");

    let said = project.scant("lock --vendor vendor --json").ok();
    let said: serde_json::Value = serde_json::from_str(&said).expect("it is JSON");
    assert_eq!(said["vendor"]["files"], count);
    assert_eq!(said["vendor"]["unneeded"], serde_json::json!([]));
    for words in ["plan", "why scant.yaml /file", "check scant.yaml --json"] {
        let Ran { code, stderr, .. } = project.alone(&format!("{words} --vendor vendor")).end();
        assert!(code < Some(2), "{words}: {stderr}");
        project.expect_not_asked();
    }
}

#[test]
fn what_is_not_there_is_told() {
    let project = Project::new();
    project.scant("lock --vendor vendor").ok();
    let directory = project.path().join("vendor/sha256");
    let of = |bytes: &[u8]| {
        project
            .vendored()
            .into_iter()
            .find(|name| fs::read(directory.join(name)).is_ok_and(|content| content == bytes))
    };
    let file = directory.join(of(b"a file").expect("it is there"));
    let line = "build --no-check -q --vendor vendor --offline -o oci:out:x";

    // Damaged: neither taken nor passed over, and mended by whoever fills the directory.
    fs::remove_file(&file).expect("it is ours");
    fs::write(&file, "a fake").expect("it is ours");
    let said = project.alone(line).end().expect(3).stderr;
    assert!(said.contains("` is damaged: expected sha256:"), "{said}");
    let said = project.scant("lock --vendor vendor").end().expect(0).stderr;
    assert!(said.contains("was damaged, and is loaded anew if it is needed"), "{said}");
    assert_eq!(fs::read(&file).expect("it is there"), b"a file");
    project.alone(line).ok();

    // Missing.
    fs::remove_file(&file).expect("it is ours");
    let said = project.alone(line).end().expect(3).stderr;
    assert!(said.contains("vendor` and not in the cache, and nobody else is asked"), "{said}");
    fs::remove_dir_all(project.path().join("cache")).expect("it is ours");
    project.forget();
    let said =
        project.scant("build --no-check --vendor vendor -o oci:out:x").end().expect(0).stderr;
    assert!(said.contains("note: not all that is needed is in `vendor`"), "{said}");
    assert_eq!(project.server.take_asked().len(), 1, "the rest is there");
}

#[test]
fn what_the_lock_does_not_name_goes_only_if_that_is_said() {
    let project = Project::new();
    project.scant("lock --vendor vendor").ok();
    let all = project.vendored().len();
    let manifest = project.path().join("scant.yaml");
    let text = fs::read_to_string(&manifest).expect("it was written");
    let without = |line: &&str| !line.starts_with("  FILE");
    let text: Vec<_> = text.lines().filter(without).collect();
    fs::write(&manifest, text.join("\n").replace("FILE/file:/file, ", "")).expect("it is ours");
    project.write("vendor/sha256/README", "not scant's");
    let said = project.scant("lock --vendor vendor").end().expect(0).stderr;
    assert!(
        said.contains(
            "note: vendor has 1 file that the lock does not name; `--prune` removes them"
        ),
        "{said}"
    );
    assert_eq!(project.vendored().len(), all + 1);
    let said = project.scant("lock --vendor vendor --prune").end().expect(0).stderr;
    assert!(said.contains("vendor: 1 file removed"), "{said}");
    assert_eq!(project.vendored().len(), all, "without the file, with README");
    project.alone("build --no-check -q --vendor vendor --offline -o oci:out:x").ok();
}

#[test]
fn somebody_else_without_a_network_builds_the_same() {
    require!(SETPRIV, UNSHARE);
    let project = Project::new();
    let before = project.scant("build --no-check -q -o oci:before:x").ok();
    project.scant("lock --vendor vendor").ok();
    let home = tempfile::tempdir().expect("there is room");
    if chown(home.path(), Some(NOBODY), Some(NOBODY)).is_err() {
        return skip("only root can become somebody else");
    }
    if run("unshare").words("--net true").end().code != Some(0) {
        return skip("there can be no network of its own");
    }
    fs::copy(env!("CARGO_BIN_EXE_scant"), home.path().join("scant")).expect("it can be copied");
    for path in [home.path(), project.path()] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it is ours");
    }
    run("chmod").words("-R a+rX").arg(project.path().join("vendor")).ok();
    let after = run("unshare")
        .words("--net setpriv --reuid=65534 --regid=65534 --clear-groups")
        .arg(home.path().join("scant"))
        .words("build --locked --no-check -q --vendor vendor -o")
        .arg(format!("oci:{}:x", home.path().join("after").display()))
        .arg(project.path().join("scant.yaml"))
        .directory(project.path())
        .env("HOME", home.path())
        .without_env("XDG_CACHE_HOME")
        .without_env("SOURCE_DATE_EPOCH")
        .ok();
    assert_eq!(digest(&after), digest(&before));
}
