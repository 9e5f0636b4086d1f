//! The solver: complete, so that it finds a choice wherever there is one; the same for the same
//! question; and it tells why when there is none. What packages are is up to [`Candidates`].

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::RefCell;
use core::fmt::Display;

use resolvo::{
    Condition, ConditionId, ConditionalRequirement, DenseIndex as _, Dependencies,
    DependencyProvider, Interner, KnownDependencies, NameId, Problem, Requirement, SolvableId,
    Solver, SolverCache, StringId, UnsolvableOrCancelled, VersionSetId, VersionSetUnionId,
};

/// What there is to choose from. Candidates have numbers; those of one name are of one group, of
/// which at most one is chosen.
pub trait Candidates {
    /// The group of a candidate.
    fn group(&self, candidate: usize) -> usize;

    /// How many groups there are: they have numbers from 0.
    fn groups(&self) -> usize;

    /// All candidates of a group, the best first.
    fn of_group(&self, group: usize) -> Vec<usize>;

    /// What a candidate needs.
    fn needs(&self, candidate: usize) -> Vec<Wish>;

    /// Which candidates cannot be there with it.
    fn conflicts(&self, candidate: usize) -> Vec<usize>;

    /// The name of a group.
    fn name(&self, group: usize) -> String;

    /// The version of a candidate.
    fn version(&self, candidate: usize) -> String;
}

/// What is asked for: one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Any of these candidates, the best first.
    pub any_of: Vec<usize>,
    /// What was asked for, in words.
    pub text: String,
}

/// That no choice fulfils all wishes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no choice of packages fulfils all that is asked for:\n{reasons}")]
pub struct Unsolvable {
    /// Why, as a chain of reasons that begins with what was asked for.
    pub reasons: String,
}

/// Chooses candidates that fulfil all wishes, with all that they need, and as few as that needs.
/// The answer is sorted.
///
/// # Errors
/// Why there are none.
pub fn solve(candidates: &dyn Candidates, wishes: &[Wish]) -> Result<Vec<usize>, Unsolvable> {
    let world = World {
        candidates,
        sets: RefCell::default(),
        unions: RefCell::default(),
        missing: RefCell::default(),
    };
    let requirements = wishes.iter().map(|wish| world.requirement(wish).into()).collect();
    let problem = Problem::new().requirements(requirements);
    let mut solver = Solver::new(world);
    match solver.solve(problem) {
        Ok(chosen) => {
            let chosen: BTreeSet<usize> =
                chosen.into_iter().map(|id| id.into_raw() as usize).collect();
            Ok(chosen.into_iter().collect())
        }
        Err(UnsolvableOrCancelled::Unsolvable(conflict)) => {
            let reasons = conflict.display_user_friendly(&solver).to_string();
            Err(Unsolvable { reasons: tidy(&reasons) })
        }
        Err(UnsolvableOrCancelled::Cancelled(_)) => unreachable!("nothing cancels it"),
    }
}

fn tidy(reasons: &str) -> String {
    let lines = reasons.lines().map(str::trim_end).filter(|line| !line.is_empty());
    // An empty set of versions leaves two blanks, or one before a comma.
    let line = |line: &str| {
        let (indent, text) = line.split_at(line.len() - line.trim_start_matches(TREE).len());
        alloc::format!("{indent}{}", text.replace("  ", " ").replace(" ,", ","))
    };
    lines.map(line).collect::<Vec<_>>().join("\n")
}

/// What the solver draws its chains with.
const TREE: [char; 5] = ['│', '├', '─', '└', ' '];

/// A question in the words of the solver. A set of versions is a set of candidates of one group.
struct World<'a> {
    candidates: &'a dyn Candidates,
    sets: RefCell<Vec<Set>>,
    unions: RefCell<Vec<Vec<VersionSetId>>>,
    /// What nothing fulfils: groups of their own after all others, without candidates.
    missing: RefCell<BTreeMap<u32, String>>,
}

struct Set {
    name: NameId,
    members: BTreeSet<usize>,
    text: String,
}

impl World<'_> {
    fn set(&self, name: NameId, members: BTreeSet<usize>, text: String) -> VersionSetId {
        let mut sets = self.sets.borrow_mut();
        sets.push(Set { name, members, text });
        VersionSetId(sets.len() as u32 - 1)
    }

    fn requirement(&self, wish: &Wish) -> Requirement {
        let mut groups: Vec<(usize, BTreeSet<usize>)> = Vec::new();
        for &candidate in &wish.any_of {
            let group = self.candidates.group(candidate);
            match groups.iter_mut().find(|(other, _)| *other == group) {
                Some((_, members)) => {
                    members.insert(candidate);
                }
                None => groups.push((group, BTreeSet::from([candidate]))),
            }
        }
        let sets: Vec<_> = groups
            .into_iter()
            .map(|(group, members)| self.set(name_id(group), members, wish.text.clone()))
            .collect();
        match sets[..] {
            [] => {
                let mut missing = self.missing.borrow_mut();
                let number = (self.candidates.groups() + missing.len()) as u32;
                missing.insert(number, wish.text.clone());
                let name = NameId::from_raw(number);
                self.set(name, BTreeSet::new(), String::new()).into()
            }
            [one] => one.into(),
            _ => {
                let mut unions = self.unions.borrow_mut();
                unions.push(sets);
                VersionSetUnionId::from_index(unions.len() - 1).into()
            }
        }
    }

    /// Sets of all those of a group that do not conflict with the candidate.
    fn allowed(&self, candidate: usize) -> Vec<VersionSetId> {
        let mut groups: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for other in self.candidates.conflicts(candidate) {
            groups.entry(self.candidates.group(other)).or_default().insert(other);
        }
        let allowed = |(group, conflicting): (usize, BTreeSet<usize>)| {
            let all = self.candidates.of_group(group).into_iter();
            let others = all.filter(|one| !conflicting.contains(one)).collect();
            self.set(name_id(group), others, String::new())
        };
        groups.into_iter().map(allowed).collect()
    }
}

