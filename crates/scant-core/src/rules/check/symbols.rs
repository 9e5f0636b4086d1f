//! Every symbol that a program needs, looked for as its loader would.
use alloc::collections::BTreeMap;

use super::finding::Findings;
use super::kind::Level;
use crate::rules::loader::Closure;
use crate::words::{Root, TreePath};

/// What files define and want, each read once.
#[derive(Default)]
pub(super) struct Cache {
    _read: BTreeMap<TreePath, ()>,
}

pub(super) fn check(
    _root: &dyn Root,
    _level: Level,
    _closure: &Closure,
    _cache: &mut Cache,
    _findings: &mut Findings,
) {
}
