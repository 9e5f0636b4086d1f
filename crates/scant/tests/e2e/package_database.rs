//! Databases of packages in images, as dpkg itself reads them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use scant_testkit::{DebianArchive, FileServer};
use tempfile::TempDir;

use crate::run::run;
use crate::scant::{everything_is_explained, scant as scant_alone};
use crate::tools::require;

const TOOL: &str = "Package: tool\nVersion: 1:2.0-1\nArchitecture: amd64\nDepends: base-files\n\
    Source: tools (2.0)\nMaintainer: Nobody <nobody@example.com>\nDescription: a tool\n of two lines\n";
const BASE: &str = "Package: base-files\nVersion: 12\nArchitecture: amd64\n\
    Maintainer: Nobody <nobody@example.com>\nDescription: what every system has\n";

/// A project with packages that dpkg has made, and the archive that has them.
struct Project {
    directory: TempDir,
    _server: FileServer,
}

impl Project {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("there is room");
        let mut archive = DebianArchive::default();
        // The digests are of what is there, but the file that an administrator may change has none.
        let tool = package(directory.path(), TOOL, |root| {
            write(root, "usr/share/tool/data", "hello\n");
            write(root, "usr/share/tool/unused", "x");
            write(root, "lib/tool/old", "hello\n");
            write(root, "etc/tool.conf", "a = 1\n");
            write(root, "usr/share/doc/tool/copyright", "free\n");
            symlink("data", root.join("usr/share/tool/link")).expect("it is ours");
            write(root, "DEBIAN/conffiles", "/etc/tool.conf\n");
            let hello = "b1946ac92492d2347c6235b4d2611184";
            write(
                root,
                "DEBIAN/md5sums",
                &format!(
                    "{hello}  usr/share/tool/data\n9dd4e461268c8034f5c8564e155c67a6  usr/share/tool/unused\n\
                 {hello}  lib/tool/old\n"
                ),
            );
        });
        let base = package(directory.path(), BASE, |root| {
            write(root, "usr/lib/os-release", "ID=debian\nVERSION_ID=12\n");
            write(root, "etc/debian_version", "12.1\n");
            symlink("../usr/lib/os-release", root.join("etc/os-release")).expect("it is ours");
        });
        archive.add(TOOL, &tool).add(BASE, &base);
        let server = FileServer::new(archive.files());
        let manifest = format!(
            "input:
  backend: apt
  packages: [tool]
  sources: [{{uris: ['{}'], suites: [stable], components: [main]}}]
  allow-unsigned: true
data: [APT/usr/share/tool/data, APT/usr/share/tool/link, APT/usr/lib/tool/old, APT/etc/tool.conf]
package-database: true
platforms: [linux/amd64]
",
            server.url()
        );
        write(directory.path(), "scant.yaml", &manifest);
        Self { directory, _server: server }
    }

    fn scant(&self, words: &str) -> crate::run::Run {
        scant_alone(self.directory.path(), words)
            .env("XDG_CACHE_HOME", self.directory.path().join("cache"))
            .without_env("CI")
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }
}

fn write(root: &Path, path: &str, content: &str) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().expect("it has a name")).expect("it is ours");
    fs::write(file, content).expect("it is ours");
}

/// A package, made by dpkg.
fn package(directory: &Path, fields: &str, fill: impl FnOnce(&Path)) -> Vec<u8> {
    let root = directory.join("root");
    write(&root, "DEBIAN/control", fields);
    fill(&root);
    let made = directory.join("made.deb");
    run("dpkg-deb").words("--root-owner-group --build").arg(&root).arg(&made).ok();
    fs::remove_dir_all(&root).expect("it is ours");
    fs::read(made).expect("it was made")
}

