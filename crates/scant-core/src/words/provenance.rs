//! Where a node came from and why it is in the image, as values. How they read is decided in
//! [`Why`]'s `Display`; chains of reasons are followed in `rules`.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::{OneLine, TreePath};

/// Source and reasons of one node. There is always at least one reason: nothing enters a tree
/// unexplained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    source: Option<Source>,
    first: Why,
    more: Vec<Why>,
}

/// The file of an input that a node's content or existence was taken from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Source {
    /// The input's name in the manifest.
    pub input: String,
    /// The resolved path inside the input.
    pub path: TreePath,
    /// The name of the package that owns it, where the input knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
}

/// One reason for a node to be in the image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum Why {
    /// The manifest says so.
    Declared {
        /// Where in the manifest.
        #[serde(flatten)]
        place: Place,
        /// The person's own reason, where given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Another file of the image loads or runs it.
    Depends {
        /// The file that needs it, by its path in the image.
        of: TreePath,
        /// In which way it is needed.
        relation: Relation,
        /// The name it is asked for by, escaped where it is not plain text.
        name: String,
        /// Which rule of the loader found it.
        how: How,
    },
    /// A symbolic link that is met on the way to a file of the image.
    Link {
        /// The file that is reached through it.
        to: TreePath,
    },
    /// What a symbolic link of the image points at.
    LinkTarget {
        /// The link.
        of: TreePath,
    },
    /// A directory that something of the image lies in.
    Parent {
        /// The first entry below it.
        of: TreePath,
    },
    /// A suggestion that the manifest accepts brings it.
    Accepted {
        /// The suggestion's name.
        id: String,
        /// Why it was suggested, in half a sentence.
        because: String,
        /// The file of the image that it was suggested for.
        of: TreePath,
        /// The line of the manifest, from 1.
        line: u32,
    },
    /// scant made it because the image needs it.
    Made {
        /// For what.
        purpose: String,
        /// The file that needs it, where it is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<TreePath>,
    },
}

/// A place in a manifest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The section the declaration stands in.
    pub section: Section,
    /// The line, from 1.
    pub line: u32,
}

/// A section of the manifest that puts nodes into the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each is the manifest's key of that name")]
pub enum Section {
    Accounts,
    Binaries,
    Data,
    Directories,
    #[serde(rename = "hardlinks")]
    HardLinks,
    Image,
    Libraries,
    LdSoCache,
    PackageDatabase,
    Packages,
    Suggestions,
    Symlinks,
}

/// In which way one file needs another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// `PT_INTERP`: the kernel starts it in place of the program.
    Interpreter,
    /// The first line of a script, `#!`.
    Shebang,
    /// `DT_NEEDED`.
    Needed,
    /// `DT_AUXILIARY`: used if it is there.
    Auxiliary,
    /// `DT_FILTER`.
    Filter,
    /// `DT_AUDIT` or `DT_DEPAUDIT`.
    Audit,
    /// `LD_PRELOAD` in the image's environment.
    Preload,
    /// `/etc/ld.so.preload` of the image.
    PreloadFile,
    /// Named under `libraries` in the manifest: opened at run time.
    Opened,
    /// A `.note.dlopen` of the file asks for it.
    DlopenNote,
    /// A loader reads its list of directories from it.
    Configuration,
}

/// Which rule of a loader found a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "kebab-case")]
pub enum How {
    /// The name holds a slash and is opened as it is.
    Path,
    /// `DT_RPATH` of this object.
    Rpath {
        /// The object that carries it.
        object: TreePath,
        /// The element of the list, as written.
        entry: String,
    },
    /// `DT_RUNPATH` of this object.
    Runpath {
        /// The object that carries it.
        object: TreePath,
        /// The element of the list, as written.
        entry: String,
    },
    /// `LD_LIBRARY_PATH` of the image's environment.
    LibraryPath {
        /// The element of the list, as written.
        entry: String,
    },
    /// `ld.so.cache`.
    Cache,
    /// A directory built into the loader.
    DefaultDirectory {
        /// The directory.
        directory: String,
    },
    /// musl's `/etc/ld-musl-ARCH.path`.
    PathFile {
        /// The directory it lists.
        directory: String,
    },
    /// The directory the loader lies in (uClibc).
    LoaderDirectory,
    /// The name means the loader itself.
    Loader,
}

impl Provenance {
    /// Provenance with its first reason.
    pub fn new(source: Option<Source>, first: Why) -> Self {
        Self { source, first, more: Vec::new() }
    }

    /// The file of an input it was taken from; none for what scant or the manifest alone made.
    pub fn source(&self) -> Option<&Source> {
        self.source.as_ref()
    }

    /// Adds a reason, unless it is already there. The first reason stays the first.
    pub fn add(&mut self, why: Why) {
        if self.first != why && !self.more.contains(&why) {
            self.more.push(why);
        }
    }

    /// Takes over the reasons of an equal node.
    pub fn merge(&mut self, other: Self) {
        if self.source.is_none() {
            self.source = other.source;
        }
        self.add(other.first);
        for why in other.more {
            self.add(why);
        }
    }

    /// All reasons, the first one first.
    pub fn reasons(&self) -> impl Iterator<Item = &Why> {
        core::iter::once(&self.first).chain(&self.more)
    }

