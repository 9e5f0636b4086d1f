//! The digests of files of an image, and which files need none: entries of one layer are the same
//! in every image that has it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

use scant_core::rules::diff::Identity;
use scant_core::words::{Digest, Hasher, TreePath};

use super::OpenError;
use super::files::{Files, Source};
use super::listing::{Listed, Listing};

impl Files {
    /// The digests of these regular files, each by the name that is its own. No file is ever held
    /// whole, and without any nothing is read.
    ///
    /// # Errors
    /// When a layer cannot be read.
    pub fn digests(
        &self,
        listing: &Listing,
        wanted: &BTreeSet<TreePath>,
    ) -> Result<BTreeMap<TreePath, Digest>, OpenError> {
        let mut digests = BTreeMap::new();
        if wanted.is_empty() {
            return Ok(digests);
        }
        self.visit_some(listing, &|path| wanted.contains(path), &mut |path, _, content| {
            digests.insert(path.clone(), digest(content)?);
            Ok(())
        })?;
        Ok(digests)
    }

    /// What tells the content of a regular file without reading it; none where nothing does.
    pub fn identity(&self, listed: &Listed) -> Option<Identity> {
        let Source::Layers(layers) = &self.source else { return None };
        let (layer, number) = listed.at;
        layers.get(layer).map(|(_, layer)| Identity { layer: *layer, number })
    }
}

fn digest(content: &mut dyn Read) -> io::Result<Digest> {
    let (mut hasher, mut buffer) = (Hasher::default(), vec![0; 64 << 10]);
    loop {
        match content.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finish()),
            Ok(count) => hasher.update(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
