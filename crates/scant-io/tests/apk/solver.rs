//! Choices of packages, checked by rules that are written a second time here.

use std::collections::{BTreeMap, BTreeSet};

use scant_core::formats::alpine::{Dependency, Package, Version, index};
use scant_core::rules::packages::alpine::{Choice, Packages, Question, Repository};
use scant_io::packages::apk::{ApkIndex, Demand};

use crate::support::fixture;

/// Numbers that are the same on every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % end
    }
}

/// What a package answers to.
fn answers(package: &Package) -> Vec<(&str, Option<&Version>)> {
    let own = (&*package.name, Some(&package.version));
    let provided = package.provides.iter().map(|one| (&*one.name, one.version.as_ref()));
    [own].into_iter().chain(provided).collect()
}

fn is_answer(dependency: &Dependency, package: &Package) -> bool {
    answers(package).iter().any(|(name, version)| {
        *name == &*dependency.name
            && match (version, &dependency.version) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(version), Some((operator, than))) => operator.allows(version, than),
            }
    })
}

/// What is wrong with a set of packages, if it is to fulfil these wishes.
fn faults(chosen: &[&Package], wishes: &[Dependency]) -> Vec<String> {
    let mut faults = Vec::new();
    let is_fulfilled = |dependency: &Dependency, of: Option<&Package>| {
        let others = chosen.iter().filter(|other| {
            // A package does not conflict with itself.
            !dependency.is_conflict || of.is_none_or(|of| of.name != other.name)
        });
        others.clone().any(|other| is_answer(dependency, other)) != dependency.is_conflict
    };
    for wish in wishes.iter().filter(|wish| !is_fulfilled(wish, None)) {
        faults.push(format!("`{wish}` is not fulfilled"));
    }
    for package in chosen {
        for dependency in package.depends.iter().filter(|one| !is_fulfilled(one, Some(package))) {
            faults.push(format!("`{dependency}` of `{}` is not fulfilled", package.name));
        }
    }
    // A name with a version is of one package alone.
    let mut owners: BTreeMap<&str, BTreeSet<(&str, bool)>> = BTreeMap::new();
    for package in chosen {
        for (name, version) in answers(package) {
            owners.entry(name).or_default().insert((&package.name, version.is_some()));
        }
    }
    for (name, owners) in &owners {
        let packages: BTreeSet<_> = owners.iter().map(|(package, _)| package).collect();
        if packages.len() > 1 && owners.iter().any(|(_, has_version)| *has_version) {
            faults.push(format!("`{name}` is of {owners:?}"));
        }
    }
    let names: BTreeSet<_> = chosen.iter().map(|package| &package.name).collect();
    if names.len() < chosen.len() {
        faults.push("one name twice".into());
    }
    faults
}

/// Whether each package is there for a reason.
fn reasons(choice: &Choice, wishes: &[Dependency]) -> Vec<String> {
    let all: Vec<_> = choice.packages.iter().map(|one| &one.package).collect();
    let mut needed: BTreeSet<&str> = BTreeSet::new();
    loop {
        let before = needed.len();
        for package in &all {
            let asks = |one: &&Dependency| !one.is_conflict && is_answer(one, package);
            let is_there =
                |one: &Dependency| all.iter().any(|other| is_answer(one, other)) != one.is_conflict;
            let by_others = all
                .iter()
                .filter(|other| needed.contains(&*other.name))
                .any(|other| other.depends.iter().any(|one| asks(&one)));
            let by_itself =
                !package.install_if.is_empty() && package.install_if.iter().all(is_there);
            if wishes.iter().any(|one| asks(&one)) || by_others || by_itself {
                needed.insert(&package.name);
            }
        }
        if needed.len() == before {
            break;
        }
    }
    let stray = all.iter().filter(|package| !needed.contains(&*package.name));
    stray.map(|package| format!("`{}` is there for nothing", package.name)).collect()
}

/// What would come by itself and is not there.
fn absent(choice: &Choice, world: &[Package]) -> Vec<String> {
    let chosen: Vec<_> = choice.packages.iter().map(|one| &one.package).collect();
    let is_there =
        |one: &Dependency| chosen.iter().any(|other| is_answer(one, other)) != one.is_conflict;
    let is_known = |package: &&Package| {
        chosen.iter().any(|one| one.name == package.name)
            || choice.left_out.iter().any(|one| *one.name == *package.name)
    };
    let comes = |package: &&Package| {
        !package.install_if.is_empty() && package.install_if.iter().all(is_there)
    };
    let absent = world.iter().filter(comes).filter(|package| !is_known(package));
    absent.map(|package| format!("`{}` did not come", package.name)).collect()
}

fn check(world: &[Package], packages: &Packages<'_>, wishes: &[Dependency]) -> Option<Choice> {
    let question = Question { wishes, has_install_if: true };
    let choice = packages.choose(&question).ok()?;
    assert_eq!(packages.choose(&question).as_ref(), Ok(&choice), "the same question");
    let all: Vec<_> = choice.packages.iter().map(|one| &one.package).collect();
    let mut faults = faults(&all, wishes);
    faults.extend(reasons(&choice, wishes));
    faults.extend(absent(&choice, world));
    let shown: Vec<_> = wishes.iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{shown:?}: {faults:?}");
    Some(choice)
}

