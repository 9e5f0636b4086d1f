//! Packages and archives of Debian, made byte by byte, and a server for them.

mod archive;
mod deb;
mod server;

pub use archive::DebianArchive;
pub use deb::{ar, deb, deb_of};
pub use server::FileServer;
