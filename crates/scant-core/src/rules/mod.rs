//! Rules that read inputs and decide: how a path is resolved inside its root, what a loader opens
//! for a program, what a script needs. They know nothing of manifests and images.

pub mod loader;
mod view;

pub use view::{Link, Resolved, View};
