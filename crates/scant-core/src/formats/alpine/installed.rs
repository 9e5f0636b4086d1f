//! What apk keeps of the packages that are installed: `/lib/apk/db/installed`, a paragraph for each
//! of lines that are a letter and a value. First what an index says of it, then its files: `F:` a
//! directory, `R:` a file in it, each with what is unusual about its owner and mode (`M:`, `a:`) and
//! its digest (`Z:`). [Apk spec](https://wiki.alpinelinux.org/wiki/Apk_spec).

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::PackageInfo;
use super::index::{checksum, is_name};
use crate::formats::purl::purl;
use crate::words::{Meta, Mode, PackageIdentity, TreePath};

/// The letters of a paragraph that are about files.
const ABOUT_FILES: [&str; 5] = ["F", "M", "R", "a", "Z"];

/// The letters of the lines about a package, in the order that apk writes them, by what the package
/// calls them.
const LETTERS: [(&str, &str); 17] = [
    ("P", "pkgname"),
    ("V", "pkgver"),
    ("A", "arch"),
    ("I", "size"),
    ("T", "pkgdesc"),
    ("U", "url"),
    ("L", "license"),
    ("o", "origin"),
    ("m", "maintainer"),
    ("t", "builddate"),
    ("c", "commit"),
    ("k", "provider_priority"),
    ("D", "depend"),
    ("p", "provides"),
    ("i", "install_if"),
    ("r", "replaces"),
    ("q", "replaces_priority"),
];

/// A package of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed<'a> {
    /// All of its lines.
    lines: Vec<&'a str>,
}

/// Something that a package has in an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Owner and mode.
    pub meta: Meta,
    /// The SHA-1 of a file, or of the text of a link.
    pub checksum: Option<[u8; 20]>,
}

/// The packages of a database.
pub fn packages(database: &str) -> impl Iterator<Item = Installed<'_>> {
    let mut lines = database.lines().peekable();
    core::iter::from_fn(move || {
        while lines.next_if(|line| line.is_empty()).is_some() {}
        let mut package = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.is_empty()) {
            package.push(line);
        }
        (!package.is_empty()).then_some(Installed { lines: package })
    })
}

impl<'a> Installed<'a> {
    fn get(&self, letter: &str) -> Option<&'a str> {
        self.lines.iter().find_map(|line| line.strip_prefix(letter)?.strip_prefix(':'))
    }

    /// What it is called; none if it has no name or version. The vendor is whose package it is:
    /// `alpine`.
    pub fn identity(&self, vendor: &str) -> Option<PackageIdentity> {
        let (name, version) = (self.get("P")?, self.get("V")?);
        let field = |letter| self.get(letter).unwrap_or_default();
        let about = (name, version, field("A"));
        let is_plain = |text: &str| text.bytes().all(|b| b.is_ascii_graphic());
        let is_one = is_name(name)
            && !version.is_empty()
            && [version, about.2, field("o")].into_iter().all(is_plain);
        is_one.then(|| named(about, self.get("o"), field("L"), vendor))
    }

    /// The lines about itself.
    pub fn fields(&self) -> String {
        let is_about_files = |line: &&&str| {
            line.split_once(':').is_none_or(|(letter, _)| ABOUT_FILES.contains(&letter))
        };
        self.lines
            .iter()
            .filter(|line| !is_about_files(line))
            .fold(String::new(), |text, line| text + line + "\n")
    }

    /// The SHA-1 of its files, and of the texts of its links.
    pub fn checksums(&self) -> BTreeMap<TreePath, [u8; 20]> {
        let (mut checksums, mut directory, mut file) = (BTreeMap::new(), "", None);
        for line in &self.lines {
            match line.split_once(':') {
                Some(("F", name)) => directory = name,
                Some(("R", name)) => {
                    let path = TreePath::parse(format!("/{directory}/{name}").as_bytes());
                    file = path.ok().filter(|path| !path.is_root());
                }
                Some(("Z", digest)) => checksums.extend(file.take().zip(checksum(digest))),
                _ => {}
            }
        }
        checksums
    }
}

fn named(
    (name, version, architecture): (&str, &str, &str),
    origin: Option<&str>,
    license: &str,
    vendor: &str,
) -> PackageIdentity {
    PackageIdentity {
        name: name.to_string(),
        version: version.to_string(),
        architecture: architecture.to_string(),
        source: origin.filter(|origin| *origin != name).map(Into::into),
        license: license.to_string(),
        purl: purl("apk", vendor, name, version, architecture),
    }
}

impl PackageInfo {
    /// What it is called. The vendor is whose package it is: `alpine`, `wolfi`.
    pub fn identity(&self, vendor: &str) -> PackageIdentity {
        let about = (&*self.name, self.version.as_str(), &*self.architecture);
        named(about, self.origin.as_deref(), &self.license, vendor)
    }
}

/// The lines about a package, from its `.PKGINFO`, the SHA-1 of its control data and the size of its
/// file.
pub fn fields(info: &str, checksum: &[u8; 20], size: u64) -> String {
    let mut fields = format!("C:{}\n", written(checksum));
    for (letter, key) in LETTERS {
        let values = info.lines().filter_map(|line| {
            let (found, value) = line.split_once('=')?;
            let is_it = found.trim() == key && !line.trim_start().starts_with('#');
            Some(value.trim()).filter(|value| is_it && !value.is_empty())
        });
        let values: Vec<&str> = values.collect();
        if !values.is_empty() {
            fields += &format!("{letter}:{}\n", values.join(" "));
        }
        if letter == "A" {
            fields += &format!("S:{size}\n");
        }
    }
    fields
}

