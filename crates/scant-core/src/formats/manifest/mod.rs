//! The user's manifest: its text, its schema, and the values it stands for. Not an *image
//! manifest*, which is OCI's. Nothing here looks at a file: whether what is declared is there is
//! found out by the plan.
//!
//! ```text
//! text -> tree with spans -> raw (serde types: these are the schema) -> Manifest (valid values)
//! ```

mod accounts;
mod apk;
mod apt;
mod check;
mod checks;
mod edit;
mod entries;
mod image;
mod inputs;
mod layers;
mod raw;
mod reference;
mod reference_page;
mod schema;
mod structure_tests;
mod suggestions;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

pub use accounts::{Accounts, Group, User};
pub use apk::{Apk, ApkKeyPlace, ApkKeys, ApkPlace, ApkRepository};
pub use apt::{Apt, AptPin};
pub use checks::{AllowedCheck, Checks};
pub use edit::{Addition, EditError, Edited, edit, patch, yaml_word};
pub use entries::{
    Binary, Data, Destination, Directory, Elf, HardLink, LdSoCache, Owner, Symlink, WholePackage,
};
pub use image::{Healthcheck, ImageSettings, Port, Probe, Protocol};
pub use inputs::{AskedOf, Backend, BuildrootMode, InputDeclaration, Location, PerPlatform};
pub use layers::{LayerGroup, Layers, Selector};
pub use reference::Reference;
pub use reference_page::reference_markdown;
pub use schema::schema;
pub(in crate::formats) use schema::tidy;
pub use structure_tests::TestSource;
pub use suggestions::{Accepted, Declined, Suggestions, With};

use super::foreign;
use super::yaml;
pub use super::yaml::{Fault, Span, Spanned};
use crate::words::Platform;

/// What a manifest declares, every value valid and every name resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Where files come from, in the order of the text.
    pub inputs: Vec<InputDeclaration>,
    /// Programs, which bring what they need.
    pub binaries: Vec<Binary>,
    /// Other files and directories of files.
    pub data: Vec<Data>,
    /// Packages that are taken whole.
    pub packages: Vec<WholePackage>,
    /// Directories made empty.
    pub directories: Vec<Directory>,
    /// Symbolic links.
    pub symlinks: Vec<Symlink>,
    /// Second names of files.
    pub hardlinks: Vec<HardLink>,
    /// Users and groups.
    pub accounts: Accounts,
    /// How the image is run and described.
    pub image: ImageSettings,
    /// The platforms to build for; empty means what the binaries are.
    pub platforms: Vec<Platform>,
    /// Whether the image gets an `ld.so.cache`.
    pub ld_so_cache: LdSoCache,
    /// Where the manifest asks for databases of packages in the image.
    pub package_database: Option<Span>,
    /// How the image is divided into layers.
    pub layers: Layers,
    /// What is wanted beside what programs name.
    pub suggestions: Suggestions,
    /// Which findings of checks are accepted.
    pub checks: Checks,
    /// Tests of the image, in the order of the text.
    pub tests: Vec<TestSource>,
}

/// Nobody reads more.
const FAULT_LIMIT: usize = 200;

/// Reads a manifest.
///
/// # Errors
/// All faults at once, sorted by their place (of more than 200 the first 200 and their number).
pub fn parse(text: &str) -> Result<Manifest, Vec<Fault>> {
    let (tree, mut faults) = yaml::parse(text);
    if let Some(fault) = tree.as_ref().and_then(foreign::fault_of_manifest) {
        return Err(Vec::from([fault]));
    }
    let manifest = tree.and_then(|tree| {
        let (raw, more) = yaml::deserialize::<raw::Manifest>(&tree);
        faults.extend(more);
        let raw = raw?;
        let lost = |section: &str| loses(&tree, section, &faults);
        let whole =
            check::Whole { inputs: !lost("input") && !lost("inputs"), accounts: !lost("accounts") };
        let (manifest, more) = check::check(raw, whole, &faults);
        faults.extend(more);
        Some(manifest)
    });
    match manifest {
        Some(manifest) if faults.is_empty() => Ok(manifest),
        _ => {
            faults.sort_by(|a, b| (a.span, &a.message).cmp(&(b.span, &b.message)));
            faults.dedup();
            Err(at_most(faults))
        }
    }
}

/// The first faults; the last one says how many more there are.
fn at_most(mut faults: Vec<Fault>) -> Vec<Fault> {
    let rest = faults.split_off(faults.len().min(FAULT_LIMIT));
    if let Some(first) = rest.first() {
        faults.push(Fault::new(first.span, alloc::format!("and {} more faults", rest.len())));
    }
    faults
}

/// Whether one of the faults lies in a section, so that something of it may be missing.
fn loses(tree: &yaml::Node, section: &str, faults: &[Fault]) -> bool {
    let yaml::Value::Mapping(entries) = &*tree.value else { return false };
    let of_section = entries.iter().filter(|(key, _)| key.text() == section);
    of_section
        .map(|(key, value)| Span { end: value.span.end.max(key.span.end), ..key.span })
        .any(|span| faults.iter().any(|fault| span.contains(&fault.span)))
}
