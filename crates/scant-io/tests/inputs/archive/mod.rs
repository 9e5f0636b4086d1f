//! Archives as inputs. They are made byte by byte, so that each fault is one; what programs write is
//! read in `tools`.

mod compressed;
mod refused;
mod tar;
mod tools;
mod zip;

use std::io::Write as _;

use scant_core::words::TreePath;
use scant_io::inputs::{ArchiveInput, ArchiveOptions, Limits};
use tempfile::NamedTempFile;

use crate::support::shown;

pub(crate) use compressed::COMPRESSIONS;

#[expect(clippy::disallowed_methods, reason = "a test may ask where it is run")]
pub(crate) fn options() -> ArchiveOptions {
    let temporary = std::env::temp_dir();
    ArchiveOptions { strip_components: 0, limits: Limits::default(), temporary }
}

/// The archive of these bytes, or why it is none; its name is `FILE`.
pub(crate) fn opened(bytes: &[u8], options: &ArchiveOptions) -> Result<ArchiveInput, String> {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let name = file.path().display().to_string();
    ArchiveInput::open(file.path(), options)
        .map_err(|error| error.to_string().replace(&name, "FILE"))
}

/// All that an archive of these bytes holds, or why it is not read.
pub(crate) fn seen(bytes: &[u8], options: &ArchiveOptions) -> String {
    match opened(bytes, options) {
        Ok(input) => shown(&input, &TreePath::root()),
        Err(error) => error,
    }
}

#[track_caller]
pub(crate) fn case(bytes: &[u8], expected: &str) {
    assert_eq!(seen(bytes, &options()), expected);
}
