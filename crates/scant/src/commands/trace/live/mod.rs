//! Runs: the image's program in the sandbox, and what it asks for as it comes.
//!
//! ```text
//! rounds    runs until nothing is missing
//! program   what a run is called
//! start     one run
//! ready     when a server is ready, and what is done then
//! exercise  the command that uses it
//! accounts  users and groups that it does not find
//! ```

mod accounts;
mod exercise;
mod program;
mod ready;
mod rounds;
mod start;

pub(crate) use accounts::Account;
pub(super) use rounds::rounds;
