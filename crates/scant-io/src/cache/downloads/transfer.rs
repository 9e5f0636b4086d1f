//! One file from a server, in as many exchanges as it takes.

use std::io::{self, Read as _};

use scant_core::words::{Digest, Url};

use super::partial::Partial;
use super::server::Server;
use super::store::BUFFER;
use super::validator::Validator;
use super::{Download, DownloadError, Step, Watch};
use crate::net::{NetError, Response, retry};

/// A file that is being loaded.
pub(super) struct Transfer<'a> {
    pub(super) server: &'a dyn Server,
    pub(super) download: &'a Download,
    pub(super) watch: Watch<'a>,
    /// What is there of it.
    pub(super) partial: Partial,
    /// Whether its size was told.
    pub(super) is_expected: bool,
}

/// With so many more bytes it was no failure, but slow progress.
const PROGRESS: u64 = 1 << 20;

impl Transfer<'_> {
    /// Loads what is missing. The digest of the whole, and who sent it.
    pub(super) fn run(&mut self) -> Result<(Digest, Url), DownloadError> {
        let was_begun = self.partial.size() > 0;
        if was_begun {
            (self.watch)(Step::Received(self.partial.size()));
        }
        let (found, url, was_resumed) = self.complete()?;
        match self.download.digest {
            Some(expected) if expected != found && was_resumed => {
                // The start may be of something else, whatever the server said.
                self.restart(None)?;
                let (found, url, _) = self.complete()?;
                self.verified(expected, found, url)
            }
            Some(expected) => self.verified(expected, found, url),
            None => Ok((found, url)),
        }
    }

    fn verified(
        &self,
        expected: Digest,
        found: Digest,
        url: Url,
    ) -> Result<(Digest, Url), DownloadError> {
        match expected == found {
            true => Ok((found, url)),
            false => Err(DownloadError::WrongDigest { url, expected, found }),
        }
    }

    /// Asks until all is there: its digest, who sent the end, and whether that was not all.
    fn complete(&mut self) -> Result<(Digest, Url, bool), DownloadError> {
        let mut was_resumed = false;
        loop {
            let before = self.partial.size();
            let patience = self.server.patience();
            let tried = retry(&patience, |_| {
                was_resumed |= self.partial.size() > 0;
                match self.exchange() {
                    Err(DownloadError::Net(error)) => Err(error),
                    // Nothing else is tried again.
                    other => Ok(other),
                }
            });
            match tried {
                Ok(done) => return Ok((self.partial.hasher().finish(), done?, was_resumed)),
                Err(error) if error.is_transient() && self.partial.size() >= before + PROGRESS => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// One exchange, to the end of the file. Who sent it.
    fn exchange(&mut self) -> Result<Url, DownloadError> {
        let answer = match self.ask() {
            // What is there is more than the server has.
            Err(NetError::Status(status)) if status.status == 416 && self.partial.size() > 0 => {
                self.restart(None)?;
                self.ask()?
            }
            answer => answer?,
        };
        let answer = if is_rest(&answer, self.partial.size()) {
            answer
        } else if answer.status.as_u16() == 206 {
            self.restart(None)?;
            self.ask()?
        } else {
            answer
        };
        let url = answer.url.clone();
        match answer.status.as_u16() {
            206 if self.partial.size() > 0 => {}
            200 => self.restart(self.validator(&answer))?,
            status => {
                let why = format!("a whole file was asked for, and {status} came");
                return Err(NetError::Answer { url, why }.into());
            }
        }
        let total = answer.content_length().map(|rest| self.partial.size().saturating_add(rest));
        if let Some(total) = total.or(self.download.size) {
            self.check_size(&url, total, false)?;
            if !std::mem::replace(&mut self.is_expected, true) {
                (self.watch)(Step::Expected(total));
            }
        }
        self.receive(answer, total)?;
        Ok(url)
    }

    /// Asks for what is missing.
    fn ask(&self) -> Result<Response, NetError> {
        // As it is stored: a digest is of those bytes.
        let identity = ("accept-encoding", "identity");
        let Some(validator) = self.partial.validator() else {
            return self.server.ask(&[identity]);
        };
        let range = format!("bytes={}-", self.partial.size());
        match self.server.is_addressed_by_content() {
            true => self.server.ask(&[identity, ("range", &range)]),
            false => {
                self.server.ask(&[identity, ("range", &range), ("if-range", validator.as_str())])
            }
        }
    }

    /// What tells of this answer whether the rest of it is still to be had later.
    fn validator(&self, answer: &Response) -> Option<Validator> {
        match self.server.is_addressed_by_content() {
            true => Some(Validator::content()),
            false => Validator::of(answer, self.download.digest.is_some()),
        }
    }

    /// Appends the body.
    fn receive(&mut self, answer: Response, total: Option<u64>) -> Result<(), DownloadError> {
        let url = answer.url.clone();
        let mut body = answer.into_reader();
        let mut buffer = vec![0; BUFFER];
        loop {
            match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    self.check_size(&url, self.partial.size() + count as u64, true)?;
                    self.partial.append(&buffer[..count]).map_err(|error| self.failed(error))?;
                    (self.watch)(Step::Received(count as u64));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(NetError::Broken { url, why: error.to_string() }.into()),
            }
        }
        let size = self.partial.size();
        match total.or(self.download.size) {
            Some(expected) if size < expected => {
                let why = format!("it ended after {size} of {expected} bytes");
                Err(NetError::Broken { url, why }.into())
            }
            _ => Ok(()),
        }
    }

    /// Whether a file may have this size, or more with `is_more`.
    fn check_size(&self, url: &Url, found: u64, is_more: bool) -> Result<(), DownloadError> {
        let limit = self.download.limit;
        match self.download.size {
            Some(expected) if found > expected || (found < expected && !is_more) => {
                let url = url.clone();
                Err(DownloadError::WrongSize { url, expected, found, is_more })
            }
            _ if found > limit => Err(DownloadError::TooLarge { url: url.clone(), limit }),
            _ => Ok(()),
        }
    }

    /// Begins again.
    fn restart(&mut self, validator: Option<Validator>) -> Result<(), DownloadError> {
        if self.partial.size() > 0 {
            (self.watch)(Step::Lost(self.partial.size()));
        }
        self.partial.restart(validator).map_err(|error| self.failed(error))
    }

    fn failed(&self, source: io::Error) -> DownloadError {
        DownloadError::Store { path: self.partial.path(), source }
    }
}

/// Whether this answer is all that follows after so many bytes.
/// [RFC 9110, 14.4](https://www.rfc-editor.org/rfc/rfc9110#section-14.4).
fn is_rest(answer: &Response, after: u64) -> bool {
    let parts = || {
        let range = answer.header("content-range")?.strip_prefix("bytes ")?;
        let (range, total) = range.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let number = |text: &str| text.trim().parse::<u64>().ok();
        Some((number(first)?, number(last)?, number(total)))
    };
    let Some((first, last, total)) = parts() else { return false };
    first == after && total.is_none_or(|total| last.checked_add(1) == Some(total))
}
