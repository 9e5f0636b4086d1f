//! What scanners look for, where the manifest asks for it: which packages the files of the image are
//! of, as dpkg and apk write it down; which distribution that is; and under which terms those
//! packages may be used. Only what is in the image is told.

mod alpine;
mod debian;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::declared::declared;
use super::fault::Severity;
use super::owners::license_files;
use super::placer::Last;
use super::planner::Planner;
use crate::formats::manifest::Span;
use crate::words::{InputName, Node, NodeKind, Record, Section, Source, TreePath, Why};

/// Where scanners look for the distribution.
const OS_RELEASE: [&str; 2] = ["/usr/lib/os-release", "/etc/os-release"];
/// Where some of them look besides.
const RELEASES: [&str; 3] = ["/etc/debian_version", "/etc/alpine-release", "/etc/lsb-release"];

/// A package that something in the image is of, with what a package manager keeps of it.
struct Present {
    input: InputName,
    name: String,
    record: Record,
}

impl Present {
    /// What the image has of it.
    fn nodes<'s>(&'s self, nodes: &'s Nodes<'s>) -> impl Iterator<Item = &'s OfPackage<'s>> {
        nodes.get(&(self.input.as_str(), &*self.name)).into_iter().flatten()
    }
}

/// Names of packages, by input.
type Names = BTreeMap<InputName, BTreeSet<String>>;

/// What the image has of each package, by input and name.
type Nodes<'t> = BTreeMap<(&'t str, &'t str), Vec<OfPackage<'t>>>;

/// A file or link that is of a package.
struct OfPackage<'t> {
    path: &'t TreePath,
    node: &'t Node,
    source: &'t Source,
}

impl Planner<'_> {
    /// Writes the databases.
    pub(super) fn write_package_database(&mut self) {
        let Some(span) = self.request.manifest.package_database else { return };
        // What could not be placed was told.
        if self.faults.iter().any(|fault| fault.kind.is_about_a_place()) {
            return;
        }
        let mut present = Vec::new();
        let mut done = Names::new();
        let mut is_released = false;
        // The terms of a package may lie in another, of which there is something then.
        loop {
            self.name_packages();
            let new = self.present(&done);
            if new.is_empty() {
                break;
            }
            for (input, names) in new {
                done.entry(input.clone()).or_default().extend(names.iter().cloned());
                let Some(view) = self.request.inputs.get(&input) else { continue };
                for (name, record) in view.input().records(&names) {
                    for path in license_files(view, &name) {
                        self.place_copy(&path, &input, span);
                    }
                    if !is_released {
                        is_released = true;
                        self.place_release(&input, &name, &record, span);
                    }
                    present.push(Present { input: input.clone(), name, record });
                }
            }
        }
        if present.is_empty() {
            let text = "`package-database` has nothing to tell: no file of the image is of a package \
                        that dpkg or apk would know";
            self.find(Some(span), Severity::Warning, text.into());
        }
        let order = |input: &InputName| {
            self.request.manifest.inputs.iter().position(|declared| declared.name == *input)
        };
        present.sort_by_key(|one| (order(&one.input), one.name.clone()));
        self.write_debian(&present, span);
        self.write_alpine(&present, span);
    }

    /// The packages of which files or links are there, in the order of the manifest's inputs, but
    /// those that are known already. Directories may be of many packages, and say nothing.
    fn present(&self, known: &Names) -> Vec<(InputName, BTreeSet<String>)> {
        let mut present = Names::new();
        for OfPackage { source, .. } in self.placer.tree.iter().filter_map(of_package) {
            let package = source.package.clone().unwrap_or_default();
            present.entry(InputName::new(&source.input)).or_default().insert(package);
        }
        for (input, names) in known {
            present.entry(input.clone()).or_default().retain(|name| !names.contains(name));
        }
        let declared = self.request.manifest.inputs.iter().map(|input| &input.name);
        let of = declared.filter_map(|input| Some((input.clone(), present.remove(input)?)));
        of.filter(|(_, names)| !names.is_empty()).collect()
    }

    /// Takes what says which distribution the packages of an input are of.
    fn place_release(&mut self, input: &InputName, name: &str, record: &Record, span: Span) {
        for path in OS_RELEASE.into_iter().chain(RELEASES) {
            self.place_copy(&TreePath::literal(path), input, span);
        }
        if OS_RELEASE.iter().any(|path| self.placer.seen(path.as_bytes()).is_some()) {
            return;
        }
        let package = match record {
            Record::Debian { .. } => "base-files",
            Record::Alpine { .. } => self.release_of_alpine(input, name),
        };
        let text = format!(
            "scanners will not know the distribution: {input} has no /usr/lib/os-release, which \
             comes with the package `{package}`"
        );
        self.find(Some(span), Severity::Warning, text);
    }

    fn release_of_alpine(&self, input: &InputName, name: &str) -> &'static str {
        let names = BTreeSet::from([String::from(name)]);
        let view = self.request.inputs.get(input);
        let identities = view.map(|view| view.input().identities(&names)).unwrap_or_default();
        match identities.values().any(|identity| identity.purl.starts_with("pkg:apk/wolfi/")) {
            true => "wolfi-baselayout",
            false => "alpine-release",
        }
    }

    /// Takes a file of an input as it is, where it has it and the image has nothing there.
    fn place_copy(&mut self, path: &TreePath, input: &InputName, span: Span) {
        if self.placer.seen(path.as_bytes()).is_some() {
            return;
        }
        let why = declared(Section::PackageDatabase, span, &None);
        let inputs = [input.clone()];
        let placed = self.need_file(path.as_bytes(), &inputs, why, None).map(|_| ());
        self.keep(span, placed);
    }

    /// Puts a database into the tree, where nothing is declared there.
    fn place_database(&mut self, path: &TreePath, content: Vec<u8>, span: Span) {
        let landed = self.placer.land(path.as_bytes(), None, Last::Follow);
        let Some(path) = self.keep(span, landed) else { return };
        if self.placer.tree.get(&path).is_some() {
            let text = format!("`{path}` is declared, so scant does not write it");
            self.find(Some(span), Severity::Warning, text);
            return;
        }
        let why = Why::Made { purpose: "`package-database` asks for it".into(), of: None };
        let placed = self.place_made(path, content, why);
        self.keep(span, placed);
    }

    fn nodes_of_packages(&self) -> Nodes<'_> {
        let mut nodes = Nodes::new();
        for one in self.placer.tree.iter().filter_map(of_package) {
            let package = one.source.package.as_deref().unwrap_or_default();
            nodes.entry((&*one.source.input, package)).or_default().push(one);
        }
        nodes
    }
}

fn of_package<'t>((path, node): (&'t TreePath, &'t Node)) -> Option<OfPackage<'t>> {
    let source = node.provenance.source().filter(|source| source.package.is_some())?;
    (node.kind != NodeKind::Directory).then_some(OfPackage { path, node, source })
}

/// The path as it was before `/usr` was merged, which packages may still write.
fn below_usr(path: &TreePath) -> Option<TreePath> {
    path.below(&TreePath::literal("/usr"))
}
