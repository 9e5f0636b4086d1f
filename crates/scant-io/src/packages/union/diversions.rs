//! Files that make room for those of another package: where they are then.

use std::collections::BTreeMap;

use scant_core::words::TreePath;

use super::Part;

/// What parts move away of the files of others, by path.
pub(super) struct Diversions<'p>(BTreeMap<&'p TreePath, (usize, &'p TreePath)>);

impl<'p> Diversions<'p> {
    /// Those of all parts. Of two for one path the first counts: dpkg would refuse the second.
    pub(super) fn of(parts: &'p [Part]) -> Self {
        let mut all = BTreeMap::new();
        for (part, diverting) in parts.iter().enumerate() {
            for (path, to) in &diverting.diversions {
                all.entry(path).or_insert((part, to));
            }
        }
        Self(all)
    }

    /// Where what a part has at a path is.
    pub(super) fn followed(&self, part: usize, at: TreePath) -> TreePath {
        match self.0.get(&at) {
            Some((diverting, to)) if *diverting != part => (*to).clone(),
            _ => at,
        }
    }
}
