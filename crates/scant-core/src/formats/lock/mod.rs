//! `scant.lock`: what the inputs of a manifest were when somebody looked, so that the next build
//! takes the same. Its text, and the values it stands for. Nothing is resolved here.
//!
//! It is JSON with sorted keys and one value a line, so that a change of one input is a change of
//! few lines. It is read as YAML, which knows where everything stands.

mod compare;
mod place;
mod raw;
#[cfg(test)]
mod tests;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

pub use compare::{Asked, Difference, differences};
pub use place::Place;
pub use raw::parse;

use crate::words::{Digest, InputName, Platform, TreePath};

/// The version written. A reader refuses others.
pub const VERSION: u32 = 1;

/// All that is locked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// By the names of inputs.
    pub inputs: BTreeMap<InputName, LockedInput>,
}

/// What an input was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct LockedInput {
    /// What is named by the manifest as a whole: an archive, a file, an image.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pins: BTreeMap<For, Pin>,
    /// The files that an image takes from it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<Platform, BTreeMap<TreePath, Digest>>,
    /// The lists that packages were chosen from.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub indexes: BTreeMap<Platform, Vec<Index>>,
    /// The packages that were chosen, sorted.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub packages: BTreeMap<Platform, Vec<Package>>,
}

/// Which platforms something is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum For {
    /// All of them.
    All,
    /// One.
    Platform(Platform),
}

/// What a place of the manifest stood for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Pin {
    /// The place as the manifest has it.
    pub asked: String,
    /// Of the bytes of the archive or file; of an image, of its manifest or index.
    pub digest: Digest,
    /// How many bytes these are.
    pub size: u64,
    /// What they are, of an image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
}

/// A list of packages in a repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Index {
    /// Where it is.
    #[serde(rename = "url")]
    pub place: Place,
    /// Of its bytes.
    pub digest: Digest,
    /// How many they are.
    pub size: u64,
}

/// A package that was chosen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version, as its distribution writes it.
    pub version: String,
    /// Its architecture, as its distribution writes it.
    pub architecture: String,
    /// Where it is.
    #[serde(rename = "url")]
    pub place: Place,
    /// Of its bytes.
    pub digest: Digest,
    /// How many they are.
    pub size: u64,
}

/// Characters that are no control characters and still not plain text for YAML.
const NOT_PLAIN: [char; 5] = ['\u{feff}', '\u{fffe}', '\u{ffff}', '\u{2028}', '\u{2029}'];

impl Lock {
    /// As it is stored.
    pub fn encode(&self) -> String {
        let inputs: BTreeMap<&str, &LockedInput> =
            self.inputs.iter().map(|(name, input)| (name.as_str(), input)).collect();
        let value = serde_json::json!({ "version": VERSION, "inputs": inputs });
        // Only texts hold such characters, and YAML has none of them as they are.
        let is_plain = |c: char| c == '\n' || !(c.is_control() || NOT_PLAIN.contains(&c));
        let text = alloc::format!("{value:#}\n");
        text.chars().fold(String::with_capacity(text.len()), |mut text, c| {
            match is_plain(c) {
                true => text.push(c),
                false => text += &alloc::format!("\\u{:04x}", u32::from(c)),
            }
            text
        })
    }

    /// What is pinned for a place of an input.
    pub fn pin(&self, input: &InputName, for_: For) -> Option<&Pin> {
        self.inputs.get(input)?.pins.get(&for_)
    }
}

impl LockedInput {
    /// The same in the order in which it is stored.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.packages.values_mut().for_each(|packages| packages.sort());
        self.indexes.values_mut().for_each(|indexes| indexes.sort());
        self
    }

    /// Whether nothing is known of it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl core::fmt::Display for For {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::All => f.write_str(ALL),
            Self::Platform(platform) => write!(f, "{platform}"),
        }
    }
}

/// How all platforms are called, which is the name of none.
const ALL: &str = "all";

impl Serialize for For {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl From<Option<Platform>> for For {
    fn from(platform: Option<Platform>) -> Self {
        platform.map_or(Self::All, Self::Platform)
    }
}
