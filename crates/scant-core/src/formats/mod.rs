//! Bytes to values and back. A format knows nothing of files, rules or plans.

pub mod image_reference;
pub mod oci;
pub mod provenance;
pub mod tar;
