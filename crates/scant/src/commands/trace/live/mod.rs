//! Runs: the image's tree in a directory, the program in it, and what it asks for as it comes.
//!
//! ```text
//! rounds    runs until nothing is missing
//! program   what is run: the image's settings and what was typed
//! start     the namespaces, and both ends of the pipes between them and here
//! inside    the first process in the namespaces
//! ready     when a server is ready, and what is done then
//! ```

mod inside;
mod program;
mod ready;
mod rounds;
mod start;

pub(crate) use inside::{INSIDE, run as inside};
pub(super) use rounds::rounds;
