//! A blob to a file of the directory where blobs are kept: `sha256/HEX`, which is complete whenever
//! it is there. What was broken off lies in `partial` and is gone on with, by this run or another.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use scant_core::words::{Digest, Hasher};
use ureq::http::Method;

use super::registries::Traffic;
use super::{RegistryError, Session};
use crate::net::{NetError, Response, retry};

/// The file of a blob, which is brought there if it is not there yet.
pub(super) fn fetch(
    session: &Session,
    directory: &Path,
    (digest, size): (Digest, u64),
    traffic: &Traffic,
) -> Result<PathBuf, RegistryError> {
    let path = directory.join("sha256").join(digest.hex());
    let unfinished = directory.join("partial").join(format!("{}.part", digest.hex()));
    let failed = |source| RegistryError::File { doing: "write", path: path.clone(), source };
    if is_there(&path, digest, size) {
        traffic.add(size);
        return Ok(path);
    }
    let mut file = loop {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(&unfinished).map_err(failed)?;
        // Another run may be at it: what it brings is as good.
        flock(&file, FlockOperation::LockExclusive).map_err(|error| failed(error.into()))?;
        if is_there(&path, digest, size) {
            traffic.add(size);
            return Ok(path);
        }
        // It may have been renamed between the two.
        if is_same(&file, &unfinished) {
            break file;
        }
    };
    let mut part = Part { file: &mut file, hasher: Hasher::default(), has: 0, size };
    let before = part.recall().map_err(failed)?;
    traffic.add(before);
    let bring = |part: &mut Part<'_>| {
        let brought = retry(session.patience(), |_| part.go_on(session, digest, traffic));
        brought.map_err(|error| match error {
            NetError::Body { source, .. } => failed(source),
            error => session.error(error),
        })
    };
    bring(&mut part)?;
    let mut found = part.hasher.clone().finish();
    if found != digest && before > 0 {
        // What was left from before may be what is wrong.
        part.start_again().map_err(failed)?;
        bring(&mut part)?;
        found = part.hasher.clone().finish();
    }
    if found != digest {
        // Gone on with it would never be right.
        let _ = fs::remove_file(&unfinished);
        let place = session.place.clone();
        return Err(RegistryError::Digest { place, expected: digest, found: found.to_string() });
    }
    fs::rename(&unfinished, &path).map_err(failed)?;
    Ok(path)
}

/// Whether a file holds a blob. Files of a wrong size or content are not it.
fn is_there(path: &Path, digest: Digest, size: u64) -> bool {
    let Ok(mut file) = File::open(path) else { return false };
    let mut hasher = Hasher::default();
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() == size)
        && feed(&mut file, &mut hasher).is_ok()
        && hasher.finish() == digest
}

fn is_same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    file.metadata().map(identity).ok() == fs::symlink_metadata(path).map(identity).ok()
}

fn feed(from: &mut impl Read, hasher: &mut Hasher) -> io::Result<u64> {
    let (mut buffer, mut whole) = (vec![0; 1 << 18], 0);
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            return Ok(whole);
        }
        hasher.update(&buffer[..count]);
        whole += count as u64;
    }
}

/// A blob of which some is there.
struct Part<'f> {
    file: &'f mut File,
    hasher: Hasher,
    has: u64,
    size: u64,
}

impl Part<'_> {
    /// Reads what is there from before.
    fn recall(&mut self) -> io::Result<u64> {
        if self.file.metadata()?.len() > self.size {
            self.file.set_len(0)?;
        }
        self.has = feed(self.file, &mut self.hasher)?;
        Ok(self.has)
    }

    fn start_again(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        (self.hasher, self.has) = (Hasher::default(), 0);
        Ok(())
    }

    /// Asks for what is missing, and takes as much of it as comes.
    fn go_on(
        &mut self,
        session: &Session,
        digest: Digest,
        traffic: &Traffic,
    ) -> Result<(), NetError> {
        if self.has == self.size {
            return Ok(());
        }
        let mut request = session.request(Method::GET, &format!("blobs/{digest}"))?;
        if self.has > 0 {
            request = request.with("range", &format!("bytes={}-", self.has));
        }
        let answer = match session.get(&request) {
            Err(error) if error.status() == Some(416) => {
                request.headers.remove("range");
                session.get(&request)?
            }
            answer => answer?,
        };
        let url = answer.url.clone();
        let file = |source| NetError::Body { url: url.clone(), source };
        if self.has > 0 && !begins_at(&answer, self.has) {
            self.start_again().map_err(file)?;
        }
        let mut left = self.size - self.has;
        let mut body = answer.into_reader();
        let mut buffer = vec![0; 1 << 16];
        loop {
            let broken = |why: String| NetError::Broken { url: url.clone(), why };
            let count = body.read(&mut buffer).map_err(|error| broken(error.to_string()))?;
            if count == 0 && left > 0 {
                return Err(broken(format!("{left} bytes are missing at the end")));
            }
            if count == 0 {
                return Ok(());
            }
            if count as u64 > left {
                let why = format!("it has more than {} bytes", self.size);
                return Err(NetError::Answer { url: url.clone(), why });
            }
            self.file.write_all(&buffer[..count]).map_err(file)?;
            self.hasher.update(&buffer[..count]);
            traffic.add(count as u64);
            self.has += count as u64;
            left -= count as u64;
        }
    }
}

/// Whether an answer is the part that was asked for.
fn begins_at(answer: &Response, from: u64) -> bool {
    let range = answer.header("content-range").and_then(|text| text.strip_prefix("bytes "));
    let first = range.and_then(|text| text.split('-').next()?.trim().parse().ok());
    answer.status.as_u16() == 206 && first == Some(from)
}
