//! One suite that every input passes, and what is particular to each.

mod buildroot;
mod confined;
mod conformance;
mod packages;
mod support;
