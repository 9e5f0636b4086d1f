//! A small archive, and what comes of asking it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use scant_core::formats::debian::{Source, relations};
use scant_core::formats::lock::Package;
use scant_core::formats::manifest::Apt;
use scant_core::words::{Architecture, Platform};
use scant_io::cache::Downloads;
use scant_io::net::{Client, Patience, Settings};
use scant_io::packages::apt::{AptError, Archives};
use scant_io::packages::{Choice, Loader};
use scant_testkit::{DebianArchive, FileServer, debian::deb};
use tempfile::TempDir;

/// 2022-06-01, some months after the archive was made.
pub(crate) const NOW: i64 = 1_654_041_600;

/// A machine with an archive.
pub(crate) struct Machine {
    pub(crate) server: FileServer,
    pub(crate) directory: TempDir,
    pub(crate) source: Source,
    /// Sources besides.
    pub(crate) more: Vec<Source>,
    pub(crate) allow_unsigned: bool,
}

/// An archive with a program `tool`, its library, and one that nobody needs.
pub(crate) fn archive() -> DebianArchive {
    let mut archive = DebianArchive::default();
    for (fields, files) in [
        (
            "Package: tool\nVersion: 1.0-1\nArchitecture: amd64\nDepends: libtool1 (>= 2)\n",
            "./usr/bin/tool x",
        ),
        (
            "Package: libtool1\nVersion: 2.1\nArchitecture: amd64\nSource: tools\n",
            "./lib/libtool.so y",
        ),
        ("Package: other\nVersion: 1\nArchitecture: all\n", "./usr/share/other z"),
    ] {
        archive.add(fields, &deb(fields, files));
    }
    archive
}

impl Machine {
    /// One that believes anybody.
    pub(crate) fn new(archive: &DebianArchive) -> Self {
        let server = FileServer::new(archive.files());
        let source = Source {
            uris: vec![server.url()],
            suites: vec!["stable".into()],
            components: vec!["main".into()],
            ..Source::default()
        };
        let directory = tempfile::tempdir().unwrap();
        Self { server, directory, source, more: Vec::new(), allow_unsigned: true }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Asks with what there is.
    pub(crate) fn with<T>(&self, ask: impl FnOnce(&Archives<'_>) -> T) -> T {
        let patience = Patience {
            tries: 1,
            first_wait: Duration::from_millis(1),
            longest_wait: Duration::from_millis(1),
        };
        let client = Client::new(Settings { patience, ..Settings::default() }).unwrap();
        let downloads = Downloads::new(&self.path("cache"));
        self.with_these(&client, &downloads, ask)
    }

    /// Asks with another client and store.
    pub(crate) fn with_these<T>(
        &self,
        client: &Client,
        downloads: &Downloads,
        ask: impl FnOnce(&Archives<'_>) -> T,
    ) -> T {
        ask(&Archives {
            loader: Loader { client, downloads, authorize: &|_| Ok(None), watch: &|_| {} },
            apt: &self.path("apt"),
            directory: self.directory.path(),
            temporary: self.directory.path(),
            now: NOW,
        })
    }

    /// What is asked for.
    pub(crate) fn asked(&self, packages: &str) -> Apt {
        Apt {
            packages: relations(packages).unwrap(),
            sources: Some([&[self.source.clone()][..], &self.more].concat()),
            allow_unsigned: self.allow_unsigned,
            ..Apt::default()
        }
    }

    pub(crate) fn choose(&self, packages: &str) -> Result<Choice, AptError> {
        self.with(|archives| archives.choose(&self.asked(packages), amd64()))
    }

    /// The packages, with their versions, or why there are none; the server is `SERVER`.
    pub(crate) fn chosen(&self, packages: &str) -> String {
        let shown = match self.choose(packages) {
            Ok(choice) => list(&choice.packages),
            Err(error) => error.to_string(),
        };
        self.without_port(&shown)
    }

    pub(crate) fn without_port(&self, text: &str) -> String {
        text.replace(&self.server.url(), "SERVER")
    }
}

pub(crate) fn list(packages: &[Package]) -> String {
    let shown = packages.iter().map(|package| {
        let Package { name, version, architecture, .. } = package;
        format!("{name} {version} {architecture}")
    });
    shown.collect::<Vec<_>>().join(", ")
}

pub(crate) fn amd64() -> Platform {
    Platform::linux(Architecture::Amd64)
}

pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}
