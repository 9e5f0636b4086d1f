//! A manifest whose inputs come from everywhere, and all that they come from: trees on this machine,
//! a server of files, a registry.

use std::fs;
use std::path::{Path, PathBuf};

use scant_core::words::Digest;
use scant_testkit::archive::{RawHeader, RawTar};
use scant_testkit::{Elf, Machine};

use super::registry::Registry;
use super::server::Server;
use crate::run::Run;
use crate::scant::scant;
use crate::tools::BUSYBOX;

/// Where everything is, for as long as the value lives.
pub(crate) struct Place {
    directory: tempfile::TempDir,
    pub(crate) files: Server,
    pub(crate) registry: Registry,
}

/// The platforms, with the names of their trees and what runs there.
const PLATFORMS: [(&str, &str, Machine); 2] =
    [("linux/amd64", "amd64", Machine::X86_64), ("linux/arm64", "arm64", Machine::Aarch64)];

const MANIFEST: &str = "\
inputs:
  ROOT:
    backend: sysroot
    path: {linux/amd64: ./amd64, linux/arm64: ./arm64}
  TREE:
    backend: tar
    url: {linux/amd64: 'FILES/amd64.tar', linux/arm64: 'FILES/arm64.tar'}
    sha256: {linux/amd64: SHA256-amd64, linux/arm64: SHA256-arm64}
    strip-components: 1
  CERTS: {backend: oci, image: 'docker://REGISTRY/team/certs:1'}
  NOTICE: {backend: http, url: 'FILES/notice.txt', sha256: SHA256-notice, name: NOTICE}
binaries:
  - ROOT/usr/bin/busybox
  - TREE/opt/tool/bin/tool
data:
  - TREE/opt/tool/share/
  - CERTS/etc/ssl/certs/ca-certificates.crt
  - NOTICE/NOTICE:/usr/share/doc/app/NOTICE
  - ./app.conf:/etc/app.conf
image:
  entrypoint: [/usr/bin/busybox]
  cmd: [cat, /etc/app.conf, /usr/share/doc/app/NOTICE, /etc/ssl/certs/ca-certificates.crt]
";

/// What the program of the image prints.
pub(crate) const PRINTED: &str = "colour = blue\nall rights reserved\nauthority 1\n";

impl Place {
    /// Starts the servers and fills everything. An error is a reason to skip the test.
    pub(crate) fn new() -> Result<Self, String> {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let place = Self { directory, files: Server::start(), registry: Registry::start()? };
        let mut manifest = MANIFEST.to_string();
        for (_, name, machine) in PLATFORMS {
            let tree = program_tree(name, machine);
            manifest = manifest.replace(&format!("SHA256-{name}"), &sha256(&tree));
            place.files.put(&format!("/{name}.tar"), tree);
            let program = match machine {
                Machine::X86_64 => fs::read(BUSYBOX.program()).expect("it is installed"),
                machine => Elf::static_program(machine).build(),
            };
            place.write(&format!("{name}/usr/bin/busybox"), program);
        }
        let notice = "all rights reserved\n";
        place.files.put("/notice.txt", notice);
        let manifest = manifest
            .replace("SHA256-notice", &sha256(notice.as_bytes()))
            .replace("FILES", &place.files.url(""))
            .replace("REGISTRY", &place.registry.host);
        place.write("scant.yaml", manifest);
        place.write("app.conf", "colour = blue\n");
        place.push_certificates("authority 1\n");
        Ok(place)
    }

    /// Builds an image of certificates, and puts it where the tag is.
    #[track_caller]
    pub(crate) fn push_certificates(&self, text: &str) {
        self.write("certs/ca.crt", text);
        let manifest = "platforms: [linux/amd64, linux/arm64]\n\
                        data: ['./ca.crt:/etc/ssl/certs/ca-certificates.crt']\n";
        self.write("certs/scant.yaml", manifest);
        let output = format!("-o docker://{}/team/certs:1", self.registry.host);
        self.scant(&format!("build certs/scant.yaml --quiet {output}")).ok();
    }

    /// scant in this place, with the cache of this place.
    pub(crate) fn scant(&self, words: &str) -> Run {
        scant(self.path(), words).env("XDG_CACHE_HOME", self.file("cache"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let file = self.file(name);
        fs::create_dir_all(file.parent().expect("it is below the place")).expect("it is ours");
        fs::write(file, bytes).expect("it is ours");
    }

    /// Removes all that the cache holds besides what was loaded.
    pub(crate) fn forget_layers(&self) {
        let mut removed = 0;
        for entry in fs::read_dir(self.file("cache/scant")).expect("there is a cache") {
            let path = entry.expect("it can be listed").path();
            if !path.ends_with("downloads") {
                fs::remove_dir_all(path).expect("it is ours");
                removed += 1;
            }
        }
        assert!(removed > 0, "nothing was kept of layers");
    }
}

/// A tool with its library and its loader, packed as releases are: below one directory.
fn program_tree(name: &str, machine: Machine) -> Vec<u8> {
    let loader = match machine {
        Machine::X86_64 => "lib/ld-musl-x86_64.so.1",
        _ => "lib/ld-musl-aarch64.so.1",
    };
    let tool = Elf::program(machine)
        .interpreter(&format!("/{loader}"))
        .runpath("$ORIGIN/../lib")
        .needed("libtool.so");
    let library = Elf::library(machine).soname("libtool.so");
    let files = [
        (loader, Elf::musl_loader(machine).build()),
        ("opt/tool/bin/tool", tool.build()),
        ("opt/tool/lib/libtool.so", library.build()),
        ("opt/tool/share/words", format!("words for {name}\n").into_bytes()),
    ];
    let mut archive = RawTar::default();
    for (path, bytes) in files {
        let path = format!("tool-1.0/{path}");
        let (size, link, owner) = (bytes.len() as u64, &b""[..], (0, 0));
        let header =
            RawHeader { name: path.as_bytes(), flag: b'0', link, size, mode: 0o755, owner };
        archive.header(&header).blocks(bytes);
    }
    archive.end()
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Digest::of(bytes).to_string();
    digest.trim_start_matches("sha256:").to_string()
}
