//! Mismatches and notes, collected.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use serde::Serialize;

/// The most mismatches that are kept: a bound for memory. The rest is only counted.
const MOST: usize = 10_000;
/// The most bytes of each text that are kept.
const MOST_TEXT: usize = 600;

/// One thing that is not as it is said to be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mismatch {
    /// Where: a document or blob, then what of it.
    pub place: String,
    /// Which rule.
    pub kind: MismatchKind,
    /// What was expected there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

/// The rules, as `--json` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MismatchKind {
    /// The archive that holds the image is damaged, or has two members of one name.
    Archive,
    /// A document is not of its shape.
    Document,
    /// A media type does not fit its place or what it describes.
    MediaType,
    /// A blob is not there.
    BlobMissing,
    /// A blob has another size.
    BlobSize,
    /// A blob's bytes are not those that its digest names.
    BlobDigest,
    /// Architecture or operating system of config and descriptor disagree.
    Platform,
    /// As many layers in one document, another number in another.
    LayerCount,
    /// A layer's uncompressed bytes are not those that the config names.
    DiffId,
    /// A layer cannot be read to its end.
    LayerUnreadable,
    /// Something follows the end of a layer.
    TrailingData,
    /// A path occurs twice in a layer.
    DuplicatePath,
    /// A path that leads out of the image, or that no system can hold.
    UnsafePath,
    /// A hard link without its file before it.
    HardLink,
    /// A whiteout that is not one.
    Whiteout,
    /// An entry that consumers do not know or cannot apply.
    Entry,
    /// `manifest.json` disagrees with the rest.
    DockerManifest,
    /// The provenance is not about this image.
    Provenance,
    /// A path of the image that the provenance does not explain.
    ProvenanceMissing,
    /// A path that the provenance explains and that is not in the image.
    ProvenanceSurplus,
    /// A path is not what the provenance says.
    ProvenanceDiffers,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.place, self.expected, self.found)
    }
}

/// What has been found so far. Equal mismatches, such as those of a layer that two images share,
/// are kept once.
#[derive(Clone, Debug, Default)]
pub struct Report {
    mismatches: BTreeSet<Mismatch>,
    more: u64,
    notes: BTreeSet<String>,
}

impl Report {
    /// Adds a mismatch.
    pub fn mismatch(
        &mut self,
        kind: MismatchKind,
        place: impl fmt::Display,
        expected: impl fmt::Display,
        found: impl fmt::Display,
    ) {
        if self.mismatches.len() >= MOST {
            self.more += 1;
            return;
        }
        let (place, expected, found) = (cut(&place), cut(&expected), cut(&found));
        self.mismatches.insert(Mismatch { place, kind, expected, found });
    }

    /// Adds a note.
    pub fn note(&mut self, text: impl fmt::Display) {
        if self.notes.len() < MOST {
            self.notes.insert(cut(&text));
        }
    }

    /// Adds all of another report.
    pub fn merge(&mut self, other: Self) {
        self.more += other.more;
        for mismatch in other.mismatches {
            if self.mismatches.len() >= MOST {
                self.more += 1;
            } else {
                self.mismatches.insert(mismatch);
            }
        }
        for note in other.notes {
            self.note(note);
        }
    }

    /// Whether there is no mismatch.
    pub fn is_ok(&self) -> bool {
        self.mismatches.is_empty()
    }

    /// The mismatches, sorted by place.
    pub fn mismatches(&self) -> impl ExactSizeIterator<Item = &Mismatch> {
        self.mismatches.iter()
    }

    /// How many mismatches there are besides those that are kept.
    pub fn more(&self) -> u64 {
        self.more
    }

    /// The notes, sorted.
    pub fn notes(&self) -> impl Iterator<Item = &str> {
        self.notes.iter().map(String::as_str)
    }
}

/// The text, cut where it is too long for a line.
fn cut(text: &impl fmt::Display) -> String {
    let text = text.to_string();
    if text.len() <= MOST_TEXT {
        return text;
    }
    let end = (0..=MOST_TEXT).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    format!("{}…", &text[..end])
}
