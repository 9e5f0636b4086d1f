//! Packages of Debian, deb(5): what is in them, and many of them as one root. Nothing is fetched here,
//! and no script is ever run.

mod ar;
mod error;
mod files;
mod package;
mod root;

pub use error::{DebError, DebFault};
pub use package::DebPackage;
pub(crate) use package::control_of;
pub use root::{DebRootError, root};
