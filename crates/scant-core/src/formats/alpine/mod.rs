//! What Alpine's repositories and packages (version 2 of their form) are written in: versions,
//! dependencies, indexes. Who is trusted, and what is chosen, is not decided here.

mod dependency;
pub mod index;
pub mod installed;
mod package_info;
mod version;

pub use dependency::{Dependency, DependencyError, Operator, Provided};
pub use index::{IndexError, Package};
pub use package_info::{PackageInfo, PackageInfoError};
pub use version::{Version, VersionError};
