//! Whether `ld.so.cache` agrees with the libraries of the image.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use super::finding::{Finding, Findings};
use super::place::Place;
use super::walk::{Content, Walked};
use crate::formats::elf::Header;
use crate::formats::ld_so_cache::{self, accepted_flags};
use crate::rules::loader::{Kind, LoaderFacts};
use crate::words::{Check, Escaped, Level, TreePath};

/// The cache of a full desktop system is under 500 KB.
const LARGEST: u64 = 64 << 20;

/// The same for the loader that most programs of the image name.
pub(super) fn check_root(place: &Place<'_>, walked: &[Walked], findings: &mut Findings) {
    let elves = walked.iter().filter(|one| matches!(one.content, Content::Elf));
    let named = elves.filter_map(|one| {
        let elf = place.view().elf(&one.path);
        let elf = elf.as_ref().as_ref().ok()?;
        let loader = TreePath::parse(elf.interpreter.as_deref()?).ok()?;
        Some((loader, elf.header.clone()))
    });
    if let Some((loader, header)) = named.into_iter().next() {
        check(place, &loader, &header, findings);
    }
}

/// Compares the cache with what is there, for a loader with this header.
fn check(place: &Place<'_>, loader: &TreePath, header: &Header, findings: &mut Findings) {
    let at = TreePath::literal("/etc/ld.so.cache");
    if LoaderFacts::kind_of_name(loader.as_bytes()) == Kind::Musl {
        return;
    }
    let bytes = place.text(at.as_bytes(), LARGEST);
    if bytes.is_empty() {
        return;
    }
    let add = |findings: &mut Findings, text: &str, help: &str| {
        let finding = Finding::new(Level::Warning, Check::LibraryCache, text);
        findings.add(finding.at(at.clone()).help(help));
    };
    let renew = "make it again with `ldconfig -r` when the libraries are in place";
    let Some(cache) = ld_so_cache::parse(&bytes, header.order) else {
        let text = "the image's loader cannot read `/etc/ld.so.cache`: it is damaged, or has the \
                    other byte order";
        return add(findings, text, renew);
    };
    let flags = accepted_flags(header);
    let fits = cache.entries().iter().any(|entry| flags.contains(&entry.flags));
    if !cache.entries().is_empty() && !fits {
        let text = "`/etc/ld.so.cache` names no library for the image's machine";
        return add(findings, text, renew);
    }
    let mut gone: BTreeMap<&[u8], Vec<&[u8]>> = BTreeMap::new();
    for entry in cache.entries() {
        if place.view().resolve(&entry.path).is_err() {
            gone.entry(&entry.path).or_default().push(&entry.name);
        }
    }
    if !gone.is_empty() {
        let text =
            "`/etc/ld.so.cache` names libraries that are not there: the loader looks further";
        let mut finding = Finding::new(Level::Warning, Check::LibraryCache, text).help(renew);
        finding.tried = gone.keys().map(|path| format!("{}: not there", Escaped(path))).collect();
        findings.add(finding.at(at));
    }
}
