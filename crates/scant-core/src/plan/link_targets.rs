//! What the links of data directories point at comes along, so that none of them dangles.

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use super::closures::{Loadable, is_loaded};
use super::fault::{FaultKind, Severity};
use super::nodes::default_mode;
use super::placer::{Last, Route, named};
use super::planner::Planner;
use super::tree_view::{self, Seen};
use crate::formats::manifest::Span;
use crate::rules::loader::Spot;
use crate::rules::{Resolved, View};
use crate::words::{Escaped, InputName, Meta, Section, TreePath, Why};

/// What a runtime mounts or makes when a container starts: an image has no files there, and those
/// of a running machine are nobody's business.
const MADE_AT_RUN_TIME: [&str; 4] = ["/dev", "/proc", "/run", "/sys"];

/// A symbolic link that came with a data directory.
#[derive(Clone, Debug)]
pub(super) struct DataLink {
    pub(super) path: TreePath,
    pub(super) target: Box<[u8]>,
    pub(super) input: InputName,
    /// Where the link lies in its input.
    pub(super) source: TreePath,
    pub(super) span: Span,
    pub(super) close_elf: bool,
}

/// What a link of a data directory points at, in the input it is taken from.
struct Target<'a> {
    input: InputName,
    view: &'a View<'a>,
    found: Resolved,
    /// Where the image will look for it.
    image: Vec<u8>,
    /// Whether that is where it lies in its input.
    keeps_place: bool,
}

impl<'a> Planner<'a> {
    /// Looks at every link that came with data. A file it points at comes along with that reason;
    /// a directory does not, and is told if nothing else brings it.
    pub(super) fn follow_link_targets(&mut self) {
        let links = core::mem::take(&mut self.data_links);
        let mut dangling = Vec::new();
        for link in &links {
            match self.placer.seen_at(&link.path) {
                Some((path, Seen::Node(_))) => self.add_reason(&path, link),
                Some((_, Seen::Directory)) => {}
                None if self.is_made_at_run_time(link.path.as_bytes()) => {}
                None => match self.target_of(link) {
                    Some(target) if target.found.entry.file_size().is_some() => {
                        let followed = self.place_target(link, &target);
                        self.keep(link.span, followed);
                    }
                    other => dangling.push((link, other)),
                },
            }
        }
        for (link, target) in dangling {
            if self.placer.seen_at(&link.path).is_none() {
                self.tell_dangling(link, target);
            }
        }
    }

    /// Whether a link leads to what is only there in a running container, volumes included.
    fn is_made_at_run_time(&self, link: &[u8]) -> bool {
        let led = tree_view::lead(&self.placer.tree, link);
        led.is_ok_and(|(path, _)| {
            let directories = MADE_AT_RUN_TIME.iter().map(|path| TreePath::literal(path));
            let volumes = self.request.manifest.image.volumes.iter().map(|path| path.value.clone());
            directories.chain(volumes).any(|directory| path.below(&directory).is_some())
        })
    }

    fn add_reason(&mut self, path: &TreePath, link: &DataLink) {
        if let Some(provenance) = self.placer.tree.provenance_mut(path) {
            provenance.add(Why::LinkTarget { of: link.path.clone() });
        }
    }

    /// Finds what a link points at. Files beside the manifest are no root: where a link of theirs
    /// is absolute it means the image's root, which the declared inputs stand for.
    fn target_of(&self, link: &DataLink) -> Option<Target<'a>> {
        let image = beside(&link.path, &link.target);
        let is_foreign = link.input == InputName::manifest() && link.target.starts_with(b"/");
        if !is_foreign {
            let view = self.view(&link.input).ok()?;
            let found = view.resolve(link.source.as_bytes()).ok()?;
            let keeps_place = image == beside(&link.source, &link.target);
            return Some(Target { input: link.input.clone(), view, found, image, keeps_place });
        }
        self.home(&link.input).libraries.into_iter().find_map(|input| {
            let view = self.view(&input).ok()?;
            let found = view.resolve(&image).ok()?;
            Some(Target { input, view, found, image: image.clone(), keeps_place: true })
        })
    }

    fn place_target(&mut self, link: &DataLink, target: &Target<'_>) -> Result<(), FaultKind> {
        let Target { input, view, found, image, keeps_place } = target;
        if found.entry.file_size().is_none() {
            return Ok(());
        }
        let route = Route { input, view };
        let path = self.placer.land(image, keeps_place.then_some(route), Last::Follow)?;
        self.note_dropped_bits(link.span, found.entry.mode, &named(input, &found.path));
        let why = Why::LinkTarget { of: link.path.clone() };
        let meta = Meta::new(default_mode(found.entry.mode));
        let node = self.file_node(input, &found.path, &found.entry, meta, why);
        self.placer.need(path.clone(), node)?;
        let elf = view.elf(&found.path);
        if let Ok(elf) = elf.as_ref()
            && link.close_elf
            && is_loaded(elf)
        {
            self.data_elves.push(Loadable {
                spot: Spot::moved(path.as_bytes(), found.path.as_bytes()),
                path,
                home: self.home_of(input, elf),
                openings: Vec::new(),
                span: link.span,
                section: Section::Data,
                is_secure: false,
            });
        }
        Ok(())
    }

    fn tell_dangling(&mut self, link: &DataLink, target: Option<Target<'_>>) {
        let DataLink { path, target: text, .. } = link;
        let text = match target {
            Some(Target { input, found, .. }) => {
                let (file, kind) = (named(&input, &found.path), found.entry.kind.describe());
                format!("`{path}` points at `{file}`, {kind}, which is not in the image")
            }
            None => format!("`{path}` points at `{}`, which is not there", Escaped(text)),
        };
        self.find(Some(link.span), Severity::Warning, text);
    }

    /// Declared links that point at nothing, when all is placed.
    pub(super) fn check_declared_links(&mut self) {
        for symlink in &self.request.manifest.symlinks {
            let link = symlink.link.as_bytes();
            if self.placer.seen(link).is_some() || self.is_made_at_run_time(link) {
                continue;
            }
            let text = format!(
                "`{}` points at `{}`, which is not in the image",
                symlink.link, symlink.target
            );
            self.find(Some(symlink.span), Severity::Warning, text);
        }
    }
}

/// The path that a link's text means, not normalised.
fn beside(link: &TreePath, target: &[u8]) -> Vec<u8> {
    if target.starts_with(b"/") {
        return target.to_vec();
    }
    let directory = link.parent().unwrap_or_else(TreePath::root);
    [directory.as_bytes(), b"/", target].concat()
}
