//! Which packages of inputs are others than those that were locked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use scant_core::formats::lock::{Lock, Package};
use scant_core::words::Platform;
use serde::Serialize;

/// A package that comes, goes or has another version.
#[derive(Serialize)]
pub(crate) struct PackageChange {
    input: String,
    platform: Platform,
    name: String,
    before: Option<String>,
    after: Option<String>,
}

/// The packages that are others in a new lock, of inputs and platforms that the old one knew.
pub(crate) fn changes(old: &Lock, new: &Lock) -> Vec<PackageChange> {
    let mut changes = Vec::new();
    for (input, known) in &old.inputs {
        for (platform, before) in &known.packages {
            let after = new.inputs.get(input).and_then(|input| input.packages.get(platform));
            let (before, after) = (versions(before), versions(after.map_or(&[], Vec::as_slice)));
            let names: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
            for name in names {
                let version = |of: &BTreeMap<&str, &str>| of.get(name).map(ToString::to_string);
                let (before, after) = (version(&before), version(&after));
                if before != after {
                    let (input, name) = (input.to_string(), name.to_string());
                    changes.push(PackageChange { input, platform: *platform, name, before, after });
                }
            }
        }
    }
    changes
}

fn versions(packages: &[Package]) -> BTreeMap<&str, &str> {
    packages.iter().map(|package| (&*package.name, &*package.version)).collect()
}

impl fmt::Display for PackageChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { input, platform, name, before, after } = self;
        match (before, after) {
            (None, Some(version)) => write!(f, "+ {input} {name} {version} for {platform}"),
            (Some(version), None) => write!(f, "- {input} {name} {version} for {platform}"),
            (before, after) => {
                let [before, after] = [before, after].map(|one| one.as_deref().unwrap_or_default());
                write!(f, "~ {input} {name} {before} -> {after} for {platform}")
            }
        }
    }
}
