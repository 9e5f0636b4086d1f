//! glibc's check, after all is loaded, that each library defines the versions wanted of it.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::glibc;
use super::process::Process;

/// A symbol version that is wanted and not defined: the program would not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingVersion {
    /// The version, such as `GLIBC_2.38`.
    pub version: Box<[u8]>,
    /// The index of the object that wants it.
    pub by: usize,
    /// The index of the library that was found for the name it is wanted of.
    pub of: usize,
}

/// All versions that are missing. A library without any version definitions is accepted, and so is
/// a weak want; the search is not repeated for a better library.
pub(super) fn check(process: &Process<'_>) -> Vec<MissingVersion> {
    let mut missing = Vec::new();
    for by in 0..process.objects.len() {
        let is_loaded = process.objects[by].same_as.is_none();
        let Some(dynamic) = process.elf(by).dynamic.as_ref().filter(|_| is_loaded) else {
            continue;
        };
        for need in dynamic.version_needs.iter().filter(|need| !need.is_weak) {
            let namespace = process.objects[by].namespace;
            let Some(of) = glibc::loaded_by_name(process, &need.file, namespace) else { continue };
            let definitions = process.elf(of).dynamic.as_ref().map(|d| &d.version_definitions);
            if let Some(Some(defined)) = definitions
                && !defined.contains(&need.version)
            {
                missing.push(MissingVersion { version: need.version.clone(), by, of });
            }
        }
    }
    missing
}
