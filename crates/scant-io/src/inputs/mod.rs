//! Places that files come from. Each is opened here and answers to [`scant_core::words::Input`].

mod archive;
mod asked;
mod buildroot;
pub(crate) mod directory;
mod journal;
mod made;
mod open;
mod packages;
mod set;

pub(crate) use archive::Spool;
pub use archive::{ArchiveError, ArchiveFault, ArchiveInput, ArchiveOptions, ArchivePlace, Limits};
pub use asked::Asked;
pub use buildroot::{BuildrootTree, open_buildroot};
pub use directory::{DirectoryInput, OpenError};
pub use journal::Journal;
pub use made::MadeFiles;
pub use open::{InputFault, OpenedInputs, open_inputs, open_inputs_noted};
pub use packages::Packages;
pub use set::Inputs;
