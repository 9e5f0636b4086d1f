//! The packages that own things of the image: their names at each node, and what they are.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use super::planner::Planner;
use crate::formats::provenance::Packages;
use crate::rules::View;
use crate::words::{InputName, TreePath, UsedPackage};

impl Planner<'_> {
    /// Names the package of every node that was taken from an input that knows.
    pub(super) fn name_packages(&mut self) {
        let mut sources: BTreeMap<InputName, BTreeMap<TreePath, Vec<TreePath>>> = BTreeMap::new();
        for (path, node) in self.placer.tree.iter() {
            if let Some(source) = node.provenance.source() {
                let of_input = sources.entry(InputName::new(&source.input)).or_default();
                of_input.entry(source.path.clone()).or_default().push(path.clone());
            }
        }
        for (input, paths) in sources {
            let Some(view) = self.request.inputs.get(&input) else { continue };
            let wanted: BTreeSet<TreePath> = paths.keys().cloned().collect();
            for (source, package) in view.input().packages(&wanted) {
                for path in paths.get(&source).into_iter().flatten() {
                    if let Some(provenance) = self.placer.tree.provenance_mut(path) {
                        provenance.set_package(package.clone());
                    }
                }
            }
        }
    }

    /// The packages that nodes name, by input.
    pub(super) fn named_packages(&self) -> BTreeMap<InputName, BTreeSet<String>> {
        let mut named: BTreeMap<InputName, BTreeSet<String>> = BTreeMap::new();
        let sources = self.placer.tree.iter().filter_map(|(_, node)| node.provenance.source());
        for (source, package) in sources.filter_map(|s| Some((s, s.package.as_ref()?))) {
            let of_input = named.entry(InputName::new(&source.input)).or_default();
            if !of_input.contains(package) {
                of_input.insert(package.clone());
            }
        }
        named
    }

    /// What the packages are that nodes name, where their inputs know.
    pub(super) fn used_packages(&self) -> Packages {
        let mut used = Packages::new();
        for (input, names) in self.named_packages() {
            let Some(view) = self.request.inputs.get(&input) else { continue };
            let identities = view.input().identities(&names).into_iter();
            let described = identities.map(|(name, identity)| {
                let license_files = license_files(view, &name);
                (name, UsedPackage { identity, license_files })
            });
            let described: BTreeMap<_, _> = described.collect();
            if !described.is_empty() {
                used.insert(input.as_str().into(), described);
            }
        }
        used
    }
}

/// The files of a package that say under which terms it may be used, by the paths at which they are
/// looked for.
pub(super) fn license_files(view: &View<'_>, package: &str) -> Vec<TreePath> {
    if matches!(package, "" | "." | "..") || package.contains(['/', '\0']) {
        return Vec::new();
    }
    let is_file = |path: &TreePath| {
        let found = view.resolve(path.as_bytes());
        found.is_ok_and(|found| found.entry.file_size().is_some())
    };
    let doc = TreePath::literal("/usr/share/doc").join(package.as_bytes()).join(b"copyright");
    let licenses = TreePath::literal("/usr/share/licenses").join(package.as_bytes());
    let listed = view.resolve(licenses.as_bytes()).ok().filter(|found| found.entry.is_directory());
    let names = listed.and_then(|found| view.input().list(&found.path).ok()).unwrap_or_default();
    let files = names.into_iter().map(|name| licenses.join(&name));
    [doc].into_iter().chain(files).filter(is_file).collect()
}
