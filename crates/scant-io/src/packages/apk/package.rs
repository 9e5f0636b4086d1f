//! A package: signatures, control data, and files, each a member of gzip or several. What the index
//! says leads to the control data, that to all files, and each entry to its content; all of it is
//! compared before anything is handed out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use scant_core::formats::alpine::{Package, PackageInfo, installed};
use scant_core::words::{
    Digest, Entry, Hasher, Input, InputError, Meta, PackageIdentity, ReadAt, Record, Root, TreePath,
};

use super::error::ApkFault;
use super::files;
use super::keys::Key;
use super::members::Members;
use super::tar_entries::{self, TarFile};
use super::trust::{self, Demand, Trust};
use super::{MOST_CONTROL, hex, is_version_3};
use crate::images::listed_input::ListedInput;
use crate::images::stored::Stored;
use crate::inputs::{ArchiveOptions, Spool};
use crate::packages::contents::Contents;
use crate::packages::{Part, Script};

/// A package whose files can be read.
pub struct ApkPackage {
    /// What it is called.
    pub identity: PackageIdentity,
    /// What it says of itself.
    pub info: PackageInfo,
    /// Its scripts, by name: `.post-install`, `.trigger`. They are never run.
    pub scripts: Vec<Script>,
    /// How far it was checked.
    pub checked: Checked,
    /// What apk would keep of it.
    pub record: Record,
    files: ListedInput<Contents>,
}

/// How far a package was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Whether it is the one that an index lists: by name, version, and the SHA-1 of its control
    /// data. Whoever vouches for the index vouches for it.
    pub is_listed: bool,
    /// Who vouches for the package itself. Packages of Wolfi have no signatures.
    pub signature: Trust,
    /// How many files have no digest of their own. The digest of all data covers them.
    pub without_digest: u64,
}

/// What a package is compared with.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// What a trusted index says of it.
    pub listed: Option<&'a Package>,
    /// The keys that may vouch for it.
    pub keys: &'a [Key],
    /// Whether it must have a signature of its own. With an index it need not.
    pub demand: Demand,
    /// Whose package it is, for its package URL: `alpine`, `wolfi`.
    pub vendor: &'a str,
}

impl ApkPackage {
    /// Opens the package at `path`.
    ///
    /// # Errors
    /// When it is damaged, is not the one that is expected, or nobody vouches for it and somebody
    /// must.
    pub fn open(
        path: &Path,
        expected: &Expected<'_>,
        options: &ArchiveOptions,
    ) -> Result<Self, ApkFault> {
        Self::from_file(File::open(path).map_err(ApkFault::Read)?, expected, options)
    }

    /// The same for a file that is open already.
    ///
    /// # Errors
    /// As [`ApkPackage::open`].
    pub fn from_file(
        file: File,
        expected: &Expected<'_>,
        options: &ArchiveOptions,
    ) -> Result<Self, ApkFault> {
        Self::read(&Stored::watched(file).map_err(ApkFault::Read)?, expected, options)
    }

    /// The same for bytes.
    ///
    /// # Errors
    /// As [`ApkPackage::open`].
    pub fn from_bytes(
        bytes: &[u8],
        expected: &Expected<'_>,
        options: &ArchiveOptions,
    ) -> Result<Self, ApkFault> {
        Self::read(&Stored::Memory(bytes.into()), expected, options)
    }

    fn read(
        stored: &Stored,
        expected: &Expected<'_>,
        options: &ArchiveOptions,
    ) -> Result<Self, ApkFault> {
        let head = stored.size().min(4) as usize;
        let mut start = [0; 4];
        stored.read_exact_at(0, &mut start[..head]).map_err(ApkFault::Read)?;
        if is_version_3(&start) {
            return Err(ApkFault::Version3);
        }
        let mut members = Members::of(stored);
        let (signatures, control) = trust::signatures(&mut members, MOST_CONTROL)?;
        let raw = members.raw(control.start, control.end)?;
        let signature = trust::verify(&signatures, &raw, expected.keys, expected.demand)?;
        let checksum = files::sha1_of(&raw);
        if let Some(listed) = expected.listed {
            same("the SHA-1 of its control data", &hex(&checksum), &hex(&listed.checksum))?;
        }
        let (info, text, scripts) = control_data(tar_entries::read(&control)?)?;
        if let Some(listed) = expected.listed {
            same("its name", &info.name, &listed.name)?;
            same("its version", info.version.as_str(), listed.version.as_str())?;
        }
        let data = unpacked(members, info.data_hash, options)?;
        let files::Files { files, without_digest, checksums } = files::read(data, options)?;
        let fields = installed::fields(&text, &checksum, stored.size());
        let is_listed = expected.listed.is_some();
        Ok(Self {
            identity: info.identity(expected.vendor),
            info,
            scripts,
            checked: Checked { is_listed, signature, without_digest },
            record: Record::Alpine { fields, checksums },
            files,
        })
    }
}

