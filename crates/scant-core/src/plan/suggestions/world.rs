//! The image that is being planned, as the rules of suggestions ask of it.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Depth, SONAME};
use crate::formats::elf::Elf;
use crate::formats::suggestion_rules::Level;
use crate::plan::closures::Loadable;
use crate::plan::planner::Planner;
use crate::plan::tree_view::Seen;
use crate::rules::View;
use crate::rules::loader::{Config, Files as _, Opening, Session, Spot};
use crate::rules::suggestions::{
    Addition, Found, Literal, Member, OPENERS, Suggestion, World, is_of_libc, is_one_of, literals,
};
use crate::words::{Content, InputName, NodeKind, Relation, Section, TreePath, Why};

/// Larger files are not read for their texts.
const LARGEST_PROGRAM: u64 = 256 << 20;

/// Larger configuration files are not read.
const LARGEST_CONFIGURATION: u64 = 1 << 20;

pub(super) struct PlannedWorld<'p, 'a> {
    planner: &'p Planner<'a>,
    depth: Depth,
    members: Vec<Member>,
    /// Where the content of each is.
    contents: Vec<Content>,
}

impl<'p, 'a> PlannedWorld<'p, 'a> {
    pub(super) fn new(planner: &'p Planner<'a>, depth: Depth) -> Self {
        let (mut members, mut contents) = (Vec::new(), Vec::new());
        for path in &planner.closed {
            let node = planner.placer.tree.get(path).map(|node| &node.kind);
            let Some(NodeKind::File(file)) = node else { continue };
            let home = planner.home(&file.content.input);
            let Some(root) = home.libraries.into_iter().next() else { continue };
            let source = file.content.path.clone();
            members.push(Member { path: path.clone(), root, source });
            contents.push(file.content.clone());
        }
        Self { planner, depth, members, contents }
    }

    /// The number of the member at a path.
    pub(super) fn number(&self, path: &TreePath) -> Option<usize> {
        self.members.binary_search_by(|member| member.path.cmp(path)).ok()
    }

    /// A member as what opens libraries.
    pub(super) fn loadable(&self, member: usize, soname: &[u8]) -> Option<Loadable> {
        let Content { input, path: source } = &self.contents[member];
        let elf = self.planner.request.inputs.get(input)?.elf(source);
        let elf = elf.as_ref().as_ref().ok()?;
        let path = self.members[member].path.clone();
        Some(Loadable {
            spot: Spot::moved(path.as_bytes(), source.as_bytes()),
            path,
            home: self.planner.home_of(input, elf),
            openings: Vec::from([Opening { name: soname.into(), relation: Relation::Opened }]),
            span: crate::formats::manifest::Span::default(),
            section: Section::Suggestions,
            is_secure: false,
        })
    }

    fn elf<T>(&self, member: usize, read: impl FnOnce(&Elf) -> T) -> Option<T> {
        let Content { input, path } = &self.contents[member];
        let elf = self.planner.request.inputs.get(input)?.elf(path);
        elf.as_ref().as_ref().ok().map(read)
    }

    /// Names of libraries in the text of a member.
    fn literals(&self, member: usize) -> Rc<Vec<Literal>> {
        let Content { input, path } = &self.contents[member];
        let key = (input.clone(), path.clone());
        if let Some(known) = self.planner.suggesting.literals.borrow().get(&key) {
            return known.clone();
        }
        let content = self.content_of(member).unwrap_or_default();
        let found = self.elf(member, |elf| literals(&content, elf)).unwrap_or_default();
        let found = Rc::new(found);
        self.planner.suggesting.literals.borrow_mut().insert(key, found.clone());
        found
    }

    fn content_of(&self, member: usize) -> Option<Vec<u8>> {
        let Content { input, path } = &self.contents[member];
        self.planner.request.inputs.get(input)?.input().read(path, LARGEST_PROGRAM).ok()
    }

