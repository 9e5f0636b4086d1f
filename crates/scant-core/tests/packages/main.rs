//! Which packages are chosen: an index in, names and versions out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod archive;
mod debian;
mod versions;
