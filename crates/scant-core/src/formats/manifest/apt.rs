//! Packages of Debian that an input is made of, as declared. Choosing and fetching them is not done
//! here.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::formats::debian::{Alternatives, Source};

/// Packages of Debian, and where they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Apt {
    /// Those that are asked for. What they need comes with them.
    pub packages: Vec<Alternatives>,
    /// Where packages are; without it, where this machine has them from.
    pub sources: Option<Vec<Source>>,
    /// Whether what is recommended comes too.
    pub has_recommends: bool,
    /// Which versions are preferred.
    pub pins: Vec<AptPin>,
    /// Whether nobody needs to have signed what packages there are.
    pub allow_unsigned: bool,
}

/// A package that is preferred or not, by version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AptPin {
    /// Its name.
    pub package: String,
    /// Which versions; `*` at the end stands for anything.
    pub version: String,
    /// How much.
    pub priority: i32,
}

/// All that decides which packages there are, in one line.
impl fmt::Display for Apt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wish = |some: &Alternatives| {
            some.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | ")
        };
        let wishes: Vec<_> = self.packages.iter().map(wish).collect();
        f.write_str(&wishes.join(", "))?;
        if self.has_recommends {
            f.write_str(" with what they recommend")?;
        }
        for pin in &self.pins {
            write!(f, ", {} {} at {}", pin.package, pin.version, pin.priority)?;
        }
        if self.allow_unsigned {
            f.write_str(", unsigned")?;
        }
        for source in self.sources.iter().flatten() {
            if !source.files.is_empty() {
                write!(f, "; files {}", source.files.join(" "))?;
                continue;
            }
            let [uris, suites, components] =
                [&source.uris, &source.suites, &source.components].map(|words| words.join(" "));
            write!(f, "; {uris} {suites} {components}")?;
            if let Some(snapshot) = &source.snapshot {
                write!(f, " of {snapshot}")?;
            }
            // Who is believed is part of the question: other keys ask it anew.
            for keys in &source.signed_by {
                write!(f, " signed by {keys}")?;
            }
        }
        Ok(())
    }
}
