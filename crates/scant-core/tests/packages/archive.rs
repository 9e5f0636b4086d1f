//! The real archive of Debian, as far as this machine's apt knows it: random packages, a checker that
//! shares nothing with the solver, and apt's own opinion on what can be had.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use scant_core::formats::debian::{Alternatives, Package, Relation, control, relations};
use scant_core::rules::packages::debian::{Index, Packages, Terms};

/// How many sets of packages are tried, unless `SCANT_SETS` says: apt takes seconds for each.
const SETS: usize = 16;

#[test]
fn random_sets_of_packages_fit_together_and_apt_agrees() {
    let Some(lists) = lists() else {
        println!("skipped: apt has no lists of packages for amd64 here");
        return;
    };
    let wanted = std::env::var("SCANT_SETS").ok().and_then(|text| text.parse().ok());
    let count: usize = wanted.unwrap_or(SETS).max(2);
    let texts: Vec<String> = lists.iter().map(|list| text(list)).collect();
    let indexes: Vec<_> = texts.iter().map(|text| Index { text, priority: 500 }).collect();
    let names: Vec<&str> = texts
        .iter()
        .flat_map(|text| control::paragraphs(text))
        .filter_map(|paragraph| paragraph.get("Package"))
        .collect();
    let sets: Vec<Vec<&str>> = (0..count).map(|number| random_set(&names, number as u64)).collect();
    let apt = Apt::new();
    let terms = Terms { architecture: "amd64", ..Terms::default() };
    let check = |packages: &Packages<'_>, set: &Vec<&str>| {
        let wishes = relations(&set.join(", ")).unwrap();
        let can_be = match packages.choose(&wishes) {
            Ok(chosen) => {
                let chosen: Vec<Package> = chosen.into_iter().map(|one| one.package).collect();
                assert_eq!(faults(&chosen, &wishes), Vec::<String>::new(), "{set:?}");
                Ok(chosen.len())
            }
            Err(error) => {
                let names_one = set.iter().any(|name| error.reasons.contains(name));
                assert!(names_one, "{set:?} {error}");
                Err(error.to_string())
            }
        };
        // Apt gives up sooner: what it finds must be found, the other way round not.
        let says = apt.can_install(set);
        assert!(can_be.is_ok() || !says, "apt finds what was not found: {set:?} {can_be:?}");
        (can_be.is_ok(), says)
    };
    let work = |sets: &[Vec<&str>]| {
        let packages = Packages::read(&indexes, &terms).unwrap();
        sets.iter().map(|set| check(&packages, set)).collect::<Vec<_>>()
    };
    let results: Vec<(bool, bool)> = std::thread::scope(|scope| {
        let parts = sets.chunks(count.div_ceil(2)).map(|sets| scope.spawn(|| work(sets)));
        let parts: Vec<_> = parts.collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    let of = |which: fn(&(bool, bool)) -> bool| results.iter().filter(|one| which(one)).count();
    println!("{count} sets: {} can be had, {} by apt", of(|one| one.0), of(|one| one.1));
    assert!(of(|one| one.0) > count / 4, "hardly any set can be had");
}

/// The lists of all suites that apt knows.
fn lists() -> Option<Vec<PathBuf>> {
    let entries = std::fs::read_dir("/var/lib/apt/lists").ok()?;
    let mut lists: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().contains("_binary-amd64_Packages"))
        .collect();
    lists.sort();
    (!lists.is_empty()).then_some(lists)
}

/// A list, which may be compressed in any of the ways that apt has.
fn text(list: &Path) -> String {
    let output =
        Command::new("/usr/lib/apt/apt-helper").arg("cat-file").arg(list).output().unwrap();
    assert!(output.status.success(), "{list:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Some packages, the same for the same number.
fn random_set<'a>(names: &[&'a str], number: u64) -> Vec<&'a str> {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 16) as usize % below
    };
    let count = 1 + next(20);
    (0..count).map(|_| names[next(names.len())]).collect()
}

/// What is wrong with a choice, by the letter of the policy.
fn faults(chosen: &[Package], wishes: &[Alternatives]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut by_name: BTreeMap<&str, &Package> = BTreeMap::new();
    for package in chosen {
        if by_name.insert(&package.name, package).is_some() {
            faults.push(format!("{} is there twice", package.name));
        }
    }
    let is_fulfilled = |relation: &Relation| chosen.iter().any(|one| fulfils(one, relation));
    let mut need = |who: &str, alternatives: &Alternatives| {
        if !alternatives.iter().any(is_fulfilled) {
            faults.push(format!("{who} needs {alternatives:?}"));
        }
    };
    wishes.iter().for_each(|wish| need("the question", wish));
    for package in chosen {
        package.depends.iter().for_each(|alternatives| need(&package.name, alternatives));
    }
    for package in chosen {
        for relation in &package.conflicts {
            let others = chosen.iter().filter(|other| other.name != package.name);
            for other in others.filter(|other| fulfils(other, relation)) {
                faults.push(format!("{} conflicts with {}", package.name, other.name));
            }
        }
    }
    faults
}

fn fulfils(package: &Package, relation: &Relation) -> bool {
    let is_foreign = |name: &str| !matches!(name, "any" | "native" | "all" | "amd64");
    if relation.architecture.as_deref().is_some_and(is_foreign) {
        return false;
    }
    let is_itself = package.name == relation.name && relation.allows(&package.version);
    is_itself
        || package.provides.iter().filter(|provided| provided.name == relation.name).any(
            |provided| match &provided.version {
                Some((_, version)) => relation.allows(version),
                None => relation.version.is_none(),
            },
        )
}

/// Apt with nothing installed.
struct Apt {
    directory: tempfile::TempDir,
}

impl Apt {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("status"), "").unwrap();
        let apt = Self { directory };
        // The first one makes the cache that all others use.
        apt.can_install(&["base-files"]);
        apt
    }

    fn can_install(&self, set: &[&str]) -> bool {
        let option = |name: &str, file: &str| {
            format!("{name}={}", self.directory.path().join(file).display())
        };
        let output = Command::new("apt-get")
            .args(["-s", "-q", "--no-install-recommends"])
            .args(["-o", "APT::Architecture=amd64", "-o", "APT::Architectures=amd64"])
            .args(["-o", &option("Dir::State::status", "status")])
            .args(["-o", &option("Dir::Cache::pkgcache", "pkgcache.bin")])
            .args(["-o", &option("Dir::Cache::srcpkgcache", "srcpkgcache.bin")])
            .arg("install")
            .args(set)
            .env("LC_ALL", "C")
            .output()
            .unwrap();
        output.status.success()
    }
}