impl ApkPackage {
    /// Says whose package it is, for its package URL.
    pub(super) fn call_vendor(&mut self, vendor: &str) {
        self.identity = self.info.identity(vendor);
    }
}

/// The package as a part of a root.
impl From<ApkPackage> for Part {
    fn from(mut package: ApkPackage) -> Self {
        let identity = package.identity.clone();
        let scripts = std::mem::take(&mut package.scripts);
        let record = package.record.clone();
        let (conffiles, diversions) = (Vec::new(), Vec::new());
        Self { identity, conffiles, diversions, scripts, record, root: Box::new(package) }
    }
}

fn same(what: &'static str, found: &str, listed: &str) -> Result<(), ApkFault> {
    if found == listed {
        return Ok(());
    }
    Err(ApkFault::NotListed { what, found: found.to_string(), listed: listed.to_string() })
}

/// What the package says of itself, the same as it is written, and its scripts.
fn control_data(entries: Vec<TarFile>) -> Result<(PackageInfo, String, Vec<Script>), ApkFault> {
    /// All that apk knows, by name.
    const SCRIPTS: [&[u8]; 7] = [
        b".pre-install",
        b".post-install",
        b".pre-deinstall",
        b".post-deinstall",
        b".pre-upgrade",
        b".post-upgrade",
        b".trigger",
    ];
    let (mut infos, mut scripts) = (Vec::new(), Vec::new());
    for TarFile { name, content } in entries {
        if name == b".PKGINFO" {
            infos.push(content);
        } else if SCRIPTS.contains(&&name[..]) {
            let name = String::from_utf8_lossy(&name).into_owned();
            scripts.push(Script { name, text: content });
        }
    }
    let [info] = &infos[..] else {
        return Err(ApkFault::Entries { name: ".PKGINFO", count: infos.len() });
    };
    scripts.sort_by(|a, b| a.name.cmp(&b.name));
    Ok((PackageInfo::parse(info)?, String::from_utf8_lossy(info).into_owned(), scripts))
}

/// The data, decompressed, when it is what the package says. It is read to its end first: nothing of
/// it is looked at before.
fn unpacked(
    mut members: Members<'_>,
    said: Option<[u8; 32]>,
    options: &ArchiveOptions,
) -> Result<Stored, ApkFault> {
    let start = members.position;
    let mut spool = Spool::new(options, members.size() - start);
    match said {
        // A package of dependencies only may have none.
        None if members.is_at_end() => return Ok(spool.finish()?),
        None => {
            let why = "it has data, and `.PKGINFO` no `datahash` for it".into();
            return Err(ApkFault::Damaged { offset: start, why });
        }
        Some(said) => {
            let mut hasher = Hasher::default();
            members.hash(start, &mut |bytes| hasher.update(bytes))?;
            let (found, said) = (hasher.finish(), Digest::from_bytes(said));
            if found != said {
                return Err(ApkFault::Data { found: found.hex(), said: said.hex() });
            }
        }
    }
    while !members.is_at_end() {
        members.pass(&mut |bytes| Ok(spool.write(bytes)?))?;
    }
    // It was read twice.
    if members.has_changed()? {
        return Err(ApkFault::Changed);
    }
    Ok(spool.finish()?)
}

impl Input for ApkPackage {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        self.files.lookup(path)
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        self.files.list(path)
    }

    fn open(&self, path: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        Input::open(&self.files, path)
    }

    fn packages(&self, paths: &BTreeSet<TreePath>) -> BTreeMap<TreePath, String> {
        let is_here = |path: &&TreePath| matches!(self.files.lookup(path), Ok(Some(_)));
        let name = |path: &TreePath| (path.clone(), self.identity.name.clone());
        paths.iter().filter(is_here).map(name).collect()
    }
}

impl Root for ApkPackage {
    fn meta(&self, path: &TreePath) -> Result<Option<Meta>, InputError> {
        self.files.meta(path)
    }
}
