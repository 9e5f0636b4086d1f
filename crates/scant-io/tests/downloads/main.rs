//! Downloads from servers of this machine that do all that servers do: answer, break off, lie.

#![allow(clippy::unwrap_used, reason = "a test ends where something fails")]

mod faults;
mod processes;
mod resume;
mod secrets;
mod server;
mod store;
mod support;
mod tls;
