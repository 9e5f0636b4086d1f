//! Places that files come from. Each is opened here and answers to [`scant_core::words::Input`].

mod archive;
mod asked;
mod buildroot;
pub(crate) mod directory;
mod elsewhere;
mod fault;
mod journal;
pub(crate) mod made;
mod oci;
mod one_file;
mod open;
mod packages;
mod set;

pub(crate) use archive::Spool;
pub use archive::{ArchiveError, ArchiveFault, ArchiveInput, ArchiveOptions, ArchivePlace, Limits};
pub(crate) use archive::{Reading, plain};
pub use asked::Asked;
pub use buildroot::{BuildrootTree, open_buildroot};
pub use directory::{DirectoryInput, OpenError};
pub use elsewhere::{
    AskedPackages, Elsewhere, Kept, LockedPackages, Pins, Trouble, digest_of, opened_image,
};
pub use fault::InputFaultKind;
pub use journal::Journal;
pub use made::MadeFiles;
pub use one_file::OneFile;
pub use open::{Declared, InputFault, OpenRequest, OpenedInputs, open_inputs, open_inputs_noted};
pub use packages::Packages;
pub use set::Inputs;
