//! What comes out: tables, which targets are met, and every measurement as JSON.

mod machine;
mod markdown;
mod table;
mod targets;

pub(crate) use machine::Machine;
pub(crate) use markdown::{check_markers, markdown, write_between_markers};

use serde_json::{Value, json};

use crate::case::{Method, Subject};
use crate::measure::{Sample, Summary};
use targets::{Target, targets};

/// All of a run.
pub(crate) struct Results {
    pub(crate) machine: Machine,
    /// The tools that took part, with their versions.
    pub(crate) versions: Vec<String>,
    /// What was not measured, and why.
    pub(crate) left_out: Vec<String>,
    pub(crate) trees: Vec<TreeResult>,
}

/// What was measured on one tree.
pub(crate) struct TreeResult {
    pub(crate) name: &'static str,
    pub(crate) files: usize,
    pub(crate) bytes: u64,
    pub(crate) cases: Vec<CaseResult>,
}

/// What came of one case.
pub(crate) struct CaseResult {
    pub(crate) subject: Subject,
    pub(crate) method: Method,
    pub(crate) samples: Vec<Sample>,
    /// Why there are no more samples.
    pub(crate) failure: Option<String>,
}

impl CaseResult {
    fn summary(&self) -> Option<Summary> {
        Summary::of(&self.samples)
    }
}

impl TreeResult {
    /// The case in which this was measured; none when it was not.
    fn find(&self, subject: Subject, method: Method) -> Option<Summary> {
        let is_it = |case: &&CaseResult| case.subject == subject && case.method == method;
        self.cases.iter().find(is_it)?.summary()
    }
}

/// Everything, for programs.
pub(crate) fn json(results: &Results) -> Value {
    let cores = results.machine.cores;
    let case = |case: &CaseResult| {
        json!({
            "subject": case.subject.to_string(),
            "compression": case.method.to_string(),
            "summary": case.summary(),
            "samples": case.samples,
            "failure": case.failure,
        })
    };
    let target = |target: Target| {
        json!({
            "target": target.text,
            "limit": target.limit,
            "value": target.value,
            "met": target.is_met(),
        })
    };
    let tree = |tree: &TreeResult| {
        json!({
            "name": tree.name,
            "files": tree.files,
            "bytes": tree.bytes,
            "cases": tree.cases.iter().map(case).collect::<Vec<_>>(),
            "targets": targets(tree, cores).into_iter().map(target).collect::<Vec<_>>(),
        })
    };
    json!({
        "machine": results.machine,
        "versions": results.versions,
        "left_out": results.left_out,
        "trees": results.trees.iter().map(tree).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod testing {
    //! Results made up for tests.

    use super::*;
    use crate::measure::Written;

    pub(crate) fn case(subject: Subject, method: Method, wall: f64, megabytes: u64) -> CaseResult {
        let largest = megabytes * 1_000_000;
        let output = Some(Written { total: largest + 300_000, largest });
        let sample = Sample { wall, cpu: 2.0 * wall, peak: 30_000_000, others: 0.014, output };
        CaseResult { subject, method, samples: vec![sample], failure: None }
    }

    pub(crate) fn tree(cases: Vec<CaseResult>) -> TreeResult {
        TreeResult { name: "small", files: 900, bytes: 12_000_000, cases }
    }
}