    /// Names the package that owns the source.
    pub fn set_package(&mut self, package: String) {
        if let Some(source) = &mut self.source {
            source.package = Some(package);
        }
    }
}

impl Why {
    /// The node of the image this reason leads back to; none when it ends in the manifest.
    pub fn leads_to(&self) -> Option<&TreePath> {
        match self {
            Self::Declared { .. } | Self::Accepted { .. } => None,
            Self::Depends { of, .. } | Self::LinkTarget { of } | Self::Parent { of } => Some(of),
            Self::Link { to } => Some(to),
            Self::Made { of, .. } => of.as_ref(),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declared { place, reason } => {
                write!(f, "declared in `{}` at line {}", place.section, place.line)?;
                reason.as_ref().map_or(Ok(()), |reason| write!(f, ": {}", OneLine(reason)))
            }
            Self::Depends { of, relation, name, how } => match relation {
                Relation::Interpreter => write!(f, "interpreter of {of}"),
                Relation::Shebang => write!(f, "interpreter of the script {of}"),
                _ => write!(f, "{relation} {of} as {}, {how}", OneLine(name)),
            },
            Self::Link { to } => write!(f, "link on the way to {to}"),
            Self::LinkTarget { of } => write!(f, "target of the link {of}"),
            Self::Parent { of } => write!(f, "parent directory of {of}"),
            Self::Accepted { id, because, of, line } => {
                let (id, because) = (OneLine(id), OneLine(because));
                write!(f, "accepted in `suggestions` at line {line}: {id} for {of}, {because}")
            }
            Self::Made { purpose, .. } => write!(f, "made by scant: {}", OneLine(purpose)),
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accounts => "accounts",
            Self::Binaries => "binaries",
            Self::Data => "data",
            Self::Directories => "directories",
            Self::HardLinks => "hardlinks",
            Self::Image => "image",
            Self::Libraries => "libraries",
            Self::LdSoCache => "ld-so-cache",
            Self::PackageDatabase => "package-database",
            Self::Packages => "packages",
            Self::Suggestions => "suggestions",
            Self::Symlinks => "symlinks",
        })
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interpreter => "interpreter of",
            Self::Shebang => "interpreter of the script",
            Self::Needed => "needed by",
            Self::Auxiliary => "auxiliary filter of",
            Self::Filter => "filter of",
            Self::Audit => "audit library of",
            Self::Preload => "preloaded (LD_PRELOAD) for",
            Self::PreloadFile => "preloaded (/etc/ld.so.preload) for",
            Self::Opened => "opened at run time by",
            Self::DlopenNote => "asked for by the dlopen note of",
            Self::Configuration => "list of directories of the loader",
        })
    }
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path => f.write_str("named by its path"),
            Self::Rpath { object, entry } => {
                write!(f, "found through RPATH {} of {object}", OneLine(entry))
            }
            Self::Runpath { object, entry } => {
                write!(f, "found through RUNPATH {} of {object}", OneLine(entry))
            }
            Self::LibraryPath { entry } => {
                write!(f, "found through LD_LIBRARY_PATH {}", OneLine(entry))
            }
            Self::Cache => f.write_str("found through ld.so.cache"),
            Self::DefaultDirectory { directory } => {
                write!(f, "found in the loader's default directory {}", OneLine(directory))
            }
            Self::PathFile { directory } => {
                write!(f, "found in {}, listed in the loader's path file", OneLine(directory))
            }
            Self::LoaderDirectory => f.write_str("found beside the loader"),
            Self::Loader => f.write_str("which is the loader itself"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn declared(line: u32) -> Why {
        Why::Declared { place: Place { section: Section::Binaries, line }, reason: None }
    }

    #[test]
    fn equal_reasons_merge_and_the_first_stays_first() {
        let mut provenance = Provenance::new(None, declared(3));
        provenance.merge(Provenance::new(None, declared(3)));
        provenance.merge(Provenance::new(None, declared(1)));
        let shown: Vec<_> = provenance.reasons().map(ToString::to_string).collect();
        assert_eq!(shown, ["declared in `binaries` at line 3", "declared in `binaries` at line 1"]);
    }

    #[test]
    fn a_reason_of_an_untrusted_document_stays_on_its_line() {
        let place = Place { section: Section::Binaries, line: 3 };
        let why = Why::Declared { place, reason: Some("a\u{1b}[2J\nb".into()) };
        assert_eq!(why.to_string(), "declared in `binaries` at line 3: a\\u{1b}[2J\\nb");
    }

    #[test]
    fn a_reason_survives_json() {
        let why = Why::Depends {
            of: TreePath::literal("/bin/a"),
            relation: Relation::Needed,
            name: "libz.so.1".into(),
            how: How::DefaultDirectory { directory: "/lib".into() },
        };
        let text = serde_json::to_string(&why).unwrap();
        assert_eq!(serde_json::from_str::<Why>(&text).unwrap(), why);
        let text = serde_json::to_string(&declared(7)).unwrap();
        assert_eq!(text, r#"{"why":"declared","section":"binaries","line":7}"#);
        assert_eq!(serde_json::from_str::<Why>(&text).unwrap(), declared(7));
    }
}
