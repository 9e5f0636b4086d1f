//! The service of a package: the unit whose program is of the package, or which is the package's own.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use super::{Asked, programs};
use crate::formats::account_lists::is_name;
use crate::formats::systemd::unit::{self, Unit, UnitCommand};
use crate::words::{InputError, TreePath};

/// Where packages have units.
const UNITS: [&str; 2] = ["/usr/lib/systemd/system", "/lib/systemd/system"];

/// A service.
pub(super) struct Service {
    pub(super) path: TreePath,
    /// The package that has the unit.
    pub(super) package: String,
    pub(super) unit: Unit,
    pub(super) program: TreePath,
    pub(super) command: UnitCommand,
}

/// The service that is meant: of the package itself, else of what it depends on if that starts a
/// program of the package.
pub(super) fn find(
    asked: &Asked<'_>,
    name: &str,
    own: &BTreeSet<TreePath>,
) -> Result<Option<Service>, InputError> {
    let mut services = services(asked, name, own)?;
    if services.is_empty() {
        for near in asked.near(name) {
            let of_near = self::services(asked, near, &asked.paths(near)?)?;
            services.extend(of_near.into_iter().filter(|service| own.contains(&service.program)));
        }
    }
    // The one of the package's name, else the one with the shortest: others are for parts of it.
    let key = |service: &Service| {
        let file = service.path.name().unwrap_or_default();
        let stem = file.strip_suffix(b".service").unwrap_or(file);
        (stem != name.as_bytes(), stem.len(), stem.to_vec())
    };
    services.sort_by_key(key);
    Ok(services.into_iter().next())
}

/// The services of a package that start a program which is there.
fn services(
    asked: &Asked<'_>,
    package: &str,
    paths: &BTreeSet<TreePath>,
) -> Result<Vec<Service>, InputError> {
    let (mut services, etc) = (Vec::new(), TreePath::literal("/etc"));
    for path in paths.iter().filter(|path| is_unit(path)) {
        let is_file = asked.view.input().lookup(path)?.is_some_and(|it| it.file_size().is_some());
        let Some(text) = is_file.then(|| asked.text(path)).flatten() else { continue };
        let unit = Unit::parse(&text);
        let variables = variables(asked, &unit);
        let lines = unit.all("Service", "ExecStart");
        let command = lines.last().and_then(|line| unit::command(line, &variables));
        let Some(command) = command else { continue };
        let command = unit::executed(&command, &variables).unwrap_or(command);
        let program = TreePath::parse(&command.words[0]).ok();
        // What is configuration is no program of its own, but a hook of another.
        let is_meant = |program: &TreePath| {
            program.below(&etc).is_none() && programs::is_program(asked, program)
        };
        let program = program.filter(is_meant);
        let is_once = unit.last("Service", "Type") == Some("oneshot");
        if let Some(program) = program.filter(|_| !is_once) {
            let (path, package) = (path.clone(), package.into());
            services.push(Service { path, package, unit, program, command });
        }
    }
    Ok(services)
}

/// Whether a path is that of a unit of a service, and of none that is made for an instance.
fn is_unit(path: &TreePath) -> bool {
    let name = path.name().unwrap_or_default();
    let directory = path.parent();
    let is_there =
        |units: &&str| directory.as_ref().is_some_and(|it| it.as_bytes() == units.as_bytes());
    name.ends_with(b".service") && !name.contains(&b'@') && UNITS.iter().any(is_there)
}

/// The variables that a unit sets, and those of its files that packages have.
fn variables(asked: &Asked<'_>, unit: &Unit) -> BTreeMap<String, String> {
    let mut variables = unit.environment();
    for file in unit.list("Service", "EnvironmentFile") {
        let path = TreePath::parse(file.trim_start_matches('-')).ok();
        let text = path.and_then(|path| asked.text(&path));
        variables.extend(text.iter().flat_map(|text| unit::environment_file(text)));
    }
    variables
}

impl Service {
    fn last(&self, key: &str) -> Option<String> {
        let value = self.unit.last("Service", key)?;
        (!value.contains('%')).then(|| value.into())
    }

    pub(super) fn user(&self) -> Option<String> {
        self.last("User").filter(|user| user != "root" && is_name(user))
    }

    pub(super) fn group(&self) -> Option<String> {
        self.last("Group")
    }

    pub(super) fn stop_signal(&self) -> Option<String> {
        self.last("KillSignal").filter(|signal| signal != "SIGTERM")
    }

    pub(super) fn before(&self) -> Vec<String> {
        self.unit.all("Service", "ExecStartPre").into_iter().map(Into::into).collect()
    }

    pub(super) fn is_forking(&self) -> bool {
        self.last("Type").is_some_and(|kind| kind == "forking")
    }

    /// The directory of the file that the program writes its number into.
    pub(super) fn pid_directory(&self) -> Option<TreePath> {
        let file = self.last("PIDFile")?;
        let file = file
            .strip_prefix("/var/run/")
            .map_or(file.clone(), |rest| alloc::format!("/run/{rest}"));
        let file = if file.starts_with('/') { file } else { alloc::format!("/run/{file}") };
        TreePath::parse(file).ok()?.parent().filter(|parent| !parent.is_root())
    }

    /// The directories that the manager makes for it, with their modes.
    pub(super) fn directories(&self) -> Vec<(TreePath, Option<String>)> {
        let mut found = Vec::new();
        for (key, above) in [
            ("RuntimeDirectory", "/run"),
            ("StateDirectory", "/var/lib"),
            ("CacheDirectory", "/var/cache"),
            ("LogsDirectory", "/var/log"),
            ("ConfigurationDirectory", "/etc"),
        ] {
            let mode = self.last(&alloc::format!("{key}Mode"));
            for name in self.unit.list("Service", key).iter().filter(|name| !name.contains('%')) {
                // What is behind a colon is a link to it.
                let name = name.split(':').next().unwrap_or_default();
                let path = TreePath::parse(alloc::format!("{above}/{name}"));
                found.extend(path.ok().map(|path| (path, mode.clone())));
            }
        }
        found
    }

    /// The paths that it may write to, where it may write to nothing else.
    pub(super) fn written(&self) -> Vec<TreePath> {
        let words = self.unit.list("Service", "ReadWritePaths");
        let path = |word: &String| TreePath::parse(word.trim_start_matches(['-', '+'])).ok();
        words.iter().filter_map(path).collect()
    }

    /// Whether it has a `/tmp` of its own.
    pub(super) fn has_tmp(&self) -> bool {
        self.last("PrivateTmp").is_some_and(|value| matches!(&*value, "true" | "yes" | "1" | "on"))
    }
}
