//! The layers of two images, held against each other from the lowest on. Who only wants to know
//! what a container sees has no need of them.

use alloc::vec::Vec;

use serde::Serialize;

use crate::words::{DiffId, Digest};

/// A layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Layer {
    /// The digest of the blob.
    pub digest: Digest,
    /// The digest of its tar archive.
    pub diff_id: DiffId,
    /// The size of the blob.
    pub size: u64,
}

/// A layer that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LayerChange {
    /// Its number, from 1.
    pub number: usize,
    /// The first image's; none when it has fewer.
    pub before: Option<Layer>,
    /// The second image's; none when it has fewer.
    pub after: Option<Layer>,
}

/// The layers that are not the same, by their numbers.
pub fn layers(before: &[Layer], after: &[Layer]) -> Vec<LayerChange> {
    let change = |at: usize| LayerChange {
        number: at + 1,
        before: before.get(at).copied(),
        after: after.get(at).copied(),
    };
    let all = (0..before.len().max(after.len())).map(change);
    all.filter(|change| change.before != change.after).collect()
}
