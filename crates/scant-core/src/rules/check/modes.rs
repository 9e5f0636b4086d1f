//! What everybody may change, and what gives privileges.

use alloc::format;

use super::finding::{Finding, Findings};
use super::place::Place;
use super::walk::Walked;
use crate::formats::capabilities;
use crate::words::{Check, EntryKind, Level};

/// Looks at the mode of every file and directory.
pub(super) fn check(place: &Place<'_>, walked: &[Walked], findings: &mut Findings) {
    for one in walked {
        let Some(meta) = &one.meta else { continue };
        let (path, mode) = (&one.path, meta.mode.bits());
        let is_file = one.entry.file_size().is_some();
        if mode & 0o002 != 0 && (is_file || one.entry.is_directory() && mode & 0o1000 == 0) {
            let (text, help) = match one.entry.kind {
                EntryKind::Directory => (
                    "everybody may rename and remove what is in the directory",
                    "make it sticky, as `/tmp` is (mode 1777), or give it to the user that writes",
                ),
                _ => ("everybody may write to the file", "give it to the user that writes to it"),
            };
            let finding = Finding::new(Level::Warning, Check::WorldWritable, text).help(help);
            findings.add(finding.by("at", path.clone()));
        }
        if !is_file || place.image.privileged.contains(path) {
            continue;
        }
        let gives = [
            (
                mode & 0o4000 != 0 && mode & 0o111 != 0,
                "runs as its owner, whoever starts it: setuid",
            ),
            (
                mode & 0o2000 != 0 && mode & 0o010 != 0,
                "runs as its group, whoever starts it: setgid",
            ),
            (meta.xattrs.contains_key(capabilities::XATTR), "runs with capabilities of its own"),
        ];
        for (_, what) in gives.into_iter().filter(|(is_so, _)| *is_so) {
            let finding =
                Finding::new(Level::Warning, Check::Privileged, format!("the program {what}"));
            findings.add(finding.by("at", path.clone()).help(
                "remove it or its privileges, or declare them with `mode` or `capabilities`",
            ));
        }
    }
}
