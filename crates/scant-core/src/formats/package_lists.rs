//! The lists that say which package a file belongs to: dpkg's, apk's and Buildroot's.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;

use crate::words::TreePath;

/// Paths and the packages that own them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owners(BTreeMap<TreePath, Owner>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Owner {
    One(Arc<str>),
    /// Directories are listed by every package that has something in them.
    Several,
}

impl Owners {
    /// The one package that owns `path`.
    pub fn get(&self, path: &TreePath) -> Option<&Arc<str>> {
        match self.0.get(path)? {
            Owner::One(package) => Some(package),
            Owner::Several => None,
        }
    }

    fn set(&mut self, path: TreePath, package: &Arc<str>) {
        self.0.insert(path, Owner::One(package.clone()));
    }

    fn add(&mut self, path: TreePath, package: &Arc<str>) {
        match self.0.get(&path) {
            Some(Owner::Several) => {}
            Some(Owner::One(known)) if known == package => {}
            Some(Owner::One(_)) => {
                self.0.insert(path, Owner::Several);
            }
            None => self.set(path, package),
        }
    }
}

/// Adds dpkg's `/var/lib/dpkg/info/PACKAGE.list`: one absolute path a line.
pub fn dpkg(list: &[u8], package: &Arc<str>, owners: &mut Owners) {
    for line in lines(list) {
        if let Ok(path) = TreePath::parse(line) {
            owners.add(path, package);
        }
    }
}

/// Adds apk's `installed` database: paragraphs with `P:` the package, `F:` a directory, `R:` a
/// file in it. <https://wiki.alpinelinux.org/wiki/Apk_spec>
pub fn apk(database: &[u8], owners: &mut Owners) {
    let mut package: Arc<str> = "".into();
    let mut directory = TreePath::root();
    for line in lines(database) {
        let Some((key, value)) = line.split_at_checked(2) else { continue };
        match key {
            b"P:" => package = alloc::string::String::from_utf8_lossy(value).into(),
            b"F:" => {
                let path = [b"/", value].concat();
                directory = TreePath::parse(path).unwrap_or_else(|_| TreePath::root());
            }
            b"R:" => {
                let path = [directory.as_bytes(), b"/", value].concat();
                if let Ok(path) = TreePath::parse(path) {
                    owners.set(path, &package);
                }
            }
            _ => {}
        }
    }
}

/// Buildroot's `packages-file-list*.txt`: `PACKAGE,./path` a line. Of a file that several packages
/// wrote, the last one's is there.
pub fn buildroot(list: &[u8]) -> Owners {
    let mut owners = Owners::default();
    let mut last: Arc<str> = "".into();
    for line in lines(list) {
        let mut parts = line.splitn(2, |&b| b == b',');
        let (Some(package), Some(path)) = (parts.next(), parts.next()) else { continue };
        if last.as_bytes() != package {
            last = alloc::string::String::from_utf8_lossy(package).into();
        }
        let path = [b"/", path.strip_prefix(b".").unwrap_or(path)].concat();
        if let Ok(path) = TreePath::parse(path) {
            owners.set(path, &last);
        }
    }
    owners
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&b| b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    fn shown(owners: &Owners) -> String {
        let paths = owners.0.keys();
        paths.filter_map(|path| Some(alloc::format!("{path} {}\n", owners.get(path)?))).collect()
    }

    #[test]
    fn each_format_gives_paths_and_packages() {
        let mut owners = Owners::default();
        dpkg(b"/.\n/usr\n/usr/bin/a\n", &"deb".into(), &mut owners);
        dpkg(b"/.\n/usr\n/usr/bin/b\n", &"other".into(), &mut owners);
        apk(b"P:musl\nV:1\nF:lib\nR:ld-musl.so.1\nZ:x\n\nP:b\nF:\nR:top\n", &mut owners);
        let expected = "/lib/ld-musl.so.1 musl\n/top b\n/usr/bin/a deb\n/usr/bin/b other\n";
        assert_eq!(shown(&owners), expected);
        let list = buildroot(b"zlib,./usr/lib/libz.so.1\nz,./a,b\nother,./usr/lib/libz.so.1\n");
        assert_eq!(shown(&list), "/a,b z\n/usr/lib/libz.so.1 other\n");
    }
}
