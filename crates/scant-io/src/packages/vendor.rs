//! Whose packages a root is made of, by what it calls itself.

use scant_core::formats::os_release;
use scant_core::words::{Input, TreePath};

/// Some lines.
const LARGEST: u64 = 64 << 10;

/// The distribution of a root, for package URLs: `debian`, `alpine`; none if it does not say. It is
/// `ID` of [os-release(5)](https://www.freedesktop.org/software/systemd/man/latest/os-release.html).
pub(crate) fn vendor(root: &dyn Input) -> Option<String> {
    let places = ["/usr/lib/os-release", "/etc/os-release"].map(TreePath::literal);
    let is_file = |path: &&TreePath| matches!(root.lookup(path), Ok(Some(entry)) if entry.file_size().is_some());
    let text = root.read(places.iter().find(is_file)?, LARGEST).ok()?;
    let text = String::from_utf8(text).ok()?;
    let id = os_release::get(&text, "ID")?;
    let is_id = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
    (!id.is_empty() && id.bytes().all(is_id)).then(|| id.to_string())
}
