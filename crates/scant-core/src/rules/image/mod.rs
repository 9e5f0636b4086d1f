//! What the parts of an image must satisfy, as rules over values: the documents (`documents`), the
//! entries of a layer (`entries`) and what the provenance says about both (`coverage`). Nothing is
//! read here; what is wrong is collected in a [`Report`], and a wrong part never stops the rest.
//!
//! A *mismatch* is what breaks a consumer or a promise. What is unusual, and what every consumer
//! that was tried reads, is a *note*.

mod config;
mod coverage;
mod date;
mod docker;
mod documents;
mod entries;
mod json;
mod manifest;
mod media;
mod report;

pub use config::{Config, config, layout_marker};
pub use coverage::{Found, FoundKind, coverage};
pub use docker::{Saved, saved};
pub use documents::{Index, Reference, index};
pub use entries::{Entries, LayerEntry, Verdict};
pub use manifest::{Manifest, artifact_of, manifest};
pub use media::{Encoding, is_index, is_manifest};
pub use report::{Mismatch, MismatchKind, Report};

#[cfg(test)]
mod tests;
