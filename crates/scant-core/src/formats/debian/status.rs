//! What dpkg keeps of the packages that are installed: `/var/lib/dpkg/status`, or a file for each in
//! `/var/lib/dpkg/status.d`, and the digests of their files. dpkg-query(1), deb-md5sums(5).

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};

use super::Package;
use super::control::{Paragraph, paragraphs};
use super::package::is_name;
use crate::formats::purl::purl;
use crate::words::{PackageIdentity, TreePath};

/// The packages of a status text that are there, whole or not configured yet.
pub fn installed(status: &str) -> impl Iterator<Item = Paragraph<'_>> {
    let is_there = |paragraph: &Paragraph<'_>| match paragraph.get("Status") {
        // Files of one package each need not say it.
        None => paragraph.get("Package").is_some(),
        Some(status) => {
            let state = status.split_whitespace().nth(2);
            state.is_some_and(|state| !matches!(state, "not-installed" | "config-files"))
        }
    };
    paragraphs(status).filter(is_there)
}

/// What a package is called; none if the paragraph is of none.
pub fn identity(paragraph: Paragraph<'_>, vendor: &str) -> Option<PackageIdentity> {
    let field = |name| paragraph.get(name).unwrap_or_default();
    let (name, version) = (field("Package"), field("Version"));
    let source = paragraph.get("Source").filter(|source| !source.is_empty());
    let source = source.map(|source| match source.split_once('(') {
        Some((source, of)) => (source.trim(), of.trim_end_matches(')').trim()),
        None => (source, version),
    });
    let (source, architecture) = (source.unwrap_or((name, version)), field("Architecture"));
    let is_plain = |text: &str| text.bytes().all(|b| b.is_ascii_graphic());
    // Files are called after it.
    let is_architecture = architecture.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let is_one = is_name(name)
        && !version.is_empty()
        && is_architecture
        && [version, source.0, source.1].into_iter().all(is_plain);
    is_one.then(|| named(name, version, architecture, source, vendor))
}

fn named(
    name: &str,
    version: &str,
    architecture: &str,
    source: (&str, &str),
    vendor: &str,
) -> PackageIdentity {
    let source = match (source.0 == name, source.1 == version) {
        (true, true) => None,
        (_, true) => Some(source.0.to_string()),
        (_, false) => Some(format!("{} {}", source.0, source.1)),
    };
    PackageIdentity {
        name: name.to_string(),
        version: version.to_string(),
        architecture: architecture.to_string(),
        source,
        license: String::new(),
        purl: purl("deb", vendor, name, version, architecture),
    }
}

impl Package {
    /// What it is called. The vendor is whose package it is: `debian`.
    pub fn identity(&self, vendor: &str) -> PackageIdentity {
        named(&self.name, self.version.as_str(), &self.architecture, self.source(), vendor)
    }
}

/// What dpkg adds to what a package says of itself.
const STATE: [&str; 5] =
    ["status", "conffiles", "config-version", "triggers-awaited", "triggers-pending"];

/// The paragraph of a package as the status has it: with the word that it is installed, and without
/// what dpkg says of it elsewhere.
pub fn entry(control: &str) -> String {
    let (mut entry, mut seen) = (String::new(), BTreeSet::new());
    for (name, value) in paragraphs(control).flat_map(Paragraph::fields) {
        let says = !value.is_empty() && !name.is_empty() && !name.starts_with([' ', '\t']);
        // Of one that is there twice the first counts.
        let is_new = seen.insert(name.to_ascii_lowercase());
        if !is_new || !says || STATE.iter().any(|state| name.eq_ignore_ascii_case(state)) {
            continue;
        }
        entry.extend([name, ": "]);
        for (number, line) in value.lines().map(str::trim_end).enumerate() {
            // Comments may stand between lines of a value.
            if number == 0 || !(line.is_empty() || line.starts_with('#')) {
                entry.extend([line, "\n"]);
            }
        }
        if name.eq_ignore_ascii_case("package") {
            entry.push_str("Status: install ok installed\n");
        }
    }
    entry
}