/// The paragraph of a package: the lines about it, and what of it is there. What is above that are
/// directories, with the owner and mode that `directory` tells.
pub fn entry(
    fields: &str,
    files: &BTreeMap<TreePath, Listed>,
    directory: &dyn Fn(&TreePath) -> Option<Meta>,
) -> String {
    let mut directories: BTreeMap<TreePath, Vec<(&[u8], &Listed)>> = BTreeMap::new();
    for (path, listed) in files {
        // No line can tell a name that goes over several.
        let is_one_line = !path.as_bytes().iter().any(|b| matches!(b, b'\n' | b'\r'));
        let Some(name) = path.name().filter(|_| is_one_line) else { continue };
        for above in path.ancestors().filter(|above| !above.is_root()) {
            directories.entry(above).or_default();
        }
        let parent = path.parent().unwrap_or_else(TreePath::root);
        directories.entry(parent).or_default().push((name, listed));
    }
    let mut text = String::from(fields);
    for (path, files) in directories {
        let _ = writeln!(text, "F:{}", String::from_utf8_lossy(path.relative()));
        text += &unusual("M", directory(&path).as_ref(), Mode::EXECUTABLE);
        for (name, Listed { meta, checksum }) in files {
            let _ = writeln!(text, "R:{}", String::from_utf8_lossy(name));
            text += &unusual("a", Some(meta), Mode::FILE);
            if let Some(checksum) = checksum {
                let _ = writeln!(text, "Z:{}", written(checksum));
            }
        }
    }
    text
}

/// A line about owner and mode, where they are not what they are without it.
fn unusual(letter: &str, meta: Option<&Meta>, usual: Mode) -> String {
    match meta {
        Some(meta) if (meta.uid, meta.gid, meta.mode) != (0, 0, usual) => {
            format!("{letter}:{}:{}:{:o}\n", meta.uid, meta.gid, meta.mode.bits())
        }
        _ => String::new(),
    }
}

/// A checksum as apk writes it.
fn written(checksum: &[u8; 20]) -> String {
    format!("Q1{}", STANDARD.encode(checksum))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATABASE: &str = "C:Q1qv9HBPtCi4p5Jq5AeFFnhjqkRMg=\nP:musl\nV:1.2.3-r4\nA:x86_64\nL:MIT\n\
        o:musl-source\nF:lib\nM:0:0:1777\nR:ld.so\na:0:0:755\nZ:Q1//////////////////////////8=\n\
        R:odd\nF:\nR:top\nZ:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\nP:b\nV:2\n";

    #[test]
    fn a_database_is_read() {
        let all: Vec<_> = packages(DATABASE).collect();
        let shown: Vec<_> = all.iter().map(|one| one.identity("alpine").unwrap()).collect();
        assert_eq!(shown[0].to_string(), "musl 1.2.3-r4 x86_64 (source musl-source)");
        assert_eq!((&*shown[0].license, &*shown[1].purl), ("MIT", "pkg:apk/alpine/b@2"));
        assert!(all[0].fields().starts_with("C:Q1qv9"));
        assert!(all[0].fields().ends_with("\no:musl-source\n"));
        let checksums = all[0].checksums();
        let paths: Vec<_> = checksums.keys().map(ToString::to_string).collect();
        assert_eq!(paths, ["/lib/ld.so", "/top"]);
        assert_eq!(checksums[&TreePath::literal("/top")], [0; 20]);
    }

    #[test]
    fn the_lines_about_a_package_come_from_what_it_says() {
        let info = "# made\npkgname = foo\npkgver = 1-r0\nsize = 12\narch = x86_64\ndepend = a\n\
            depend = so:b>=2\nprovides = cmd:foo=1-r0\npkgdesc = x = y\nmaintainer = A <a@example.com>\n\
            builddate = 7\norigin = foo\nlicense = MIT\nurl = https://example.com\ncommit = ab\n\
            replaces = old\ndatahash = 00\n";
        let expected = "C:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\nP:foo\nV:1-r0\nA:x86_64\nS:99\nI:12\nT:x = y\n\
            U:https://example.com\nL:MIT\no:foo\nm:A <a@example.com>\nt:7\nc:ab\nD:a so:b>=2\n\
            p:cmd:foo=1-r0\nr:old\n";
        assert_eq!(fields(info, &[0; 20], 99), expected);
    }

    #[test]
    fn what_is_there_is_listed() {
        let listed =
            |mode: u32, checksum| Listed { meta: Meta::new(Mode::from_bits(mode)), checksum };
        let files = BTreeMap::from([
            (TreePath::literal("/usr/bin/a"), listed(0o755, Some([0; 20]))),
            (TreePath::literal("/usr/lib"), listed(0o777, None)),
            (TreePath::literal("/top"), listed(0o644, None)),
        ]);
        let directory = |path: &TreePath| {
            let mode = if *path == TreePath::literal("/usr/bin") { 0o700 } else { 0o755 };
            Some(Meta::new(Mode::from_bits(mode)))
        };
        let expected = "P:a\nF:\nR:top\nF:usr\nR:lib\na:0:0:777\nF:usr/bin\nM:0:0:700\nR:a\na:0:0:755\n\
            Z:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
        assert_eq!(entry("P:a\n", &files, &directory), expected);
    }
}
