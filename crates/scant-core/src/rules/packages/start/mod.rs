//! What an image starts with that is made for one package: its program, how it is started, what it is
//! configured with, whom it runs as, where it writes. Found in the package, and in what it depends on
//! directly; a person goes on from there.
//!
//! ```text
//! service    the unit of a service, and what it says
//! programs   the programs of a package, and the one that is meant
//! content    configuration and other data
//! accounts   users and groups, and directories that are theirs
//! ```

mod accounts;
mod content;
mod programs;
mod service;
#[cfg(test)]
mod tests;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

pub use accounts::{StartDirectory, StartUser};

use crate::rules::View;
use crate::words::{InputError, Packaged, TreePath};

/// A package and its surroundings.
pub struct Asked<'a> {
    /// The root that it lies in, with what it depends on.
    pub view: View<'a>,
    /// The packages of the root.
    pub packaged: &'a dyn Packaged,
    /// The name of the package.
    pub name: &'a str,
    /// What each package depends on directly, by name.
    pub depends: &'a BTreeMap<String, Vec<String>>,
    /// Packages with their scripts, as text; they are never run.
    pub scripts: &'a [(String, String)],
}

/// What an image starts with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// The unit that says so, and its package.
    pub unit: Option<(TreePath, String)>,
    /// The program that is started; none when the package has none.
    pub program: Option<TreePath>,
    /// Programs of the package that are not started.
    pub others: Vec<TreePath>,
    /// The program and its arguments.
    pub entrypoint: Vec<String>,
    /// Commands that the unit runs before it, as they are written.
    pub before: Vec<String>,
    /// The script by which the unit starts the program.
    pub wrapper: Option<TreePath>,
    /// Where there is no program: the packages with programs that it depends on.
    pub near: Vec<String>,
    /// Words of the unit that mean nothing without its manager.
    pub left_out: Vec<String>,
    /// Whether the unit lets the program go into the background.
    pub is_forking: bool,
    /// Files and directories with what is in them.
    pub data: Vec<TreePath>,
    /// Empty directories.
    pub directories: Vec<StartDirectory>,
    /// Users, each with its group.
    pub users: Vec<StartUser>,
    /// Whom the program runs as.
    pub user: Option<String>,
    /// The signal that ends it.
    pub stop_signal: Option<String>,
}

/// Finds out what an image starts with.
///
/// # Errors
/// When a package cannot be read.
pub fn start(asked: &Asked<'_>) -> Result<Start, InputError> {
    let (mut name, mut sources) = (asked.name, Vec::from([String::from(asked.name)]));
    let (mut service, mut programs) = found(asked, name)?;
    // A package may stand for another one of its kind, and have nothing itself.
    for near in asked.near(asked.name).iter().filter(|near| programs::is_kin(near, asked.name)) {
        if service.is_none() && programs.is_empty() {
            name = near;
            (service, programs) = found(asked, near)?;
            sources.push(near.clone());
        }
    }
    // Or have its program in another: `python3` in `python3-minimal`.
    if service.is_none() && programs::named(name, &programs).is_none() {
        for near in asked.near(name) {
            let of_near = programs::of(asked, &asked.paths(near)?)?;
            let own = of_near.into_iter().filter(|path| path.name() == Some(name.as_bytes()));
            programs.extend(own);
        }
    }
    let mut start = Start::default();
    if let Some(service) = &service {
        start.unit = Some((service.path.clone(), service.package.clone()));
        start.entrypoint = service.command.words.clone();
        start.before = service.before();
        start.left_out = service.command.left_out.clone();
        start.is_forking = service.is_forking();
        start.user = service.user();
        start.stop_signal = service.stop_signal();
        sources.push(service.package.clone());
    }
    let named = service.as_ref().map(|service| service.program.clone());
    let is_elf = |path: &TreePath| asked.view.elf(path).is_ok();
    let own = programs::named(name, &programs).filter(is_elf);
    (start.program, start.wrapper) = match (named, own) {
        // A script would bring an interpreter, and arguments of its own.
        (Some(script), Some(own)) if asked.is_script(&script) => (Some(own), Some(script)),
        (named, _) => (named.or_else(|| programs::meant(name, &programs)), None),
    };
    if start.wrapper.is_some() {
        start.entrypoint.clear();
        start.left_out.clear();
    }
    if start.program.is_none() {
        for near in asked.near(name) {
            if !programs::of(asked, &asked.paths(near)?)?.is_empty() {
                start.near.push(near.clone());
            }
        }
    }
    start.others =
        programs.into_iter().filter(|path| Some(path) != start.program.as_ref()).collect();
    if let (Some(program), true) = (&start.program, start.entrypoint.is_empty()) {
        start.entrypoint.push(alloc::format!("{program}"));
    }
    // What it depends on has data and users for it as well.
    let mut near = BTreeSet::new();
    for other in sources.clone() {
        for other in asked.near(&other) {
            near.extend(asked.paths(other)?);
            if programs::is_kin(other, asked.name) && !sources.contains(other) {
                sources.push(other.clone());
            }
        }
    }
    let mut paths = BTreeSet::new();
    for source in &sources {
        paths.extend(asked.paths(source)?);
    }
    start.data = content::data(asked, &paths, &near)?;
    accounts::find(asked, &sources, service.as_ref(), &paths, &mut start)?;
    Ok(start)
}

/// The service of a package, and its programs.
fn found(
    asked: &Asked<'_>,
    name: &str,
) -> Result<(Option<service::Service>, Vec<TreePath>), InputError> {
    let own = asked.paths(name)?;
    Ok((service::find(asked, name, &own)?, programs::of(asked, &own)?))
}

impl Asked<'_> {
    /// What a package depends on directly.
    fn near(&self, name: &str) -> &[String] {
        self.depends.get(name).map_or(&[], |near| near)
    }

    /// The paths of a package; none of one that is not there.
    fn paths(&self, name: &str) -> Result<BTreeSet<TreePath>, InputError> {
        let number = self.packaged.all().iter().position(|package| package.identity.name == name);
        let paths = number.map(|number| self.packaged.paths(number)).transpose()?;
        Ok(paths.unwrap_or_default().into_iter().collect())
    }

    /// Whether a program begins with `#!`.
    fn is_script(&self, path: &TreePath) -> bool {
        let found = self.view.resolve(path.as_bytes());
        let opened = found.and_then(|found| self.view.input().open(&found.path));
        let mut start = [0; 2];
        opened.is_ok_and(|file| file.read_at(0, &mut start).is_ok()) && start == *b"#!"
    }

    /// A small text of the root.
    fn text(&self, path: &TreePath) -> Option<String> {
        const LARGEST: u64 = 1 << 20;
        String::from_utf8(self.view.input().read(path, LARGEST).ok()?).ok()
    }
}
