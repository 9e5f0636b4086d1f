//! What a manifest asks for beside what a lock holds. Values are compared, not texts: how the
//! manifest is written does not matter.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::{For, Lock};
use crate::formats::manifest::{InputDeclaration, Location, Manifest, PerPlatform};
use crate::words::{Digest, InputName};

/// A place of the manifest that can be locked.
#[derive(Clone, Debug)]
pub struct Asked<'m> {
    /// Its input.
    pub input: &'m InputDeclaration,
    /// The platforms it is for.
    pub for_: For,
    /// Where.
    pub place: &'m Location,
}

/// Something that manifest and lock do not agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The lock does not know it.
    Lacking {
        /// The input.
        input: InputName,
        /// For which platforms.
        for_: For,
    },
    /// The lock knows another place.
    Place {
        /// The input.
        input: InputName,
        /// For which platforms.
        for_: For,
        /// The place in the manifest.
        asked: String,
        /// The place in the lock.
        locked: String,
    },
    /// The manifest itself demands other bytes.
    Digest {
        /// The input.
        input: InputName,
        /// For which platforms.
        for_: For,
        /// The digest in the manifest.
        asked: Digest,
        /// The digest in the lock.
        locked: Digest,
    },
    /// The manifest does not ask for it any more.
    Unused {
        /// The input.
        input: InputName,
        /// For which platforms; none when the whole input is unused.
        for_: Option<For>,
    },
}

impl<'m> Asked<'m> {
    /// The places of a manifest that can be locked, in its order.
    pub fn of(manifest: &'m Manifest) -> Vec<Self> {
        manifest.inputs.iter().flat_map(Self::of_input).collect()
    }

    fn of_input(input: &'m InputDeclaration) -> Vec<Self> {
        if !input.backend.can_be_locked() {
            return Vec::new();
        }
        match &input.place {
            PerPlatform::One(place) => Vec::from([Self { input, for_: For::All, place }]),
            PerPlatform::Each(each) => each
                .iter()
                .map(|(platform, place)| Self { input, for_: For::Platform(*platform), place })
                .collect(),
        }
    }
}

/// All that manifest and lock do not agree on: first what the manifest asks for, in its order.
pub fn differences(manifest: &Manifest, lock: &Lock) -> Vec<Difference> {
    let asked = Asked::of(manifest);
    let mut all: Vec<_> = asked.iter().filter_map(|asked| difference(asked, lock)).collect();
    for (name, locked) in &lock.inputs {
        let declared = manifest.inputs.iter().any(|input| input.name == *name);
        if !declared {
            all.push(Difference::Unused { input: name.clone(), for_: None });
            continue;
        }
        let is_asked = |for_: &&For| {
            asked.iter().any(|asked| asked.input.name == *name && asked.for_ == **for_)
        };
        let unused = locked.pins.keys().filter(|for_| !is_asked(for_));
        all.extend(
            unused.map(|for_| Difference::Unused { input: name.clone(), for_: Some(*for_) }),
        );
    }
    all
}

fn difference(asked: &Asked<'_>, lock: &Lock) -> Option<Difference> {
    let (input, for_) = (asked.input.name.clone(), asked.for_);
    let Some(pin) = lock.pin(&input, for_) else {
        return Some(Difference::Lacking { input, for_ });
    };
    let place = asked.place.to_string();
    match asked.place.sha256() {
        _ if place != pin.asked => {
            Some(Difference::Place { input, for_, asked: place, locked: pin.asked.clone() })
        }
        Some(digest) if digest != pin.digest => {
            Some(Difference::Digest { input, for_, asked: digest, locked: pin.digest })
        }
        _ => None,
    }
}

impl Difference {
    /// The input it is about.
    pub fn input(&self) -> &InputName {
        match self {
            Self::Lacking { input, .. }
            | Self::Place { input, .. }
            | Self::Digest { input, .. }
            | Self::Unused { input, .. } => input,
        }
    }

    /// Whether it is only that the lock holds more than is asked for.
    pub fn is_harmless(&self) -> bool {
        matches!(self, Self::Unused { .. })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |for_: &For| match for_ {
            For::All => String::new(),
            For::Platform(platform) => alloc::format!(" for {platform}"),
        };
        match self {
            Self::Lacking { input, for_ } => write!(f, "{input}{} is not locked", of(for_)),
            Self::Place { input, for_, asked, locked } => {
                write!(f, "{input}{} is `{asked}` but `{locked}` is locked", of(for_))
            }
            Self::Digest { input, for_, asked, locked } => {
                write!(f, "{input}{} is to have {asked} but {locked} is locked", of(for_))
            }
            Self::Unused { input, for_: None } => {
                write!(f, "{input} is locked but not declared")
            }
            Self::Unused { input, for_: Some(for_) } => {
                write!(f, "{input}{} is locked but not asked for", of(for_))
            }
        }
    }
}
