//! One package: what it says of itself, and its files, which are not looked at yet.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;

use scant_core::formats::debian::Package;
use scant_core::formats::debian::control::{lines, paragraphs};
use scant_core::formats::debian::maintainer_script::{self, Diversion};
use scant_core::words::{PackageIdentity, Record, TreePath};

use super::{DebError, DebFault, ar, files};
use crate::images::stored::Stored;
use crate::images::tar_reader::{Stream, TarReader};
use crate::inputs::{ArchiveFault, ArchiveOptions, ArchivePlace, Limits, Reading, plain};
use crate::packages::{Part, Script};

/// What a package says of itself has some kilobytes.
const MOST_CONTROL: u64 = 64 << 20;
/// The most bytes of one file about it that is looked at.
const LARGEST_FILE: u64 = 4 << 20;
/// The programs that a package manager would run.
const SCRIPTS: [&str; 5] = ["config", "postinst", "postrm", "preinst", "prerm"];

/// A package.
#[derive(Debug)]
pub struct DebPackage {
    /// What it says of itself.
    pub package: Package,
    /// Its scripts, sorted by name. They are never run.
    pub scripts: Vec<Script>,
    /// The files that an administrator may change.
    pub conffiles: Vec<TreePath>,
    /// What dpkg would keep of it.
    pub record: Record,
    pub(super) data: Stored,
}

impl DebPackage {
    /// Opens the package at `path`.
    ///
    /// # Errors
    /// When it is none, or damaged.
    pub fn open(path: &Path, options: &ArchiveOptions) -> Result<Self, DebError> {
        let failed = |fault: DebFault| DebError { path: path.to_path_buf(), fault: fault.into() };
        let file = File::open(path).and_then(Stored::watched);
        let file = file.map_err(|error| failed(DebFault::Read(error)))?;
        Self::read(&file, options).map_err(failed)
    }

    pub(super) fn read(stored: &Stored, options: &ArchiveOptions) -> Result<Self, DebFault> {
        let ar::Members { control, data } = ar::members(stored)?;
        let about = About::of(&control, options)?;
        let Some(control) = about.control else {
            return Err(DebFault::NotAPackage("it has no control file".into()));
        };
        let mut all = paragraphs(&control);
        let (Some(paragraph), None) = (all.next(), all.next()) else {
            return Err(DebFault::NotAPackage("its control file is not one paragraph".into()));
        };
        let package = Package::parse(paragraph)?;
        let (control, md5sums) = (paragraph.text().to_string(), about.md5sums);
        let record = Record::Debian { control, md5sums };
        let data = plain(&data, options)
            .map_err(|fault| DebFault::Archive { member: "data.tar", fault })?;
        let (scripts, conffiles) = (about.scripts, about.conffiles);
        Ok(Self { package, scripts, conffiles, record, data })
    }

    /// What it is called.
    pub fn identity(&self) -> PackageIdentity {
        self.package.identity("debian")
    }

    /// The package as a part of a root. `path` is where it is, for messages.
    ///
    /// # Errors
    /// When its files cannot be read.
    pub fn into_part(self, path: &Path, options: &ArchiveOptions) -> Result<Part, DebError> {
        let identity = self.identity();
        let Self { scripts, conffiles, record, data, .. } = self;
        let failed = |fault: DebFault| DebError { path: path.to_path_buf(), fault: fault.into() };
        let root = Box::new(files::read(data, options).map_err(failed)?);
        let diversions = diversions(&identity.name, &scripts);
        Ok(Part { identity, conffiles, diversions, scripts, record, root })
    }
}

/// Where files of others are when the package is installed: what its scripts divert then, and do not
/// take back.
fn diversions(name: &str, scripts: &[Script]) -> Vec<(TreePath, TreePath)> {
    let path = |text: &str| TreePath::parse([b"/", &*files::below_usr(text.as_bytes())].concat());
    let mut all = BTreeMap::new();
    for when in ["preinst", "postinst"] {
        for script in scripts.iter().filter(|script| script.name == when) {
            let read = maintainer_script::parse(&String::from_utf8_lossy(&script.text));
            // In the name of another package it would keep that one's file.
            let own =
                |one: &Diversion| one.package.as_deref().is_none_or(|package| package == name);
            for Diversion { path: from, to, .. } in read.diversions.into_iter().filter(own) {
                match (path(&from), to.map(|to| path(&to))) {
                    (Ok(from), Some(Ok(to))) => drop(all.insert(from, to)),
                    (Ok(from), None) => drop(all.remove(&from)),
                    _ => {}
                }
            }
        }
    }
    all.into_iter().collect()
}

