//! HTTP as all of scant speaks it: one client, which takes certificates, proxies and patience from
//! its settings and nothing from the environment. What is asked for, and with which credentials, is
//! decided by those who ask.
//!
//! ```text
//! client    one exchange: a request, an answer
//! follow    redirects; credentials stay with the server they are for
//! patience  tries again what may be tried again, and how long it waits
//! proxies   which server is reached through which other one
//! roots     who is trusted to say who a server is
//! ```

mod client;
mod error;
mod follow;
mod patience;
mod proxies;
mod roots;

pub use client::{Body, Client, Request, Response, Settings, Verify};
pub use error::{NetError, Status};
pub use follow::follow;
pub use patience::{Patience, retry};
pub use proxies::Proxies;

#[cfg(test)]
mod tests;
