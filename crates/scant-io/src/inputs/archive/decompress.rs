//! A compressed archive, decompressed once: what is small into memory, else into a file without a
//! name. It is read to its end, so that every checksum is compared.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};

use flate2::bufread::GzDecoder;

use super::kind::Compression;
use super::options::ArchiveOptions;
use super::{ArchiveFault, ArchivePlace};
use crate::images::stored::Stored;

/// What is decompressed and not larger than this stays in memory.
pub(super) const MOST_IN_MEMORY: u64 = 64 << 20;
/// The most memory that a decompressor may take, in KiB: `xz -9` needs 65 MiB.
const MOST_XZ_MEMORY: u32 = 192 << 10;

/// What `source` holds when it is decompressed. `check` sees the first block of it before the rest
/// is read.
pub(super) fn decompress(
    source: &Stored,
    compression: Compression,
    options: &ArchiveOptions,
    check: impl FnOnce(&[u8]) -> Result<(), ArchiveFault>,
) -> Result<Stored, ArchiveFault> {
    let input = BufReader::with_capacity(1 << 16, Reading { stored: source, position: 0 });
    let mut spool = Spool::new(options, source.size());
    let damaged = |offset: u64, error: &io::Error| ArchiveFault::Damaged {
        place: ArchivePlace { offset, decompressed: Some(compression.name()), member: None },
        why: reason(compression, error),
    };
    let mut decoder = decoder(compression, input).map_err(|error| damaged(0, &error))?;
    let mut buffer = vec![0; 1 << 16];
    let mut check = Some(check);
    let mut filled = 0;
    loop {
        let count = match decoder.read(&mut buffer[filled..]) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(damaged(spool.size + filled as u64, &error)),
        };
        filled += count;
        // The first block tells whether all the rest is worth it.
        let is_enough = count == 0 || filled >= super::kind::HEAD;
        if let Some(check) = check.take_if(|_| is_enough) {
            check(&buffer[..filled])?;
        }
        if is_enough {
            spool.write(&buffer[..filled])?;
            filled = 0;
        }
        if count == 0 {
            return spool.finish();
        }
    }
}

fn decoder<'a>(
    compression: Compression,
    input: BufReader<Reading<'a>>,
) -> io::Result<Box<dyn Read + 'a>> {
    Ok(match compression {
        Compression::Gzip => Box::new(Members(Some(GzDecoder::new(input)))),
        Compression::Xz => {
            Box::new(lzma_rust2::XzReader::new_mem_limit(input, true, MOST_XZ_MEMORY))
        }
        // A window of 128 MiB is the most that it takes by itself.
        Compression::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(input)?),
        Compression::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(input)),
    })
}

/// What a decompressor says, and what may be done.
fn reason(compression: Compression, error: &io::Error) -> String {
    let text = error.to_string();
    match compression {
        _ if error.kind() == io::ErrorKind::UnexpectedEof => "the archive ends too early".into(),
        Compression::Zstd if text.contains("too much memory") => {
            "it needs a window of more than 128 MiB; compress it with `--long=27` or less".into()
        }
        Compression::Xz if text.contains("mem_limit") => {
            "it needs more than 192 MiB of memory; compress it with a smaller dictionary".into()
        }
        _ => text,
    }
}

/// All members of a gzip file. Zeros after the last are the padding of a tape.
struct Members<R>(Option<GzDecoder<R>>);

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.0 {
            let count = member.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            let Some(ended) = self.0.take() else { break };
            let mut rest = ended.into_inner();
            let first = rest.fill_buf()?.first().copied();
            match first {
                None => {}
                Some(0x1f) => self.0 = Some(GzDecoder::new(rest)),
                Some(_) => only_zeros(rest)?,
            }
        }
        Ok(0)
    }
}

fn only_zeros(mut rest: impl BufRead) -> io::Result<()> {
    loop {
        let bytes = rest.fill_buf()?;
        if bytes.is_empty() {
            return Ok(());
        }
        if bytes.iter().any(|&b| b != 0) {
            return Err(io::Error::other("what follows the compressed data is not compressed"));
        }
        let count = bytes.len();
        rest.consume(count);
    }
}

/// Stored bytes, read from the first on.
pub(crate) struct Reading<'a> {
    pub(crate) stored: &'a Stored,
    pub(crate) position: u64,
}

impl Read for Reading<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stored.read_at(self.position, buffer)?;
        self.position += count as u64;
        Ok(count)
    }
}

/// Where decompressed bytes go.
pub(crate) struct Spool<'a> {
    options: &'a ArchiveOptions,
    /// The most bytes by the ratio.
    most: u64,
    pub(crate) size: u64,
    memory: Vec<u8>,
    file: Option<File>,
}

impl<'a> Spool<'a> {
    /// A place for what a source of so many bytes holds.
    pub(crate) fn new(options: &'a ArchiveOptions, source: u64) -> Self {
        let most = source.saturating_mul(options.limits.max_ratio).max(MOST_IN_MEMORY);
        Self { options, most, size: 0, memory: Vec::new(), file: None }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), ArchiveFault> {
        let limits = &self.options.limits;
        self.size += bytes.len() as u64;
        let limit = |limit, option, what: &str| {
            Err(ArchiveFault::Limit { what: what.into(), limit, option })
        };
        if self.size > limits.max_bytes {
            return limit(limits.max_bytes, "max_bytes", "it unpacks to too many bytes");
        }
        if self.size > self.most {
            let what = "it unpacks to too many times its size";
            return limit(limits.max_ratio, "max_ratio", what);
        }
        if self.file.is_none() && self.size <= MOST_IN_MEMORY {
            self.memory.extend_from_slice(bytes);
            return Ok(());
        }
        let written = self.in_file(bytes);
        written.map_err(|source| self.failed(source))
    }

    fn in_file(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.file.is_none() {
            let mut file = tempfile::tempfile_in(&self.options.temporary)
                .map_err(|error| io::Error::from(error.kind()))?;
            file.write_all(&std::mem::take(&mut self.memory))?;
            self.file = Some(file);
        }
        match &mut self.file {
            Some(file) => file.write_all(bytes),
            None => Ok(()),
        }
    }

    fn failed(&self, source: io::Error) -> ArchiveFault {
        ArchiveFault::Temporary { directory: self.options.temporary.clone(), source }
    }

    pub(crate) fn finish(self) -> Result<Stored, ArchiveFault> {
        Ok(match self.file {
            Some(file) => Stored::own(file, self.size),
            None => Stored::Memory(self.memory.into()),
        })
    }
}
