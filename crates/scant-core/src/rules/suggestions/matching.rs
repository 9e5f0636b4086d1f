//! When a rule applies: all that it says must hold of the files of one input.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Member, World, glob, is_one_of, lines};
use crate::formats::suggestion_rules::{FileHas, Libc, Rule, version_range};
use crate::rules::View;
use crate::words::{InputName, TreePath};

/// The programs and libraries that share a root.
pub(super) struct Group<'w> {
    pub(super) root: InputName,
    pub(super) view: &'w View<'w>,
    /// Their numbers.
    pub(super) members: Vec<usize>,
    /// The C library, with its number.
    pub(super) libc: Option<(Libc, usize)>,
}

/// Which files a rule is about.
pub(super) struct Matched {
    /// The library of `closure`.
    pub(super) library: Option<usize>,
    /// The program of `path`.
    pub(super) program: Option<usize>,
    /// What the suggestion is for, and what opens libraries.
    pub(super) object: usize,
}

impl<'w> Group<'w> {
    pub(super) fn new(root: &InputName, world: &'w dyn World) -> Option<Self> {
        let view = world.view(root)?;
        let all = world.members();
        let members: Vec<usize> = (0..all.len()).filter(|&at| all[at].root == *root).collect();
        let libc = members.iter().find_map(|&at| Some((libc(&all[at])?, at)));
        Some(Self { root: root.clone(), view, members, libc })
    }

    /// The paths of configuration files that match: the image's where it has any, else those of the
    /// input.
    pub(super) fn configuration(
        &self,
        globs: &[String],
        only_image: bool,
        world: &dyn World,
    ) -> Vec<Vec<u8>> {
        let mut found: Vec<Vec<u8>> = Vec::new();
        let own = world.paths();
        for glob in globs {
            let own = own.iter().filter(|path| glob::is_match(glob, path));
            found.extend(own.map(|path| path.as_bytes().to_vec()));
        }
        if found.is_empty() && !only_image {
            let of_input = globs.iter().flat_map(|glob| glob::files(self.view, glob));
            found.extend(of_input.map(Vec::from));
        }
        found
    }

    /// The content of a configuration file: the image's own where it has one.
    pub(super) fn content(&self, path: &[u8], world: &dyn World) -> Option<Vec<u8>> {
        /// Nobody writes larger ones.
        const LARGEST: u64 = 1 << 20;
        world.content(path).or_else(|| {
            let found = self.view.resolve(path).ok()?;
            self.view.input().read(&found.path, LARGEST).ok()
        })
    }
}

pub(super) fn matches(rule: &Rule, group: &Group<'_>, world: &dyn World) -> Option<Matched> {
    let when = &rule.when;
    let members = world.members();
    let first = |holds: &dyn Fn(usize) -> bool| group.members.iter().copied().find(|&at| holds(at));
    if when.libc.is_some_and(|libc| group.libc.map(|(known, _)| known) != Some(libc)) {
        return None;
    }
    if let Some(range) = &when.glibc {
        let (at_least, version) = version_range(range)?;
        let (libc, at) = group.libc?;
        if libc != Libc::Glibc || (world.glibc(at)? >= version) != at_least {
            return None;
        }
    }
    // A key that is not there holds; one that is there must find a file.
    let sought = |is_asked: bool, holds: &dyn Fn(usize) -> bool| match is_asked {
        false => Some(None),
        true => first(holds).map(Some),
    };
    let library = sought(!when.closure.is_empty(), &|at| {
        let names = [members[at].path.name(), members[at].source.name()];
        names.into_iter().flatten().any(|name| is_one_of(name, &when.closure))
    })?;
    let program = sought(!when.path.is_empty(), &|at| {
        when.path.iter().any(|glob| glob::is_match(glob, &members[at].path))
    })?;
    let importer = sought(!when.imports.is_empty(), &|at| {
        !is_of_libc(&members[at])
            && world.imports(at).iter().any(|name| is_one_of(name, &when.imports))
    })?;
    // Of a program that is named, its own text counts.
    let holder = match program.filter(|_| !when.string.is_empty()) {
        Some(program) => Some(world.holds(program, &when.string, true).then_some(program)?),
        None => sought(!when.string.is_empty(), &|at| world.holds(at, &when.string, false))?,
    };
    if when.file_has.as_ref().is_some_and(|has| !has_words(has, group, world)) {
        return None;
    }
    let object = importer.or(holder).or(program).or(library);
    let object = object.or(group.libc.map(|(_, at)| at)).or(group.members.first().copied())?;
    Some(Matched { library, program, object })
}

fn has_words(has: &FileHas, group: &Group<'_>, world: &dyn World) -> bool {
    let paths = group.configuration(&has.files, false, world);
    paths.iter().any(|path| {
        let content = group.content(path, world);
        content.is_some_and(|text| !lines::words(&text, &has.lines).is_empty())
    })
}

fn libc(member: &Member) -> Option<Libc> {
    let name = member.path.name()?;
    let begins = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start.as_bytes()));
    match () {
        () if begins(&["libc.so.6"]) => Some(Libc::Glibc),
        () if begins(&["ld-musl-", "libc.musl-"]) => Some(Libc::Musl),
        () if begins(&["ld-uClibc", "libuClibc"]) => Some(Libc::Uclibc),
        () => None,
    }
}

/// Whether a file is a part of a C library, or what C++ has of it: what that imports of itself says
/// nothing of the programs that use it.
pub fn is_of_libc(member: &Member) -> bool {
    let starts = [
        "libc.so",
        "libc-",
        "libc.musl",
        "ld-",
        "ld.so",
        "ld64",
        "libpthread",
        "libuClibc",
        "libstdc++.so",
    ];
    let is_one = |name: &[u8]| starts.iter().any(|start| name.starts_with(start.as_bytes()));
    let name: Option<&[u8]> = TreePath::name(&member.path);
    name.is_some_and(is_one)
}
