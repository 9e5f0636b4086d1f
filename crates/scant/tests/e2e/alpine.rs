//! Images from packages of Alpine, from a repository that is made and signed here.

use std::fs;
use std::path::Path;

use scant_testkit::alpine::{Apk, KEY, KEY_PEM};
use scant_testkit::{AlpineRepository, FileServer, RawHeader, RawTar};
use tempfile::TempDir;

use crate::docker::docker;
use crate::run::Run;
use crate::scant::scant as scant_alone;
use crate::tools::{require, require_ok};

/// A project whose program is in a package, and the repository that has it.
struct Project {
    directory: TempDir,
    server: FileServer,
}

/// A shell, whose post-install script links its applets; data; and certificates.
fn repository() -> AlpineRepository {
    let shell = fs::read("/usr/bin/busybox").expect("it was asked for");
    let mut repository = AlpineRepository::default();
    let info = "pkgname = busybox\npkgver = 1.37.0-r2\narch = x86_64\nlicense = GPL-2.0-only\n\
                provides = cmd:sh=1.37.0-r2\nprovides = /bin/sh\ndepend = tool-data>=2\n";
    let mut files = RawTar::default();
    let header = RawHeader {
        name: b"bin/busybox",
        flag: b'0',
        link: b"",
        size: shell.len() as u64,
        mode: 0o755,
        owner: (0, 0),
    };
    files.header(&header).blocks(&shell);
    files.entry("etc/busybox-paths.d/busybox", b'0', "", "/bin/cat\n/bin/sh\n");
    repository.add_apk(info, &Apk::new(info, &[".post-install", ".trigger"], &files.end()));
    repository.add(
        "pkgname = tool-data\npkgver = 2.1-r0\narch = noarch\norigin = tools\n",
        "usr/share/tool/data hello\nusr/lib/os-release ID=wolfi",
    );
    let info = "pkgname = ca-certificates\npkgver = 1-r0\narch = noarch\n";
    let files = RawTar::of_lines(
        "usr/share/ca-certificates/mozilla/b.crt B\nusr/share/ca-certificates/mozilla/a.crt A",
    );
    repository.add_apk(info, &Apk::new(info, &[".trigger"], &files));
    repository
}

impl Project {
    /// A project that asks the server.
    fn new() -> Self {
        let server = FileServer::new(repository().files());
        let place = server.url();
        Self::at(server, &place)
    }

