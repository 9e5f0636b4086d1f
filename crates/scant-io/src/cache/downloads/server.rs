//! Who is asked for a file, and whether the address alone says what it is.

use ureq::http::Method;

use super::Download;
use crate::net::{Client, NetError, Patience, Request, Response, follow};

/// Who is asked for a file.
pub(crate) trait Server {
    /// Asks for the file, with these headers besides. The answer is one of success.
    fn ask(&self, headers: &[(&'static str, &str)]) -> Result<Response, NetError>;

    /// How often what failed is tried again.
    fn patience(&self) -> Patience;

    /// Whether nobody is to be asked.
    fn is_offline(&self) -> bool;

    /// Whether the address holds the digest: then all who have the file have the same, and what is
    /// there of it needs nothing else to be gone on with.
    fn is_addressed_by_content(&self) -> bool;
}

/// The server that a URL names.
pub(super) struct Plain<'a> {
    pub(super) client: &'a Client,
    pub(super) download: &'a Download,
}

impl Server for Plain<'_> {
    fn ask(&self, headers: &[(&'static str, &str)]) -> Result<Response, NetError> {
        let mut request = Request::new(Method::GET, self.download.url.clone());
        request.verify = self.download.verify;
        if let Some(authorization) = &self.download.authorization {
            request = request.with("authorization", &authorization.0);
        }
        let with =
            |request: Request, (name, value): &(&'static str, &str)| request.with(name, value);
        follow(self.client, &headers.iter().fold(request, with))
    }

    fn patience(&self) -> Patience {
        self.client.settings().patience
    }

    fn is_offline(&self) -> bool {
        self.client.settings().is_offline
    }

    fn is_addressed_by_content(&self) -> bool {
        false
    }
}
