//! What the manifest accepts comes into the tree, with what that needs; which may be suggested
//! further things, so this goes on until nothing new comes.

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::world::PlannedWorld;
use super::{AcceptedNote, Depth, NOTE, SONAME};
use crate::formats::elf::DlopenNote;
use crate::formats::manifest::Span;
use crate::formats::suggestion_rules::Level;
use crate::plan::closures::{Loadable, is_loaded};
use crate::plan::planner::Planner;
use crate::rules::loader::Spot;
use crate::rules::suggestions::{self, Addition, Suggestion, World as _};
use crate::words::{Section, TreePath, Why};

/// What comes in may bring more in; no chain of needs is longer.
const MOST_ROUNDS: usize = 16;

impl Planner<'_> {
    /// Takes in all that is accepted.
    pub(in crate::plan) fn accept_suggestions(&mut self, depth: Depth) {
        self.learn_rules();
        if self.request.manifest.suggestions.accept.is_empty() {
            return;
        }
        let mut tried = BTreeSet::new();
        for _ in 0..MOST_ROUNDS {
            let before = tried.len();
            for suggestion in self.accepted(depth) {
                self.suggesting.applied.insert(suggestion.id.clone());
                for addition in &suggestion.adds {
                    if tried.insert((suggestion.id.clone(), addition.clone())) {
                        self.take_in(&suggestion, addition);
                    }
                }
            }
            self.close_data();
            if tried.len() == before {
                break;
            }
        }
        self.check_parameters();
    }

    /// What is accepted, suggested by now, and not in the tree.
    fn accepted(&self, depth: Depth) -> Vec<Suggestion> {
        // A rule that is accepted counts whatever has to be read for it.
        let rules = self.suggesting.rules.iter().filter(|rule| self.is_accepted(&rule.id));
        let asks_texts = rules.clone().any(|rule| !rule.when.string.is_empty());
        let accepts_name =
            self.request.manifest.suggestions.accept.iter().any(|one| one.id.starts_with(SONAME));
        let depth = if asks_texts { Depth::Texts } else { depth };
        let world = PlannedWorld::new(self, depth);
        let mut found = suggestions::evaluate(rules, &|id| self.parameters(id), &world);
        if accepts_name {
            let named = world.named_libraries();
            found.extend(named.into_iter().filter(|named| self.is_accepted(&named.id)));
        }
        let notes = self.suggesting.notes.iter();
        found.extend(notes.filter_map(|note| of_note(note, &world)));
        found
    }

    /// Puts one file into the tree, and what it needs.
    fn take_in(&mut self, suggestion: &Suggestion, addition: &Addition) {
        let span = self.span_of(&suggestion.id);
        let why = Why::Accepted {
            id: suggestion.id.clone(),
            because: suggestion.because.clone(),
            of: suggestion.of.clone(),
            line: span.line,
        };
        let placed = match &addition.soname {
            Some(soname) => self.open_library(suggestion, addition, soname, span),
            None => self.take_file(addition, &why, span),
        };
        if let Some(path) = placed
            && let Some(provenance) = self.placer.tree.provenance_mut(&path)
        {
            provenance.add(why);
        }
    }

    fn span_of(&self, id: &str) -> Span {
        let accept = &self.request.manifest.suggestions.accept;
        accept.iter().find(|one| one.id == id).map(|one| one.span).unwrap_or_default()
    }

    /// A library, as the file opens it that it was suggested for.
    fn open_library(
        &mut self,
        suggestion: &Suggestion,
        addition: &Addition,
        soname: &str,
        span: Span,
    ) -> Option<TreePath> {
        let loadable = {
            let world = PlannedWorld::new(self, Depth::Symbols);
            let member = world.number(&suggestion.of)?;
            world.loadable(member, soname.as_bytes())?
        };
        self.close(Vec::from([Loadable { span, ..loadable }]));
        self.placer.seen(&addition.path).map(|(path, _)| path)
    }

    /// A file where it lies; an ELF file brings what it needs.
    fn take_file(&mut self, addition: &Addition, why: &Why, span: Span) -> Option<TreePath> {
        let inputs = core::slice::from_ref(&addition.input);
        let placed = self.need_file(&addition.path, inputs, why.clone(), None);
        let (path, located) = self.keep(span, placed)??;
        let elf = located.view.elf(&located.found.path);
        if let Ok(elf) = elf.as_ref()
            && is_loaded(elf)
        {
            self.data_elves.push(Loadable {
                spot: Spot::moved(path.as_bytes(), located.found.path.as_bytes()),
                path: path.clone(),
                home: self.home_of(&located.input, elf),
                openings: Vec::new(),
                span,
                section: Section::Suggestions,
                is_secure: false,
            });
        }
        Some(path)
    }

    /// Whether the manifest says something of a dlopen note; what it accepts is followed later.
    pub(in crate::plan) fn is_note_decided(&mut self, by: &TreePath, note: &DlopenNote) -> bool {
        let soname = note.sonames.first();
        let feature = note.feature.as_ref().map(|feature| [NOTE, feature].concat());
        let ids = [soname.map(|soname| [SONAME, soname].concat()), feature];
        for id in ids.into_iter().flatten() {
            if self.is_declined(&id) {
                self.suggesting.applied.insert(id);
                return true;
            }
            if self.is_accepted(&id) {
                let about = note.description.as_ref().or(note.feature.as_ref());
                let because = about.map_or("its note asks for it".to_string(), String::clone);
                let (by, sonames) = (by.clone(), note.sonames.clone());
                self.suggesting.applied.insert(id.clone());
                self.suggesting.notes.push(AcceptedNote { id, by, sonames, because });
                return true;
            }
        }
        false
    }
}

/// The first library of a note that is there.
fn of_note(note: &AcceptedNote, world: &PlannedWorld<'_, '_>) -> Option<Suggestion> {
    let member = world.number(&note.by)?;
    let adds = note.sonames.iter().find_map(|soname| {
        let found = world.search(member, soname.as_bytes())?;
        let addition =
            Addition { input: found.input, path: found.path, soname: Some(soname.clone()) };
        Some(if found.is_there { Vec::new() } else { Vec::from([addition]) })
    });
    Some(Suggestion {
        id: note.id.clone(),
        level: Level::Suggested,
        because: note.because.clone(),
        of: note.by.clone(),
        missing: match &adds {
            None => Vec::from([note.sonames.join(" or ")]),
            Some(_) => Vec::new(),
        },
        adds: adds.unwrap_or_default(),
    })
}
