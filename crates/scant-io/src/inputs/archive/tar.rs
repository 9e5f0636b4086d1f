//! The members of a tar archive: ustar, PAX and GNU, with what each of them adds.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;

use super::decompress::Reading;
use super::members::{Content, Contents, Members};
use super::options::ArchiveOptions;
use super::{ArchiveFault, ArchivePlace};
use crate::images::listed_input::ListedInput;
use crate::images::stored::{Parts, Stored};
use crate::images::tar_reader::{HeaderTooLarge, Skip, TarEntry, TarReader, is_header};

/// Refuses what does not begin with a header, before it is read to its end. `what` is what it is
/// then.
pub(super) fn check(head: &[u8], what: &str) -> Result<(), ArchiveFault> {
    let is_end = head.len() >= 512 && head.iter().all(|&b| b == 0);
    let is_tar = is_end || head.get(..512).is_some_and(is_header);
    if is_tar { Ok(()) } else { Err(ArchiveFault::NotAnArchive { what: what.into() }) }
}

/// The files of the archive. `decompressed` says how it was compressed.
pub(super) fn read(
    stored: Stored,
    decompressed: Option<&'static str>,
    options: &ArchiveOptions,
) -> Result<ListedInput<Contents>, ArchiveFault> {
    let limits = &options.limits;
    let mut members = Members::new(options.strip_components, limits);
    let source = BufReader::with_capacity(1 << 14, Reading { stored: &stored, position: 0 });
    let source = Passing { source, position: 0, size: stored.size() };
    let mut archive = TarReader::of_any(source, limits.max_header);
    let mut member: Option<Vec<u8>> = None;
    loop {
        let next = archive.next();
        let offset = archive.position;
        let entry = match next {
            Ok(Some(entry)) => entry,
            Ok(None) => break,
            Err(error) => {
                let member = member.take_if(|_| archive.is_in_entry());
                return Err(damaged(&error, ArchivePlace { offset, decompressed, member }));
            }
        };
        let name = entry.name.clone();
        let place = || ArchivePlace { offset, decompressed, member: Some(name.clone()) };
        if let Some((entry, content)) = sorted(entry, offset, &place)? {
            members.add(entry, content, &place)?;
        }
        member = Some(name);
    }
    let offset = archive.position;
    members.finish(stored.clone(), &|| ArchivePlace { offset, decompressed, member: None })
}

/// An entry and where its content is; none for what is about the archive.
fn sorted(
    mut entry: TarEntry,
    offset: u64,
    place: &dyn Fn() -> ArchivePlace,
) -> Result<Option<(TarEntry, Option<Content>)>, ArchiveFault> {
    let content = match entry.flag {
        // A label.
        b'V' => return Ok(None),
        // A directory, with a list of what was in it.
        b'D' => {
            entry.flag = b'5';
            None
        }
        b'M' => {
            let why = "it goes on from another volume, which is not read".into();
            return Err(ArchiveFault::Refused { place: place(), why });
        }
        b'\0' | b'0' | b'7' => Some(match entry.sparse.clone() {
            Some(map) => Content::Sparse(Arc::new(Parts::new(map, offset))),
            None => Content::Plain(offset),
        }),
        _ => None,
    };
    Ok(Some((entry, content)))
}

fn damaged(error: &io::Error, place: ArchivePlace) -> ArchiveFault {
    let too_large = error.get_ref().and_then(|error| error.downcast_ref::<HeaderTooLarge>());
    if let Some(HeaderTooLarge(limit)) = too_large {
        let what = "an entry has too many bytes of headers".into();
        return ArchiveFault::Limit { what, limit: *limit, option: "max_header" };
    }
    let why = match error.kind() {
        io::ErrorKind::UnexpectedEof => "the archive ends too early".into(),
        _ => error.to_string(),
    };
    ArchiveFault::Damaged { place, why }
}

/// Stored bytes, of which as many can be passed over as there are.
struct Passing<'a> {
    source: BufReader<Reading<'a>>,
    position: u64,
    size: u64,
}

impl Read for Passing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Skip for Passing<'_> {
    fn skip(&mut self, count: u64) -> io::Result<()> {
        let end = self.position.checked_add(count).filter(|end| *end <= self.size);
        let end = end.ok_or(io::ErrorKind::UnexpectedEof)?;
        self.source.seek_relative(count.try_into().map_err(io::Error::other)?)?;
        self.position = end;
        Ok(())
    }
}

impl Seek for Reading<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(to) => Some(to),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.stored.size().checked_add_signed(by),
        };
        self.position = to.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
