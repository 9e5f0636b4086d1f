//! What is proposed, as entries of one manifest.

use scant_core::formats::manifest::{Addition, Manifest, Reference};
use scant_core::rules::trace::{Entry, Proposal};
use scant_core::words::TreePath;

/// The entries, in the order of the proposals.
pub(super) fn of(manifest: &Manifest, proposals: &[Proposal]) -> Vec<Addition> {
    let addition = |proposal: &Proposal| {
        let why = proposal.reason.clone();
        match &proposal.entry {
            Entry::Binary { input, path } => {
                let from = Reference::Input { input: input.clone(), path: path.clone() };
                Addition::Binary { from: from.to_string(), why }
            }
            Entry::Data { input, path } => {
                let from = Reference::Input { input: input.clone(), path: path.clone() };
                Addition::Data { from: from.to_string(), why }
            }
            Entry::Directory { path, mode } => {
                Addition::Directory { path: path.to_string(), mode: *mode, why }
            }
            Entry::Accept { id } => Addition::Accept { id: id.clone(), why },
            Entry::Library { program, line, name } => {
                let binary = item(manifest, program, *line);
                Addition::Library { binary, name: name.clone(), why }
            }
        }
    };
    proposals.iter().map(addition).collect()
}

/// The item under `binaries` that declares a program in this line; of several in one line the one
/// that names it.
fn item(manifest: &Manifest, program: &TreePath, line: u32) -> usize {
    let of_line =
        || manifest.binaries.iter().enumerate().filter(|(_, item)| item.span.line == line);
    let name = program.name();
    let named = of_line().find(|(_, item)| item.to.path == *program);
    let named = named.or_else(|| of_line().find(|(_, item)| item.to.path.name() == name));
    named.or_else(|| of_line().next()).map_or(usize::MAX, |(at, _)| at)
}

/// An entry in one line, for a manifest that cannot be edited.
pub(super) fn line(addition: &Addition) -> String {
    match addition {
        Addition::Binary { from, .. } => format!("binaries: {from}"),
        Addition::Data { from, .. } => format!("data: {from}"),
        Addition::Directory { path, mode, .. } => {
            let mode = mode.map_or(String::new(), |mode| format!(", mode \"{mode}\""));
            format!("directories: {path}{mode}")
        }
        Addition::Accept { id, .. } => format!("accept of suggestions: {id}"),
        Addition::Library { binary, name, .. } => {
            format!("libraries of item {} of binaries: {name}", binary.saturating_add(1))
        }
    }
}
