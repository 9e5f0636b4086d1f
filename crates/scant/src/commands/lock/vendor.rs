//! `scant lock --vendor`: what builds take of the network, put where it goes with the project.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::Path;

use scant_core::words::Digest;
use scant_io::cache::{Vendor, VendorError};
use serde_json::{Value, json};

use crate::args::Lock as LockArgs;
use crate::exit::Failure;
use crate::project::Project;
use crate::sources::{LockUse, Sources};
use crate::surroundings::Surroundings;

/// A directory in which nothing is damaged.
pub(super) struct Mended<'a> {
    directory: &'a Path,
    vendor: Vendor,
    damaged: Vec<Digest>,
}

/// What was done to the directory.
pub(super) struct Filled {
    /// Its name, as it was typed.
    name: String,
    added: Vec<Digest>,
    /// How many files are needed.
    needed: usize,
    damaged: Vec<Digest>,
    /// What is not needed.
    others: Vec<Digest>,
    is_pruned: bool,
}

impl<'a> Mended<'a> {
    /// Removes what is damaged.
    pub(super) fn new(directory: &'a Path, surroundings: &Surroundings) -> Result<Self, Failure> {
        let vendor = Vendor::new(&surroundings.directory.join(directory)).map_err(failed)?;
        let damaged = vendor.remove_damaged().map_err(failed)?;
        Ok(Self { directory, vendor, damaged })
    }

    /// Puts there what the lock, as it is now, names.
    pub(super) fn fill(
        self,
        args: &LockArgs,
        surroundings: &Surroundings,
    ) -> Result<Filled, Failure> {
        let Self { directory, vendor, damaged } = self;
        // What a build needs is what it asks for: so the inputs are opened as a build does it.
        let sources = Sources::with(LockUse::Require, &args.network, &args.registry, surroundings)
            .in_cache(args.cache_dir.clone())
            .in_vendor(Some(directory))
            .quiet(true);
        let project = Project::read(args.manifest.as_deref(), sources, surroundings)?;
        project.open_all()?;
        let downloads = project.sources().downloads()?;
        let needed: BTreeSet<Digest> = downloads.handed_out().into_iter().collect();
        let mut added = Vec::new();
        for digest in &needed {
            let path = downloads.find(digest, None).ok_or_else(|| {
                Failure::input(format_args!("{digest} was removed while it was copied"))
            })?;
            if vendor.add(&path, digest).map_err(failed)? {
                added.push(*digest);
            }
        }
        let others = vendor.others(&needed);
        if args.prune {
            vendor.remove(&others).map_err(failed)?;
        }
        let name = directory.display().to_string();
        Ok(Filled { name, added, needed: needed.len(), damaged, others, is_pruned: args.prune })
    }
}

impl Filled {
    /// As JSON.
    pub(super) fn json(&self) -> Value {
        json!({
            "directory": self.name,
            "files": self.needed,
            "added": self.added,
            "damaged": self.damaged,
            "unneeded": self.others,
            "pruned": self.is_pruned,
        })
    }

    /// On stderr.
    pub(super) fn print(&self) -> io::Result<()> {
        let (name, mut out) = (&self.name, io::stderr().lock());
        for digest in &self.damaged {
            writeln!(out, "{name}: {digest} was damaged, and is loaded anew if it is needed")?;
        }
        let files = |count: usize| if count == 1 { "file" } else { "files" };
        writeln!(
            out,
            "{name} has {} {}, {} of them new",
            self.needed,
            files(self.needed),
            self.added.len()
        )?;
        let count = self.others.len();
        match (count, self.is_pruned) {
            (0, _) => Ok(()),
            (_, true) => writeln!(out, "{name}: {count} {} removed", files(count)),
            (_, false) => writeln!(
                out,
                "note: {name} has {count} {} that the lock does not name; `--prune` removes them",
                files(count)
            ),
        }
    }
}

fn failed(error: VendorError) -> Failure {
    Failure::output(error)
}
