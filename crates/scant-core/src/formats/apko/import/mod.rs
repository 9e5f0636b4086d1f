//! The manifest that declares what a file of apko does, and what it does not take over.
//!
//! ```text
//! draft     lines of a manifest, and what becomes of those that no manifest can have
//! packages  where packages come from, and which
//! tree      accounts and paths: what apko does to the files after packages are installed
//! image     how the image is run, described and divided
//! ```

mod draft;
mod image;
mod packages;
mod tree;

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{At, Configuration, Foreign, Place};
use crate::words::Escaped;
use draft::Draft;

/// A manifest that was made of a file of apko.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The manifest.
    pub text: String,
    /// What it does not take over, or otherwise, in the order of the files.
    pub notes: Vec<Note>,
}

/// Something that has no counterpart, or one that is not the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// Where it is written.
    pub place: Place,
    /// What a person should know of it, on one line.
    pub text: String,
}

/// The first line of the first file, for what is nowhere in it.
const NOWHERE: Place = Place { file: 0, line: 1 };

/// Makes a manifest. `name` is what the file is called in its first line.
pub fn import(configuration: &Configuration, name: &str) -> Imported {
    let mut translator = Translator {
        configuration,
        draft: Draft::default(),
        notes: Vec::new(),
        changed: Vec::new(),
    };
    let name = Escaped(name.as_bytes());
    translator.draft.line(format!("# What {name} declares, by `scant import`."));
    translator.packages();
    translator.tree();
    translator.accounts();
    translator.image();
    translator.layers();
    translator.platforms();
    translator.foreign();
    let Translator { draft, mut notes, .. } = translator;
    let text = draft.finish(&mut notes);
    notes.sort();
    notes.dedup();
    Imported { text, notes }
}

/// Makes one manifest.
struct Translator<'c> {
    configuration: &'c Configuration,
    draft: Draft,
    notes: Vec<Note>,
    /// Entries of what packages have, with another mode or owner.
    changed: Vec<(String, Place)>,
}

impl Translator<'_> {
    fn note(&mut self, place: Place, text: impl Into<String>) {
        let text = Escaped(text.into().as_bytes()).to_string();
        self.notes.push(Note { place, text });
    }

    /// Whether `s6` starts the image and its services.
    fn is_service_bundle(&self) -> bool {
        self.configuration.entrypoint.as_ref().is_some_and(|entry| entry.is_service_bundle)
    }

    fn foreign(&mut self) {
        for At { value, place } in &self.configuration.foreign {
            let text = match value {
                Foreign::BaseImage => {
                    "`baseimage` has no counterpart: an input with `backend: oci` takes files of an \
                     image"
                        .to_string()
                }
                Foreign::RuntimeRepository(name) => format!(
                    "no /etc/apk/repositories is written, so that {name} is left out: apk is for \
                     builds, not for images"
                ),
                Foreign::RuntimeKey(name) => format!(
                    "the key {name} is left out: put it into a file, and that under `data`, if apk \
                     is to run in the image"
                ),
                Foreign::Certificate(name) => format!(
                    "the certificate {name} is left out: append it to a bundle of yours, and put \
                     that under `data` as /etc/ssl/certs/ca-certificates.crt"
                ),
                Foreign::CertificateProvider(name) => {
                    format!("the certificates of {name} are not appended to bundles")
                }
                Foreign::Format(format) if format == "tar" => continue,
                Foreign::Format(format) => {
                    format!("layers are tar archives: the format {format} is not made")
                }
                Foreign::EntrypointType(name) => {
                    format!("{name} is no type of an entrypoint that apko does something for")
                }
            };
            self.note(*place, text);
        }
    }
}

/// The values without those that are there before.
fn distinct(values: &[At<String>]) -> impl Iterator<Item = &At<String>> {
    let mut seen = BTreeSet::new();
    values.iter().filter(move |at| seen.insert(&at.value))
}
