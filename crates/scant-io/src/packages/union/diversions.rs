//! Files that make room for those of another package: where they are then. Paths are compared as they
//! are in the root, with `/usr` merged and links followed; dpkg compares them as they are written.

use std::collections::BTreeMap;

use scant_core::words::TreePath;

use super::Part;
use super::links::moved;

/// What parts move away of the files of others, by path.
pub(super) struct Diversions(BTreeMap<TreePath, (usize, TreePath)>);

impl Diversions {
    /// Those of all parts, where these links lead to directories. Of two for one path the first
    /// counts: dpkg would refuse the second.
    pub(super) fn of(parts: &[Part], links: &BTreeMap<TreePath, TreePath>) -> Self {
        let mut all = BTreeMap::new();
        for (part, diverting) in parts.iter().enumerate() {
            for (path, to) in &diverting.diversions {
                let to = moved(to, false, links);
                if !to.is_root() {
                    all.entry(moved(path, false, links)).or_insert((part, to));
                }
            }
        }
        Self(all)
    }

    /// Where what a part has at a path is; none where it is left.
    pub(super) fn of_file(&self, part: usize, at: &TreePath) -> Option<&TreePath> {
        let (diverting, to) = self.0.get(at)?;
        (*diverting != part).then_some(to)
    }
}
