//! The members of an archive, laid over one another as they come, and where each is stored.

use std::collections::BTreeMap;
use std::sync::Arc;

use scant_core::words::{InputError, Problem, ReadAt};

use super::options::Limits;
use super::zip::Zipped;
use super::{ArchiveFault, ArchivePlace};
use crate::images::listed_input::{ListedInput, Store};
use crate::images::overlay::Overlay;
use crate::images::stored::{OpenedAs, Parts, Piece, Sparse, Stored};
use crate::images::tar_reader::TarEntry;

/// Where the content of a member is.
pub(super) enum Content {
    /// As it is, from here on.
    Plain(u64),
    Sparse(Arc<Parts>),
    Zipped(Box<Zipped>),
}

/// What is known of the archive while it is read.
pub(super) struct Members<'a> {
    overlay: Overlay,
    contents: BTreeMap<u64, Content>,
    strip: u32,
    limits: &'a Limits,
    count: u64,
    bytes: u64,
}

/// The contents of an archive.
pub(super) struct Contents {
    stored: Stored,
    contents: BTreeMap<u64, Content>,
    cache: super::zip::Inflated,
}

impl<'a> Members<'a> {
    pub(super) fn new(strip: u32, limits: &'a Limits) -> Self {
        let (overlay, contents) = (Overlay::of_archive(), BTreeMap::new());
        Self { overlay, contents, strip, limits, count: 0, bytes: 0 }
    }

    /// Lays a member over those before it. `place` is where it stands, for what is wrong with it.
    pub(super) fn add(
        &mut self,
        mut entry: TarEntry,
        content: Option<Content>,
        place: &dyn Fn() -> ArchivePlace,
    ) -> Result<(), ArchiveFault> {
        self.bound(&entry)?;
        let refused = |why| ArchiveFault::Refused { place: place(), why };
        let Some(name) = stripped(&entry.name, self.strip).map_err(refused)? else {
            return Ok(());
        };
        entry.name = name;
        if entry.flag == b'1' {
            let target = stripped(&entry.link, self.strip)
                .map_err(|why| refused(format!("a hard link to {why}")))?;
            entry.link = target.ok_or_else(|| {
                refused("a hard link to a file that `strip_components` leaves out".into())
            })?;
        }
        let number = self.count;
        self.overlay.apply(entry, (0, number)).map_err(refused)?;
        if let Some(content) = content {
            self.contents.insert(number, content);
        }
        Ok(())
    }

    fn bound(&mut self, entry: &TarEntry) -> Result<(), ArchiveFault> {
        let limit = |what: &str, limit, option| {
            Err(ArchiveFault::Limit { what: what.into(), limit, option })
        };
        self.count += 1;
        if self.count > self.limits.max_entries {
            return limit("it has too many entries", self.limits.max_entries, "max_entries");
        }
        let header = entry.name.len().max(entry.link.len()) as u64;
        if header > self.limits.max_header {
            return limit("it has a name too long", self.limits.max_header, "max_header");
        }
        if !matches!(entry.flag, b'1'..=b'6') {
            self.bytes = self.bytes.saturating_add(entry.size);
        }
        if self.bytes > self.limits.max_bytes {
            return limit("its files have too many bytes", self.limits.max_bytes, "max_bytes");
        }
        Ok(())
    }

    /// The input that they make.
    pub(super) fn finish(
        self,
        stored: Stored,
        end: &dyn Fn() -> ArchivePlace,
    ) -> Result<ListedInput<Contents>, ArchiveFault> {
        let root = self.overlay.root().cloned();
        let listing = self.overlay.finish();
        let listing = listing.map_err(|why| ArchiveFault::Refused { place: end(), why })?;
        let contents = Contents { stored, contents: self.contents, cache: Default::default() };
        Ok(ListedInput::new(listing, root, contents))
    }
}

/// The name without so many components at its start; none when nothing remains. As GNU tar counts:
/// slashes at the start are none, and `.` is one.
fn stripped(name: &[u8], strip: u32) -> Result<Option<Vec<u8>>, String> {
    if name.split(|&b| b == b'/').any(|part| part == b"..") {
        return Err("a name that contains `..`".into());
    }
    if strip == 0 {
        return Ok(Some(name.to_vec()));
    }
    let mut rest = after_slashes(name);
    for _ in 0..strip {
        let Some(slash) = rest.iter().position(|&b| b == b'/') else { return Ok(None) };
        rest = after_slashes(&rest[slash..]);
    }
    Ok((!rest.is_empty()).then(|| rest.to_vec()))
}

fn after_slashes(name: &[u8]) -> &[u8] {
    let count = name.iter().take_while(|&&b| b == b'/').count();
    &name[count..]
}

impl Store for Contents {
    fn open(&self, at: (usize, u64), file: OpenedAs) -> Result<Box<dyn ReadAt>, InputError> {
        let stored = self.stored.clone();
        match self.contents.get(&at.1) {
            Some(Content::Plain(start)) => Ok(Box::new(Piece { stored, start: *start, file })),
            Some(Content::Sparse(parts)) => {
                Ok(Box::new(Sparse { stored, parts: parts.clone(), file }))
            }
            Some(Content::Zipped(zipped)) => match self.cache.get(at.1, zipped, &stored) {
                Ok((stored, start)) => Ok(Box::new(Piece { stored, start, file })),
                Err(why) => Err(InputError::new(&file.path, Problem::Other(why))),
            },
            None => Err(InputError::new(&file.path, Problem::NotFound)),
        }
    }
}
