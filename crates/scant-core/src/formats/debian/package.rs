//! One package, as an index of an archive (`Packages`) or the package itself (`control`) tells it.
//! [Debian Policy, 5.3](https://www.debian.org/doc/debian-policy/ch-controlfields.html).

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::control::{Paragraph, paragraphs};
use super::{Alternatives, Relation, RelationError, Version, VersionError, relations};
use crate::words::Digest;

/// A package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: Box<str>,
    /// Its version.
    pub version: Version,
    /// Its architecture by Debian's name, or `all`.
    pub architecture: Box<str>,
    /// Whether it answers for other architectures.
    pub multi_arch: MultiArch,
    /// Name and version of the source package, where they are not its own.
    pub source: Option<Box<str>>,
    /// What it cannot do without: `Pre-Depends` and `Depends`.
    pub depends: Vec<Alternatives>,
    /// What is usually wanted with it.
    pub recommends: Vec<Alternatives>,
    /// What cannot be there with it: `Conflicts` and `Breaks`.
    pub conflicts: Vec<Relation>,
    /// Names that it answers to as well; a version is one of `=`.
    pub provides: Vec<Relation>,
    /// What it takes files over from.
    pub replaces: Vec<Relation>,
    /// Whether every system of Debian has it.
    pub is_essential: bool,
    /// Where it is, below the archive's directory.
    pub filename: Box<str>,
    /// Its size in bytes.
    pub size: u64,
    /// Its digest; none in the package itself.
    pub digest: Option<Digest>,
}

/// `Multi-Arch`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MultiArch {
    /// Only packages of its own architecture may use it.
    #[default]
    No,
    /// It may be there for several architectures at once.
    Same,
    /// Packages of any architecture may use it.
    Foreign,
    /// It is for who asks for to say which: `name:any`.
    Allowed,
}

/// A paragraph that is no package.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    /// Something is missing.
    #[error("line {line}: a package without {field}")]
    Missing {
        /// Where it begins.
        line: usize,
        /// What is missing.
        field: &'static str,
    },
    /// The name is none: packages are found by it, and files get it.
    #[error("line {line}: `{name}` is not the name of a package")]
    Name {
        /// Where it begins.
        line: usize,
        /// What was given.
        name: String,
    },
    /// The version is none.
    #[error("line {line}: package {name}: {error}")]
    Version {
        /// Where it begins.
        line: usize,
        /// Which one.
        name: String,
        /// Why.
        error: VersionError,
    },
    /// A relation is none.
    #[error("line {line}: package {name}: {field}: {error}")]
    Relation {
        /// Where it begins.
        line: usize,
        /// Which one.
        name: String,
        /// The field.
        field: &'static str,
        /// Why.
        error: RelationError,
    },
    /// A digest or size is none.
    #[error("line {line}: package {name}: its {field} makes no sense")]
    File {
        /// Where it begins.
        line: usize,
        /// Which one.
        name: String,
        /// The field.
        field: &'static str,
    },
}

/// The fields of a paragraph that count.
pub const FIELDS: [&str; 16] = [
    "Package",
    "Version",
    "Architecture",
    "Multi-Arch",
    "Source",
    "Pre-Depends",
    "Depends",
    "Recommends",
    "Conflicts",
    "Breaks",
    "Provides",
    "Replaces",
    "Essential",
    "Filename",
    "Size",
    "SHA256",
];

/// Their values, in this order.
struct Fields<'a>([&'a str; FIELDS.len()]);

impl<'a> Fields<'a> {
    fn of(paragraph: Paragraph<'a>) -> Self {
        let mut fields = Self([""; FIELDS.len()]);
        for (name, value) in paragraph.fields() {
            if let Some(number) = FIELDS.iter().position(|field| *field == name) {
                fields.0[number] = value;
            }
        }
        fields
    }

    fn get(&self, name: &'static str) -> &'a str {
        let number = FIELDS.iter().position(|field| *field == name);
        self.0[number.expect("only fields that count are asked for")]
    }
}

/// A list of packages with those fields of each that count, which is about a third of it. None if
/// one of them makes no sense: what is wrong is told by its line of the whole list.
pub fn compact(list: &str) -> Option<String> {
    let mut compact = String::new();
    for paragraph in paragraphs(list) {
        Package::parse(paragraph).ok()?;
        for (name, value) in paragraph.fields().filter(|(name, _)| FIELDS.contains(name)) {
            compact.extend([name, ": ", value, "\n"]);
        }
        compact.push('\n');
    }
    Some(compact)
}

/// The name of the package that a paragraph is about, without looking at more of it.
pub fn name(paragraph: Paragraph<'_>) -> Option<&str> {
    // It comes first in every index, and is found at once.
    paragraph.get("Package")
}

impl Package {
    /// Reads a paragraph.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(paragraph: Paragraph<'_>) -> Result<Self, PackageError> {
        let line = paragraph.line;
        let fields = Fields::of(paragraph);
        let needed = |field| match fields.get(field) {
            "" => Err(PackageError::Missing { line, field }),
            value => Ok(value),
        };
        let name = needed("Package")?;
        if !is_name(name) {
            return Err(PackageError::Name { line, name: name.to_string() });
        }
        let version = needed("Version")?.parse();
        let version =
            version.map_err(|error| PackageError::Version { line, name: name.to_string(), error });
        let version = version?;
        let architecture = needed("Architecture")?;
        let several = |field| {
            relations(fields.get(field)).map_err(|error| PackageError::Relation {
                line,
                name: name.to_string(),
                field,
                error,
            })
        };
        let single = |field| -> Result<Vec<Relation>, PackageError> {
            Ok(several(field)?.into_iter().flatten().collect())
        };
        let wrong = |field| PackageError::File { line, name: name.to_string(), field };
        let digest = match fields.get("SHA256") {
            "" => None,
            hex => Some(Digest::from_hex(hex).ok_or_else(|| wrong("SHA256"))?),
        };
        let size = match fields.get("Size") {
            "" => 0,
            size => size.parse().map_err(|_| wrong("Size"))?,
        };
        Ok(Self {
            name: name.into(),
            version,
            architecture: architecture.into(),
            multi_arch: match fields.get("Multi-Arch") {
                "same" => MultiArch::Same,
                "foreign" => MultiArch::Foreign,
                "allowed" => MultiArch::Allowed,
                _ => MultiArch::No,
            },
            source: Some(fields.get("Source")).filter(|source| !source.is_empty()).map(Into::into),
            depends: [several("Pre-Depends")?, several("Depends")?].concat(),
            recommends: several("Recommends")?,
            conflicts: [single("Conflicts")?, single("Breaks")?].concat(),
            provides: single("Provides")?,
            replaces: single("Replaces")?,
            is_essential: fields.get("Essential") == "yes",
            filename: fields.get("Filename").into(),
            size,
            digest,
        })
    }

