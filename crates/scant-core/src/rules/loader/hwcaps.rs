//! The subdirectories for newer processors that glibc searches before each directory.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::cell::Cell;

use super::facts::LoaderFacts;
use crate::formats::elf::Header;

/// `e_machine` of x86-64 and x32.
const X86_64: u16 = 62;

/// The x86-64 levels above the baseline.
const X86_LEVELS: usize = 3;

/// What one kind of processor makes glibc search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Processor {
    /// The active `glibc-hwcaps` levels, best first.
    pub(super) levels: Vec<Box<[u8]>>,
    /// The subdirectories of before glibc 2.33 in the order they are tried, without the empty one.
    pub(super) legacy: Vec<Box<[u8]>>,
    /// `$PLATFORM`.
    pub(super) platform: Option<Box<[u8]>>,
    /// The x86-64 level as a number, for libraries that demand one; none if any is fine.
    pub(super) x86_level: Option<u8>,
    /// Whether it differs from another of the list only where `$PLATFORM` counts.
    pub(super) is_other_platform: bool,
}

/// Who made the processor: glibc calls new ones of Intel by another `$PLATFORM`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Maker {
    Intel,
    Other,
}

/// What a loader met that depends on the processor.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Anything at all.
    pub(super) any: Cell<bool>,
    /// `$PLATFORM`, or a subdirectory whose name is one.
    pub(super) platform: Cell<bool>,
}

impl Seen {
    /// Something was met; `is_platform` if it depends on `$PLATFORM`.
    pub(super) fn note(&self, is_platform: bool) {
        self.any.set(true);
        self.platform.set(self.platform.get() || is_platform);
    }
}

impl Processor {
    /// Every kind of processor that the loader tells apart, the plainest first and those that are
    /// of another platform only last.
    pub(super) fn all(facts: &LoaderFacts, machine: &Header) -> Vec<Self> {
        let tiers = 0..=tiers(facts, machine);
        tiers
            .clone()
            .map(|tier| Self::new(facts, machine, tier, Maker::Intel))
            .chain(tiers.filter_map(|tier| Self::other_maker(facts, machine, tier)))
            .collect()
    }

    /// The processors of the level `name` (`x86-64-v1` is the baseline).
    pub(super) fn of_level(facts: &LoaderFacts, machine: &Header, name: &str) -> Vec<Self> {
        let x86_level = name.strip_prefix("x86-64-v").and_then(|level| level.parse::<u8>().ok());
        let position = facts.hwcaps.iter().position(|level| **level == *name.as_bytes());
        let tier = match (position, x86_level) {
            (Some(position), _) => facts.hwcaps.len() - position,
            (None, Some(level)) => usize::from(level.saturating_sub(1)).min(tiers(facts, machine)),
            (None, None) => 0,
        };
        let mut processors = Vec::from([Self::new(facts, machine, tier, Maker::Intel)]);
        processors.extend(Self::other_maker(facts, machine, tier));
        processors.iter_mut().for_each(|processor| processor.x86_level = x86_level);
        processors
    }

    /// The subdirectories to try before a directory itself, in their order.
    pub(super) fn subdirectories(&self) -> impl Iterator<Item = Vec<u8>> {
        let modern = self.levels.iter().map(|level| [b"glibc-hwcaps/", &**level].concat());
        modern.chain(self.legacy.iter().map(|path| path.to_vec()))
    }

    /// The processor that has the `tier` lowest levels.
    fn new(facts: &LoaderFacts, machine: &Header, tier: usize, maker: Maker) -> Self {
        let levels = facts.hwcaps[facts.hwcaps.len() - tier.min(facts.hwcaps.len())..].to_vec();
        let platform = platform(machine, &levels, tier, maker);
        let mut names: Vec<&[u8]> = Vec::new();
        if facts.has_legacy_hwcaps {
            names.push(b"tls");
            names.extend(platform.as_deref());
            match machine.machine {
                X86_64 if tier == X86_LEVELS && maker == Maker::Intel => {
                    names.extend([&b"avx512_1"[..], b"x86_64"]);
                }
                X86_64 => names.push(b"x86_64"),
                3 => names.push(b"sse2"),
                _ => {}
            }
        }
        let legacy = combinations(&names);
        Self { levels, legacy, platform, x86_level: None, is_other_platform: false }
    }

    /// The processor of another maker, where that makes a difference.
    fn other_maker(facts: &LoaderFacts, machine: &Header, tier: usize) -> Option<Self> {
        let other = Self::new(facts, machine, tier, Maker::Other);
        let differs = other != Self::new(facts, machine, tier, Maker::Intel);
        differs.then_some(Self { is_other_platform: true, ..other })
    }
}

/// The first component of every subdirectory that any of the processors makes glibc search.
pub(super) fn first_components(processors: &[Processor]) -> Vec<Box<[u8]>> {
    let all = processors.iter().flat_map(Processor::subdirectories);
    let first = all.map(|path| Box::from(path.split(|&b| b == b'/').next().unwrap_or_default()));
    first.collect::<BTreeSet<_>>().into_iter().collect()
}

/// How many kinds above the baseline there are.
fn tiers(facts: &LoaderFacts, machine: &Header) -> usize {
    let told_by_platform = if machine.machine == X86_64 { X86_LEVELS } else { 0 };
    facts.hwcaps.len().max(told_by_platform)
}

/// `$PLATFORM`: what the kernel says (`AT_PLATFORM`), but for x86-64, where glibc has names of its
/// own for processors of Intel. `xeon_phi` is left out: none was made since 2018.
fn platform(
    machine: &Header,
    levels: &[Box<[u8]>],
    tier: usize,
    maker: Maker,
) -> Option<Box<[u8]>> {
    let best = levels.first().map(|level| &**level);
    let name: &[u8] = match machine.machine {
        X86_64 if tier >= 2 && maker == Maker::Intel => b"haswell",
        X86_64 => b"x86_64",
        3 => b"i686",
        21 => best.unwrap_or(b"power8"),
        22 => best.unwrap_or(b"zEC12"),
        40 => b"v7l",
        183 => b"aarch64",
        258 => b"loongarch",
        _ => return None,
    };
    Some(name.into())
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
