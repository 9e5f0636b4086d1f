//! A test is settings, a listing, and findings, all as text.
//!
//! Settings are lines `KEY VALUE`: `user`, `entrypoint`, `cmd`, `health`, `env`, `workdir`, `volume`,
//! `platform`, `program` (one that is declared), `owner PATH UID:GID`, `xattr PATH NAME`,
//! `source LISTING` (an input named SYS), and `symbols`. Without any, files that are no image.
//!
//! A finding is `LEVEL CHECK: TEXT`, with its paths, what was tried and what to do below it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use scant_core::formats::oci::{Empty, Healthcheck, RunConfig};
use scant_core::rules::View;
use scant_core::rules::check::{Extent, Finding, Image, Report, check as run};
use scant_core::words::{
    Entry, Input, InputError, InputName, Meta, Mode, Platform, ReadAt, Root, TreePath,
};

use crate::memory::MemoryInput;

/// A glibc for x86-64, as most of these programs want it.
pub(crate) const LOADER: &str = "/ld.so loader glibc x86_64";

/// What is found in an image of these settings and files.
#[track_caller]
pub(crate) fn check(settings: &str, listing: &str, expected: &str) {
    let findings: String = report(settings, listing).findings.iter().map(shown).collect();
    let lines = |text: &str| -> Vec<String> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(str::to_string).collect()
    };
    let is_same = lines(&findings) == lines(expected);
    assert!(is_same, "expected:\n{expected}\nfound:\n{findings}");
}

/// The report as it is.
#[track_caller]
pub(crate) fn report(settings: &str, listing: &str) -> Report {
    let has_loader = listing.lines().any(|line| line.trim_start().starts_with("/ld.so "));
    let listing = if has_loader { listing.into() } else { format!("{listing}\n{LOADER}") };
    let mut root = MemoryRoot { files: MemoryInput::new(&listing), metas: BTreeMap::new() };
    let mut config = RunConfig::default();
    let mut platform: Option<Platform> = None;
    let mut programs = BTreeSet::new();
    let mut source = String::new();
    let mut symbols = false;
    let lines = || settings.lines().map(str::trim).filter(|line| !line.is_empty());
    let words = |text: &str| Some(text.split(' ').map(str::to_string).collect::<Vec<_>>());
    for line in lines() {
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        match key {
            "user" => config.user = Some(value.into()),
            "entrypoint" => config.entrypoint = words(value),
            "cmd" => config.cmd = words(value),
            "health" => {
                let test = words(value).unwrap();
                config.healthcheck = Some(Healthcheck { test, ..Healthcheck::default() });
            }
            "env" => config.env.push(value.into()),
            "workdir" => config.working_dir = Some(value.into()),
            "volume" => drop(config.volumes.insert(value.into(), Empty {})),
            "platform" => platform = Some(value.parse().unwrap()),
            "program" => drop(programs.insert(TreePath::parse(value).unwrap())),
            "owner" => {
                let (path, owner) = value.split_once(' ').unwrap();
                let (uid, gid) = owner.split_once(':').unwrap();
                let meta = root.change(path);
                (meta.uid, meta.gid) = (uid.parse().unwrap(), gid.parse().unwrap());
            }
            "xattr" => {
                let (path, name) = value.split_once(' ').unwrap();
                root.change(path).xattrs.insert(name.into(), Box::from(*b"x"));
            }
            "source" => writeln!(source, "{value}").unwrap(),
            "symbols" => symbols = true,
            other => panic!("no setting `{other}`"),
        }
    }
    let source = MemoryInput::new(&source);
    let sources = BTreeMap::from([(InputName::new("SYS"), View::new(&source as &dyn Input))]);
    run(&Image {
        root: &root,
        run: &config,
        platform,
        is_image: lines().next().is_some(),
        programs,
        privileged: BTreeSet::new(),
        sources: &sources,
        extent: Extent::Whole,
        symbols,
    })
}

/// A finding as lines.
pub(crate) fn shown(finding: &Finding) -> String {
    let mut text = format!("{} {}: {}\n", finding.level, finding.check, finding.text);
    if !finding.relation.is_empty() {
        let paths: Vec<_> = finding.paths.iter().map(ToString::to_string).collect();
        writeln!(text, "{} {}", finding.relation, paths.join(" ")).unwrap();
    }
    finding.tried.iter().for_each(|line| writeln!(text, "tried {line}").unwrap());
    finding.help.iter().for_each(|line| writeln!(text, "help: {line}").unwrap());
    text
}

/// A listing with owners.
struct MemoryRoot {
    files: MemoryInput,
    metas: BTreeMap<TreePath, Meta>,
}

impl MemoryRoot {
    fn change(&mut self, path: &str) -> &mut Meta {
        let path = TreePath::parse(path).unwrap();
        let meta = self.meta(&path).unwrap().expect("what has an owner is there");
        self.metas.entry(path).or_insert(meta)
    }
}

impl Input for MemoryRoot {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        self.files.lookup(path)
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        if path.is_root() {
            let paths = self.files.paths().filter(|below| below.parent().as_ref() == Some(path));
            return Ok(paths.filter_map(|path| path.name().map(Box::from)).collect());
        }
        self.files.list(path)
    }

    fn open(&self, path: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        self.files.open(path)
    }
}

impl Root for MemoryRoot {
    fn meta(&self, path: &TreePath) -> Result<Option<Meta>, InputError> {
        if let Some(meta) = self.metas.get(path) {
            return Ok(Some(meta.clone()));
        }
        if path.is_root() {
            return Ok(Some(Meta::new(Mode::EXECUTABLE)));
        }
        let entry = self.lookup(path)?;
        Ok(entry.map(|entry| Meta::new(Mode::from_bits(entry.mode))))
    }
}
