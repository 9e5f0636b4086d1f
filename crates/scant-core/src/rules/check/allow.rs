//! What somebody has accepted: findings of a check, of all paths or of some.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::finding::{Finding, sort};
use crate::words::{Check, Level};

/// A check whose findings are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// The check.
    pub check: Check,
    /// A glob of paths, such as `/usr/**`; none for all.
    pub path: Option<String>,
}

/// Removes what is allowed. An allowance that allows nothing is a finding, if it should be one.
pub fn allow(findings: &mut Vec<Finding>, allowed: &[Allow], tells_unused: bool) {
    let mut unused = Vec::new();
    for one in allowed {
        let mut is_used = false;
        findings.retain_mut(|finding| {
            if finding.check != one.check {
                return true;
            }
            let Some(glob) = &one.path else {
                is_used = true;
                return false;
            };
            let before = finding.paths.len();
            finding.paths.retain(|path| !fast_glob::glob_match(glob.as_bytes(), path.as_bytes()));
            is_used |= finding.paths.len() < before;
            before == 0 || !finding.paths.is_empty()
        });
        if !is_used && tells_unused {
            let of = one.path.as_ref().map_or_else(String::new, |path| format!(" at `{path}`"));
            let text = format!("`{}`{of} is allowed, and nothing of that is found", one.check);
            let finding = Finding::new(Level::Hint, Check::UnusedAllow, text);
            unused.push(finding.help("remove the line"));
        }
    }
    findings.extend(unused);
    sort(findings);
}
