//! A blob to a repository: whole, as most registries want it; in parts where a registry says so, or
//! where the rest of one is left.
//! [Distribution specification, pushing blobs](https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs).

use std::io::{self, Read};

use scant_core::words::Url;
use ureq::http::Method;

use super::session::{Payload, Session};
use super::token::encoded;
use super::{RegistryError, Traffic};
use crate::blobs::Blob;
use crate::net::{NetError, Request, Response, retry};

/// What was done for a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brought {
    /// It was there.
    Present,
    /// The registry had it in another repository.
    Mounted,
    /// It was sent.
    Sent,
}

/// The parts of a registry that wants parts and does not say of what size.
const PART: u64 = 16 << 20;

/// A place where a blob is being received.
struct Place {
    url: Url,
    /// The least size of a part that is not the last, if the registry names one.
    least: Option<u64>,
}

impl Session {
    /// Whether a blob is there.
    fn has_blob(&self, blob: &Blob) -> Result<bool, NetError> {
        let request = self.request(Method::HEAD, &format!("blobs/{}", blob.digest()))?;
        let answer = self.send(&request, Payload::None)?;
        match answer.status.as_u16() {
            // The size is not always told; where it is, it must be right.
            200..=299 => {
                Ok(answer.content_length().is_none_or(|size| size == blob.size() || size == 0))
            }
            // Storage has it.
            301..=308 => Ok(true),
            404 => Ok(false),
            // Some do not let ask those who may write.
            401 | 403 | 405 => Ok(false),
            _ => Err(self.refusal(answer)),
        }
    }

    /// Brings a blob to the repository, unless it is there.
    pub(super) fn bring(
        &self,
        blob: &Blob,
        from: Option<&str>,
        traffic: &Traffic,
    ) -> Result<Brought, RegistryError> {
        let mut place = None;
        let mut is_whole = true;
        let brought = retry(self.patience(), |failed| {
            if self.has_blob(blob)? {
                return Ok(Brought::Present);
            }
            if failed == 0 {
                match self.begin(blob, from)? {
                    None => return Ok(Brought::Mounted),
                    begun => place = begun,
                }
                // Read before anything is sent: what cannot be had is not the registry's fault.
                blob.open()
                    .map(drop)
                    .map_err(|source| NetError::Body { url: self.server.base.clone(), source })?;
                traffic.expect(blob.size());
            }
            let done = self.resume(blob, place.take(), failed > 0, &mut is_whole, traffic);
            done.map_err(|(error, left)| {
                place = left;
                error
            })?;
            Ok(Brought::Sent)
        });
        brought.map_err(|error| match error {
            NetError::Body { source, .. } => {
                RegistryError::File { doing: "read", path: blob.path().to_path_buf(), source }
            }
            error => self.error(error),
        })
    }

    /// Asks for a place, or for the blob of another repository: none if it is there by that.
    fn begin(&self, blob: &Blob, from: Option<&str>) -> Result<Option<Place>, NetError> {
        if let Some(from) = from.filter(|from| *from != self.repository) {
            let digest = encoded(&blob.digest().to_string());
            let path = format!("blobs/uploads/?mount={digest}&from={}", encoded(from));
            let answer = self.send(&self.request(Method::POST, &path)?, Payload::Bytes(&[]))?;
            match answer.status.as_u16() {
                201 => return Ok(None),
                202 => return self.place(&answer).map(Some),
                // Who may not mount may still send.
                _ => {}
            }
        }
        let request = self.request(Method::POST, "blobs/uploads/")?;
        let answer = self.send(&request, Payload::Bytes(&[]))?;
        if !answer.status.is_success() {
            return Err(self.refusal(answer));
        }
        self.place(&answer).map(Some)
    }

    fn place(&self, answer: &Response) -> Result<Place, NetError> {
        let why = "it says not where the blob goes".to_string();
        let missing = || NetError::Answer { url: answer.url.clone(), why };
        let url = self.location(answer)?.ok_or_else(missing)?;
        let least = answer.header("oci-chunk-min-length").and_then(|text| text.trim().parse().ok());
        Ok(Place { url, least })
    }

    /// Sends what is missing. If that fails, what is left to go on with comes back.
    fn resume(
        &self,
        blob: &Blob,
        place: Option<Place>,
        is_again: bool,
        is_whole: &mut bool,
        traffic: &Traffic,
    ) -> Result<(), (NetError, Option<Place>)> {
        let (mut place, mut has) = (place, 0);
        if let Some(known) = place.take_if(|_| is_again) {
            // A registry that has nothing of it, or does not say so, begins anew.
            if let Ok(Some((next, received))) = self.received(&known)
                && received > 0
                && received <= blob.size()
            {
                (place, has) = (Some(next), received);
            }
        }
        let place = match place {
            Some(place) => place,
            None => match self.begin(blob, None) {
                Ok(Some(place)) => place,
                Ok(None) => return Ok(()),
                Err(error) => return Err((error, None)),
            },
        };
        let is_small = place.least.is_some_and(|least| blob.size() <= least);
        if *is_whole && has == 0 && (place.least.is_none() || is_small) {
            let sent = self.put(blob, &place, (0, blob.size()), traffic);
            return sent.map_err(|error| {
                // By 413 and the like registries say that parts are wanted.
                if matches!(error.status(), Some(400 | 405 | 411 | 413 | 415 | 416 | 501)) {
                    *is_whole = false;
                    let why = "it takes no blob as a whole".to_string();
                    let url = place.url.clone();
                    let said = error;
                    // Tried again, in parts.
                    if said.status() == Some(413) || said.status() == Some(416) {
                        return (NetError::Broken { url, why }, None);
                    }
                    return (said, None);
                }
                (error, Some(place))
            });
        }
        self.parts(blob, place, has, traffic)
    }

