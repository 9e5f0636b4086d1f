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
use service::Service;

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
    let Found { name, service, programs, mut sources } = found(asked)?;
    let mut start = service.as_ref().map(of_service).unwrap_or_default();
    sources.extend(service.as_ref().map(|service| service.package.clone()));
    (start.program, start.wrapper) = program(asked, name, service.as_ref(), &programs);
    if start.wrapper.is_some() {
        start.entrypoint.clear();
        start.left_out.clear();
    }
    match &start.program {
        Some(program) if start.entrypoint.is_empty() => {
            start.entrypoint.push(alloc::format!("{program}"));
        }
        Some(_) => {}
        None => start.near = with_programs(asked, name)?,
    }
    start.others =
        programs.into_iter().filter(|path| Some(path) != start.program.as_ref()).collect();
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

/// What a package has, or the one that it stands for.
struct Found<'a> {
    /// The name of the one that has it.
    name: &'a str,
    service: Option<Service>,
    programs: Vec<TreePath>,
    /// The packages that it is of.
    sources: Vec<String>,
}

fn found<'a>(asked: &Asked<'a>) -> Result<Found<'a>, InputError> {
    let of = |name: &str| -> Result<_, InputError> {
        let own = asked.paths(name)?;
        Ok((service::find(asked, name, &own)?, programs::of(asked, &own)?))
    };
    let (mut name, mut sources) = (asked.name, Vec::from([String::from(asked.name)]));
    let (mut service, mut programs) = of(name)?;
    // A package may stand for another one of its kind, and have nothing itself.
    for near in asked.near(asked.name).iter().filter(|near| programs::is_kin(near, asked.name)) {
        if service.is_none() && programs.is_empty() {
            name = near;
            (service, programs) = of(near)?;
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
    Ok(Found { name, service, programs, sources })
}

/// What the unit of a service says.
fn of_service(service: &Service) -> Start {
    Start {
        unit: Some((service.path.clone(), service.package.clone())),
        entrypoint: service.command.words.clone(),
        before: service.before(),
        left_out: service.command.left_out.clone(),
        is_forking: service.is_forking(),
        user: service.user(),
        stop_signal: service.stop_signal(),
        ..Start::default()
    }
}

/// The program that is started, and the script by which the service does that.
fn program(
    asked: &Asked<'_>,
    name: &str,
    service: Option<&Service>,
    programs: &[TreePath],
) -> (Option<TreePath>, Option<TreePath>) {
    let is_elf = |path: &TreePath| asked.view.elf(path).is_ok();
    match service.map(|service| service.program.clone()) {
        None => (programs::meant(name, programs), None),
        Some(named) => match programs::named(name, programs).filter(is_elf) {
            // A script would bring an interpreter, and arguments of its own.
            Some(own) if asked.is_script(&named) => (Some(own), Some(named)),
            _ => (Some(named), None),
        },
    }
}

/// The packages with programs that a package depends on.
fn with_programs(asked: &Asked<'_>, name: &str) -> Result<Vec<String>, InputError> {
    let mut all = Vec::new();
    for near in asked.near(name) {
        if !programs::of(asked, &asked.paths(near)?)?.is_empty() {
            all.push(near.clone());
        }
    }
    Ok(all)
}

impl<'a> Asked<'a> {
    /// What a package depends on directly.
    fn near(&self, name: &str) -> &'a [String] {
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
