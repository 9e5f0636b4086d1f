//! One layer, read from its first byte to its last whatever is in it.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;
use scant_core::rules::image::{Encoding, Entries, LayerEntry, MismatchKind, Report, Verdict};
use scant_core::words::{Digest, Escaped};

use super::super::listing::Listing;
use super::super::overlay::Overlay;
use super::super::tar_reader::{Stream, TarEntry, TarReader};
use super::tally::Tally;

/// After so many entries that cannot be laid over the others, no more are.
const MOST_FAILURES: u32 = 1000;

/// What a layer turned out to be.
pub(super) struct LayerRead {
    /// The digest of the blob.
    pub(super) digest: Digest,
    /// Its size.
    pub(super) size: u64,
    /// How it is compressed.
    pub(super) encoding: Encoding,
    /// Digest and size of the tar archive; none when it cannot be decompressed to its end.
    pub(super) tar: Option<(Digest, u64)>,
}

/// The layers of an image, one laid over the other.
pub(super) struct Merged {
    overlay: Overlay,
    failures: u32,
    /// Whether nothing is missing.
    pub(super) is_whole: bool,
}

impl Default for Merged {
    fn default() -> Self {
        Self { overlay: Overlay::default(), failures: 0, is_whole: true }
    }
}

impl Merged {
    /// The files; none when some may be missing, or when there is more than is worth keeping.
    pub(super) fn finish(self, place: &str, report: &mut Report) -> Option<Listing> {
        let listing = self.is_whole.then(|| self.overlay.finish())?;
        let expected = "layers that can be laid one over the other";
        listing
            .map_err(|why| report.mismatch(MismatchKind::Entry, place.to_string(), expected, why))
            .ok()
    }

    fn apply(&mut self, mut entry: TarEntry, at: (usize, u64), place: &str, report: &mut Report) {
        if self.failures >= MOST_FAILURES {
            return;
        }
        // The names of attributes are enough.
        for value in entry.xattrs.values_mut() {
            *value = Box::default();
        }
        let place = format!("{place}: {}", Escaped(&entry.name));
        if let Err(why) = self.overlay.apply(entry, at) {
            self.failures += 1;
            self.is_whole = false;
            let expected = "an entry that can be laid over those before it";
            report.mismatch(MismatchKind::Entry, place, expected, why);
        }
    }
}

/// Reads a layer, lays its entries over `merged`, and reports what is wrong inside.
pub(super) fn read(
    source: impl Read,
    place: &str,
    number: usize,
    merged: &mut Merged,
    report: &mut Report,
) -> io::Result<LayerRead> {
    let mut blob = Tally::new(source);
    let mut buffered = BufReader::with_capacity(1 << 16, &mut blob);
    let encoding = Encoding::of(buffered.fill_buf()?);
    let mut inside = Inside { place, number, merged, report };
    let tar = match encoding {
        Encoding::None => inside.tar(&mut buffered),
        Encoding::Zstd => match zstd::stream::read::Decoder::with_buffer(&mut buffered) {
            Ok(mut decoder) => inside.tar(&mut decoder),
            Err(error) => inside.unreadable(&error, ""),
        },
        Encoding::Gzip => {
            let mut members = Members(Some(GzDecoder::new(&mut buffered)), None);
            let tar = inside.tar(&mut members);
            if let (Some(_), Some(mut rest)) = (tar, members.1) {
                let count = io::copy(&mut rest, &mut io::sink())?;
                inside.end_of_gzip(count);
            }
            tar
        }
    };
    let (digest, size) = blob.finish()?;
    Ok(LayerRead { digest, size, encoding, tar })
}

/// What is reported about the inside of a layer.
struct Inside<'a> {
    place: &'a str,
    number: usize,
    merged: &'a mut Merged,
    report: &'a mut Report,
}

