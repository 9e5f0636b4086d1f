//! Rules that read inputs and decide: how a path is resolved inside its root, what a loader opens
//! for a program, what a script needs, what the parts of an image must satisfy. They know nothing of
//! the user's manifest.

pub mod image;
pub mod loader;
pub mod trace;
mod view;

pub use view::{Link, Resolved, View};
