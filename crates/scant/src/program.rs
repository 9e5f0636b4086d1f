//! What a file of an input is that is no ELF program.

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
