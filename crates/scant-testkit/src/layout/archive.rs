//! Archives of layouts: `oci-archive`, and the hybrid that is a `docker-archive` as well.

use std::fs;
use std::path::Path;

use super::{Files, check_files, tar_rules, tar_walk};

/// All violations of an archive of a layout, and of the layout in it.
///
/// # Panics
///
/// If the file cannot be read.
#[track_caller]
pub fn check_archive(file: impl AsRef<Path>) -> Vec<String> {
    let file = file.as_ref();
    let bytes = fs::read(file).unwrap_or_else(|e| panic!("cannot read {}: {e}", file.display()));
    check_archive_bytes(&bytes)
}

/// The same for an archive in memory. Its entries follow the rules of layers and are of the epoch.
pub(super) fn check_archive_bytes(bytes: &[u8]) -> Vec<String> {
    let mut problems = tar_rules::check(bytes, tar_rules::Kind::Archive, &mut Some(0));
    for problem in &mut problems {
        problem.insert_str(0, "archive: ");
    }
    let (entries, _) = tar_walk::walk(bytes);
    let mut files = Files::new();
    for entry in entries {
        let path = entry.records.get("path").unwrap_or(&entry.path);
        let shown = String::from_utf8_lossy(path).into_owned();
        match entry.kind {
            b'0' => {
                files.insert(shown, bytes[entry.content].to_vec());
            }
            b'5' => {}
            _ => problems.push(format!("archive: `{shown}`: is neither a file nor a directory")),
        }
    }
    problems.extend(check_files(&files));
    problems
}
