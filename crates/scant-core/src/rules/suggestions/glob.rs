//! Globs over the paths of an input: alternatives written out, then walked name by name, so that
//! only directories that can match are listed.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::rules::View;
use crate::words::TreePath;

/// More files than any rule means.
const MOST_FILES: usize = 50_000;

/// Directories below one another that `**` goes through.
const DEEPEST: usize = 40;

/// More alternatives than any rule has.
const MOST_ALTERNATIVES: usize = 1000;

/// The files of an input that a glob matches, by paths as the glob walks them: links are kept.
pub(super) fn files(view: &View<'_>, glob: &str) -> BTreeSet<Box<[u8]>> {
    let mut found = BTreeSet::new();
    for plain in alternatives(glob) {
        let mut names: Vec<&str> = plain.split('/').filter(|name| !name.is_empty()).collect();
        if names.last() == Some(&"**") {
            names.push("*");
        }
        walk(view, b"", &names, 0, &mut found);
    }
    found
}

/// `a{b,c}` as `ab` and `ac`.
pub(super) fn alternatives(glob: &str) -> Vec<String> {
    let mut waiting = Vec::from([glob.to_string()]);
    let mut done = Vec::new();
    while let Some(glob) = waiting.pop() {
        match first_braces(&glob) {
            Some((start, end)) if done.len() + waiting.len() < MOST_ALTERNATIVES => {
                let (before, after) = (&glob[..start], &glob[end + 1..]);
                let inner = at_commas(&glob[start + 1..end]);
                waiting.extend(inner.iter().rev().map(|one| [before, one, after].concat()));
            }
            _ => done.push(glob),
        }
    }
    done
}

/// The first pair of braces.
fn first_braces(glob: &str) -> Option<(usize, usize)> {
    let start = glob.find('{')?;
    let mut depth = 0;
    for (at, byte) in glob.bytes().enumerate().skip(start) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((start, at));
        }
    }
    None
}

fn at_commas(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn walk(
    view: &View<'_>,
    above: &[u8],
    names: &[&str],
    depth: usize,
    found: &mut BTreeSet<Box<[u8]>>,
) {
    if found.len() >= MOST_FILES || depth > DEEPEST {
        return;
    }
    let Some((name, rest)) = names.split_first() else {
        let is_file = |path: &[u8]| view.resolve(path).is_ok_and(|f| f.entry.file_size().is_some());
        if is_file(above) {
            found.insert(above.into());
        }
        return;
    };
    if *name == "**" {
        walk(view, above, rest, depth, found);
    } else if !name.contains(['*', '?', '[']) {
        return walk(view, &[above, b"/", name.as_bytes()].concat(), rest, depth, found);
    }
    let directory = if above.is_empty() { b"/" } else { above };
    let Ok(directory) = view.resolve(directory) else { return };
    if !directory.entry.is_directory() {
        return;
    }
    let Ok(entries) = view.input().list(&directory.path) else { return };
    for entry in entries {
        let next = [above, b"/", &entry].concat();
        if *name == "**" {
            // Links to directories are not walked through: they may lead back.
            let path = directory.path.join(&entry);
            let looked = view.lookup(&path).ok().flatten();
            if looked.as_ref().is_some_and(crate::words::Entry::is_directory) {
                walk(view, &next, names, depth + 1, found);
            }
        } else if fast_glob::glob_match(name.as_bytes(), &*entry) {
            walk(view, &next, rest, depth + 1, found);
        }
    }
}

/// Whether a path of the image matches a glob of a rule.
pub(super) fn is_match(glob: &str, path: &TreePath) -> bool {
    fast_glob::glob_match(glob.as_bytes(), path.as_bytes())
}
