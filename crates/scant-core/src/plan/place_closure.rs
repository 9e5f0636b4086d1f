//! What a closure found comes into the tree, each file with its reasons.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::closures::{Cached, FoundLibrary, Loadable};
use super::fault::FaultKind;
use super::nodes::default_mode;
use super::placer::{Last, Route};
use super::planner::Planner;
use super::tree_view;
use crate::rules::loader::{Closure, Edge, Object, Rule};
use crate::words::{Escaped, How, Meta, Mode, Relation, TreePath, Why};

impl Planner<'_> {
    /// Places the files of a closure and records what it lacks. Gives what only a cache found.
    pub(super) fn place_closure(&mut self, loadable: &Loadable, closure: &Closure) -> Vec<Cached> {
        let paths = self.place_objects(loadable, closure);
        // Without the loader nobody knows where it looks.
        let has_no_loader =
            closure.missing.iter().any(|missing| missing.relation == Relation::Interpreter);
        for missing in &closure.missing {
            if !has_no_loader || missing.relation == Relation::Interpreter {
                self.note_missing(loadable, missing, &paths);
            }
        }
        for version in &closure.missing_versions {
            let kind = FaultKind::MissingVersion {
                version: Escaped(&version.version).to_string(),
                by: paths[version.by].clone(),
                of: paths[version.of].clone(),
            };
            self.fault(loadable.span, kind);
        }
        for (object, note) in &closure.suggestions {
            self.suggest(loadable.span, &paths[*object], note);
        }
        if let Some(path_file) = &closure.path_file {
            let placed = self.place_path_file(loadable, closure, path_file, &paths);
            self.keep(loadable.span, placed);
        }
        let cached = closure.edges.iter().filter(|edge| edge.rule == Rule::Cache);
        let cached = cached.map(|edge| Cached {
            by: paths[edge.by].clone(),
            name: edge.name.clone(),
            at: paths[edge.to].clone(),
        });
        cached.collect()
    }

    /// Lands every object of a closure, then puts it there with all its reasons. Gives the path of
    /// each.
    fn place_objects(&mut self, loadable: &Loadable, closure: &Closure) -> Vec<TreePath> {
        let mut paths = Vec::with_capacity(closure.objects.len());
        for (number, object) in closure.objects.iter().enumerate() {
            if number == 0 && object.spot == loadable.spot {
                paths.push(loadable.path.clone());
                continue;
            }
            let landed = self.land_object(object);
            let fallback = || object.opened.identity.path.clone();
            paths.push(self.keep(loadable.span, landed).unwrap_or_else(fallback));
        }
        for (number, object) in closure.objects.iter().enumerate() {
            let edges: Vec<&Edge> = closure.edges.iter().filter(|edge| edge.to == number).collect();
            let placed = self.place_object(object, &edges, &paths, &paths[number]);
            self.keep(loadable.span, placed);
            self.closed.insert(paths[number].clone());
        }
        paths
    }

    /// Where the file lands that a loader found. It brings the links on its way, but where a moved
    /// program finds it beside itself.
    fn land_object(&mut self, object: &Object) -> Result<TreePath, FaultKind> {
        let Object { spot, opened } = object;
        let input = &opened.identity.input;
        let view = self.request.inputs.get(input).filter(|_| spot.source.is_none());
        let Some(view) = view else {
            return self.placer.land(&spot.image, None, Last::Follow);
        };
        let path =
            tree_view::sought(&self.placer.tree, &spot.image, |path| view.resolve(path).is_ok());
        self.placer.land(&path, Some(Route { input, view }), Last::Follow)
    }

    fn place_object(
        &mut self,
        object: &Object,
        edges: &[&Edge],
        paths: &[TreePath],
        path: &TreePath,
    ) -> Result<(), FaultKind> {
        let identity = &object.opened.identity;
        let view = self.view(&identity.input)?;
        let entry = view.lookup(&identity.path).ok().flatten();
        let Some(entry) = entry.filter(|entry| entry.file_size().is_some()) else { return Ok(()) };
        let is_started = edges.iter().any(|edge| edge.relation == Relation::Interpreter);
        let mode = if is_started { Mode::EXECUTABLE } else { default_mode(entry.mode) };
        for edge in edges {
            let why = Why::Depends {
                of: paths[edge.by].clone(),
                relation: edge.relation,
                name: Escaped(&edge.name).to_string(),
                how: edge.rule.how(|object| paths[object].clone()),
            };
            let meta = Meta::new(mode);
            let node = self.file_node(&identity.input, &identity.path, &entry, meta, why);
            self.placer.need(path.clone(), node)?;
            if matches!(edge.rule, Rule::Cache | Rule::DefaultDirectory { .. }) {
                let (name, path) = (edge.name.clone(), object.spot.image.clone());
                self.libraries.insert(FoundLibrary { name, path });
            }
        }
        Ok(())
    }

    /// musl found libraries through its path file, so the image needs that file.
    fn place_path_file(
        &mut self,
        loadable: &Loadable,
        closure: &Closure,
        path: &[u8],
        paths: &[TreePath],
    ) -> Result<(), FaultKind> {
        let reader = closure.edges.iter().find(|edge| edge.relation == Relation::Interpreter);
        let of = reader.map_or(&loadable.path, |edge| &paths[edge.to]).clone();
        let why = Why::Depends {
            of,
            relation: Relation::Configuration,
            name: Escaped(path).to_string(),
            how: How::Path,
        };
        self.need_file(path, &loadable.home.libraries, why, None).map(|_| ())
    }
}
