//! The platforms to build for: those declared, those the inputs are given for, or what the
//! binaries are.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::formats::manifest::{Manifest, Reference};
use crate::rules::View;
use crate::words::{Architecture, InputName, Platform, TreePath};

/// The platforms of a manifest, in the order they are built and indexed. `inputs` are those that
/// are the same for all platforms; `base` is the manifest's directory in the input of files beside
/// it. Never empty: what says nothing at all (no binaries) is for [`default_platform`].
pub fn platforms(
    manifest: &Manifest,
    inputs: &BTreeMap<InputName, View<'_>>,
    base: &TreePath,
) -> Vec<Platform> {
    let known = known_platforms(manifest, inputs, base);
    if known.is_empty() { Vec::from([default_platform()]) } else { known }
}

/// The platform of what says nothing.
pub fn default_platform() -> Platform {
    Platform::linux(Architecture::Amd64)
}

/// As [`platforms`]; empty where nothing says anything.
pub fn known_platforms(
    manifest: &Manifest,
    inputs: &BTreeMap<InputName, View<'_>>,
    base: &TreePath,
) -> Vec<Platform> {
    if !manifest.platforms.is_empty() {
        return manifest.platforms.clone();
    }
    let of_inputs: BTreeSet<Platform> =
        manifest.inputs.iter().flat_map(|input| input.place.platforms()).collect();
    if !of_inputs.is_empty() {
        return of_inputs.into_iter().collect();
    }
    let references = manifest.binaries.iter().map(|binary| &binary.from);
    let references = references.chain(manifest.data.iter().map(|data| &data.from));
    let of_file = |reference: &Reference| {
        let view = inputs.get(&reference.input())?;
        let asked = match reference {
            Reference::Input { path, .. } => path.as_bytes().to_vec(),
            Reference::Beside(path) => [base.as_bytes(), b"/", path.as_bytes()].concat(),
        };
        let found = view.resolve(&asked).ok()?;
        found.entry.file_size()?;
        view.elf(&found.path).as_ref().as_ref().ok()?.platform()
    };
    references.filter_map(of_file).take(1).collect()
}
