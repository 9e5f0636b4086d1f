//! An archive that holds an image: what is wrong with it as an archive, and what it holds.

use std::path::Path;

use scant_core::formats::image_reference::Name;
use scant_core::rules::image::MismatchKind;

use super::super::OpenError;
use super::super::layout::Wanted;
use super::super::place::{ArchiveFault, Place};
use super::walk::Walk;
use super::{Verification, no_image};

/// An archive as far as it can be read.
pub(super) struct Archive {
    place: Place,
    faults: Vec<ArchiveFault>,
}

pub(super) fn open(path: &Path) -> Result<Archive, OpenError> {
    let (place, faults) = Place::archive_and_faults(path)?;
    Ok(Archive { place, faults })
}

impl Archive {
    /// Whether it holds a layout.
    pub(super) fn is_layout(&self) -> bool {
        let has = |name: &str| self.place.find(name).is_some();
        has("index.json") || (has("oci-layout") && !has("manifest.json"))
    }

    /// Verifies the layout in it, and the `manifest.json` if there is one.
    pub(super) fn layout(
        self,
        wanted: Wanted<'_>,
        expected: &'static str,
    ) -> Result<Verification, OpenError> {
        if !self.is_layout() {
            return Err(self.no_image(expected, "it has no `index.json`"));
        }
        self.walk().layout(wanted)
    }

    /// Verifies what `docker save` wrote.
    pub(super) fn saved(
        self,
        name: Option<&Name>,
        expected: &'static str,
    ) -> Result<Verification, OpenError> {
        if self.place.find("manifest.json").is_none() {
            return Err(self.no_image(expected, "it has neither `index.json` nor `manifest.json`"));
        }
        self.walk().saved(name)
    }

    fn walk(&self) -> Walk<'_> {
        let mut walk = Walk::new(&self.place);
        let kind = MismatchKind::Archive;
        for fault in &self.faults {
            match fault {
                ArchiveFault::Twice(name) => {
                    let place = format!("archive: {name}");
                    walk.report.mismatch(kind, place, "one member of this name", "another");
                }
                ArchiveFault::Damaged(why) => {
                    let expected = "a tar archive that can be read to its end";
                    walk.report.mismatch(kind, "archive", expected, why);
                }
            }
        }
        walk
    }

    fn no_image(&self, expected: &'static str, why: &str) -> OpenError {
        let damage = self.faults.iter().find_map(|fault| match fault {
            ArchiveFault::Twice(_) => None,
            ArchiveFault::Damaged(why) => Some(why.as_str()),
        });
        no_image(self.place.path(), expected, damage.unwrap_or(why))
    }
}