/// The digests of files, in hexadecimal digits, by the paths that the package writes. Lines that
/// make no sense say nothing.
pub fn md5sums(text: &str) -> BTreeMap<TreePath, &str> {
    text.lines().filter_map(md5sum).collect()
}

fn md5sum(line: &str) -> Option<(TreePath, &str)> {
    let (digest, path) = line.split_once([' ', '\t'])?;
    let is_digest = digest.len() == 32 && digest.bytes().all(|b| b.is_ascii_hexdigit());
    // Of two blanks the second may be a star, as md5sum(1) writes it.
    let path = path.trim_start_matches([' ', '\t', '*']);
    let path = path.strip_prefix("./").unwrap_or(path).trim_start_matches('/');
    let path = TreePath::parse(format!("/{path}").as_bytes()).ok()?;
    is_digest.then_some((path, digest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn what_is_installed() {
        let text = "Package: aa\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n\n\
            Package: bb\nStatus: deinstall ok config-files\nVersion: 1\n\n\
            Package: cc\nVersion: 2-1\nSource: c (2-0)\n\n\
            Package: dd\nStatus: install ok unpacked\nVersion: 3\nSource: d\n\n\
            Package: ../e\nVersion: 3\n\nPackage: ff\nVersion: 1\n 2\n\nOther: x\n";
        let shown: Vec<_> = installed(text)
            .filter_map(|paragraph| identity(paragraph, "debian"))
            .map(|identity| format!("{identity}; {}", identity.purl))
            .collect();
        assert_eq!(
            shown,
            [
                "aa 1 amd64; pkg:deb/debian/aa@1?arch=amd64",
                "cc 2-1 (source c 2-0); pkg:deb/debian/cc@2-1",
                "dd 3 (source d); pkg:deb/debian/dd@3",
            ]
        );
    }

    #[test]
    fn an_entry_says_that_it_is_installed() {
        let control = "Package: aa\nStatus: hold\nConffiles:\n /etc/a 00\nVersion: 1\r\n# x\nDescription: a\n b\n .\n c\n";
        let expected =
            "Package: aa\nStatus: install ok installed\nVersion: 1\nDescription: a\n b\n .\n c\n";
        assert_eq!(entry(control), expected);
    }

    #[test]
    fn what_is_written_is_what_the_package_says_and_that_it_is_installed() {
        let case =
            |control: &str, expected: &str| assert_eq!(entry(control), expected, "{control}");
        case(
            "Package: aa\nStatus: deinstall ok half-installed\nVersion: 1\nDescription: a\n b\n .\n# c\n d \r\n",
            "Package: aa\nStatus: install ok installed\nVersion: 1\nDescription: a\n b\n .\n d\n",
        );
        // A value may begin in the line after the name of its field.
        case(
            "Package:\n aa\nVersion: 1\n",
            "Package: aa\nStatus: install ok installed\nVersion: 1\n",
        );
        case(
            "Package: aa\nSource:\nVersion: 1\nSource: b\nversion: 2\n",
            "Package: aa\nStatus: install ok installed\nVersion: 1\n",
        );
        case(" Package: aa\nnonsense\nEmpty:\nConffiles:\n /etc/x 0\n", "");
    }

    #[test]
    fn digests_of_files_are_read() {
        let text = "d41d8cd98f00b204e9800998ecf8427e  usr/bin/a b\n\
            d41d8cd98f00b204e9800998ecf8427e *./etc/c\nnonsense\nd41d  x\n";
        let read = md5sums(text);
        let paths: Vec<_> = read.keys().map(ToString::to_string).collect();
        assert_eq!(paths, ["/etc/c", "/usr/bin/a b"]);
        assert!(read.values().all(|digest| *digest == "d41d8cd98f00b204e9800998ecf8427e"));
    }
}
