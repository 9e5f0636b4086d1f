//! The registry of the distribution project, as a program of its own: its data is in a temporary
//! directory, and both are gone with the value.

use std::fs;
use std::process::{Child, Command, Stdio};

use crate::net::{free_port, get, wait_for};

/// A running registry.
pub(crate) struct Registry {
    /// `127.0.0.1:PORT`.
    pub(crate) host: String,
    child: Child,
    _directory: tempfile::TempDir,
}

impl Registry {
    /// Starts one. An error is a reason to skip the test.
    pub(crate) fn start() -> Result<Self, String> {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let port = free_port();
        let host = format!("127.0.0.1:{port}");
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\nhttp: {{addr: '{host}'}}\n\
             storage: {{filesystem: {{rootdirectory: '{}/data'}}, delete: {{enabled: true}}}}\n",
            directory.path().display()
        );
        let file = directory.path().join("config.yml");
        fs::write(&file, config).expect("the directory is ours");
        let child = Command::new("docker-registry")
            .arg("serve")
            .arg(file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("docker-registry: {error}"))?;
        let registry = Self { host, child, _directory: directory };
        wait_for(|| get(port, "/v2/")).ok_or("docker-registry does not answer")?;
        Ok(registry)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
