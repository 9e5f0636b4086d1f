//! Symbol versions in order: the families they belong to, and which glibc an image needs.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::formats::elf::VersionDefinitions;
use crate::rules::loader::Closure;

/// What a version is a version of: `GLIBC` of `GLIBC_2.34`.
pub(super) fn family(version: &[u8]) -> &[u8] {
    let end = version.iter().rposition(|&b| b == b'_');
    let is_number = |rest: &[u8]| rest.first().is_some_and(u8::is_ascii_digit);
    match end {
        Some(end) if is_number(&version[end + 1..]) => &version[..end],
        _ => version,
    }
}

/// The numbers of a version.
fn numbers(version: &[u8]) -> Option<Vec<u64>> {
    let rest = version.get(family(version).len() + 1..)?;
    let parts = core::str::from_utf8(rest).ok()?.split('.');
    parts.map(|part| part.parse().ok()).collect()
}

/// The highest of the versions of the same family.
pub(super) fn highest_of_family(all: &VersionDefinitions, version: &[u8]) -> Option<Box<[u8]>> {
    let same = all.iter().filter(|other| family(other) == family(version));
    same.filter_map(|one| Some((numbers(one)?, one))).max().map(|(_, version)| version.clone())
}

/// The lowest glibc that will do, and the one that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GlibcNeed {
    needed: Option<Vec<u64>>,
    found: Option<Vec<u64>>,
}

impl GlibcNeed {
    /// Counts what a closure wants and has.
    pub(super) fn count(&mut self, closure: &Closure) {
        for object in &closure.objects {
            let Ok(elf) = object.opened.elf.as_ref() else { continue };
            let Some(dynamic) = &elf.dynamic else { continue };
            let is_libc = elf.soname().is_some_and(|name| name.starts_with(b"libc.so"));
            let needs = dynamic.version_needs.iter().filter(|need| !need.is_weak);
            for version in needs.map(|need| &need.version).filter(|v| family(v) == b"GLIBC") {
                let version = numbers(version);
                if version > self.needed {
                    self.needed = version;
                }
            }
            for version in dynamic.version_definitions.iter().flatten().filter(|_| is_libc) {
                let version = Some(version).filter(|v| family(v) == b"GLIBC");
                let version = version.and_then(|version| numbers(version));
                if version > self.found {
                    self.found = version;
                }
            }
        }
    }

    /// The lowest glibc that everything in the image would start with, such as `2.34`.
    pub fn needed(&self) -> Option<String> {
        self.needed.as_deref().map(shown)
    }

    /// The glibc that is in the image.
    pub fn found(&self) -> Option<String> {
        self.found.as_deref().map(shown)
    }
}

fn shown(numbers: &[u64]) -> String {
    let numbers: Vec<_> = numbers.iter().map(|number| format!("{number}")).collect();
    numbers.join(".")
}
