//! What Debian's archives and packages are written in: control files, versions, relations. Who is
//! trusted, and what is chosen, is not decided here.

pub mod control;
mod relation;
mod version;

pub use relation::{Alternatives, Comparison, Relation, RelationError, relations};
pub use version::{Version, VersionError};