impl Inside<'_> {
    /// Reads the archive. Entries that cannot be read do not stop its digest from being computed.
    fn tar(&mut self, source: &mut dyn Read) -> Option<(Digest, u64)> {
        let mut tally = Tally::new(source);
        let is_read = self.entries(&mut tally);
        match tally.finish() {
            Ok(tar) => Some(tar),
            Err(error) if is_read => self.unreadable(&error, ""),
            // What ended the entries ended the stream.
            Err(_) => None,
        }
    }

    /// Looks at the entries; whether they could be read to the end.
    fn entries(&mut self, source: &mut dyn Read) -> bool {
        let mut archive = TarReader::new(Stream(BufReader::with_capacity(1 << 16, source)));
        let mut rules = Entries::new(self.place);
        let mut count = 0;
        let mut last = Vec::new();
        let mut end = 0;
        let is_read = loop {
            let entry = match archive.next() {
                Ok(Some(entry)) => entry,
                Ok(None) => break true,
                Err(error) => {
                    let after = match &last[..] {
                        [] => String::new(),
                        last => format!(" after {}", Escaped(last)),
                    };
                    self.unreadable(&error, &after);
                    break false;
                }
            };
            end = archive.position + entry.size.next_multiple_of(512);
            last.clone_from(&entry.name);
            match rules.entry(&in_words(&entry), self.report) {
                Verdict::Sound => {
                    self.merged.apply(entry, (self.number, count), self.place, self.report);
                }
                Verdict::Unsound => self.merged.is_whole = false,
                Verdict::Stop => {
                    self.merged.is_whole = false;
                    break false;
                }
            }
            count += 1;
        };
        rules.finish(self.report);
        if archive.globals > 0 {
            let found = format!("{} global PAX headers", archive.globals);
            self.report.mismatch(MismatchKind::Entry, self.place, "no global PAX header", found);
        }
        if is_read {
            let is_marked = archive.position > end;
            self.end_of_tar(&mut archive.into_source(), is_marked);
        }
        self.merged.is_whole &= is_read;
        is_read
    }

    /// What follows the last entry: zeros, however many.
    fn end_of_tar(&mut self, rest: &mut dyn Read, is_marked: bool) {
        let mut buffer = vec![0; 1 << 16];
        let mut other = 0;
        // What stops this reading stops the digest as well, and is reported there.
        while let Ok(count @ 1..) = rest.read(&mut buffer) {
            other += buffer[..count].iter().filter(|&&byte| byte != 0).count();
        }
        if other > 0 {
            let place = format!("{}: end of the archive", self.place);
            let found = format!("{other} other bytes");
            self.report.mismatch(MismatchKind::TrailingData, place, "nothing but zeros", found);
        }
        if !is_marked {
            self.report.note(format!("{}: no zeros mark the end of the archive", self.place));
        }
    }

    /// skopeo and umoci refuse anything there, even zeros.
    fn end_of_gzip(&mut self, count: u64) {
        if count > 0 {
            let place = format!("{}: end of the gzip stream", self.place);
            let found = format!("{count} bytes");
            self.report.mismatch(MismatchKind::TrailingData, place, "nothing", found);
        }
    }

    fn unreadable(&mut self, error: &io::Error, after: &str) -> Option<(Digest, u64)> {
        self.merged.is_whole = false;
        let expected = "a tar archive that can be read to its end";
        let found = format!("{error}{after}");
        self.report.mismatch(MismatchKind::LayerUnreadable, self.place, expected, found);
        None
    }
}

/// The entry in the words of the rules.
fn in_words(entry: &TarEntry) -> LayerEntry<'_> {
    LayerEntry {
        name: &entry.name,
        link: &entry.link,
        flag: entry.flag,
        size: entry.size,
        attributes: entry.xattrs.keys().map(|name| name.len() + 64).sum(),
        has_selinux_label: entry.xattrs.contains_key("security.selinux"),
    }
}

/// The members of a gzip stream one after the other, then what follows the last.
struct Members<R: BufRead>(Option<GzDecoder<R>>, Option<R>);

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(decoder) = &mut self.0 {
            let count = decoder.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            let mut rest = self.0.take().expect("it was there").into_inner();
            match rest.fill_buf()? {
                [0x1f, ..] => self.0 = Some(GzDecoder::new(rest)),
                _ => self.1 = Some(rest),
            }
        }
        Ok(0)
    }
}
