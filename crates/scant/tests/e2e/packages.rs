//! Images from packages that dpkg itself has made, from an archive of this machine.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use scant_testkit::{DebianArchive, FileServer};
use tempfile::TempDir;

use crate::docker::docker;
use crate::run::run;
use crate::scant::scant as scant_alone;
use crate::tools::{require, require_ok};

/// A project whose program is in a package, and the archive that has it.
struct Project {
    directory: TempDir,
    server: FileServer,
}

impl Project {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("there is room");
        let mut archive = DebianArchive::default();
        let shell = fs::read("/usr/bin/busybox").expect("it was asked for");
        for (fields, path, content) in [
            (
                "Package: tool\nVersion: 1.0-1\nArchitecture: amd64\nDepends: tool-data (>= 2)\n",
                "bin/busybox",
                &shell[..],
            ),
            (
                "Package: tool-data\nVersion: 2.1\nArchitecture: all\nSource: tools\n",
                "usr/share/tool/data",
                b"hello\n",
            ),
        ] {
            let fields =
                format!("{fields}Maintainer: Nobody <nobody@example.com>\nDescription: none\n");
            archive.add(&fields, &package(directory.path(), &fields, path, content));
        }
        let server = FileServer::new(archive.files());
        let manifest = format!(
            "input:
  backend: apt
  packages: [tool]
  sources: [{{uris: ['{}'], suites: [stable], components: [main]}}]
  allow-unsigned: true
binaries: [APT/usr/bin/busybox]
data: [APT/usr/share/tool/data]
image: {{entrypoint: [/usr/bin/busybox], cmd: [cat, /usr/share/tool/data]}}
platforms: [linux/amd64]
",
            server.url()
        );
        fs::write(directory.path().join("scant.yaml"), manifest).expect("it is ours");
        Self { directory, server }
    }

    fn scant(&self, words: &str) -> crate::run::Run {
        scant_alone(self.directory.path(), words)
            .env("XDG_CACHE_HOME", self.directory.path().join("cache"))
            .without_env("CI")
    }
}

/// A package with one file, made by dpkg.
fn package(directory: &Path, fields: &str, path: &str, content: &[u8]) -> Vec<u8> {
    let root = directory.join("root");
    let file = root.join(path);
    fs::create_dir_all(file.parent().expect("it has a name")).expect("it is ours");
    fs::create_dir_all(root.join("DEBIAN")).expect("it is ours");
    fs::write(root.join("DEBIAN/control"), fields).expect("it is ours");
    fs::write(&file, content).expect("it is ours");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let made = directory.join("made.deb");
    run("dpkg-deb").words("--root-owner-group --build").arg(&root).arg(&made).ok();
    fs::remove_dir_all(&root).expect("it is ours");
    fs::read(made).expect("it was made")
}

#[test]
fn a_lock_holds_what_packages_were() {
    require!(DPKG_DEB, BUSYBOX);
    let project = Project::new();
    let said = project.scant("build --no-check -o oci:unlocked:x").end().expect(0).stderr;
    assert!(said.contains("note: APT is not locked; `scant lock` keeps what it is now"), "{said}");
    let said = project.scant("build --locked -o oci:locked:x").end().expect(2).stderr;
    assert!(said.starts_with("error: APT is not locked"), "{said}");
    project.scant("lock").ok();
    project.scant("lock --check").ok();

    // With a lock no list is looked at, and what was loaded is there.
    project.server.take_asked();
    let locked = project.scant("build --no-check --locked --offline -o oci:locked:x").ok();
    assert_eq!(project.server.take_asked(), Vec::<String>::new());
    let unlocked = project.scant("build --no-check --no-locked -o oci:unlocked:x").ok();
    assert_eq!(locked.replace(":locked", ":unlocked"), unlocked, "a lock changes no byte");

    let why = project.scant("why oci:locked:x /usr/share/tool/data").ok();
    assert!(why.contains("package tool-data 2.1 all (source tools)"), "{why}");

    // What another choice is, is told by package.
    let lock = project.directory.path().join("scant.lock");
    let text = fs::read_to_string(&lock).expect("it was written");
    fs::write(&lock, text.replace("\"2.1\"", "\"2.0\"")).expect("it is ours");
    let said = project.scant("lock --update all").ok();
    assert_eq!(said, "~ APT tool-data 2.0 -> 2.1 for linux/amd64\n");

    // Another wish is not what is locked.
    let manifest = project.directory.path().join("scant.yaml");
    let text = fs::read_to_string(&manifest).expect("it was written");
    fs::write(&manifest, text.replace("[tool]", "[tool, tool-data]")).expect("it is ours");
    let said = project.scant("build --no-check --locked -o oci:locked:x").end().expect(2).stderr;
    assert!(said.contains("`scant lock` renews scant.lock"), "{said}");
}

#[test]
fn docker_runs_a_program_of_a_package() {
    require!(DPKG_DEB, BUSYBOX);
    let docker = require_ok!(docker());
    let project = Project::new();
    project.scant("build --no-check -o docker-archive:image.tar -t packages:test").ok();
    docker.run("load --input").arg(project.directory.path().join("image.tar")).ok();
    let said = docker.run("run --rm --network none --read-only packages:test").ok();
    assert_eq!(said, "hello\n");
}