#[test]
fn dpkg_knows_the_packages_of_an_image_and_finds_its_files_unchanged() {
    require!(DPKG_DEB);
    let project = Project::new();
    project.scant("build --no-check -q -o rootfs:root").ok();
    let status = project.path("root/var/lib/dpkg/status.d");
    let mut names: Vec<_> =
        fs::read_dir(&status).expect("it was built").collect::<Result<_, _>>().expect("it is read");
    names.sort_by_key(fs::DirEntry::file_name);
    let names: Vec<_> =
        names.iter().map(|name| name.file_name().into_string().expect("it is text")).collect();
    assert_eq!(names, ["base-files", "base-files.md5sums", "tool", "tool.md5sums"]);

    // What dpkg would have: one status, and lists of files.
    let admin = project.path("root/var/lib/dpkg");
    let mut text = String::new();
    for name in ["base-files", "tool"] {
        text += &fs::read_to_string(status.join(name)).expect("it was built");
        text += "\n";
        let sums =
            fs::read_to_string(status.join(format!("{name}.md5sums"))).expect("it was built");
        let paths = sums.lines().map(|line| format!("/{}\n", &line[34..]));
        write(&admin, &format!("info/{name}.list"), &paths.collect::<String>());
        write(&admin, &format!("info/{name}.md5sums"), &sums);
    }
    write(&admin, "status", &text);
    let format = "${Package}|${Version}|${Architecture}|${source:Package}|${source:Version}|${db:Status-Abbrev}\n";
    let known =
        run("dpkg-query").arg("--admindir").arg(&admin).arg("-W").arg("-f").arg(format).ok();
    assert_eq!(known, "base-files|12|amd64|base-files|12|ii \ntool|1:2.0-1|amd64|tools|2.0|ii \n");
    let verify = |expected: &str| {
        let mut dpkg = run("dpkg").arg("--root").arg(project.path("root"));
        dpkg = dpkg.arg("--admindir").arg(&admin).words("--verify tool base-files");
        assert_eq!(dpkg.end().stdout, expected);
    };
    verify("");
    write(&project.path("root"), "etc/tool.conf", "a = 2\n");
    verify("??5??????   /etc/tool.conf\n");
    let listed = fs::read_to_string(status.join("tool.md5sums")).expect("it was built");
    let paths: Vec<_> = listed.lines().map(|line| &line[34..]).collect();
    assert_eq!(
        paths,
        [
            "etc/tool.conf",
            "usr/lib/tool/old",
            "usr/share/doc/tool/copyright",
            "usr/share/tool/data"
        ]
    );
}

#[test]
fn an_image_with_a_database_is_the_same_each_time_and_knows_itself() {
    require!(DPKG_DEB);
    let project = Project::new();
    project.scant("build --no-check -q -o oci:a --no-cache").ok();
    let again = project.scant("build --no-check -q --no-cache -o oci:b --threads 1").ok();
    assert_eq!(
        again.replace("oci:b", "oci:a"),
        project.scant("build --no-check -q --force -o oci:a").ok()
    );
    everything_is_explained(project.directory.path(), "oci:a");
    // Without its provenance, and as an input of another.
    project.scant("build --no-check -q -o tar:a.tar").ok();
    let told = project.scant("ls --packages oci:a").ok();
    let read = project.scant("ls --packages tar:a.tar").ok();
    assert!(told.contains("APT  tool          1:2.0-1  amd64  tools 2.0  5 files"), "{told}");
    assert!(read.contains("-  tool          1:2.0-1  amd64  tools 2.0  4 files"), "{read}");
    let other = "inputs: {A: {backend: tar, path: a.tar}}\ndata: [A/etc/tool.conf]\npackage-database: true\n";
    write(project.directory.path(), "other.yaml", other);
    let why = project.scant("why other.yaml /etc/tool.conf").ok();
    assert!(why.contains("package tool 1:2.0-1 amd64 (source tools 2.0)"), "{why}");
    let files = project.scant("ls --packages other.yaml").ok();
    assert!(files.contains("tool "), "{files}");
}
