//! The loader that a root has for files that name none: libraries and plug-ins.

use super::candidate::{Verdict, judge};
use crate::formats::elf::Header;
use crate::rules::View;
use crate::words::TreePath;

/// Where loaders lie.
const DIRECTORIES: [&str; 6] = ["/lib64", "/lib", "/usr/lib64", "/usr/lib", "/libx32", "/lib32"];

/// The beginnings of loaders' file names.
const NAMES: [&[u8]; 4] = [b"ld-linux", b"ld64.so", b"ld-musl-", b"ld.so.1"];

/// A loader under the root that fits a file with this header; in several, the first by directory,
/// then by name.
pub fn of_root(view: &View<'_>, header: &Header) -> Option<TreePath> {
    for directory in DIRECTORIES {
        let Ok(found) = view.resolve(directory.as_bytes()) else { continue };
        let names = view.input().list(&found.path).unwrap_or_default();
        for name in names {
            let is_loader = NAMES.iter().any(|start| name.starts_with(start))
                || name.starts_with(b"ld-uClibc")
                || name.starts_with(b"ld64-uClibc");
            if !is_loader {
                continue;
            }
            let path = TreePath::literal(directory).join(&name);
            let fits = view.resolve(path.as_bytes()).is_ok_and(|found| {
                matches!(judge(&view.elf(&found.path), header, false), Verdict::Accept)
            });
            if fits {
                return Some(path);
            }
        }
    }
    None
}
