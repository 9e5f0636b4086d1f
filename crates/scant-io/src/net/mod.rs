//! HTTP as all of scant speaks it: one client, which takes certificates, proxies and patience from
//! its settings and nothing from the environment. What is asked for, and with which credentials, is
//! decided by those who ask.
//!
//! ```text
//! client       one exchange: a request, an answer
//! credentials  names, passwords and tokens for plain downloads
//! follow       redirects; credentials stay with the server they are for
//! names        addresses of hosts, looked up once
//! patience     tries again what may be tried again, and how long it waits
//! proxies      which server is reached through which other one
//! roots        who is trusted to say who a server is
//! ```

mod client;
mod credentials;
mod error;
mod follow;
mod names;
mod patience;
mod proxies;
mod roots;

pub use client::{Body, Client, Request, Response, Settings, TimeLimits, Verify};
pub use credentials::{Credentials, CredentialsError, basic, read_apt_passwords, read_netrc};
pub use error::{NetError, Status};
pub use follow::follow;
pub use patience::{Patience, retry};
pub use proxies::Proxies;
pub use roots::SystemRoots;

#[cfg(test)]
mod tests;
