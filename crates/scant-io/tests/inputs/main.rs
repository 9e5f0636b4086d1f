//! One suite that every input passes, and what is particular to each.

#![allow(clippy::unwrap_used, reason = "a test ends where something fails")]

mod archive;
mod buildroot;
mod confined;
mod conformance;
mod one_file;
mod packages;
mod support;
