//! What an image probably wants beside what its programs name: taken in as far as the manifest
//! accepts it, each file with that reason; told where it neither accepts nor declines it.

mod accept;
mod parameters;
mod world;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::RefCell;

use super::fault::{FaultKind, Severity};
use super::planner::Planner;
use super::{Finding, Plan};
use crate::formats::manifest::Accepted;
use crate::formats::suggestion_rules::{Level, Parameters, Rule};
use crate::formats::yaml::nearest;
use crate::rules::suggestions::{self, Literal, OPENERS};
use crate::words::{InputName, TreePath};

pub use crate::rules::suggestions::Suggestion;

use world::PlannedWorld;

/// How much is read for suggestions that nobody has accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// What is quickly read: names of files and of symbols, configuration.
    Symbols,
    /// Also every text in every program and library.
    Texts,
}

/// The ids of suggestions that come from texts of files.
pub(super) const SONAME: &str = "soname:";

/// The ids of suggestions that come from dlopen notes.
pub(super) const NOTE: &str = "note:";

type File = (InputName, TreePath);

/// Names of dynamic symbols.
type Symbols = Rc<BTreeSet<Box<[u8]>>>;

/// What a planner knows of suggestions.
#[derive(Default)]
pub(super) struct Suggesting {
    /// All rules.
    rules: Vec<Rule>,
    /// The globs over symbols that any of them asks for.
    wanted: Vec<String>,
    /// What was read of files.
    imports: RefCell<BTreeMap<File, Symbols>>,
    literals: RefCell<BTreeMap<File, Rc<Vec<Literal>>>>,
    /// The ids of accepted and declined suggestions that were made.
    applied: BTreeSet<String>,
    /// Accepted notes that are still to be followed.
    notes: Vec<AcceptedNote>,
    /// What is neither accepted nor declined.
    pub(super) open: Vec<Suggestion>,
}

/// A dlopen note that the manifest accepts.
struct AcceptedNote {
    id: String,
    by: TreePath,
    sonames: Vec<String>,
    because: String,
}

impl Plan {
    /// The suggestions without which the image fails, neither accepted nor declined.
    pub fn required_suggestions(&self) -> impl Iterator<Item = &Suggestion> {
        self.suggestions.iter().filter(|suggestion| suggestion.level == Level::Required)
    }
}

impl Planner<'_> {
    /// Reads the rules, and says which ids of the manifest no rule has.
    fn learn_rules(&mut self) {
        let section = &self.request.manifest.suggestions;
        let rules = suggestions::with_own(&section.rules);
        let accepted = section.accept.iter().map(|one| (&one.id, one.span));
        let declined = section.decline.iter().map(|one| (&one.id, one.span));
        for (id, span) in accepted.chain(declined).filter(|(id, _)| !id.contains(':')) {
            let mut ids = rules.iter().map(|rule| rule.id.value.as_str());
            if !ids.clone().any(|known| known == id) {
                let near = nearest(id, &mut ids).map(ToString::to_string);
                self.fault(span, FaultKind::UnknownSuggestion { id: id.clone(), near });
            }
        }
        let mut wanted = suggestions::wanted_imports(&rules);
        wanted.extend(OPENERS.map(String::from));
        self.suggesting.wanted = wanted;
        self.suggesting.rules = rules;
    }

    fn is_accepted(&self, id: &str) -> bool {
        self.request.manifest.suggestions.accept.iter().any(|one| one.id == id)
    }

    fn is_declined(&self, id: &str) -> bool {
        self.request.manifest.suggestions.decline.iter().any(|one| one.id == id)
    }

    /// What the manifest says of the lists of a rule.
    fn parameters(&self, id: &str) -> Parameters {
        let accept = &self.request.manifest.suggestions.accept;
        accept.iter().find(|one| one.id == id).map(Accepted::parameters).unwrap_or_default()
    }

    /// Looks for what is suggested on the finished tree, and tells of accepted and declined ids
    /// that change nothing.
    pub(super) fn look_for_suggestions(&mut self, depth: Depth) {
        if !self.faults.is_empty() {
            return;
        }
        let world = PlannedWorld::new(self, depth);
        let mut found = suggestions::evaluate(
            self.suggesting.rules.iter().filter(|rule| !self.is_accepted(&rule.id)),
            &|id| self.parameters(id),
            &world,
        );
        if depth == Depth::Texts {
            found.extend(world.named_libraries());
        }
        found.sort_by(|a, b| (a.level, &a.id).cmp(&(b.level, &b.id)));
        for suggestion in found {
            if self.is_accepted(&suggestion.id) || self.is_declined(&suggestion.id) {
                self.suggesting.applied.insert(suggestion.id);
            } else {
                self.suggesting.open.push(suggestion);
            }
        }
        self.tell_unapplied(depth);
    }

    fn tell_unapplied(&mut self, depth: Depth) {
        let section = &self.request.manifest.suggestions;
        let accepted = section.accept.iter().map(|one| (&one.id, one.span, "accepted"));
        let declined = section.decline.iter().map(|one| (&one.id, one.span, "declined"));
        for (id, span, what) in accepted.chain(declined) {
            // Whether a declined text is there, nobody has looked.
            let is_unknown = depth == Depth::Symbols && id.starts_with(SONAME);
            if self.suggesting.applied.contains(id) || is_unknown && what == "declined" {
                continue;
            }
            let text = format!(
                "`{id}` is {what} and changes nothing: it is not suggested for this image, or all \
                 of it is declared"
            );
            self.advise(Finding {
                span: Some(span),
                severity: Severity::Notice,
                text,
                remedy: None,
            });
        }
    }
}
