//! Indexes and packages of apk, version 2 of their form, as Alpine and Wolfi have them. Bytes come
//! in, values go out; nothing is fetched here, and no script is ever run.
//! [apk-v2(5)](https://gitlab.alpinelinux.org/alpine/apk-tools/-/blob/master/doc/apk-v2.5.scd).

mod error;
mod files;
mod index;
mod keys;
mod members;
mod package;
mod replaces;
mod repositories;
mod root;
mod tar_entries;
mod trust;

pub use error::ApkFault;
pub use index::ApkIndex;
pub use keys::{Algorithm, Key, KeyFault};
pub use package::{ApkPackage, Checked, Expected};
pub use replaces::replaces;
pub use repositories::{ApkError, Repositories};
pub use root::{ApkRootError, root};
pub use trust::{Demand, Trust, Untrusted};

/// The most bytes of an index when it is decompressed: those of Alpine have under 3 MB.
const MOST_INDEX: u64 = 256 << 20;
/// The most bytes of control data: some lines and scripts.
const MOST_CONTROL: u64 = 16 << 20;

/// Whether it begins as files of version 3 do.
fn is_version_3(bytes: &[u8]) -> bool {
    bytes.starts_with(b"ADB")
}

/// Bytes in hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
