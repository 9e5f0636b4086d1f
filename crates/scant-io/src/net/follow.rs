//! Redirects. What is meant for one server (credentials, cookies) is never sent to another: storage
//! that a registry redirects to is somebody else.

use scant_core::words::Url;
use ureq::http::header::{AUTHORIZATION, COOKIE, LOCATION};

use super::{Body, Client, NetError, Request, Response};

/// The most redirects that are followed.
const MOST_REDIRECTS: usize = 10;

/// Sends a request without a body, and follows redirects. The answer is one of success; all others
/// are errors.
///
/// # Errors
/// As [`Client::send`], or when redirects lead nowhere.
pub fn follow(client: &Client, request: &Request) -> Result<Response, NetError> {
    let mut request = request.clone();
    let first = request.url.clone();
    for _ in 0..=MOST_REDIRECTS {
        let answer = client.send(&request, Body::None)?;
        if !matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
            return answer.successful();
        }
        let location = answer.header(LOCATION.as_str()).unwrap_or_default();
        if location.is_empty() {
            let why = format!("a redirect ({}) to nowhere", answer.status.as_u16());
            return Err(NetError::Answer { url: request.url, why });
        }
        let failed = |error| NetError::Redirect { url: request.url.clone(), error };
        let to: Url = request.url.join(location).map_err(failed)?;
        if request.url.is_https() && !to.is_https() {
            return Err(NetError::Downgrade { url: request.url, to });
        }
        if !request.url.is_same_server(&to) {
            request.headers.remove(AUTHORIZATION);
            request.headers.remove(COOKIE);
        }
        request.url = to;
    }
    Err(NetError::TooManyRedirects { url: first, most: MOST_REDIRECTS })
}
