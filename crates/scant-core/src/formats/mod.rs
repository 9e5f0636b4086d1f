//! Bytes to values and back. A format knows nothing of files, rules or plans.

pub mod account_lists;
pub mod alpine;
pub mod auth_file;
pub mod capabilities;
pub mod challenge;
pub mod debian;
pub mod deflate;
pub mod elf;
pub mod image_reference;
pub mod ld_debug_log;
pub mod ld_so_cache;
pub mod lock;
pub mod manifest;
pub mod netrc;
pub mod oci;
pub mod openpgp;
pub mod package_lists;
pub mod provenance;
pub mod registries_conf;
pub mod shebang;
pub mod strace_log;
pub mod structure_test;
pub mod suggestion_rules;
pub mod tar;
pub mod trace_file;
pub mod zip;
