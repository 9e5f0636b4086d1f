//! Packages of Debian from archives of this machine that do all that archives do, and more.

#![allow(clippy::unwrap_used, reason = "a test ends where something fails")]

mod archives;
mod machine;
mod root;
mod signed;
mod support;
