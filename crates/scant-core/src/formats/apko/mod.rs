//! The files of apko, another builder of images: their text, what they declare, and the manifest of
//! scant that declares the same. No file is looked at, and nothing is fetched.
//!
//! ```text
//! text -parse-> Configuration -over (what it includes)-> Configuration -import-> manifest and notes
//! ```
//!
//! <https://github.com/chainguard-dev/apko/blob/main/docs/apko_file.md>

mod check;
mod import;
mod raw;
mod shlex;
#[cfg(test)]
mod tests;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

pub use import::{Imported, Note, import};

use super::foreign;
use super::yaml::{self, Fault};

/// A line of one of the files that were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, by the number it was parsed with.
    pub file: usize,
    /// The line, from 1.
    pub line: u32,
}

/// A value and where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it is written.
    pub place: Place,
}

/// What a file of apko declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configuration {
    /// A file that this one lies over.
    pub include: Option<At<String>>,
    /// Places of packages, which packages are taken from.
    repositories: Vec<At<String>>,
    keyring: Vec<At<String>>,
    packages: Vec<At<String>>,
    entrypoint: Option<Entrypoint>,
    cmd: Option<At<Vec<String>>>,
    stop_signal: Option<At<String>>,
    work_dir: Option<At<String>>,
    run_as: Option<At<String>>,
    users: Vec<At<User>>,
    groups: Vec<At<Group>>,
    archs: Vec<At<String>>,
    environment: BTreeMap<String, At<String>>,
    paths: Vec<At<Mutation>>,
    vcs_url: Option<At<String>>,
    annotations: BTreeMap<String, At<String>>,
    volumes: Vec<At<String>>,
    layering: Option<At<Layering>>,
    /// What has no counterpart in a manifest, whatever it says.
    foreign: Vec<At<Foreign>>,
}

/// How the image starts.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entrypoint {
    place: Place,
    /// The program with its arguments, if one is named.
    command: Option<At<Vec<String>>>,
    /// Whether `s6` is what starts.
    is_service_bundle: bool,
    /// The names of services.
    services: Vec<At<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct User {
    name: String,
    uid: u32,
    gid: u32,
    shell: String,
    home: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    name: String,
    gid: u32,
    members: Vec<At<String>>,
}

/// Something that is done with a path after packages are installed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mutation {
    kind: MutationKind,
    path: String,
    source: String,
    permissions: Option<Permissions>,
    /// Owner and group, if either is named.
    owner: Option<(u32, u32)>,
    is_recursive: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MutationKind {
    Directory,
    EmptyFile,
    HardLink,
    Symlink,
    Permissions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Permissions {
    mode: u32,
    /// Whether it is written as people count who do not think of octal digits.
    is_decimal: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Layering {
    strategy: String,
    budget: Option<String>,
}

/// A key that no manifest has.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Foreign {
    BaseImage,
    RuntimeRepository(String),
    RuntimeKey(String),
    Certificate(String),
    CertificateProvider(String),
    Format(String),
    EntrypointType(String),
}

/// Reads a file. `file` is what places in it are known by.
///
/// # Errors
/// All faults at once, sorted by their place.
pub fn parse(text: &str, file: usize) -> Result<Configuration, Vec<Fault>> {
    let (tree, mut faults) = yaml::parse(text);
    if let Some(fault) = tree.as_ref().and_then(foreign::fault_of_apko) {
        return Err(Vec::from([fault]));
    }
    let configuration = tree.and_then(|tree| {
        let (raw, more) = yaml::deserialize::<raw::File>(&tree);
        faults.extend(more);
        let (configuration, more) = check::check(raw?, file);
        faults.extend(more);
        Some(configuration)
    });
    match configuration {
        Some(configuration) if faults.is_empty() => Ok(configuration),
        _ => {
            faults.sort_by(|a, b| (a.span, &a.message).cmp(&(b.span, &b.message)));
            faults.dedup();
            Err(faults)
        }
    }
}

impl Configuration {
    /// This file with what it includes below it: lists follow upon those of the other file, and for
    /// all else the other file says only what this one does not.
    #[must_use]
    pub fn over(self, included: Self) -> Self {
        fn follow<T>(mut first: Vec<T>, second: Vec<T>) -> Vec<T> {
            first.extend(second);
            first
        }
        let (mut environment, mut annotations) = (included.environment, included.annotations);
        environment.extend(self.environment);
        annotations.extend(self.annotations);
        Self {
            include: None,
            repositories: follow(included.repositories, self.repositories),
            keyring: follow(included.keyring, self.keyring),
            packages: follow(included.packages, self.packages),
            entrypoint: self.entrypoint.or(included.entrypoint),
            cmd: self.cmd.or(included.cmd),
            stop_signal: self.stop_signal.or(included.stop_signal),
            work_dir: self.work_dir.or(included.work_dir),
            run_as: self.run_as.or(included.run_as),
            users: follow(included.users, self.users),
            groups: follow(included.groups, self.groups),
            archs: if self.archs.is_empty() { included.archs } else { self.archs },
            environment,
            paths: follow(included.paths, self.paths),
            vcs_url: self.vcs_url,
            annotations,
            volumes: follow(included.volumes, self.volumes),
            layering: self.layering.or(included.layering),
            foreign: follow(included.foreign, self.foreign),
        }
    }
}
