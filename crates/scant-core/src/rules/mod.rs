//! Rules that read inputs and decide: how a path is resolved inside its root, what a loader opens
//! for a program, what a script needs, whom an image runs as, what its parts must satisfy, whether
//! it starts, what it probably wants. They know nothing of the user's manifest.

pub mod check;
mod identity;
pub mod image;
pub mod loader;
pub mod openpgp;
pub mod packages;
pub mod structure_test;
pub mod suggestions;
pub mod trace;
mod view;

pub use identity::{Identity, UnknownName, identity};
pub use view::{Link, Resolved, View};
