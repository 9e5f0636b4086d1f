//! What is known of all registries in one run: settings, credentials, and who has answered.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use scant_core::formats::auth_file::AuthFile;
use scant_core::formats::image_reference::Name;
use scant_core::formats::registries_conf::{Endpoint, RegistriesConf};

use super::RegistryError;
use super::server::Server;
use crate::cache::Downloads;
use crate::net::{self, Client};
use crate::scratch::Scratch;

/// Where things are that registries need. Files that are not there say nothing.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The network.
    pub net: net::Settings,
    /// Files of credentials; the first one that has any counts.
    pub auth_files: Vec<PathBuf>,
    /// Where credential helpers are looked for: the directories of `PATH`.
    pub programs: Vec<PathBuf>,
    /// Files as `registries.conf`, and directories of such files; a later one counts.
    pub registries_conf: Vec<PathBuf>,
    /// Directories that have one for each host, with certificates of authorities (`*.crt`).
    pub certificates: Vec<PathBuf>,
    /// Hosts whose certificates are not verified, and that may be asked without encryption.
    pub insecure: Vec<String>,
    /// Where blobs and documents that were read are kept; none for no longer than this run.
    pub downloads: Option<Arc<Downloads>>,
    /// The directory for temporary files.
    pub temporary: PathBuf,
}

/// How many bytes are on their way, and how many have arrived.
#[derive(Debug, Default)]
pub struct Traffic {
    expected: AtomicU64,
    moved: AtomicU64,
}

/// All registries. Made once for a run.
#[derive(Debug)]
pub struct Registries {
    pub(super) settings: Settings,
    pub(super) auth_files: Vec<(PathBuf, AuthFile)>,
    pub(super) conf: RegistriesConf,
    pub(super) traffic: Arc<Traffic>,
    servers: Mutex<BTreeMap<(String, bool), Arc<Server>>>,
    client: Mutex<Option<Arc<Client>>>,
    kept: Mutex<Option<Temporary>>,
}

/// Downloads for no longer than this run.
type Temporary = (Arc<Downloads>, Arc<Scratch>);

impl Traffic {
    /// Bytes that are, were or will be moved.
    pub fn expected(&self) -> u64 {
        self.expected.load(Ordering::Relaxed)
    }

    /// Bytes that were moved.
    pub fn moved(&self) -> u64 {
        self.moved.load(Ordering::Relaxed)
    }

