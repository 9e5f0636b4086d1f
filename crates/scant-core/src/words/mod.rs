//! The vocabulary every other floor is written in. A word holds only valid values.

mod access;
mod check;
mod digest;
mod escaped;
mod input;
mod node;
mod package;
mod platform;
mod provenance;
mod root;
mod stamp;
mod tree;
mod tree_path;
mod url;

pub use access::{Access, Action, LastLink, Outcome};
pub use check::{Check, Level};
pub use digest::{DiffId, Digest, DigestError, Hasher};
pub use escaped::{Escaped, Lines, OneLine};
pub use input::{Entry, EntryKind, Input, InputError, InputName, Problem, ReadAt};
pub use node::{Content, FileContent, Meta, Mode, ModeError, Node, NodeKind};
pub use package::{
    AccountKind, InstalledPackage, PackageIdentity, Packaged, Record, UsedPackage, Wanted,
    WantedAccount, WantedDirectory,
};
pub use platform::{Architecture, ByteOrder, Class, Platform, PlatformError};
pub use provenance::{How, Place, Provenance, Relation, Section, Source, Why};
pub use root::Root;
pub use stamp::{Stamp, Time};
pub use tree::{Conflict, Tree};
pub use tree_path::{PathError, TreePath};
pub use url::{Url, UrlError};
