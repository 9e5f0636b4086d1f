//! What checks find: one finding for each cause, however many files it touches.

use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::string::String;
use alloc::vec::Vec;

use crate::words::{Check, Level, TreePath};

/// Something that a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// The check that found it.
    pub check: Check,
    /// What is wrong, in a sentence.
    pub text: String,
    /// The paths it is about, sorted.
    pub paths: Vec<TreePath>,
    /// What the paths have to do with it, such as `needed by`; empty where the text names them.
    pub relation: &'static str,
    /// What was tried, in order.
    pub tried: Vec<String>,
    /// What to do.
    pub help: Vec<String>,
}

impl Finding {
    /// A finding that says nothing about paths yet.
    pub fn new(level: Level, check: Check, text: impl Into<String>) -> Self {
        Self {
            level,
            check,
            text: text.into(),
            paths: Vec::new(),
            relation: "",
            tried: Vec::new(),
            help: Vec::new(),
        }
    }

    /// The path that the text names.
    pub fn at(mut self, path: TreePath) -> Self {
        self.paths.push(path);
        self
    }

    /// A path that has this to do with it.
    pub fn by(mut self, relation: &'static str, path: TreePath) -> Self {
        self.relation = relation;
        self.paths.push(path);
        self
    }

    /// What to do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

/// Findings while they are collected: one that comes again adds its paths to the first.
#[derive(Debug, Default)]
pub(super) struct Findings(BTreeMap<(Check, String, Vec<String>), Finding>);

impl Findings {
    pub(super) fn add(&mut self, finding: Finding) {
        let key = (finding.check, finding.text.clone(), finding.help.clone());
        match self.0.entry(key) {
            Entry::Vacant(slot) => {
                slot.insert(finding);
            }
            Entry::Occupied(mut slot) => {
                let known = slot.get_mut();
                known.level = known.level.min(finding.level);
                known.paths.extend(finding.paths);
            }
        }
    }

    /// All of them: the worst first, then by check and text.
    pub(super) fn finish(self) -> Vec<Finding> {
        let mut findings: Vec<_> = self.0.into_values().collect();
        for finding in &mut findings {
            finding.paths.sort();
            finding.paths.dedup();
        }
        sort(&mut findings);
        findings
    }
}

/// The order in which findings are shown.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        (a.level, a.check, &a.paths, &a.text).cmp(&(b.level, b.check, &b.paths, &b.text))
    });
}
