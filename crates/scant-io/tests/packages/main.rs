//! Packages of Debian from archives of this machine that do all that archives do, and more.

#![allow(clippy::unwrap_used, reason = "a test ends where something fails")]
#![expect(clippy::disallowed_methods, reason = "the machine itself is looked at")]

mod archives;
mod changed;
mod hostile;
mod machine;
mod places;
mod root;
mod signed;
mod support;
