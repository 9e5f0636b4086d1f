//! What goes wrong between here and a server. The text names the server and the path, never a query
//! and never a header: they may hold what nobody else may know.

use std::io;

use scant_core::words::{Url, UrlError};

/// A failed exchange.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The network is not to be used.
    #[error("`{}` is not asked for: this is an offline run", .url.shown())]
    Offline {
        /// What would have been asked for.
        url: Url,
    },
    /// Something that is not encrypted would leave this machine.
    #[error("`{}` is not encrypted, which was not allowed", .url.shown())]
    Plain {
        /// What would have been asked for.
        url: Url,
    },
    /// There is no such host, or none that answers.
    #[error("`{}` cannot be reached: {why}", .url.shown())]
    Unreachable {
        /// What was asked for.
        url: Url,
        /// Why.
        why: String,
    },
    /// The server cannot prove who it is, or the encryption fails otherwise.
    #[error("`{}`: no encrypted connection: {why}", .url.shown())]
    Tls {
        /// What was asked for.
        url: Url,
        /// Why.
        why: String,
    },
    /// The connection broke, or nothing came for too long.
    #[error("`{}`: the connection broke: {why}", .url.shown())]
    Broken {
        /// What was asked for.
        url: Url,
        /// Why.
        why: String,
    },
    /// The answer is not HTTP as it should be.
    #[error("`{}`: the answer makes no sense: {why}", .url.shown())]
    Answer {
        /// What was asked for.
        url: Url,
        /// Why.
        why: String,
    },
    /// The server refuses.
    #[error(transparent)]
    Status(Box<Status>),
    /// A redirect leads nowhere.
    #[error("`{}` redirects to what is no place: {error}", .url.shown())]
    Redirect {
        /// What was asked for.
        url: Url,
        /// Why.
        error: UrlError,
    },
    /// Redirects without an end.
    #[error("`{}` redirects more than {most} times", .url.shown())]
    TooManyRedirects {
        /// What was asked for at first.
        url: Url,
        /// The most that are followed.
        most: usize,
    },
    /// A redirect from an encrypted server to one that is not.
    #[error("`{}` redirects to `{}`, which is not encrypted", .url.shown(), .to.shown())]
    Downgrade {
        /// What was asked for.
        url: Url,
        /// Where it leads.
        to: Url,
    },
    /// What was to be sent cannot be read.
    #[error("what is sent to `{}` cannot be read: {source}", .url.shown())]
    Body {
        /// Where it was sent.
        url: Url,
        /// Why.
        source: io::Error,
    },
    /// A file of certificates cannot be used.
    #[error("certificates in `{path}`: {why}")]
    Certificates {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
    /// A proxy that cannot be used.
    #[error("`{proxy}` cannot be a proxy: {why}")]
    Proxy {
        /// It, without a password.
        proxy: String,
        /// Why.
        why: String,
    },
}

/// An answer that says no.
#[derive(Clone, Debug, thiserror::Error)]
#[error("`{}` answers {status}{}", .url.shown(), after_colon(.said))]
pub struct Status {
    /// What was asked for.
    pub url: Url,
    /// The status of the answer.
    pub status: u16,
    /// What the server says about it, on one line and not long; may be empty.
    pub said: String,
    /// How many seconds it asks to wait.
    pub retry_after: Option<u64>,
}

fn after_colon(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {text}") }
}

impl NetError {
    /// The status of the answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status(status) => Some(status.status),
            _ => None,
        }
    }

    /// Whether the same may go well a little later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Broken { .. } => true,
            Self::Status(status) => matches!(status.status, 408 | 425 | 429 | 500..=504),
            _ => false,
        }
    }
}
