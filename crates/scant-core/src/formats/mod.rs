//! Bytes to values and back. A format knows nothing of files, rules or plans.

pub mod manifest;
mod yaml;