    /// One that asks the repository at a place.
    fn at(server: FileServer, place: &str) -> Self {
        let directory = tempfile::tempdir().expect("there is room");
        fs::create_dir(directory.path().join("keys")).expect("it is ours");
        fs::write(directory.path().join("keys").join(KEY), KEY_PEM).expect("it is ours");
        let manifest = format!(
            "input:
  backend: apk
  packages: [cmd:sh, ca-certificates]
  repositories: ['{place}']
  keys: [keys/*.rsa.pub]
binaries: [APK/bin/busybox]
data:
  - APK/bin/cat
  - APK/usr/share/tool/data
  - APK/etc/ssl/certs/ca-certificates.crt
image: {{entrypoint: [/bin/cat], cmd: [/usr/share/tool/data]}}
platforms: [linux/amd64]
"
        );
        fs::write(directory.path().join("scant.yaml"), manifest).expect("it is ours");
        Self { directory, server }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }

    fn scant(&self, words: &str) -> Run {
        scant_alone(self.directory.path(), words)
            .env("XDG_CACHE_HOME", self.path("cache"))
            .without_env("CI")
    }

    /// Changes the manifest.
    fn edit(&self, from: &str, to: &str) {
        let manifest = self.path("scant.yaml");
        let text = fs::read_to_string(&manifest).expect("it was written");
        assert!(text.contains(from), "{text}");
        fs::write(&manifest, text.replace(from, to)).expect("it is ours");
    }
}

#[test]
fn a_lock_holds_what_packages_were() {
    require!(BUSYBOX);
    let project = Project::new();
    let said = project.scant("build --no-check -o oci:unlocked:x").end().expect(0).stderr;
    assert!(said.contains("note: APK is not locked; `scant lock` keeps what it is now"), "{said}");
    let said = project.scant("build --locked -o oci:locked:x").end().expect(2).stderr;
    assert!(said.starts_with("error: APK is not locked"), "{said}");
    let said = scant_alone(project.directory.path(), "build -o oci:locked:x").env("CI", "true");
    assert!(said.end().expect(2).stderr.starts_with("error: APK is not locked"));
    // What was loaded for the build is not loaded for the lock.
    project.server.take_asked();
    project.scant("lock").ok();
    assert_eq!(project.server.take_asked(), ["x86_64/APKINDEX.tar.gz"]);
    project.scant("lock --check").ok();

    // With a lock no index is looked at, and what was loaded is there.
    project.server.take_asked();
    let locked = project.scant("build --no-check --locked --offline -o oci:locked:x").ok();
    assert_eq!(project.server.take_asked(), Vec::<String>::new());
    let unlocked = project.scant("build --no-check --no-locked -o oci:unlocked:x").ok();
    assert_eq!(locked.replace(":locked", ":unlocked"), unlocked, "a lock changes no byte");

    // Another machine loads the packages and nothing else.
    project.server.take_asked();
    let elsewhere = project.scant("build --no-check --locked -o oci:elsewhere:x");
    let elsewhere = elsewhere.env("XDG_CACHE_HOME", project.path("other-cache")).ok();
    assert_eq!(locked.replace(":locked", ":elsewhere"), elsewhere);
    let mut asked = project.server.take_asked();
    asked.sort();
    let packages = ["busybox-1.37.0-r2", "ca-certificates-1-r0", "tool-data-2.1-r0"];
    assert_eq!(asked, packages.map(|name| format!("x86_64/{name}.apk")));

    let why = project.scant("why oci:locked:x /usr/share/tool/data").ok();
    assert!(why.contains("tool-data"), "{why}");
    let why = project.scant("why oci:locked:x /etc/ssl/certs/ca-certificates.crt").ok();
    assert!(why.contains("ca-certificates"), "{why}");
}

#[test]
fn what_is_asked_for_otherwise_is_not_what_is_locked() {
    require!(BUSYBOX);
    let project = Project::new();
    let lock = project.scant("lock --json").ok();
    assert!(lock.contains("\"asked\": \"cmd:sh, ca-certificates; http://127.0.0.1:"), "{lock}");
    project.edit("[cmd:sh, ", "[busybox, ");
    let said = project.scant("build --no-check --locked -o oci:locked:x").end().expect(2).stderr;
    assert!(said.contains("`scant lock` renews scant.lock"), "{said}");
    project.scant("lock").ok();
    // What the repository has now counts only when it is asked for.
    let mut newer = repository();
    newer.add("pkgname = tool-data\npkgver = 3-r0\narch = noarch\n", "usr/share/tool/data new");
    for (path, bytes) in newer.files() {
        project.server.put(&path, bytes);
    }
    project.scant("lock --check").ok();
    assert!(!fs::read_to_string(project.path("scant.lock")).expect("it is there").contains("3-r0"));
    project.scant("lock --update APK").ok();
    assert!(fs::read_to_string(project.path("scant.lock")).expect("it is there").contains("3-r0"));
}

#[test]
fn a_package_that_is_another_than_was_locked_is_refused() {
    require!(BUSYBOX);
    let project = Project::new();
    project.scant("lock").ok();
    let path = "x86_64/tool-data-2.1-r0.apk";
    let mut bytes = repository().files()[path].clone();
    *bytes.last_mut().expect("it is not empty") ^= 1;
    project.server.put(path, bytes);
    fs::remove_dir_all(project.path("cache")).expect("it is ours");
    let said = project.scant("build --no-check --locked -o oci:locked:x").end().expect(3).stderr;
    assert!(said.contains("tool-data-2.1-r0.apk` is not what it is said to be"), "{said}");
    assert!(!project.path("locked").exists());
}

#[test]
fn a_repository_beside_the_manifest_needs_no_network() {
    require!(BUSYBOX);
    let project = Project::at(FileServer::new([].into()), "./packages");
    repository().write_to(&project.path("packages"));
    project.scant("lock --offline").ok();
    let lock = fs::read_to_string(project.path("scant.lock")).expect("it is there");
    assert!(lock.contains("\"url\": \"./packages/x86_64/tool-data-2.1-r0.apk\""), "{lock}");
    project.scant("build --no-check --locked --offline -o oci:locked:x").ok();
    // A machine with the same tree and nothing else.
    let clone = tempfile::tempdir().expect("there is room");
    copy(project.directory.path(), clone.path());
    let built = scant_alone(clone.path(), "build --no-check --locked --offline -o oci:locked:x");
    let built = built.env("XDG_CACHE_HOME", clone.path().join("another")).ok();
    assert!(built.contains("oci:locked:x"), "{built}");
    // One file of the repository is another.
    fs::write(clone.path().join("packages/x86_64/tool-data-2.1-r0.apk"), "other").expect("ours");
    let built = scant_alone(clone.path(), "build --no-check --locked -o oci:other:x");
    let said = built.env("XDG_CACHE_HOME", clone.path().join("third")).end().expect(3).stderr;
    assert!(said.contains("is not the one that was chosen"), "{said}");
}

/// Copies what belongs to a project.
fn copy(from: &Path, to: &Path) {
    for name in ["scant.yaml", "scant.lock"] {
        fs::copy(from.join(name), to.join(name)).expect("there is room");
    }
    repository().write_to(&to.join("packages"));
    fs::create_dir(to.join("keys")).expect("it is ours");
    fs::write(to.join("keys").join(KEY), KEY_PEM).expect("it is ours");
}

#[test]
fn what_is_wrong_with_a_repository_is_told_at_its_input() {
    require!(BUSYBOX);
    let project = Project::new();
    fs::write(project.path("keys").join(KEY), "no key").expect("it is ours");
    let said = project.scant("lock").end().expect(3).stderr;
    assert!(said.contains("input APK: the key in"), "{said}");
    assert!(said.contains("is no public key: a PEM block `PUBLIC KEY` is expected"), "{said}");
    assert!(said.contains("scant.yaml:2"), "{said}");
}

#[test]
fn docker_runs_a_program_of_a_package() {
    require!(BUSYBOX);
    let docker = require_ok!(docker());
    let project = Project::new();
    project.scant("build --no-check -o docker-archive:image.tar -t apk:test").ok();
    docker.run("load --input").arg(project.path("image.tar")).ok();
    let said = docker.run("run --rm --network none --read-only apk:test").ok();
    assert_eq!(said, "hello");
}

#[test]
fn each_platform_has_its_own_packages_and_whole_ones_bring_what_scripts_want() {
    let mut repository = AlpineRepository::default();
    for (architecture, content) in [("x86_64", "amd"), ("aarch64", "arm")] {
        let info = format!("pkgname = nginx\npkgver = 1.28.0-r3\narch = {architecture}\n");
        let files = RawTar::of_lines(&format!("usr/share/nginx/which {content}"));
        repository.add_apk(&info, &Apk::new(&info, &[".pre-install"], &files));
    }
    let project = Project::at(FileServer::new([].into()), "./packages");
    repository.write_to(&project.path("packages"));
    let manifest = fs::read_to_string(project.path("scant.yaml")).expect("it was written");
    let input = manifest.split("binaries:").next().expect("it has one");
    let input = input.replace("[cmd:sh, ca-certificates]", "[nginx]");
    let manifest = format!("{input}packages: [APK/nginx]\nplatforms: [linux/amd64, linux/arm64]\n");
    fs::write(project.path("scant.yaml"), manifest).expect("it is ours");
    project.scant("lock --offline").ok();
    let lock = fs::read_to_string(project.path("scant.lock")).expect("it is there");
    for path in ["./packages/aarch64/nginx-1.28.0-r3.apk", "./packages/x86_64/nginx-1.28.0-r3.apk"]
    {
        assert!(lock.contains(path), "{lock}");
    }
    for (platform, content) in [("linux/amd64", "amd"), ("linux/arm64", "arm")] {
        let build = "build --no-check --locked --offline --platform";
        project.scant(&format!("{build} {platform} -o rootfs:{content}")).ok();
        let file = project.path(content).join("usr/share/nginx/which");
        assert_eq!(fs::read_to_string(file).expect("it was unpacked"), content);
        let users = fs::read_to_string(project.path(content).join("etc/passwd"));
        assert!(users.expect("a script wants it").contains("nginx:x:"), "{content}");
    }
}
