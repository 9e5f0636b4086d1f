//! A bundle for an OCI runtime: the files of an image, and a `config.json` that says how they are
//! run. Made beside its place and put there by rename. What the config says is not known here.
//! [Runtime specification, bundle](https://github.com/opencontainers/runtime-spec/blob/v1.0.2/bundle.md).

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use scant_core::formats::oci::runtime::ROOT;

use super::rootfs::{fill, is_there};
use super::{Existing, SinkError};
use crate::images::Files;
use crate::scratch::Scratch;

/// A bundle that has its files, and no config yet. It vanishes with the value.
#[derive(Debug)]
pub struct Bundle {
    directory: PathBuf,
    scratch: Scratch,
    made: PathBuf,
    notes: Vec<String>,
}

impl Bundle {
    /// Writes the files beside `directory`.
    ///
    /// # Errors
    /// When there is something already; when the files cannot be read or written.
    pub fn new(files: &Files, directory: &Path) -> Result<Self, SinkError> {
        let failed = |source| SinkError::Write { path: directory.to_path_buf(), source };
        is_there(directory, Existing::Refuse)?;
        let scratch = Scratch::beside(directory).map_err(failed)?;
        let made = scratch.path().join("bundle");
        let root = made.join(ROOT);
        fs::create_dir_all(&root).map_err(failed)?;
        let notes = fill(files, &root, &directory.join(ROOT))?;
        for directory in [&root, &made] {
            fs::set_permissions(directory, Permissions::from_mode(0o755)).map_err(failed)?;
        }
        Ok(Self { directory: directory.to_path_buf(), scratch, made, notes })
    }

    /// Where the files are for now.
    pub fn root(&self) -> PathBuf {
        self.made.join(ROOT)
    }

    /// Adds the config, and puts the bundle where it was asked for. Returns what could not be done
    /// as asked.
    ///
    /// # Errors
    /// When it cannot be written there.
    pub fn publish(self, config: &[u8]) -> Result<Vec<String>, SinkError> {
        let Self { directory, scratch, made, notes } = self;
        let failed = |source| SinkError::Write { path: directory.clone(), source };
        fs::write(made.join("config.json"), config).map_err(failed)?;
        // An empty directory that is there is replaced.
        fs::rename(made, &directory).map_err(failed)?;
        drop(scratch);
        Ok(notes)
    }
}
