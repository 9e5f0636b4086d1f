//! Which packages are chosen: an index in, names and versions out.

mod archive;
mod debian;
mod versions;