/// What is in `control.tar`.
#[derive(Default)]
struct About {
    control: Option<String>,
    scripts: Vec<Script>,
    conffiles: Vec<TreePath>,
    md5sums: String,
}

/// The control file of the package at `path`, as it is written.
///
/// # Errors
/// When it is none, or damaged.
pub(crate) fn control_of(path: &Path, options: &ArchiveOptions) -> Result<String, DebError> {
    let read = || -> Result<String, DebFault> {
        let file = File::open(path).and_then(Stored::watched).map_err(DebFault::Read)?;
        let about = About::of(&ar::members(&file)?.control, options)?;
        about.control.ok_or_else(|| DebFault::NotAPackage("it has no control file".into()))
    };
    read().map_err(|fault| DebError { path: path.to_path_buf(), fault: fault.into() })
}

impl About {
    /// What is in a `control.tar`, compressed or not.
    fn of(control: &Stored, options: &ArchiveOptions) -> Result<Self, DebFault> {
        let limits = Limits { max_bytes: MOST_CONTROL, ..options.limits };
        let failed = |fault| DebFault::Archive { member: "control.tar", fault };
        let control = plain(control, &ArchiveOptions { limits, ..options.clone() });
        Self::read(&control.map_err(failed)?, options).map_err(failed)
    }

    fn read(stored: &Stored, options: &ArchiveOptions) -> Result<Self, ArchiveFault> {
        let source = Stream(BufReader::new(Reading { stored, position: 0 }));
        let mut archive = TarReader::of_any(source, options.limits.max_header);
        let mut about = Self::default();
        loop {
            let next = archive.next();
            let offset = archive.position;
            let place = || ArchivePlace { offset, decompressed: None, member: None };
            let damaged = |error: std::io::Error| {
                let why = error.to_string();
                ArchiveFault::Damaged { place: place(), why }
            };
            let Some(entry) = next.map_err(damaged)? else { break };
            let name = String::from_utf8_lossy(&entry.name);
            let name = name.strip_prefix("./").unwrap_or(&name).to_string();
            if !matches!(entry.flag, b'\0' | b'0') {
                continue;
            }
            let is_script = SCRIPTS.contains(&&*name);
            if !is_script && !matches!(&*name, "control" | "conffiles" | "md5sums") {
                continue;
            }
            let mut text = Vec::new();
            let limited = (&mut archive).take(LARGEST_FILE + 1).read_to_end(&mut text);
            let refused = |why| Err(ArchiveFault::Refused { place: place(), why });
            if limited.map_err(damaged)? as u64 > LARGEST_FILE {
                return refused(format!("`{name}` is too large"));
            }
            if is_script {
                about.scripts.push(Script { name, text });
                continue;
            }
            if name == "md5sums" {
                // A line that is no text says nothing.
                about.md5sums = String::from_utf8_lossy(&text).into_owned();
                continue;
            }
            let Ok(text) = String::from_utf8(text) else {
                return refused(format!("`{name}` is not UTF-8"));
            };
            match &*name {
                "control" if about.control.is_some() => {
                    return refused("`control` is there twice".into());
                }
                "control" => about.control = Some(text),
                _ => about.conffiles = lines(&text).filter_map(conffile).collect(),
            }
        }
        about.scripts.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(about)
    }
}

/// A line of `conffiles`: a path, perhaps after a flag. [deb-conffiles(5)](https://manpages.debian.org/bookworm/dpkg-dev/deb-conffiles.5.en.html).
fn conffile(line: &str) -> Option<TreePath> {
    let path = line.strip_prefix("remove-on-upgrade ").unwrap_or(line).trim();
    TreePath::parse([&b"/"[..], &files::below_usr(path.as_bytes())].concat()).ok()
}