    /// Name and version of the source package.
    pub fn source(&self) -> (&str, &str) {
        let Some(source) = &self.source else { return (&self.name, self.version.as_str()) };
        match source.split_once('(') {
            Some((name, version)) => (name.trim(), version.trim_end_matches(')').trim()),
            None => (source, self.version.as_str()),
        }
    }
}

/// Debian Policy, 5.6.7, and a little more, which archives have.
pub(super) fn is_name(name: &str) -> bool {
    name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Package, String> {
        let paragraph = paragraphs(text).next().unwrap();
        Package::parse(paragraph).map_err(|error| error.to_string())
    }

    #[test]
    fn a_package_is_read() {
        let text = "Package: libx1\nVersion: 1:2-3\nArchitecture: amd64\nMulti-Arch: same\n\
            Source: x (1:2-2)\nPre-Depends: a\nDepends: b | c (>= 1),\n d\nConflicts: e\nBreaks: f (<< 2)\n\
            Provides: x-abi (= 2)\nEssential: yes\nFilename: pool/x.deb\nSize: 12\n";
        let package = parse(text).unwrap();
        let shown = |some: &[Relation]| {
            some.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | ")
        };
        let depends: Vec<_> = package.depends.iter().map(|some| shown(some)).collect();
        assert_eq!(depends, ["a", "b | c (>= 1)", "d"]);
        assert_eq!(shown(&package.conflicts), "e | f (<< 2)");
        assert_eq!(shown(&package.provides), "x-abi (= 2)");
        assert_eq!(package.source(), ("x", "1:2-2"));
        assert_eq!((package.multi_arch, package.is_essential), (MultiArch::Same, true));
        assert_eq!((&*package.filename, package.size, package.digest), ("pool/x.deb", 12, None));
    }

    #[test]
    fn a_compact_list_says_the_same_of_each_package() {
        let list = "Package: ab\nDescription: a\n b\nVersion: 1\nArchitecture: all\nDepends: c |\n d\n\
            Tag: x\n\n\nPackage: cd\nVersion: 2\nMaintainer: e\nVersion: 3\nArchitecture: all\nSize: 7";
        let packages = |text: &str| paragraphs(text).map(Package::parse).collect::<Vec<_>>();
        let found = compact(list).unwrap();
        assert_eq!(packages(&found), packages(list));
        assert_eq!(
            found,
            "Package: ab\nVersion: 1\nArchitecture: all\nDepends: c |\n d\n\n\
             Package: cd\nVersion: 2\nVersion: 3\nArchitecture: all\nSize: 7\n\n"
        );
        assert_eq!(compact("Package: ab\nVersion: 1\nArchitecture: all\n\nPackage: cd\n"), None);
    }

    #[test]
    fn what_is_no_package_is_refused() {
        let case = |text: &str, expected: &str| {
            assert_eq!(parse(text).unwrap_err(), expected, "{text}");
        };
        case("Version: 1\n", "line 1: a package without Package");
        case("Package: ab\n", "line 1: a package without Version");
        case("Package: ab\nVersion: 1\n", "line 1: a package without Architecture");
        case("Package: ../x\nVersion: 1\n", "line 1: `../x` is not the name of a package");
        case(
            "Package: ab\nVersion: x\n",
            "line 1: package ab: `x` is not a version of a Debian package: it must begin with a digit",
        );
        case(
            "Package: ab\nVersion: 1\nArchitecture: all\nDepends: (1)\n",
            "line 1: package ab: Depends: `(1)` is not a relation to a package: the name of a package was expected",
        );
        case(
            "Package: ab\nVersion: 1\nArchitecture: all\nSize: -1\n",
            "line 1: package ab: its Size makes no sense",
        );
        case(
            "Package: ab\nVersion: 1\nArchitecture: all\nSHA256: 0\n",
            "line 1: package ab: its SHA256 makes no sense",
        );
    }
}
