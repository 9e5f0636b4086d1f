//! The plan: the whole tree of an image with every fault, decided before anything is written.
//!
//! ```text
//! planner        the state, and the small steps that all parts share
//! placer         where a path lands: declared links followed, the input's own links brought along
//! nodes          nodes of files, and how two declarations of one file agree
//! declared       what the manifest names: links, directories, files, data, packages, accounts
//! hard_links     second names of files, wherever those come from
//! scripts        the interpreters that scripts name
//! homes          which inputs the needs of a file are taken from
//! closures       what programs and libraries need, by the rules of their loader
//! place_closure  the files of a closure, each with its reasons
//! missing        what no loader would find
//! link_targets   what links of data directories point at
//! in_image       the loader once more, on the finished tree alone; ld.so.cache where it must be
//! package_database  what scanners look for, where it is asked for
//! parents        the directories above everything
//! owners         the packages that own things
//! suggestions    what the image probably wants, as far as it is accepted
//! settings       what the image's settings name, held against the tree
//! root           the planned tree as a root file system
//! layers         the trees of the layers, and what takes nothing
//! ```

pub mod assemble;
mod closures;
mod declared;
mod fault;
mod files;
mod hard_links;
mod homes;
mod in_image;
mod layers;
mod link_targets;
mod missing;
mod nodes;
mod owners;
mod package_database;
mod parents;
mod place_closure;
mod placer;
mod planner;
mod platforms;
mod root;
mod scripts;
mod settings;
mod suggestions;
mod tree_view;
mod why;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::formats::manifest::Manifest;
use crate::formats::provenance::Packages;
use crate::rules::View;
use crate::words::{InputName, Platform, Tree, TreePath};

pub use fault::{Fault, FaultKind, Finding, MissingName, Severity};
pub use layers::{NamedLayer, document, split};
pub use platforms::{default_platform, known_platforms, platforms};
pub use root::PlannedRoot;
pub use settings::run_config;
pub use suggestions::{Depth, Suggestion};
pub use why::{Step, chain};

/// What a plan is made of.
pub struct Request<'a> {
    /// The manifest.
    pub manifest: &'a Manifest,
    /// The platform to plan for.
    pub platform: Platform,
    /// The opened inputs, that of the files beside the manifest included.
    pub inputs: &'a BTreeMap<InputName, View<'a>>,
    /// The manifest's directory inside the input of the files beside it.
    pub base: TreePath,
}

/// The image's tree for one platform, with all that is wrong with it.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The platform.
    pub platform: Platform,
    /// The tree: whole when there are no faults.
    pub tree: Tree,
    /// The content of the files that scant makes, by their paths in the image.
    pub made: BTreeMap<TreePath, Vec<u8>>,
    /// The packages that something in the tree is of.
    pub packages: Packages,
    /// What keeps the image from being built.
    pub faults: Vec<Fault>,
    /// What a person should know and the build does not stop at.
    pub findings: Vec<Finding>,
    /// What the image probably wants and the manifest neither accepts nor declines.
    pub suggestions: Vec<Suggestion>,
}

/// Plans the image for one platform. Reads inputs; writes nothing and executes nothing.
pub fn plan(request: &Request<'_>) -> Plan {
    plan_with(request, Depth::Symbols)
}

/// As [`plan`], with suggestions for which as much is read as `depth` says.
pub fn plan_with(request: &Request<'_>, depth: Depth) -> Plan {
    let mut planner = planner::Planner::new(request);
    planner.declare();
    planner.close_programs();
    planner.follow_link_targets();
    planner.close_data();
    planner.accept_suggestions(depth);
    planner.place_hard_links();
    planner.refuse_hard_links();
    planner.prove_in_image();
    planner.write_package_database();
    planner.add_parents();
    planner.name_packages();
    planner.check_declared_links();
    planner.check_settings();
    planner.check_layers();
    planner.look_for_suggestions(depth);
    planner.finish()
}
