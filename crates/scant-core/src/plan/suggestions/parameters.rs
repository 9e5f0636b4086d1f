//! What the manifest says of the lists of rules, `with:`, held against what there is.

use alloc::string::String;
use alloc::vec::Vec;

use super::Depth;
use super::world::PlannedWorld;
use crate::formats::manifest::{Accepted, Span, With};
use crate::formats::suggestion_rules::Rule;
use crate::plan::fault::FaultKind;
use crate::plan::planner::Planner;
use crate::rules::suggestions;

/// Stands for every value.
const ALL: &str = "all";

impl Planner<'_> {
    /// Says which lists no rule has, and for which values nothing is there.
    pub(super) fn check_parameters(&mut self) {
        let mut faults = Vec::new();
        for accepted in &self.request.manifest.suggestions.accept {
            let rule = self.suggesting.rules.iter().find(|rule| *rule.id == accepted.id);
            for with in &accepted.with {
                faults.extend(self.faults_of(accepted, with, rule));
            }
        }
        faults.into_iter().for_each(|(span, kind)| self.fault(span, kind));
    }

    fn faults_of(
        &self,
        accepted: &Accepted,
        with: &With,
        rule: Option<&Rule>,
    ) -> Vec<(Span, FaultKind)> {
        let id = || accepted.id.clone();
        let Some(rule) = rule.filter(|rule| rule.params.contains_key(&with.name.value)) else {
            let of_rule = rule.map(|rule| rule.params.keys().cloned().collect());
            // That there is no such rule has been said.
            if rule.is_none() && !accepted.id.contains(':') {
                return Vec::new();
            }
            let (name, known) = (with.name.value.clone(), of_rule.unwrap_or_default());
            return Vec::from([(
                with.name.span,
                FaultKind::UnknownParameter { id: id(), name, known },
            )]);
        };
        let world = PlannedWorld::new(self, Depth::Symbols);
        let Some(known) = suggestions::known_values(rule, &with.name, &world) else {
            return Vec::new();
        };
        // What is a glob or below a directory may match more than one value.
        let is_there = |value: &String| {
            *value == ALL
                || known.contains(value)
                || known.iter().any(|known| {
                    let glob = value.as_bytes();
                    fast_glob::glob_match(glob, known.as_bytes())
                        || known.strip_prefix(&**value).is_some_and(|rest| rest.starts_with('/'))
                })
        };
        let unknown = with.values.iter().filter(|value| !is_there(&value.value));
        let fault = |value: &crate::formats::yaml::Spanned<String>| {
            let known: Vec<String> = known.iter().cloned().collect();
            let (name, text) = (with.name.value.clone(), value.value.clone());
            (value.span, FaultKind::UnknownValue { id: id(), name, value: text, known })
        };
        unknown.map(fault).collect()
    }
}
