//! One package: what it says of itself, and its files, which are not looked at yet.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;

use scant_core::formats::debian::Package;
use scant_core::formats::debian::control::{lines, paragraphs};

use super::{DebError, DebFault, ar};
use crate::images::stored::Stored;
use crate::images::tar_reader::{Stream, TarReader};
use crate::inputs::{ArchiveFault, ArchiveOptions, ArchivePlace, Limits, Reading, plain};

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
    /// The names of its scripts. They are never run.
    pub scripts: Vec<String>,
    /// The files that an administrator may change.
    pub conffiles: Vec<String>,
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
        let limits = Limits { max_bytes: MOST_CONTROL, ..options.limits };
        let failed = |fault| DebFault::Archive { member: "control.tar", fault };
        let control = plain(&control, &ArchiveOptions { limits, ..options.clone() });
        let about = About::read(&control.map_err(failed)?, options).map_err(failed)?;
        let Some(control) = about.control else {
            return Err(DebFault::NotAPackage("it has no control file".into()));
        };
        let mut all = paragraphs(&control);
        let (Some(paragraph), None) = (all.next(), all.next()) else {
            return Err(DebFault::NotAPackage("its control file is not one paragraph".into()));
        };
        let package = Package::parse(paragraph)?;
        let data = plain(&data, options)
            .map_err(|fault| DebFault::Archive { member: "data.tar", fault })?;
        Ok(Self { package, scripts: about.scripts, conffiles: about.conffiles, data })
    }

    /// What it is called: `nginx-light 1.22.1-9 amd64 (source nginx)`.
    pub fn title(&self) -> String {
        let Package { name, version, architecture, .. } = &self.package;
        let (source, source_version) = self.package.source();
        let source = match (source == &**name, source_version == version.as_str()) {
            (true, true) => String::new(),
            (_, true) => format!(" (source {source})"),
            (_, false) => format!(" (source {source} {source_version})"),
        };
        format!("{name} {version} {architecture}{source}")
    }
}

/// What is in `control.tar`.
#[derive(Default)]
struct About {
    control: Option<String>,
    scripts: Vec<String>,
    conffiles: Vec<String>,
}

impl About {
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
            if SCRIPTS.contains(&&*name) {
                about.scripts.push(name);
                continue;
            }
            if !matches!(&*name, "control" | "conffiles") {
                continue;
            }
            let mut text = String::new();
            let limited = (&mut archive).take(LARGEST_FILE + 1).read_to_string(&mut text);
            if limited.map_err(damaged)? as u64 > LARGEST_FILE {
                let why = format!("`{name}` is too large");
                return Err(ArchiveFault::Refused { place: place(), why });
            }
            match &*name {
                "control" if about.control.is_some() => {
                    let why = "`control` is there twice".into();
                    return Err(ArchiveFault::Refused { place: place(), why });
                }
                "control" => about.control = Some(text),
                _ => about.conffiles = lines(&text).map(ToString::to_string).collect(),
            }
        }
        about.scripts.sort();
        Ok(about)
    }
}