fn name_id(group: usize) -> NameId {
    NameId::from_raw(group as u32)
}

fn solvable_id(candidate: usize) -> SolvableId {
    SolvableId::from_raw(candidate as u32)
}

impl Interner for World<'_> {
    type NameId = NameId;
    type SolvableId = SolvableId;

    fn display_solvable(&self, solvable: SolvableId) -> impl Display + '_ {
        let candidate = solvable.into_raw() as usize;
        let name = self.candidates.name(self.candidates.group(candidate));
        alloc::format!("{name} {}", self.candidates.version(candidate))
    }

    fn display_merged_solvables(&self, solvables: &[SolvableId]) -> impl Display + '_ {
        let all = solvables.iter().map(|id| id.into_raw() as usize);
        let versions: Vec<_> = all.map(|candidate| self.candidates.version(candidate)).collect();
        let name = solvables.first().map(|id| self.candidates.group(id.into_raw() as usize));
        let name = name.map(|group| self.candidates.name(group)).unwrap_or_default();
        alloc::format!("{name} {}", versions.join(" | "))
    }

    fn display_name(&self, name: NameId) -> impl Display + '_ {
        match self.missing.borrow().get(&name.into_raw()) {
            Some(text) => text.clone(),
            None => self.candidates.name(name.into_raw() as usize),
        }
    }

    fn display_version_set(&self, set: VersionSetId) -> impl Display + '_ {
        let set = &self.sets.borrow()[set.0 as usize];
        let name = self.display_name(set.name).to_string();
        match set.text.strip_prefix(&*name).map(str::trim_start) {
            // `a (>= 1)` after its name.
            Some(rest) if rest.is_empty() || rest.starts_with('(') => rest.to_string(),
            _ if set.text.is_empty() => String::new(),
            _ => alloc::format!("for `{}`", set.text),
        }
    }

    fn display_string(&self, _: StringId) -> impl Display + '_ {
        ""
    }

    fn version_set_name(&self, set: VersionSetId) -> NameId {
        self.sets.borrow()[set.0 as usize].name
    }

    fn solvable_name(&self, solvable: SolvableId) -> NameId {
        name_id(self.candidates.group(solvable.into_raw() as usize))
    }

    fn version_sets_in_union(
        &self,
        union: VersionSetUnionId,
    ) -> impl Iterator<Item = VersionSetId> {
        self.unions.borrow()[union.to_index()].clone().into_iter()
    }

    fn resolve_condition(&self, _: ConditionId) -> Condition {
        unreachable!("no requirement has a condition")
    }
}

impl DependencyProvider for World<'_> {
    async fn filter_candidates(
        &self,
        candidates: &[SolvableId],
        set: VersionSetId,
        inverse: bool,
    ) -> Vec<SolvableId> {
        let members = &self.sets.borrow()[set.0 as usize].members;
        let is_in = |id: &&SolvableId| members.contains(&(id.into_raw() as usize)) != inverse;
        candidates.iter().filter(is_in).copied().collect()
    }

    async fn get_candidates(&self, name: NameId) -> Option<resolvo::Candidates> {
        if name.into_raw() as usize >= self.candidates.groups() {
            return None;
        }
        let all = self.candidates.of_group(name.into_raw() as usize);
        let candidates = all.into_iter().map(solvable_id).collect();
        Some(resolvo::Candidates { candidates, ..Default::default() })
    }

    async fn sort_candidates(&self, _: &SolverCache<Self>, solvables: &mut [SolvableId]) {
        let Some(first) = solvables.first() else { return };
        let group = self.candidates.group(first.into_raw() as usize);
        let order = self.candidates.of_group(group);
        let place = |id: &SolvableId| order.iter().position(|one| *one == id.into_raw() as usize);
        solvables.sort_by_key(place);
    }

    async fn get_dependencies(&self, solvable: SolvableId) -> Dependencies {
        let candidate = solvable.into_raw() as usize;
        let needs = self.candidates.needs(candidate);
        let requirements: Vec<ConditionalRequirement> =
            needs.iter().map(|wish| self.requirement(wish).into()).collect();
        Dependencies::Known(KnownDependencies { requirements, constrains: self.allowed(candidate) })
    }
}
