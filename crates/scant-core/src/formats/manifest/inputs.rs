//! The places files come from, as declared. Opening them is not done here.

use alloc::collections::BTreeMap;
use alloc::string::String;

use super::Span;
use crate::words::{InputName, Platform};

/// A declared input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputDeclaration {
    /// The whole declaration.
    pub span: Span,
    /// The name that references start with.
    pub name: InputName,
    /// How it is read.
    pub backend: Backend,
    /// Where it is.
    pub path: InputPath,
}

/// How an input is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Backend {
    /// An output directory of Buildroot.
    Buildroot {
        /// Which of its two trees.
        mode: BuildrootMode,
    },
    /// Any directory that holds a root file system.
    Sysroot,
    /// The file system of the machine that builds.
    Host,
}

/// Which of Buildroot's trees an input is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum BuildrootMode {
    /// `output/staging`: headers and unstripped libraries included.
    #[default]
    Staging,
    /// `output/target`: what Buildroot would put on the device.
    Target,
}

/// Where an input is; a relative path starts at the manifest's directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputPath {
    /// One for all platforms.
    One(String),
    /// One for each platform.
    PerPlatform(BTreeMap<Platform, String>),
}

impl Backend {
    /// The name in the manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Buildroot { .. } => "buildroot",
            Self::Sysroot => "sysroot",
            Self::Host => "host",
        }
    }
}

impl InputPath {
    /// The path for one platform; none if the manifest gives none for it.
    pub fn get(&self, platform: Platform) -> Option<&str> {
        match self {
            Self::One(path) => Some(path),
            Self::PerPlatform(paths) => paths.get(&platform).map(String::as_str),
        }
    }
}