#[test]
fn random_sets_of_a_real_index() {
    let Some(bytes) = fixture("alpine-316/APKINDEX.tar.gz") else { return };
    let index = ApkIndex::read(&bytes, &[], Demand::Nothing).unwrap();
    let repositories = [Repository { packages: &index.packages, tag: None }];
    let packages = Packages::of(&repositories, "x86_64");
    let mut numbers = Numbers(316);
    let (mut solved, mut failed, mut largest) = (0, 0, 0);
    for _ in 0..200 {
        let mut wishes = Vec::new();
        for _ in 0..1 + numbers.below(6) {
            let package = &index.packages[numbers.below(index.packages.len())];
            let text = match numbers.below(8) {
                0 => format!("{}={}", package.name, package.version),
                1 => match package.provides.first() {
                    Some(provided) => provided.name.to_string(),
                    None => package.name.to_string(),
                },
                _ => package.name.to_string(),
            };
            wishes.push(Dependency::parse(&text).unwrap());
        }
        match check(&index.packages, &packages, &wishes) {
            Some(choice) => {
                solved += 1;
                largest = largest.max(choice.packages.len());
            }
            None => {
                failed += 1;
                let question = Question { wishes: &wishes, has_install_if: true };
                let why = packages.choose(&question).unwrap_err().to_string();
                let is_named = wishes.iter().any(|wish| why.contains(&*wish.name));
                assert!(is_named, "{why}");
            }
        }
    }
    for round in 0..20 {
        let package = &index.packages[numbers.below(index.packages.len())];
        let wishes = [Dependency::parse("!musl"), Dependency::parse(&package.name)];
        let wishes = wishes.map(Result::unwrap);
        let question = Question { wishes: &wishes, has_install_if: true };
        if let Err(error) = packages.choose(&question) {
            let why = error.to_string();
            assert!(why.contains("`!musl`") && why.contains(&*package.name), "{round}: {why}");
            failed += 1;
        }
    }
    println!("{solved} solved, {failed} not, the largest of {largest} packages");
    assert!(solved > 100, "{solved}");
}

/// A few packages that need, provide and exclude one another at random.
fn small_world(numbers: &mut Numbers) -> Vec<Package> {
    let mut text = String::new();
    let names = ["a", "b", "c", "d", "e", "f"];
    let operators = ["", "", "=1", "=2", "<2", ">=2", "~1"];
    for name in names {
        for version in 1..=1 + numbers.below(2) {
            text += &format!(
                "C:Q1ZX+on7zBgcokTctj4tLSmx7q5O4=\nP:{name}\nV:{version}\nA:noarch\nS:1\n"
            );
            let mut words = |count, marks: &[&str]| {
                let words = (0..numbers.below(count)).map(|_| {
                    let mark = marks[numbers.below(marks.len())];
                    let any = ["a", "b", "c", "d", "e", "f", "x", "y", "z"];
                    let name = any[numbers.below(any.len())];
                    format!("{mark}{name}{}", operators[numbers.below(operators.len())])
                });
                words.collect::<Vec<_>>().join(" ")
            };
            let depends = words(4, &["", "", "", "!"]);
            let install_if = words(3, &[""]);
            text += &format!("D:{depends}\ni:{install_if}\np:");
            for _ in 0..numbers.below(3) {
                let name = ["x", "y", "z"][numbers.below(3)];
                text += &format!("{name}{} ", ["", "=1", "=2"][numbers.below(3)]);
            }
            text += "\n\n";
        }
    }
    index::packages(&text).unwrap()
}

#[test]
fn where_there_is_a_choice_it_is_found() {
    let mut numbers = Numbers(7);
    let (mut solved, mut failed) = (0, 0);
    for round in 0..400 {
        let world = small_world(&mut numbers);
        let repositories = [Repository { packages: &world, tag: None }];
        let packages = Packages::of(&repositories, "x86_64");
        let mut wishes: Vec<Dependency> = Vec::new();
        for _ in 0..1 + numbers.below(3) {
            let text = ["a", "b>=2", "c<2", "x", "y=1", "z", "!d", "!x=2", "e"][numbers.below(9)];
            wishes.push(Dependency::parse(text).unwrap());
        }
        if check(&world, &packages, &wishes).is_some() {
            solved += 1;
            continue;
        }
        failed += 1;
        for set in 0..1usize << world.len() {
            let chosen: Vec<_> = (0..world.len())
                .filter(|place| set >> place & 1 == 1)
                .map(|place| &world[place])
                .collect();
            assert!(!faults(&chosen, &wishes).is_empty(), "round {round}: {chosen:?}");
        }
    }
    println!("{solved} solved, {failed} not");
    assert!(solved > 50 && failed > 50, "{solved} {failed}");
}
