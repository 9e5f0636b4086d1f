//! Small reads of a file at any offset, through a few cached pages, in the file's byte order.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

use super::ElfError;
use crate::words::{ByteOrder, Class, ReadAt};

/// A read costs a system call: neighbouring facts of a file mostly share a page of this size.
const PAGE: u64 = 4096;

/// No fact of a file that a loader reads is longer; what claims to be is hostile.
const LONGEST_PIECE: u64 = 16 << 20;

/// The most that a file may say in strings, each counted as often as it is referred to: records
/// that all point at one long string would else fill the memory.
const MOST_TEXT: u64 = 16 << 20;

/// As many pages are kept: 2 MiB. A file whose records are strewn over more is read again.
const MOST_PAGES: usize = 512;

/// Pages of one file, each read once.
pub(super) struct Pages<'a> {
    file: &'a dyn ReadAt,
    size: u64,
    pages: RefCell<BTreeMap<u64, Rc<[u8]>>>,
}

impl<'a> Pages<'a> {
    pub(super) fn new(file: &'a dyn ReadAt) -> Self {
        Self { file, size: file.size(), pages: RefCell::default() }
    }

    /// The page with this number: full, but for the last of the file.
    fn page(&self, number: u64) -> Result<Rc<[u8]>, ElfError> {
        if let Some(page) = self.pages.borrow().get(&number) {
            return Ok(page.clone());
        }
        let start = number * PAGE;
        let mut bytes = alloc::vec![0; PAGE.min(self.size.saturating_sub(start)) as usize];
        let mut filled = 0;
        while filled < bytes.len() {
            match self.file.read_at(start + filled as u64, &mut bytes[filled..])? {
                0 => break,
                count => filled += count,
            }
        }
        bytes.truncate(filled);
        let page: Rc<[u8]> = bytes.into();
        let mut pages = self.pages.borrow_mut();
        if pages.len() >= MOST_PAGES {
            pages.clear();
        }
        pages.insert(number, page.clone());
        Ok(page)
    }

    /// The bytes from `offset`, `length` of them or as many as the file has.
    pub(super) fn up_to(&self, offset: u64, length: u64) -> Result<Vec<u8>, ElfError> {
        let end = offset.saturating_add(length.min(LONGEST_PIECE)).min(self.size);
        let mut bytes = Vec::with_capacity(end.saturating_sub(offset) as usize);
        let mut at = offset;
        while at < end {
            let page = self.page(at / PAGE)?;
            let from = (at % PAGE) as usize;
            let to = page.len().min(from + (end - at) as usize);
            if from >= to {
                break;
            }
            bytes.extend_from_slice(&page[from..to]);
            at += (to - from) as u64;
        }
        Ok(bytes)
    }
}

/// Pages with the class and byte order of the file.
pub(super) struct Reader<'a> {
    pub(super) pages: &'a Pages<'a>,
    pub(super) class: Class,
    pub(super) order: ByteOrder,
    text: Cell<u64>,
}

impl<'a> Reader<'a> {
    /// A reader of a file with this class and byte order.
    pub(super) fn new(pages: &'a Pages<'a>, class: Class, order: ByteOrder) -> Self {
        Self { pages, class, order, text: Cell::new(0) }
    }

    /// Counts `length` bytes of text that are kept.
    pub(super) fn count_text(&self, length: usize) -> Result<(), ElfError> {
        self.text.set(self.text.get() + length as u64 + 1);
        if self.text.get() > MOST_TEXT {
            return Err(damaged("its names are longer together than those of any file"));
        }
        Ok(())
    }

    /// Exactly `length` bytes at `offset`; `what` names them in the error.
    pub(super) fn bytes(&self, offset: u64, length: u64, what: &str) -> Result<Vec<u8>, ElfError> {
        if length > LONGEST_PIECE {
            return Err(damaged(format!("{what} claims to be {length} bytes long")));
        }
        let bytes = self.pages.up_to(offset, length)?;
        if bytes.len() as u64 != length {
            return Err(damaged(format!("{what} lies outside the file")));
        }
        Ok(bytes)
    }

    /// The bytes at `offset` up to the next NUL.
    pub(super) fn string(&self, offset: u64, what: &str) -> Result<Box<[u8]>, ElfError> {
        let mut string = Vec::new();
        loop {
            let chunk = self.pages.up_to(offset.saturating_add(string.len() as u64), 128)?;
            if let Some(end) = chunk.iter().position(|&b| b == 0) {
                string.extend_from_slice(&chunk[..end]);
                self.count_text(string.len())?;
                return Ok(string.into());
            }
            // A path is at most 4096 bytes; run paths are lists of them.
            if chunk.is_empty() || string.len() > 1 << 20 {
                return Err(damaged(format!("{what} has no end")));
            }
            string.extend_from_slice(&chunk);
        }
    }

    /// Size in bytes of an address.
    pub(super) fn word_size(&self) -> usize {
        match self.class {
            Class::Elf32 => 4,
            Class::Elf64 => 8,
        }
    }

    pub(super) fn u16(&self, bytes: &[u8], at: usize) -> u16 {
        let array = fixed(bytes, at);
        match self.order {
            ByteOrder::Little => u16::from_le_bytes(array),
            ByteOrder::Big => u16::from_be_bytes(array),
        }
    }

    pub(super) fn u32(&self, bytes: &[u8], at: usize) -> u32 {
        let array = fixed(bytes, at);
        match self.order {
            ByteOrder::Little => u32::from_le_bytes(array),
            ByteOrder::Big => u32::from_be_bytes(array),
        }
    }

    /// An address: 4 or 8 bytes by the class.
    pub(super) fn word(&self, bytes: &[u8], at: usize) -> u64 {
        match (self.class, self.order) {
            (Class::Elf32, _) => self.u32(bytes, at).into(),
            (Class::Elf64, ByteOrder::Little) => u64::from_le_bytes(fixed(bytes, at)),
            (Class::Elf64, ByteOrder::Big) => u64::from_be_bytes(fixed(bytes, at)),
        }
    }
}

/// The `N` bytes at `at` of a record whose length was checked when it was read.
fn fixed<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes[at..at + N].try_into().expect("the slice has N bytes")
}

pub(super) fn damaged(what: impl Into<String>) -> ElfError {
    ElfError::Damaged(what.into())
}
