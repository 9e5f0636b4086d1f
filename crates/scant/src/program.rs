//! What a file of an input is that is no ELF program, and where one is that was not found.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use scant_core::formats::shebang;
use scant_core::rules::View;
use scant_core::words::Escaped;

/// The interpreter that the first line of a script names; none when the file is no script.
pub(crate) fn interpreter(view: &View<'_>, path: &[u8]) -> Option<String> {
    let found = view.resolve(path).ok()?;
    let file = view.input().open(&found.path).ok()?;
    let mut start = vec![0; shebang::LONGEST as usize];
    let count = file.read_at(0, &mut start).ok()?;
    let shebang = shebang::parse(&start[..count])?;
    Some(Escaped(&shebang.interpreter).to_string())
}

/// Where programs are, in the order in which most systems look for them.
const DIRECTORIES: [&str; 6] =
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// Programs of a root that have the name of a file that is not there.
pub(crate) fn of_that_name(view: &View<'_>, file: &Path) -> Option<String> {
    let name = file.file_name().map(OsStr::as_bytes)?;
    let path = |directory: &&str| [directory.as_bytes(), b"/", name].concat();
    let is_file = |path: &Vec<u8>| view.resolve(path).is_ok_and(|f| f.entry.file_size().is_some());
    let found = DIRECTORIES.iter().map(path).find(is_file)?;
    Some(format!("did you mean {}?", Escaped(&found)))
}
