//! A store, a client, a download, and what is seen of the result.

use std::path::Path;
use std::time::Duration;

use scant_core::words::{Digest, Url};
use scant_io::cache::{Download, DownloadError, Downloaded, Downloads};
use scant_io::net::{Client, Patience, Settings, TimeLimits};
use tempfile::TempDir;

use crate::server::Server;

/// What is loaded in most tests.
pub(crate) const CONTENT: &[u8] = b"The quick brown fox jumps over the lazy dog.\n";

/// Settings that wait for nothing.
pub(crate) fn settings() -> Settings {
    Settings {
        patience: Patience {
            tries: 3,
            first_wait: Duration::from_millis(1),
            longest_wait: Duration::from_millis(2),
        },
        time_limits: TimeLimits {
            silence: Duration::from_secs(20),
            answer: Duration::from_secs(60),
        },
        ..Settings::default()
    }
}

pub(crate) fn client() -> Client {
    Client::new(settings()).unwrap()
}

pub(crate) fn offline() -> Client {
    Client::new(Settings { is_offline: true, ..settings() }).unwrap()
}

/// A download of [`CONTENT`].
pub(crate) fn download(url: Url) -> Download {
    Download {
        url,
        digest: Some(Digest::of(CONTENT)),
        size: Some(CONTENT.len() as u64),
        authorization: None,
        limit: 1 << 30,
        verify: scant_io::net::Verify::Yes,
    }
}

/// An empty cache, with the store in it.
pub(crate) fn store() -> (TempDir, Downloads) {
    let directory = tempfile::tempdir().unwrap();
    let downloads = Downloads::new(directory.path());
    (directory, downloads)
}

pub(crate) fn fetch(
    downloads: &Downloads,
    download: &Download,
) -> Result<Downloaded, DownloadError> {
    downloads.fetch(&client(), download, &|_| {})
}

/// What came, or why not, without the port and with short digests.
pub(crate) fn shown(server: &Server, result: Result<Downloaded, DownloadError>) -> String {
    match result {
        Ok(got) => {
            let bytes = std::fs::read(&got.path).unwrap();
            assert_eq!((Digest::of(&bytes), bytes.len() as u64), (got.digest, got.size));
            String::from_utf8(bytes).unwrap()
        }
        Err(error) => {
            let port = format!(":{}", server.port);
            let mut text = error.to_string().replace(&port, "");
            while let Some(at) = text.find("sha256:") {
                let short = text[at + 7..at + 11].to_string();
                text.replace_range(at..at + 64 + 7, &short);
            }
            text
        }
    }
}

/// All files of a store, sorted, without digests in their names.
pub(crate) fn files(cache: &Path) -> String {
    let mut names = Vec::new();
    let mut rest = vec![cache.to_path_buf()];
    while let Some(path) = rest.pop() {
        for entry in std::fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(cache).unwrap().to_str().unwrap().to_string();
            let is_digest = |part: &&str| part.len() == 64;
            let name: Vec<_> =
                name.split('/').map(|part| if is_digest(&part) { "HEX" } else { part }).collect();
            match path.is_dir() {
                true => rest.push(path),
                false => names.push(name.join("/")),
            }
        }
    }
    names.sort();
    names.join(" ")
}
