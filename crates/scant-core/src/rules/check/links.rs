//! Symbolic links that lead nowhere.

use alloc::format;

use super::finding::{Finding, Findings};
use super::place::Place;
use super::walk::Walked;
use crate::words::{Check, EntryKind, Escaped, Level, Problem};

/// Follows every link of the image.
pub(super) fn check(place: &Place<'_>, walked: &[Walked], findings: &mut Findings) {
    for one in walked {
        let EntryKind::Symlink { target } = &one.entry.kind else { continue };
        let (path, shown) = (&one.path, Escaped(target));
        let Err(error) = place.view().resolve(path.as_bytes()) else { continue };
        let finding = match error.problem {
            _ if place.is_made_at_run_time(&error.path) || place.is_made_at_run_time(path) => {
                continue;
            }
            Problem::LinkLoop => {
                let text = format!("`{path}` -> `{shown}` leads back to itself");
                Finding::new(Level::Warning, Check::LinkLoop, text)
            }
            Problem::NotFound if error.path.name() == target.rsplit(|&b| b == b'/').next() => {
                let text = format!("`{path}` -> `{shown}` leads to nothing");
                Finding::new(Level::Warning, Check::DanglingLink, text)
            }
            problem => {
                let text =
                    format!("`{path}` -> `{shown}` leads nowhere: `{}`: {problem}", error.path);
                Finding::new(Level::Warning, Check::DanglingLink, text)
            }
        };
        findings.add(finding.at(path.clone()));
    }
}
