//! The entries of a small tar archive in memory, in the order in which they come. The archives of
//! signatures and control data have no end: another archive goes on behind them.

use std::io::Read;

use super::error::ApkFault;
use super::members::Member;
use crate::images::tar_reader::{Stream, TarReader};

/// The most bytes of extended headers of an entry.
const MOST_EXTENDED: u64 = 1 << 16;
/// The most entries.
const MOST_ENTRIES: usize = 1024;

/// A file of the archive.
#[derive(Debug)]
pub(super) struct TarFile {
    pub(super) name: Vec<u8>,
    pub(super) content: Vec<u8>,
}

/// Reads all entries that are files.
pub(super) fn read(member: &Member) -> Result<Vec<TarFile>, ApkFault> {
    let damaged = |why: String| ApkFault::Damaged { offset: member.start, why };
    let mut archive = TarReader::of_any(Stream(&member.content[..]), MOST_EXTENDED);
    let mut all = Vec::new();
    while let Some(entry) = archive.next().map_err(|error| damaged(error.to_string()))? {
        if all.len() == MOST_ENTRIES {
            return Err(damaged(format!("it has more than {MOST_ENTRIES} entries")));
        }
        if !matches!(entry.flag, b'\0' | b'0') || entry.sparse.is_some() {
            continue;
        }
        if entry.size > member.content.len() as u64 {
            return Err(damaged("an entry is larger than it".into()));
        }
        let mut content = vec![0; entry.size as usize];
        archive.read_exact(&mut content).map_err(|error| damaged(error.to_string()))?;
        all.push(TarFile { name: entry.name, content });
    }
    Ok(all)
}
