//! apk's: `/lib/apk/db/installed`, with all packages.

use alloc::collections::BTreeMap;
use alloc::string::String;

use super::{OfPackage, Present, below_usr};
use crate::formats::alpine::installed::{self, Listed};
use crate::formats::manifest::Span;
use crate::plan::planner::Planner;
use crate::words::{EntryKind, Record, TreePath};

/// Where apk keeps it.
const INSTALLED: &str = "/lib/apk/db/installed";

impl Planner<'_> {
    pub(super) fn write_alpine(&mut self, present: &[Present], span: Span) {
        let mut entries: BTreeMap<(&str, &str), BTreeMap<TreePath, Listed>> = BTreeMap::new();
        let nodes = self.nodes_of_packages();
        for one in present {
            let Record::Alpine { fields, checksums } = &one.record else { continue };
            let files = one.nodes(&nodes).map(|OfPackage { path, node, source }| {
                let said = checksums.get(&source.path);
                let said = said.or_else(|| checksums.get(&below_usr(&source.path)?));
                ((*path).clone(), Listed { meta: node.meta.clone(), checksum: said.copied() })
            });
            // The same package may come from two inputs.
            entries.entry((&one.name, fields)).or_default().extend(files);
        }
        let directory = |path: &TreePath| Some(self.placer.tree.get(path)?.meta.clone());
        let mut database = String::new();
        for ((_, fields), files) in &entries {
            database += &installed::entry(fields, files, &directory);
            database.push('\n');
        }
        if !entries.is_empty() {
            let path = self.place_of_installed(present);
            self.place_database(&path, database.into_bytes(), span);
        }
    }

    /// Where the database goes: below `/usr` where the image has nothing that says otherwise, and
    /// the distribution has `/lib` there.
    fn place_of_installed(&self, present: &[Present]) -> TreePath {
        let path = TreePath::literal(INSTALLED);
        let is_link = |one: &Present| {
            let view = self.request.inputs.get(&one.input);
            let entry =
                view.and_then(|view| view.lookup(&TreePath::literal("/lib")).ok().flatten());
            entry.is_some_and(|entry| matches!(entry.kind, EntryKind::Symlink { .. }))
        };
        let of_alpine = |one: &&Present| matches!(one.record, Record::Alpine { .. });
        let is_open = self.placer.seen(b"/lib").is_none();
        match is_open && present.iter().filter(of_alpine).any(is_link) {
            true => TreePath::literal("/usr").append(&path),
            false => path,
        }
    }
}
