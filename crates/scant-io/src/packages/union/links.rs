//! Links of packages that lead to directories, and paths with them followed.

use std::collections::{BTreeMap, BTreeSet};

use scant_core::words::{Entry, TreePath};

/// The most links that lead on to one another.
const MOST_LINKS: usize = 40;
/// No path is longer, for Linux opens none.
const LONGEST: usize = 4095;

/// Links of one package at the path of a directory of another, and where they lead. After `/lib`
/// became a link to `/usr/lib`, older packages still have files in `/lib`.
pub(super) fn links_to_directories(
    entries: &[(usize, TreePath, Entry)],
    replaces: &dyn Fn(usize, usize) -> bool,
) -> BTreeMap<TreePath, TreePath> {
    let is_directory = |(_, _, entry): &&(usize, TreePath, Entry)| entry.is_directory();
    let directories: BTreeSet<&TreePath> =
        entries.iter().filter(is_directory).map(|(_, path, _)| path).collect();
    let mut links: BTreeMap<TreePath, (usize, TreePath)> = BTreeMap::new();
    for (part, path, entry) in entries.iter().filter(|(_, path, _)| directories.contains(path)) {
        let Some(target) = entry.link_target().and_then(|text| target_of(path, text)) else {
            continue;
        };
        // One that leads below itself leads nowhere. Of several the one that is in the root counts.
        let loses = |(other, _): &(usize, TreePath)| replaces(*other, *part);
        if target.below(path).is_none() && !links.get(path).is_some_and(loses) {
            links.insert(path.clone(), (*part, target));
        }
    }
    links.into_iter().map(|(path, (_, target))| (path, target)).collect()
}

/// The path that a link means.
pub(super) fn target_of(link: &TreePath, target: &[u8]) -> Option<TreePath> {
    let mut path = match target.first()? {
        b'/' => TreePath::root(),
        _ => link.parent()?,
    };
    for name in target.split(|&byte| byte == b'/') {
        match name {
            b"" | b"." => {}
            b".." => path = path.parent().unwrap_or(path),
            name if name.contains(&0) => return None,
            name => path = path.join(name),
        }
    }
    (path != *link).then_some(path)
}

/// The path with links to directories followed: all of it for a directory, else what is above.
pub(super) fn moved(
    path: &TreePath,
    is_directory: bool,
    links: &BTreeMap<TreePath, TreePath>,
) -> TreePath {
    let mut path = path.clone();
    for _ in 0..MOST_LINKS {
        let own = is_directory.then(|| path.clone());
        let link = own.into_iter().chain(path.ancestors()).find(|above| links.contains_key(above));
        let Some(link) = link else { break };
        match path.below(&link).map(|rest| links[&link].append(&rest)) {
            Some(next) if next.as_bytes().len() <= LONGEST => path = next,
            _ => break,
        }
    }
    path
}
