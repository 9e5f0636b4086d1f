//! An index of a repository, `APKINDEX.tar.gz`: signatures, then a tar archive of what there is.

use scant_core::formats::alpine::{IndexError, Package, index};

use super::error::ApkFault;
use super::keys::Key;
use super::members::Members;
use super::tar_entries;
use super::trust::{self, Demand, Trust};
use super::{MOST_INDEX, is_version_3};
use crate::images::stored::Stored;

/// What a repository has.
#[derive(Clone, Debug)]
pub struct ApkIndex {
    /// What the repository calls itself.
    pub description: String,
    /// Its packages, in the order of the index.
    pub packages: Vec<Package>,
    /// Who vouches for it.
    pub trust: Trust,
}

impl ApkIndex {
    /// Reads an index. Its signature is over all the bytes that follow the signatures, as they are
    /// stored.
    ///
    /// # Errors
    /// When it is damaged, or nobody vouches for it and somebody must.
    pub fn read(bytes: &[u8], keys: &[Key], demand: Demand) -> Result<Self, ApkFault> {
        if is_version_3(bytes) {
            return Err(ApkFault::Version3);
        }
        let stored = Stored::Memory(bytes.into());
        let mut members = Members::of(&stored);
        let (signatures, mut member) = trust::signatures(&mut members, MOST_INDEX)?;
        // Before anything of it is looked at.
        let signed = &bytes[member.start as usize..];
        let trust = trust::verify(&signatures, signed, keys, demand)?;
        while !members.is_at_end() {
            let more = members.next(MOST_INDEX - member.content.len() as u64)?;
            member.content.extend(more.content);
        }
        let (mut lists, mut descriptions) = (Vec::new(), Vec::new());
        for entry in tar_entries::read(&member)? {
            match &entry.name[..] {
                b"APKINDEX" => lists.push(entry.content),
                b"DESCRIPTION" => descriptions.push(entry.content),
                _ => {}
            }
        }
        if descriptions.len() > 1 {
            return Err(ApkFault::Entries { name: "DESCRIPTION", count: descriptions.len() });
        }
        let [list] = &lists[..] else {
            return Err(ApkFault::Entries { name: "APKINDEX", count: lists.len() });
        };
        let text = std::str::from_utf8(list).map_err(|_| IndexError::NotText)?;
        let description = descriptions.pop().unwrap_or_default();
        let description = String::from_utf8_lossy(&description).trim().to_string();
        Ok(Self { description, packages: index::packages(text)?, trust })
    }
}