    /// Libraries that the text of a file names and its input has: from a file that opens libraries
    /// where there is one.
    pub(super) fn named_libraries(&self) -> Vec<Suggestion> {
        let names: BTreeSet<&[u8]> = self.members.iter().filter_map(|m| m.path.name()).collect();
        let mut found: BTreeMap<String, (bool, Suggestion)> = BTreeMap::new();
        for number in 0..self.members.len() {
            // What libc opens is known, and told by rules.
            if is_of_libc(&self.members[number]) {
                continue;
            }
            for Literal { name } in self.literals(number).iter() {
                let base = name.rsplit('/').next().unwrap_or_default();
                if names.contains(base.as_bytes()) {
                    continue;
                }
                let opens = self
                    .imports(number)
                    .iter()
                    .any(|symbol| OPENERS.iter().any(|opener| opener.as_bytes() == &**symbol));
                let id = [SONAME, base].concat();
                if found.get(&id).is_some_and(|(other, _)| *other >= opens) {
                    continue;
                }
                let Some(library) = self.search(number, name.as_bytes()) else { continue };
                if library.is_there {
                    continue;
                }
                let because = match opens {
                    true => "it opens libraries, and its text names this one",
                    false => "its text names it, though it opens no libraries itself",
                };
                let suggestion = Suggestion {
                    id: id.clone(),
                    level: Level::Suggested,
                    because: because.to_string(),
                    of: self.members[number].path.clone(),
                    adds: Vec::from([Addition {
                        input: library.input,
                        path: library.path,
                        soname: Some(name.clone()),
                    }]),
                    missing: Vec::new(),
                };
                found.insert(id, (opens, suggestion));
            }
        }
        found.into_values().map(|(_, suggestion)| suggestion).collect()
    }
}

impl World for PlannedWorld<'_, '_> {
    fn members(&self) -> &[Member] {
        &self.members
    }

    fn view(&self, root: &InputName) -> Option<&View<'_>> {
        self.planner.request.inputs.get(root)
    }

    fn imports(&self, member: usize) -> Rc<BTreeSet<Box<[u8]>>> {
        let Content { input, path } = &self.contents[member];
        let key = (input.clone(), path.clone());
        let suggesting = &self.planner.suggesting;
        if let Some(known) = suggesting.imports.borrow().get(&key) {
            return known.clone();
        }
        let view = self.planner.request.inputs.get(input);
        let file = view.and_then(|view| view.input().open(path).ok());
        let is_wanted = |name: &[u8]| is_one_of(name, &suggesting.wanted);
        let found = file.and_then(|file| Elf::imports(&*file, &is_wanted).ok());
        let found = Rc::new(found.unwrap_or_default());
        suggesting.imports.borrow_mut().insert(key, found.clone());
        found
    }

    fn holds(&self, member: usize, texts: &[String], sought: bool) -> bool {
        if self.depth == Depth::Symbols && !sought {
            return false;
        }
        let content = self.content_of(member).unwrap_or_default();
        texts.iter().any(|text| {
            let text = [text.as_bytes(), b"\0"].concat();
            memchr::memmem::find(&content, &text).is_some()
        })
    }

    fn glibc(&self, member: usize) -> Option<(u32, u32)> {
        let version = |name: &[u8]| {
            let text = core::str::from_utf8(name).ok()?.strip_prefix("GLIBC_")?;
            let (major, minor) = text.split_once('.')?;
            Some((major.parse().ok()?, minor.parse().ok()?))
        };
        self.elf(member, |elf| {
            let defined = elf.dynamic.as_ref()?.version_definitions.as_ref()?;
            defined.iter().filter_map(|name| version(name)).max()
        })?
    }

    fn search(&self, member: usize, soname: &[u8]) -> Option<Found> {
        let loadable = self.loadable(member, soname)?;
        let (closure, image) = {
            let overlay = self.planner.overlay(&loadable.home);
            let session = Session::new(&overlay);
            let opened = overlay.open(&loadable.spot).ok()?;
            let elf = opened.elf.as_ref().as_ref().ok()?;
            (self.planner.closure_of(&session, &loadable, elf).0, self.planner.tree_files())
        };
        let is_opening = |edge: &&crate::rules::loader::Edge| {
            edge.relation == Relation::Opened && *edge.name == *soname
        };
        let edge = closure.edges.iter().find(is_opening)?;
        let object = closure.objects.get(edge.to)?;
        Some(Found {
            input: object.opened.identity.input.clone(),
            path: object.spot.image.clone(),
            is_there: image.open(&Spot::new(object.spot.image.clone())).is_ok(),
        })
    }

    fn has(&self, path: &[u8]) -> bool {
        matches!(self.planner.placer.seen(path), Some((_, Seen::Node(_))))
    }

    fn is_chosen(&self, path: &[u8]) -> bool {
        let Some((_, Seen::Node(node))) = self.planner.placer.seen(path) else { return false };
        let is_choice = |why: &Why| matches!(why, Why::Declared { .. } | Why::Accepted { .. });
        node.provenance.reasons().any(is_choice)
    }

    fn content(&self, path: &[u8]) -> Option<Vec<u8>> {
        self.planner.tree_files().config(Config::Cache, path, LARGEST_CONFIGURATION).ok().flatten()
    }

    fn paths(&self) -> Vec<TreePath> {
        let files = self.planner.placer.tree.iter();
        let files = files.filter(|(_, node)| !matches!(node.kind, NodeKind::Directory));
        files.map(|(path, _)| path.clone()).collect()
    }
}
