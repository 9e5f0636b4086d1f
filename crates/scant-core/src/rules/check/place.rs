//! The image that is checked, with the few questions that all checks ask of it.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::RefCell;

use super::user::{EXECUTE, Identity};
use crate::formats::oci::RunConfig;
use crate::rules::loader::InputFiles;
use crate::rules::{Resolved, View};
use crate::words::{InputError, InputName, Meta, Platform, Root, TreePath};

/// Where runtimes look for programs when the image sets no `PATH`.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What lies here is made when the container starts, by the runtime or by what runs in it.
const MADE_AT_RUN_TIME: [&str; 8] =
    ["/proc", "/sys", "/dev", "/run", "/tmp", "/etc/resolv.conf", "/etc/hosts", "/etc/hostname"];

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Everything that is in the image.
    Whole,
    /// What is started, and what that loads.
    Start,
}

/// An image, or what will become one.
pub struct Image<'a> {
    /// Its files.
    pub root: &'a dyn Root,
    /// How it is run.
    pub run: &'a RunConfig,
    /// The platform it is for, where that is known.
    pub platform: Option<Platform>,
    /// Whether it is an image, not only files: then it should start something.
    pub is_image: bool,
    /// Programs that somebody declared: what they lack is an error.
    pub programs: BTreeSet<TreePath>,
    /// Files that are declared with the privileges they give.
    pub privileged: BTreeSet<TreePath>,
    /// Where missing things may be found.
    pub sources: &'a BTreeMap<InputName, View<'a>>,
    /// How much is looked at.
    pub extent: Extent,
    /// Whether every symbol is looked for.
    pub symbols: bool,
}

/// An image while it is checked.
pub(super) struct Place<'a> {
    pub(super) image: &'a Image<'a>,
    pub(super) files: InputFiles<'a>,
    metas: RefCell<BTreeMap<TreePath, Option<Meta>>>,
}

impl<'a> Place<'a> {
    pub(super) fn new(image: &'a Image<'a>) -> Self {
        let files = InputFiles::new(InputName::new("image"), View::new(image.root));
        Self { image, files, metas: RefCell::default() }
    }

    /// Its files.
    pub(super) fn view(&self) -> &View<'a> {
        self.files.view()
    }

    /// Follows a path, relative ones from the working directory.
    pub(super) fn resolve(&self, path: &[u8]) -> Result<Resolved, InputError> {
        self.view().resolve(&self.absolute(path))
    }

    /// The path from the root on.
    pub(super) fn absolute(&self, path: &[u8]) -> Vec<u8> {
        match path.starts_with(b"/") {
            true => path.to_vec(),
            false => [self.directory().as_bytes(), b"/", path].concat(),
        }
    }

    /// The working directory.
    pub(super) fn directory(&self) -> &str {
        let directory = self.image.run.working_dir.as_deref();
        directory.filter(|directory| !directory.is_empty()).unwrap_or("/")
    }

    /// Owner and mode of what is at a resolved path.
    pub(super) fn meta(&self, path: &TreePath) -> Option<Meta> {
        if let Some(meta) = self.metas.borrow().get(path) {
            return meta.clone();
        }
        let meta = self.image.root.meta(path).ok().flatten();
        self.metas.borrow_mut().insert(path.clone(), meta.clone());
        meta
    }

    /// The content of a text file; empty when it cannot be read.
    pub(super) fn text(&self, path: &[u8], limit: u64) -> Vec<u8> {
        let found = self.view().resolve(path).ok();
        found.and_then(|found| self.image.root.read(&found.path, limit).ok()).unwrap_or_default()
    }

    /// The value of a variable of the environment.
    pub(super) fn variable(&self, name: &str) -> Option<&'a str> {
        let pairs = self.image.run.env.iter().filter_map(|pair| pair.split_once('='));
        // Of one that is set twice the last counts.
        pairs.rev().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The directories in which programs are looked for.
    pub(super) fn search_path(&self) -> Vec<String> {
        let path = self.variable("PATH").unwrap_or(DEFAULT_PATH);
        path.split(':').map(|one| if one.is_empty() { "." } else { one }.to_string()).collect()
    }

    /// The first directory on the way to a file that the user may not search.
    pub(super) fn closed_directory(&self, user: &Identity, at: &Resolved) -> Option<TreePath> {
        let links = at.links.iter().map(|link| &link.path);
        let ways = links.chain([&at.path]);
        let mut above: Vec<TreePath> = ways.flat_map(TreePath::ancestors).collect();
        above.sort();
        above.dedup();
        let may = |directory: &TreePath| {
            self.meta(directory).is_none_or(|meta| user.may(EXECUTE, &meta, true))
        };
        above.into_iter().find(|directory| !may(directory))
    }

    /// Whether the runtime, or what runs in the container, makes what is at `path`.
    pub(super) fn is_made_at_run_time(&self, path: &TreePath) -> bool {
        let volumes = self.image.run.volumes.keys().map(String::as_str);
        MADE_AT_RUN_TIME.into_iter().chain(volumes).any(|made| {
            TreePath::parse(made)
                .is_ok_and(|made| !made.is_root() && (*path == made || path.below(&made).is_some()))
        })
    }
}
