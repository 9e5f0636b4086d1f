//! Every symbol that a program needs, looked for in all that is loaded with it: a library that is
//! too old shows by what it does not define, versions or not.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::finding::{Finding, Findings};
use crate::formats::elf::{Elf, SymbolTable, Wanted};
use crate::rules::loader::Closure;
use crate::words::{Check, Escaped, Level, Root, TreePath};

/// As many symbols are named of a file that lacks more.
const SHOWN: usize = 5;

/// What files define and want, each read once; none where that cannot be read.
#[derive(Default)]
pub(super) struct Cache(BTreeMap<TreePath, Option<Rc<SymbolTable>>>);

impl Cache {
    fn read(&mut self, root: &dyn Root, path: &TreePath) -> Option<Rc<SymbolTable>> {
        let read = || Elf::symbols(&*root.open(path).ok()?).ok().map(Rc::new);
        self.0.entry(path.clone()).or_insert_with(read).clone()
    }
}

/// Looks for every strong symbol of a closure in which no file is missing.
pub(super) fn check(
    root: &dyn Root,
    level: Level,
    closure: &Closure,
    cache: &mut Cache,
    findings: &mut Findings,
) {
    let paths: BTreeSet<&TreePath> =
        closure.objects.iter().map(|object| &object.opened.identity.path).collect();
    let tables: Option<Vec<_>> =
        paths.iter().map(|path| Some((*path, cache.read(root, path)?))).collect();
    // Where one table cannot be read, nobody knows what it defines.
    let Some(tables) = tables else { return };
    let is_defined = |wanted: &Wanted| tables.iter().any(|(_, table)| table.satisfies(wanted));
    for (path, table) in &tables {
        let missing: Vec<&Wanted> =
            table.wanted.iter().filter(|wanted| !is_defined(wanted)).collect();
        if missing.is_empty() {
            continue;
        }
        let names: Vec<String> = missing.iter().take(SHOWN).map(|wanted| shown(wanted)).collect();
        let more = missing.len() - names.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let text =
            format!("nothing that is loaded with `{path}` defines {}{more}", names.join(", "));
        let finding = Finding::new(level, Check::MissingSymbol, text);
        let program = closure.objects[0].opened.identity.path.clone();
        findings.add(finding.by("when this is started:", program).help(
            "a library of the image is older than the one that the file was built with, or of \
             another kind",
        ));
    }
}

fn shown(wanted: &Wanted) -> String {
    let name = Escaped(&wanted.name).to_string();
    match &wanted.version {
        Some(version) => format!("`{name}@{}`", Escaped(version)),
        None => format!("`{name}`"),
    }
}
