//! The lists that say which package a file belongs to: dpkg's, apk's and Buildroot's.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;

use crate::words::TreePath;

/// The packages that own some wanted paths. Lists name hundreds of thousands; only the wanted ones
/// are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owners {
    wanted: BTreeMap<Box<[u8]>, Owner>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Owner {
    #[default]
    Unknown,
    One(Arc<str>),
    /// Directories are listed by every package that has something in them.
    Several,
}

impl Owners {
    /// The owners of these paths, none of which is known yet.
    pub fn of<'p>(wanted: impl Iterator<Item = &'p TreePath>) -> Self {
        let wanted = wanted.map(|path| (Box::from(path.as_bytes()), Owner::Unknown)).collect();
        Self { wanted }
    }

    /// The one package that owns `path`.
    pub fn get(&self, path: &TreePath) -> Option<&Arc<str>> {
        match self.wanted.get(path.as_bytes())? {
            Owner::One(package) => Some(package),
            Owner::Unknown | Owner::Several => None,
        }
    }

    /// One more package has `path`.
    fn add(&mut self, path: &[u8], package: &Arc<str>) {
        if let Some(owner) = self.wanted.get_mut(path) {
            *owner = match owner {
                Owner::Unknown => Owner::One(package.clone()),
                Owner::One(known) if known == package => return,
                Owner::One(_) | Owner::Several => Owner::Several,
            };
        }
    }

    /// `package` has `path` now, whoever had it before.
    fn set(&mut self, path: &[u8], package: &Arc<str>) {
        if let Some(owner) = self.wanted.get_mut(path) {
            *owner = Owner::One(package.clone());
        }
    }
}

/// Reads dpkg's `/var/lib/dpkg/info/PACKAGE.list`: one absolute path a line.
pub fn dpkg(list: &[u8], package: &Arc<str>, owners: &mut Owners) {
    lines(list).for_each(|line| owners.add(line, package));
}

/// Takes the paths of a package from a list of another form.
pub fn owned<'p>(
    paths: impl Iterator<Item = &'p TreePath>,
    package: &Arc<str>,
    owners: &mut Owners,
) {
    paths.for_each(|path| owners.add(path.as_bytes(), package));
}

/// Reads apk's `installed` database: paragraphs with `P:` the package, `F:` a directory, `R:` a
/// file in it. <https://wiki.alpinelinux.org/wiki/Apk_spec>
pub fn apk(database: &[u8], owners: &mut Owners) {
    let mut package: Arc<str> = "".into();
    let mut directory: &[u8] = b"";
    for line in lines(database) {
        let Some((key, value)) = line.split_at_checked(2) else { continue };
        match key {
            b"P:" => package = String::from_utf8_lossy(value).into(),
            b"F:" => directory = value,
            b"R:" if directory.is_empty() => owners.set(&[b"/", value].concat(), &package),
            b"R:" => owners.set(&[b"/", directory, b"/", value].concat(), &package),
            _ => {}
        }
    }
}

/// Reads Buildroot's `packages-file-list*.txt`: `PACKAGE,./path` a line. Of a file that several
/// packages wrote, the last one's is there.
pub fn buildroot(list: &[u8], owners: &mut Owners) {
    let mut last: Arc<str> = "".into();
    for line in lines(list) {
        let Some(comma) = memchr::memchr(b',', line) else { continue };
        let (package, path) = (&line[..comma], &line[comma + 1..]);
        if last.as_bytes() != package {
            last = String::from_utf8_lossy(package).into();
        }
        owners.set(path.strip_prefix(b".").unwrap_or(path), &last);
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&b| b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[track_caller]
    fn check(read: impl Fn(&mut Owners), expected: &[(&str, Option<&str>)]) {
        let paths: Vec<_> =
            expected.iter().map(|(path, _)| TreePath::parse(path).unwrap()).collect();
        let mut owners = Owners::of(paths.iter());
        read(&mut owners);
        for (path, (_, package)) in paths.iter().zip(expected) {
            assert_eq!(owners.get(path).map(|owner| &**owner), *package, "{path}");
        }
    }

    #[test]
    fn a_path_of_several_dpkg_packages_has_no_owner() {
        let read = |owners: &mut Owners| {
            dpkg(b"/.\n/usr\n/usr/bin/a\n", &"a".into(), owners);
            dpkg(b"/.\n/usr\n/usr/bin/b\r\n", &"b".into(), owners);
        };
        let expected = [("/usr/bin/a", Some("a")), ("/usr/bin/b", Some("b")), ("/usr", None)];
        check(read, &expected);
    }

    #[test]
    fn apk_lists_files_below_directories() {
        let list = b"P:musl\nV:1\nF:lib\nR:ld-musl.so.1\nZ:x\n\nP:b\nF:\nR:top\n";
        check(
            |owners| apk(list, owners),
            &[("/lib/ld-musl.so.1", Some("musl")), ("/top", Some("b")), ("/lib", None)],
        );
    }

    #[test]
    fn the_last_of_buildroots_packages_wrote_the_file() {
        let list = b"zlib,./usr/lib/libz.so.1\nz,./a,b\nother,./usr/lib/libz.so.1\nbroken\n";
        check(
            |owners| buildroot(list, owners),
            &[("/a,b", Some("z")), ("/usr/lib/libz.so.1", Some("other"))],
        );
    }
}
