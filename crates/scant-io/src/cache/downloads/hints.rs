//! What was found for something that says no digest of a whole file, such as the checksum that an
//! index has of a package, or for the compact form of a list. What can be compared again is, so that a
//! hint is only where to look; the compact form cannot, and is believed as the rest of a cache is.

use std::fs::File;
use std::io::Read as _;

use scant_core::words::Digest;

use super::{Downloads, Stored};
use crate::cache::make_private;

impl Downloads {
    /// The file that was found for `name` before, if it is still here.
    pub fn hinted(&self, name: &Digest) -> Option<Stored> {
        let path = self.directory()?.join(HINTS).join(name.hex());
        let mut text = String::new();
        File::open(path).ok()?.take(65).read_to_string(&mut text).ok()?;
        self.stored(&Digest::from_hex(&text)?).ok()?
    }

    /// Keeps that this file was found for `name`. A hint that cannot be kept is lost.
    pub fn keep_hint(&self, name: &Digest, is: &Digest) {
        let Some(directory) = self.directory() else { return };
        let directory = directory.join(HINTS);
        let path = directory.join(name.hex());
        let hex = is.hex();
        if std::fs::read(&path).is_ok_and(|there| there == hex.as_bytes()) {
            return;
        }
        let write = || {
            make_private(&directory)?;
            crate::replace_file(&path, hex.as_bytes())
        };
        let _: std::io::Result<()> = write();
    }
}

/// The directory of hints among downloads.
pub(super) const HINTS: &str = "hints";
