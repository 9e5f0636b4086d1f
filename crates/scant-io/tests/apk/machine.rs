//! A machine with a repository, and what comes of asking it.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::time::Duration;

use scant_core::formats::alpine::Dependency;
use scant_core::formats::lock::Package;
use scant_core::formats::manifest::{Apk, ApkKeyPlace, ApkKeys, ApkPlace, ApkRepository};
use scant_core::words::{Architecture, Platform};
use scant_io::cache::Downloads;
use scant_io::net::{Client, Patience, Settings};
use scant_io::packages::apk::{ApkError, Repositories};
use scant_io::packages::{Choice, Loader};
use scant_testkit::alpine::{KEY, KEY_PEM};
use scant_testkit::{AlpineRepository, FileServer};
use tempfile::TempDir;

pub(crate) struct Machine {
    pub(crate) server: FileServer,
    pub(crate) directory: TempDir,
    pub(crate) apk: Apk,
    pub(crate) platform: Platform,
    pub(crate) is_offline: bool,
    /// One that asks servers, and one that does not.
    clients: [OnceCell<Client>; 2],
}

/// A program `tool`, its library, and what nobody needs.
pub(crate) fn repository() -> AlpineRepository {
    let mut repository = AlpineRepository::default();
    repository
        .add(
            "pkgname = tool\npkgver = 1.0-r0\narch = x86_64\ndepend = so:libtool.so.1\n",
            "usr/bin/tool x",
        )
        .add(
            "pkgname = libtool\npkgver = 2.1-r3\narch = x86_64\nprovides = so:libtool.so.1=1.2\n",
            "usr/lib/libtool.so.1 y",
        )
        .add("pkgname = other\npkgver = 1-r0\narch = noarch\n", "usr/share/other z");
    repository
}

impl Machine {
    /// One that has a server with a repository, whose key it knows.
    pub(crate) fn new(repository: &AlpineRepository) -> Self {
        let server = FileServer::new(repository.files());
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(KEY), KEY_PEM).unwrap();
        let place = ApkPlace::Url(server.url().parse().unwrap());
        let apk = Apk {
            repositories: vec![ApkRepository { place, tag: None, allow_unsigned: false }],
            keys: vec![ApkKeys { place: ApkKeyPlace::Files(KEY.into()), fingerprint: None }],
            has_install_if: true,
            ..Apk::default()
        };
        let platform = Platform::linux(Architecture::Amd64);
        let clients = Default::default();
        Self { server, directory, apk, platform, is_offline: false, clients }
    }

    /// One that has the repository in a directory beside the manifest.
    pub(crate) fn local(repository: &AlpineRepository) -> Self {
        let mut machine = Self::new(&AlpineRepository::default());
        repository.write_to(&machine.path("packages"));
        machine.apk.repositories[0].place = ApkPlace::Directory("./packages".into());
        machine
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Asks with what there is.
    pub(crate) fn with<T>(&self, ask: impl FnOnce(&Repositories<'_>) -> T) -> T {
        let wait = Duration::from_millis(1);
        let patience = Patience { tries: 1, first_wait: wait, longest_wait: wait };
        let client = |is_offline| {
            Client::new(Settings { patience, is_offline, ..Settings::default() }).unwrap()
        };
        let clients = &self.clients[usize::from(self.is_offline)];
        ask(&Repositories {
            loader: Loader {
                client: clients.get_or_init(|| client(self.is_offline)),
                downloads: &Downloads::new(&self.path("cache")),
                authorize: &|_| Ok(None),
                watch: &|_| {},
            },
            directory: self.directory.path(),
            temporary: self.directory.path(),
        })
    }

    pub(crate) fn choose(&self, packages: &str) -> Result<Choice, ApkError> {
        let wishes = packages.split(' ').map(|one| Dependency::parse(one).unwrap()).collect();
        let apk = Apk { packages: wishes, ..self.apk.clone() };
        self.with(|repositories| repositories.choose(&apk, self.platform))
    }

    /// The packages, with their versions, or why there are none; the server is `SERVER`.
    pub(crate) fn chosen(&self, packages: &str) -> String {
        let shown = match self.choose(packages) {
            Ok(choice) => {
                let shown = choice.packages.iter().map(|package| {
                    let Package { name, version, architecture, .. } = package;
                    format!("{name} {version} {architecture}")
                });
                shown.chain(choice.notes.iter().cloned()).collect::<Vec<_>>().join(", ")
            }
            Err(error) => error.to_string(),
        };
        shown
            .replace(&self.server.url(), "SERVER")
            .replace(&self.directory.path().display().to_string(), "HERE")
    }
}