    pub(super) fn expect(&self, bytes: u64) {
        self.expected.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn add(&self, bytes: u64) {
        self.moved.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn lose(&self, bytes: u64) {
        self.moved.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Registries {
    /// Reads what files say.
    ///
    /// # Errors
    /// When one of them makes no sense.
    pub fn new(settings: Settings) -> Result<Arc<Self>, RegistryError> {
        let mut auth_files = Vec::new();
        for path in &settings.auth_files {
            if let Some(bytes) = read(path)? {
                let wrong = |error: scant_core::formats::auth_file::AuthFileError| {
                    RegistryError::Settings { path: path.clone(), why: error.to_string() }
                };
                auth_files.push((path.clone(), AuthFile::parse(&bytes).map_err(wrong)?));
            }
        }
        let mut conf = RegistriesConf::default();
        for path in settings.registries_conf.iter().flat_map(|path| files(path, "conf")) {
            if let Some(bytes) = read(&path)? {
                conf.add(parse_conf(&path, &bytes)?);
            }
        }
        Ok(Arc::new(Self {
            settings,
            auth_files,
            conf,
            traffic: Arc::default(),
            servers: Mutex::default(),
            client: Mutex::default(),
            kept: Mutex::default(),
        }))
    }

    /// What is on its way.
    pub fn traffic(&self) -> &Arc<Traffic> {
        &self.traffic
    }

    /// Whether nobody is asked anything.
    pub(crate) fn is_offline(&self) -> bool {
        self.settings.net.is_offline
    }

    /// Where an image is read from: mirrors first, the registry itself last.
    pub(crate) fn sources(&self, name: &Name) -> Result<Vec<Endpoint>, RegistryError> {
        Ok(self.conf.sources(name)?)
    }

    /// The server that an endpoint is at. It is asked once what it wants.
    pub(super) fn server(&self, endpoint: &Endpoint) -> Result<Arc<Server>, RegistryError> {
        let is_named = |host: &String| *host == endpoint.registry;
        let is_insecure = endpoint.is_insecure || self.settings.insecure.iter().any(is_named);
        let key = (endpoint.registry.clone(), is_insecure);
        // Who waits for the lock waits for the same answer.
        let mut servers = lock(&self.servers);
        if let Some(server) = servers.get(&key) {
            return Ok(server.clone());
        }
        let client = self.client(&endpoint.registry)?;
        let server = Arc::new(match self.is_offline() {
            true => Server::unasked(client, &endpoint.registry)?,
            false => Server::find(client, &endpoint.registry, is_insecure)?,
        });
        servers.insert(key, server.clone());
        Ok(server)
    }

    /// The client for a host: one of its own where there are certificates for it.
    fn client(&self, registry: &str) -> Result<Arc<Client>, RegistryError> {
        let own = self.settings.certificates.iter().map(|directory| directory.join(registry));
        let own: Vec<PathBuf> = own.flat_map(|place| files(&place, "crt")).collect();
        let own: Vec<PathBuf> = own.into_iter().filter(|path| path.is_file()).collect();
        if !own.is_empty() {
            let mut settings = self.settings.net.clone();
            settings.certificates.extend(own);
            return Ok(Arc::new(Client::new(settings)?));
        }
        let mut client = lock(&self.client);
        if let Some(client) = &*client {
            return Ok(client.clone());
        }
        let made = Arc::new(Client::new(self.settings.net.clone())?);
        *client = Some(made.clone());
        Ok(made)
    }

    /// Where blobs are kept, and what must live as long as they are needed.
    pub(super) fn blobs(&self) -> Result<(Arc<Downloads>, Option<Arc<Scratch>>), RegistryError> {
        if let Some(downloads) = &self.settings.downloads {
            return Ok((downloads.clone(), None));
        }
        let mut kept = lock(&self.kept);
        let (downloads, scratch) = match &*kept {
            Some(kept) => kept.clone(),
            None => {
                let path = &self.settings.temporary;
                let failed =
                    |source| RegistryError::File { doing: "write", path: path.clone(), source };
                let scratch = Arc::new(Scratch::within(path).map_err(failed)?);
                let downloads = Arc::new(Downloads::at(scratch.path().to_path_buf()));
                kept.insert((downloads, scratch)).clone()
            }
        };
        Ok((downloads, Some(scratch)))
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What was there when another thread gave up is whole: values are put in as a whole.
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// The content of a file; none if it is not there.
fn read(path: &Path) -> Result<Option<Vec<u8>>, RegistryError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            Ok(None)
        }
        // Another's file, such as root's: as if it were not there.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(None),
        Err(source) => Err(RegistryError::File { doing: "read", path: path.to_path_buf(), source }),
    }
}

/// A file, or the files of a directory that end so, sorted.
fn files(path: &Path, end: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(path) else { return vec![path.to_path_buf()] };
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == end));
    found.sort();
    found
}

fn parse_conf(path: &Path, bytes: &[u8]) -> Result<RegistriesConf, RegistryError> {
    let wrong = |why: String| RegistryError::Settings { path: path.to_path_buf(), why };
    let text = str::from_utf8(bytes).map_err(|error| wrong(error.to_string()))?;
    let table: toml::Table = toml::from_str(text).map_err(|error| wrong(error.message().into()))?;
    if table.contains_key("registries") {
        // The first version, which nobody writes any more.
        return Ok(RegistriesConf::default());
    }
    table.try_into().map_err(|error: toml::de::Error| wrong(error.message().into()))
}
