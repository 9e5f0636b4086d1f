//! The rules for the entries of a tar archive, most of which make it the same everywhere.
//! [Image specification, layer](https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md)

use std::collections::BTreeMap;

use super::tar_walk::{self, Entry, number_record};

/// What the archive is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A layer, in which some names have a meaning.
    Layer,
    /// An archive of a whole layout.
    Archive,
}

/// All problems of the archive. `time` is the one modification time, once it is known.
pub(super) fn check(bytes: &[u8], kind: Kind, time: &mut Option<u64>) -> Vec<String> {
    let (entries, mut problems) = tar_walk::walk(bytes);
    let mut seen: BTreeMap<Vec<u8>, u8> = BTreeMap::new();
    let mut last: Vec<u8> = Vec::new();
    for entry in &entries {
        let path = entry.records.get("path").unwrap_or(&entry.path);
        let mut report = |problem: String| {
            problems.push(format!("`{}`: {problem}", path.escape_ascii()));
        };
        let is_directory = entry.kind == b'5';
        let bare = path.strip_suffix(b"/").unwrap_or(path);
        if matches!(bare, b"" | b".") {
            report("is an entry for the root".into());
            continue;
        }
        if let Some(problem) = spelling(path, is_directory) {
            report(problem.into());
        }
        let name = bare.rsplit(|&b| b == b'/').next().unwrap_or(bare);
        if kind == Kind::Layer && name.starts_with(b".wh.") {
            report("is a whiteout".into());
        }
        if seen.contains_key(bare) {
            report("is there twice".into());
        } else if !last.is_empty() && !comes_before(&last, bare) {
            report(format!("is out of order after `{}`", last.escape_ascii()));
        }
        if let Some(end) = bare.iter().rposition(|&b| b == b'/')
            && seen.get(&bare[..end]) != Some(&b'5')
        {
            report("has no parent directory before it".into());
        }
        link(entry, &seen, &mut report);
        fields(entry, &mut report);
        records(entry, &mut report);
        match *time {
            None => *time = Some(entry.time),
            Some(time) if time == entry.time => {}
            Some(time) => report(format!("has the time {}, others have {time}", entry.time)),
        }
        seen.insert(bare.to_vec(), entry.kind);
        last = bare.to_vec();
    }
    problems
}

fn spelling(path: &[u8], is_directory: bool) -> Option<&'static str> {
    let bare = path.strip_suffix(b"/").unwrap_or(path);
    if path.starts_with(b"/") {
        Some("begins with a slash")
    } else if path.starts_with(b"./") {
        Some("begins with `./`")
    } else if bare.split(|&b| b == b'/').any(|name| matches!(name, b"" | b"." | b"..")) {
        Some("has an empty, `.` or `..` component")
    } else if is_directory && !path.ends_with(b"/") {
        Some("is a directory without a slash at its end")
    } else if !is_directory && path.ends_with(b"/") {
        Some("is no directory but ends in a slash")
    } else {
        None
    }
}

/// Depth first, bytewise within a directory: names are compared one after the other.
fn comes_before(a: &[u8], b: &[u8]) -> bool {
    a.split(|&b| b == b'/').lt(b.split(|&b| b == b'/'))
}

fn link(entry: &Entry, seen: &BTreeMap<Vec<u8>, u8>, report: &mut impl FnMut(String)) {
    let target = entry.records.get("linkpath").unwrap_or(&entry.target);
    let shown = target.escape_ascii();
    match entry.kind {
        b'1' => match seen.get(target) {
            Some(b'0') => {}
            Some(b'1') => report(format!("is a hard link to `{shown}`, which is one itself")),
            Some(_) => report(format!("is a hard link to `{shown}`, which is no file")),
            None => report(format!("is a hard link to `{shown}`, which is not before it here")),
        },
        b'2' if target.is_empty() => report("is a symbolic link to nothing".into()),
        _ => {}
    }
    if entry.kind != b'0' && !entry.content.is_empty() {
        report("has content, though it is no file".into());
    }
}

fn fields(entry: &Entry, report: &mut impl FnMut(String)) {
    if entry.mode & !0o7777 != 0 {
        report(format!("has the mode {:o}, which is more than permission bits", entry.mode));
    }
    if entry.has_names {
        report("names its user or group".into());
    }
    let is_device = matches!(entry.kind, b'3' | b'4');
    if !is_device && entry.device.iter().any(|field| field != b"0000000\0") {
        report("has device numbers other than `0000000\\0`".into());
    }
}

/// PAX records are there only for what the ustar header cannot say.
fn records(entry: &Entry, report: &mut impl FnMut(String)) {
    for (key, value) in &entry.records {
        let number = number_record(&entry.records, key);
        let needless = match key.as_str() {
            // Beside other records one over 100 bytes is recorded even if it could be split.
            "path" => fits(value) && (value.len() <= 100 || entry.records.len() == 1),
            "linkpath" => value.is_ascii() && value.len() <= 100,
            "uid" | "gid" => number.is_none_or(|id| id <= 0o777_7777),
            "size" => number.is_none_or(|size| size <= 0o777_7777_7777),
            "SCHILY.xattr.security.selinux" => {
                report("has an SELinux label".into());
                false
            }
            other if other.starts_with("SCHILY.xattr.") => false,
            other => {
                report(format!("has the PAX record `{other}`"));
                false
            }
        };
        if needless {
            report(format!("has the PAX record `{key}` without need"));
        }
    }
}

/// Whether the name and prefix fields hold this path.
fn fits(path: &[u8]) -> bool {
    let splits_at =
        |i: usize| path[i] == b'/' && i <= 155 && (1..=100).contains(&(path.len() - i - 1));
    path.is_ascii() && (path.len() <= 100 || (1..path.len()).any(splits_at))
}
