//! The memory of a traced task, read as the kernel reads the arguments of its calls: strings to
//! their end, a page at a time, since the next page may not be there.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

use super::kernel;

/// Names are not longer than this, with the zero at their end: `PATH_MAX`.
pub(super) const LONGEST_NAME: usize = 4096;

const PAGE: u64 = 4096;

/// A string in a task's memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Whole(Vec<u8>),
    /// Its first bytes; it goes on.
    Long(Vec<u8>),
}

/// Reads at an address, up to what is there.
pub(super) fn read(task: i32, address: u64, into: &mut [u8]) -> Option<usize> {
    if let Ok(read) = kernel::read_memory(task, address, into) {
        return Some(read);
    }
    // Where the one call is forbidden, the file may be allowed.
    let file = File::open(format!("/proc/{task}/mem")).ok()?;
    file.read_at(into, address).ok().filter(|read| *read > 0)
}

/// Reads exactly so many bytes.
pub(super) fn bytes<const N: usize>(task: i32, address: u64) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    (read(task, address, &mut bytes)? == N).then_some(bytes)
}

/// Reads a pointer or another word of 4 or 8 bytes.
pub(super) fn word(task: i32, address: u64, size: usize) -> Option<u64> {
    if size == 8 {
        return bytes(task, address).map(u64::from_ne_bytes);
    }
    bytes(task, address).map(u32::from_ne_bytes).map(u64::from)
}

/// Reads a string of less than `longest` bytes. None if it runs into memory that is not there.
pub(super) fn text(task: i32, address: u64, longest: usize) -> Option<Text> {
    let mut found = Vec::new();
    let mut page = [0; PAGE as usize];
    while found.len() < longest {
        let at = address.checked_add(found.len() as u64)?;
        // Never across the end of a page: one short read is enough for most names.
        let piece = (PAGE - at % PAGE).min((longest - found.len()) as u64) as usize;
        let read = read(task, at, &mut page[..piece])?;
        let piece = &page[..read];
        if let Some(end) = piece.iter().position(|byte| *byte == 0) {
            found.extend_from_slice(&piece[..end]);
            return Some(Text::Whole(found));
        }
        if piece.is_empty() {
            return None;
        }
        found.extend_from_slice(piece);
    }
    Some(Text::Long(found))
}
