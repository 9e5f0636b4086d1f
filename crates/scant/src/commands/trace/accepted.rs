//! Suggestions without which programs end: a program that a run adds may bring one, and what is built
//! of the manifest would be refused for it.

use scant_core::formats::manifest;
use scant_core::plan::Suggestion;
use scant_core::rules::trace::{Entry, Proposal};

use super::additions;
use crate::project::{Planned, Project};

/// More rounds are not made: what is accepted may want more.
const MOST_ROUNDS: usize = 8;

/// Proposes what the manifest with the proposals requires and neither accepts nor declines. When it
/// comes to no plan nothing is added: whoever writes it is told why.
pub(super) fn add_required(project: &Project, planned: &Planned, proposals: &mut Vec<Proposal>) {
    for _ in 0..MOST_ROUNDS {
        let found: Vec<Proposal> = match proposals.is_empty() {
            true => required(planned),
            false => match with(project, proposals) {
                Some(plans) => plans.iter().flat_map(required).collect(),
                None => return,
            },
        };
        let before = proposals.len();
        for proposal in found {
            if proposals.iter().all(|known| known.entry != proposal.entry) {
                proposals.push(proposal);
            }
        }
        if proposals.len() == before {
            return;
        }
    }
}

fn required(planned: &Planned) -> Vec<Proposal> {
    let proposal = |suggestion: &Suggestion| Proposal {
        entry: Entry::Accept { id: suggestion.id.clone() },
        reason: format!("{} for {}: {}", suggestion.level, suggestion.of, suggestion.because),
    };
    planned.plan.required_suggestions().map(proposal).collect()
}

fn with(project: &Project, proposals: &[Proposal]) -> Option<Vec<Planned>> {
    let additions = additions::of(&project.manifest, proposals);
    let edited = manifest::edit(project.text(), &additions).ok()?;
    project.with_text(edited.text).ok()?.plan().ok()
}