    /// Sends a blob in parts, from an offset on.
    fn parts(
        &self,
        blob: &Blob,
        mut place: Place,
        mut has: u64,
        traffic: &Traffic,
    ) -> Result<(), (NetError, Option<Place>)> {
        let part = place.least.map_or(PART, |least| least.max(PART));
        while has < blob.size() {
            let size = part.min(blob.size() - has);
            let range = format!("{has}-{}", has + size - 1);
            let request = self.upload(Method::PATCH, place.url.clone());
            let request = request.with("content-range", &range);
            let payload = Payload::Part(blob, has, size, &|count| traffic.add(count));
            let answer = match self.send(&request, payload) {
                Ok(answer) => answer,
                Err(error) => return Err((error, Some(place))),
            };
            if answer.status.as_u16() == 416 {
                // It has another part than is thought here: it knows best.
                let (next, received) = match self.received(&place) {
                    Ok(Some(known)) => known,
                    Ok(None) => return Err((self.refusal(answer), None)),
                    Err(error) => return Err((error, Some(place))),
                };
                if received == has || received > blob.size() {
                    return Err((self.refusal(answer), None));
                }
                (place, has) = (next, received);
                continue;
            }
            if !answer.status.is_success() {
                return Err((self.refusal(answer), Some(place)));
            }
            has = received(&answer).filter(|count| *count > has).unwrap_or(has + size);
            let least = place.least;
            place = self.place(&answer).map_err(|error| (error, None))?;
            place.least = place.least.or(least);
        }
        self.put(blob, &place, (has, 0), traffic).map_err(|error| (error, Some(place)))
    }

    /// Ends an upload, with the last part of the blob.
    fn put(
        &self,
        blob: &Blob,
        place: &Place,
        (from, size): (u64, u64),
        traffic: &Traffic,
    ) -> Result<(), NetError> {
        let separator = if place.url.path_and_query().contains('?') { '&' } else { '?' };
        let digest = encoded(&blob.digest().to_string());
        let url = format!("{}{separator}digest={digest}", place.url);
        let wrong = |error| NetError::Redirect { url: place.url.clone(), error };
        let request = self.upload(Method::PUT, url.parse().map_err(wrong)?);
        let noted = |count| traffic.add(count);
        let payload = match size {
            0 => Payload::Bytes(&[]),
            size => Payload::Part(blob, from, size, &noted),
        };
        let answer = self.send(&request, payload)?;
        if answer.status.is_success() { Ok(()) } else { Err(self.refusal(answer)) }
    }

    /// How much of an upload has been received, and where it goes on.
    fn received(&self, place: &Place) -> Result<Option<(Place, u64)>, NetError> {
        let request = self.upload(Method::GET, place.url.clone());
        let answer = self.send(&request, Payload::None)?;
        if !answer.status.is_success() {
            return Ok(None);
        }
        let Some(count) = received(&answer) else { return Ok(None) };
        let url = self.location(&answer)?.unwrap_or_else(|| place.url.clone());
        Ok(Some((Place { url, least: place.least }, count)))
    }

    fn upload(&self, method: Method, url: Url) -> Request {
        let request = Request { verify: self.server.verify, ..Request::new(method, url) };
        // Without it some take the body for a form and lose it.
        request.with("content-type", "application/octet-stream")
    }
}

/// How many bytes an answer says were received: `Range: 0-LAST`. `0-0` is what some say of none.
fn received(answer: &Response) -> Option<u64> {
    let range = answer.header("range")?.trim().trim_start_matches("bytes=");
    let last: u64 = range.strip_prefix("0-")?.parse().ok()?;
    Some(if last == 0 { 0 } else { last + 1 })
}

/// A part of a blob, which tells how much of it was read.
pub(super) fn part<'a>(
    blob: &'a Blob,
    from: u64,
    size: u64,
    noted: &'a (dyn Fn(u64) + Sync),
) -> io::Result<impl Read + Send + 'a> {
    let mut reader = blob.open()?;
    // All is read, so that the end can tell whether the whole is what it should be.
    io::copy(&mut reader.by_ref().take(from), &mut io::sink())?;
    Ok(Noted { reader: reader.take(size), noted })
}

struct Noted<'a, R> {
    reader: R,
    noted: &'a (dyn Fn(u64) + Sync),
}

impl<R: Read> Read for Noted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        (self.noted)(count as u64);
        Ok(count)
    }
}
