//! The places files come from, as declared. Opening them is not done here.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use core::fmt;

use super::{Apk, Apt, Span};
use crate::formats::image_reference::ImageReference;
use crate::words::{Digest, InputName, Platform, Url};

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
    pub place: PerPlatform<Location>,
}

/// How an input is read.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// A tar archive, compressed or not.
    Tar {
        /// How many components each name in it loses at its beginning.
        strip_components: u32,
    },
    /// One file from the network.
    Http {
        /// What it is called.
        name: String,
        /// Whether it is a program.
        is_executable: bool,
    },
    /// The files of an image.
    Oci,
    /// The files of packages of Debian, and of what they need.
    Apt(Box<Apt>),
    /// The files of packages of Alpine and its kin, and of what they need.
    Apk(Box<Apk>),
}

/// Packages that are asked for, of a distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedOf<'m> {
    /// Of Debian.
    Apt(&'m Apt),
    /// Of Alpine and its kin.
    Apk(&'m Apk),
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

/// Where an input is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// On this machine; a relative path starts at the manifest's directory.
    Path {
        /// The path as written.
        path: String,
        /// What its bytes must be; of directories never known.
        sha256: Option<Digest>,
    },
    /// On the network.
    Url {
        /// Where.
        url: Url,
        /// What its bytes must be.
        sha256: Digest,
    },
    /// In an image; a relative path starts at the manifest's directory.
    Image(ImageReference),
    /// In archives of packages.
    Archives {
        /// All that decides which packages they are, in one line.
        asked: String,
    },
}

/// Something that is the same for all platforms, or of each its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PerPlatform<T> {
    /// One for all platforms.
    One(T),
    /// One for each platform, and none for others.
    Each(BTreeMap<Platform, T>),
}

impl Backend {
    /// The name in the manifest.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Buildroot { .. } => "buildroot",
            Self::Sysroot => "sysroot",
            Self::Host => "host",
            Self::Tar { .. } => "tar",
            Self::Http { .. } => "http",
            Self::Oci => "oci",
            Self::Apt(_) => "apt",
            Self::Apk(_) => "apk",
        }
    }
}

impl Backend {
    /// Whether a lock can say what it was: directories change as they like.
    pub fn can_be_locked(&self) -> bool {
        match self {
            Self::Tar { .. } | Self::Http { .. } | Self::Oci => true,
            other => other.packages().is_some(),
        }
    }

    /// The packages that it is made of; none if it is made of something else.
    pub fn packages(&self) -> Option<AskedOf<'_>> {
        match self {
            Self::Apt(apt) => Some(AskedOf::Apt(apt)),
            Self::Apk(apk) => Some(AskedOf::Apk(apk)),
            _ => None,
        }
    }
}

/// All that decides which packages there are, in one line.
impl fmt::Display for AskedOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Apt(apt) => write!(f, "{apt}"),
            Self::Apk(apk) => write!(f, "{apk}"),
        }
    }
}

impl Location {
    /// The digest that the manifest itself demands.
    pub fn sha256(&self) -> Option<Digest> {
        match self {
            Self::Path { sha256, .. } => *sha256,
            Self::Url { sha256, .. } => Some(*sha256),
            Self::Image(_) | Self::Archives { .. } => None,
        }
    }
}

/// As it is written in the manifest, without the digest.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path { path, .. } => f.write_str(path),
            Self::Url { url, .. } => write!(f, "{url}"),
            Self::Image(image) => write!(f, "{image}"),
            Self::Archives { asked } => f.write_str(asked),
        }
    }
}

impl<T> PerPlatform<T> {
    /// What there is for a platform; without one, what is the same for all.
    pub fn get(&self, platform: Option<Platform>) -> Option<&T> {
        match self {
            Self::One(one) => Some(one),
            Self::Each(each) => each.get(&platform?),
        }
    }

    /// All of them.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        let (one, each) = match self {
            Self::One(one) => (Some(one), None),
            Self::Each(each) => (None, Some(each.values())),
        };
        one.into_iter().chain(each.into_iter().flatten())
    }

    /// The platforms that have their own; none if it is the same for all.
    pub fn platforms(&self) -> impl Iterator<Item = Platform> {
        let each = match self {
            Self::One(_) => None,
            Self::Each(each) => Some(each.keys().copied()),
        };
        each.into_iter().flatten()
    }
}
