//! The files of a planned tree in a directory, for a run of it: gone when dropped. What is not
//! kept for a run (owners, where the caller may not set them) is left out without a word.

use std::io;
use std::path::{Path, PathBuf};

use scant_core::formats::image_reference::ImageReference;
use scant_core::formats::oci::RunConfig;
use scant_core::plan::assemble::{self, Recipe};
use scant_core::words::{Platform, Tree};

use crate::blobs::Store;
use crate::image::{Image, PlatformImage};
use crate::inputs::Inputs;
use crate::layer::{self, Compression, LayerError};
use crate::scratch::Scratch;
use crate::sinks::{self, Existing, Output, SinkError};

/// A directory with the files of a tree.
#[derive(Debug)]
pub struct Trial {
    scratch: Scratch,
}

/// Why a tree could not be written.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The directory for it.
    #[error("a temporary directory: {0}")]
    Place(#[from] io::Error),
    /// Its files.
    #[error(transparent)]
    Layer(#[from] LayerError),
    /// Where they go.
    #[error(transparent)]
    Sink(#[from] SinkError),
}

impl Trial {
    /// Writes a tree below `directory`.
    ///
    /// # Errors
    /// When a file cannot be read or written. Nothing is left then.
    pub fn new(
        tree: &Tree,
        platform: Platform,
        inputs: &Inputs,
        directory: &Path,
    ) -> Result<Self, TrialError> {
        let scratch = Scratch::within(directory)?;
        let store = Store::temporary(scratch.path())?;
        let compression = Compression::None;
        let progress = |_| {};
        let options =
            layer::Options { compression, threads: 2, mtime: 0, progress: &progress, slot: None };
        let blob = layer::write(tree, inputs, &store, &options)?;
        let layers = [blob.to_layer("")];
        let (config, annotations) = (RunConfig::default(), Default::default());
        let recipe = Recipe {
            platform,
            layers: &layers,
            config: &config,
            annotations: &annotations,
            epoch: 0,
        };
        let image = PlatformImage::new(assemble::image(&recipe), vec![blob], None);
        let image = Image { platforms: vec![image], index: None, others: Vec::new() };
        let reference = scratch.path().join("root").into_os_string().into_string();
        let reference = reference.map_err(|_| io::Error::from(io::ErrorKind::InvalidFilename))?;
        let reference = ImageReference::Rootfs { directory: reference };
        let (existing, name) = (Existing::Refuse, None);
        let output = Output {
            reference: &reference,
            name,
            mtime: 0,
            existing,
            docker_host: None,
            cache: None,
        };
        sinks::publish(&image, &output)?;
        Ok(Self { scratch })
    }

    /// A place without files, for a run somewhere else.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn empty(directory: &Path) -> Result<Self, TrialError> {
        Ok(Self { scratch: Scratch::within(directory)? })
    }

    /// The directory with the files.
    pub fn root(&self) -> PathBuf {
        self.scratch.path().join("root")
    }

    /// A directory beside them, for what a run needs besides.
    pub fn beside(&self) -> &Path {
        self.scratch.path()
    }
}
