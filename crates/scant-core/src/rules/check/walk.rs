//! One walk over everything that is in an image: what is where, and what files begin with.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::finding::{Finding, Findings};
use super::place::Place;
use crate::formats::elf::MAGIC;
use crate::formats::shebang::{self, Shebang};
use crate::words::{Check, Entry, EntryKind, InputError, Level, Meta, TreePath};

/// Filled by the kernel or the runtime, whatever an image has there.
const NOT_OF_THE_IMAGE: [&[u8]; 3] = [b"/proc", b"/sys", b"/dev"];

/// A path of the image.
pub(super) struct Walked {
    pub(super) path: TreePath,
    pub(super) entry: Entry,
    pub(super) meta: Option<Meta>,
    pub(super) content: Content,
}

/// What a file begins with.
pub(super) enum Content {
    Elf,
    Script(Shebang),
    Other,
}

/// Everything in the image, sorted by path. What cannot be looked at is a finding.
pub(super) fn walk(place: &Place<'_>, findings: &mut Findings) -> Vec<Walked> {
    let mut unreadable: BTreeMap<String, Finding> = BTreeMap::new();
    let mut report = |error: InputError| {
        let problem = error.problem.to_string();
        let finding = unreadable.entry(problem.clone()).or_insert_with(|| {
            let text = format!("what is there could not be looked at: {problem}");
            Finding { relation: "at", ..Finding::new(Level::Warning, Check::Unreadable, text) }
        });
        finding.paths.push(error.path);
    };
    let mut walked = Vec::new();
    let mut waiting = Vec::from([TreePath::root()]);
    while let Some(directory) = waiting.pop() {
        let names: Vec<Box<[u8]>> = match place.image.root.list(&directory) {
            Ok(names) => names,
            Err(error) => {
                report(error);
                continue;
            }
        };
        for name in names {
            let path = directory.join(&name);
            let entry = match place.view().lookup(&path) {
                Ok(Some(entry)) => entry,
                Ok(None) => continue,
                Err(error) => {
                    report(error);
                    continue;
                }
            };
            if entry.is_directory() && !NOT_OF_THE_IMAGE.contains(&path.as_bytes()) {
                waiting.push(path.clone());
            }
            let content = match entry.kind {
                EntryKind::File { size } if size >= 4 => content(place, &path),
                _ => Ok(Content::Other),
            };
            let content = content.unwrap_or_else(|error| {
                report(error);
                Content::Other
            });
            let meta = place.meta(&path);
            walked.push(Walked { path, entry, meta, content });
        }
    }
    unreadable.into_values().for_each(|finding| {
        findings.add(finding.help("run it as a user that may read the files"));
    });
    walked.sort_by(|a, b| a.path.cmp(&b.path));
    walked
}

/// What the file at a resolved path begins with.
pub(super) fn content(place: &Place<'_>, path: &TreePath) -> Result<Content, InputError> {
    let file = place.image.root.open(path)?;
    let mut start = [0; shebang::LONGEST as usize];
    let mut filled = 0;
    while filled < start.len() {
        match file.read_at(filled as u64, &mut start[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    let start = &start[..filled];
    Ok(match shebang::parse(start) {
        _ if start.starts_with(&MAGIC) => Content::Elf,
        Some(shebang) => Content::Script(shebang),
        None => Content::Other,
    })
}
