//! The subdirectories for newer processors that glibc searches before each directory.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::facts::LoaderFacts;

/// What one kind of processor makes glibc search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Processor {
    /// The active `glibc-hwcaps` levels, best first.
    pub(super) levels: Vec<Box<[u8]>>,
    /// The subdirectories of before glibc 2.33 in the order they are tried, without the empty one.
    pub(super) legacy: Vec<Box<[u8]>>,
    /// `$PLATFORM`.
    pub(super) platform: Option<&'static [u8]>,
    /// The x86-64 level as a number, for libraries that demand one; none if any is fine.
    pub(super) x86_level: Option<u8>,
}

impl Processor {
    /// Every kind of processor that the loader tells apart, the plainest first.
    pub(super) fn all(facts: &LoaderFacts) -> Vec<Self> {
        (0..=facts.hwcaps.len()).map(|count| Self::with_levels(facts, count, None)).collect()
    }

    /// The processor of the level `name` (`x86-64-v1` is the baseline).
    pub(super) fn of_level(facts: &LoaderFacts, name: &str) -> Self {
        let x86_level = name.strip_prefix("x86-64-v").and_then(|level| level.parse().ok());
        let position = facts.hwcaps.iter().position(|level| **level == *name.as_bytes());
        let count = position.map_or(0, |position| facts.hwcaps.len() - position);
        Self::with_levels(facts, count, x86_level)
    }

    /// The processor that has the `count` lowest levels.
    fn with_levels(facts: &LoaderFacts, count: usize, x86_level: Option<u8>) -> Self {
        let levels: Vec<_> = facts.hwcaps[facts.hwcaps.len() - count..].to_vec();
        let best = levels.first().map(|level| &**level);
        let legacy: &[&[u8]] = match best {
            _ if !facts.has_legacy_hwcaps => &[],
            Some(b"x86-64-v4") => &[b"tls", b"haswell", b"avx512_1", b"x86_64"],
            Some(b"x86-64-v3") => &[b"tls", b"haswell", b"x86_64"],
            _ => &[b"tls", b"x86_64"],
        };
        let platform: Option<&[u8]> = match best {
            Some(b"x86-64-v3" | b"x86-64-v4") => Some(b"haswell"),
            _ => None,
        };
        Self { levels, legacy: combinations(legacy), platform, x86_level }
    }

    /// The subdirectories to try before a directory itself, in their order.
    pub(super) fn subdirectories(&self) -> impl Iterator<Item = Vec<u8>> {
        let modern = self.levels.iter().map(|level| [b"glibc-hwcaps/", &**level].concat());
        modern.chain(self.legacy.iter().map(|path| path.to_vec()))
    }
}

/// All combinations of `names` that are not empty, each keeping the order: those with the first
/// name before those without it, and so on, as glibc counts down the bits.
fn combinations(names: &[&[u8]]) -> Vec<Box<[u8]>> {
    let count = names.len() as u32;
    let path = |bits: u32| {
        let chosen =
            names.iter().enumerate().filter(|(i, _)| bits >> (count - 1 - *i as u32) & 1 == 1);
        chosen.map(|(_, name)| *name).collect::<Vec<_>>().join(&b'/').into_boxed_slice()
    };
    (1..1u32 << count).rev().map(path).collect()
}

/// The first component of every subdirectory any processor may make glibc search.
pub(super) const FIRST_COMPONENTS: [&[u8]; 6] =
    [b"glibc-hwcaps", b"tls", b"haswell", b"xeon_phi", b"avx512_1", b"x86_64"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_count_down() {
        let shown: Vec<_> = combinations(&[b"tls", b"haswell", b"x86_64"])
            .iter()
            .map(|path| alloc::string::String::from_utf8_lossy(path).into_owned())
            .collect();
        let expected = ["tls/haswell/x86_64", "tls/haswell", "tls/x86_64", "tls"];
        assert_eq!(shown[..4], expected);
        assert_eq!(shown[4..], ["haswell/x86_64", "haswell", "x86_64"]);
    }
}
