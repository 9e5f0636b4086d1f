//! What Debian's archives and packages are written in: control files, versions, relations, indexes.
//! Who is trusted, and what is chosen, is not decided here.

pub mod control;
pub mod maintainer_script;
pub mod package;
mod relation;
mod release;
mod sources;
pub mod status;
mod version;

pub use package::{FIELDS, MultiArch, Package, PackageError, compact};
pub use relation::{Alternatives, Comparison, Relation, RelationError, relations};
pub use release::{Release, ReleaseError};
pub use sources::{
    SNAPSHOT, Source, SourcesError, is_snapshot, lines_of_sources, paragraphs_of_sources,
    place_of_archive,
};
pub use version::{Version, VersionError};
