//! Places that files come from. Each is opened here and answers to [`scant_core::words::Input`].

mod buildroot;
pub(crate) mod directory;
mod made;
mod open;
mod packages;
mod set;

pub use buildroot::{BuildrootTree, open_buildroot};
pub use directory::{DirectoryInput, OpenError};
pub use made::MadeFiles;
pub use open::{InputFault, OpenedInputs, open_inputs};
pub use packages::Packages;
pub use set::Inputs;
