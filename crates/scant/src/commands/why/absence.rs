//! What would bring a path that is not in the image of a manifest: a suggestion that nobody has
//! accepted, or a file of an input that could be declared.

use std::collections::BTreeSet;
use std::fmt;

use scant_core::plan::{self, Depth, Plan, Suggestion};
use scant_core::rules::suggestions::Addition;
use scant_core::words::{InputName, TreePath};

use super::way::Way;
use crate::exit::Failure;
use crate::project::{Planned, Project, views};

/// Planning costs time; no image has so many suggestions.
const MOST_PLANNED: usize = 32;

/// What could be done about a path that is not there.
#[derive(Default)]
pub(super) struct Absence {
    /// The files of declared inputs that it would be.
    pub(super) elsewhere: Vec<Declarable>,
    /// The suggestions that bring it.
    pub(super) suggestions: Vec<Suggestion>,
}

/// A file of an input that is not in the image.
pub(super) struct Declarable {
    /// The name to declare it by.
    pub(super) name: String,
    package: Option<String>,
}

impl fmt::Display for Declarable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.package.as_ref().map_or(Ok(()), |package| write!(f, " (package {package})"))?;
        f.write_str(" could be declared")
    }
}

impl Absence {
    /// Of a path that leads to `place` in the image, or would.
    pub(super) fn new(
        project: &Project,
        planned: &Planned,
        asked: &TreePath,
        place: &TreePath,
    ) -> Self {
        let mut suggestions = planned.plan.suggestions.clone();
        suggestions.retain(|one| brings(one, planned, asked, place));
        if suggestions.is_empty() {
            suggestions = by_planning(project, planned, asked);
        }
        Self { elsewhere: elsewhere(project, planned, asked, place), suggestions }
    }
}

/// The plans of a project with all suggestions there are.
pub(super) fn plans(project: &Project) -> Result<Vec<Planned>, Failure> {
    project.plan_to(Depth::Texts, None)
}

/// Whether one of the files that a suggestion names is the path, or lies below it.
fn brings(suggestion: &Suggestion, planned: &Planned, asked: &TreePath, place: &TreePath) -> bool {
    let views = views(&planned.inputs);
    suggestion.adds.iter().any(|Addition { input, path, .. }| {
        let resolved = views.get(input).and_then(|view| view.resolve(path).ok());
        let links = resolved.iter().flat_map(|found| found.links.iter().map(|link| &link.path));
        let written = TreePath::parse(path).ok();
        let names = resolved.iter().map(|found| &found.path).chain(links).chain(&written);
        names.into_iter().any(|name| [asked, place].iter().any(|it| name.below(it).is_some()))
    })
}

/// The suggestions whose files need the path: a plan that accepts one has it.
fn by_planning(project: &Project, planned: &Planned, asked: &TreePath) -> Vec<Suggestion> {
    let platform = planned.plan.platform;
    let mut brings = planned.plan.suggestions.clone();
    brings.truncate(MOST_PLANNED);
    brings.retain(|suggestion| {
        let project = project.accepting(&suggestion.id).only(Some(platform));
        let plans = project.plan().unwrap_or_default();
        plans.iter().any(|Planned { plan: Plan { tree, platform, .. }, .. }| {
            let document = plan::document(tree, *platform, &[]);
            Way::to(asked, &document).end.is_some()
        })
    });
    brings
}

/// What declared inputs have at the path, by the name that brings it when it is declared. The files
/// beside the manifest and those that scant makes are no place to declare from.
fn elsewhere(
    project: &Project,
    planned: &Planned,
    asked: &TreePath,
    place: &TreePath,
) -> Vec<Declarable> {
    let declared = |name: &InputName| project.manifest.inputs.iter().any(|i| i.name == *name);
    let mut elsewhere = Vec::new();
    for (name, view) in views(&planned.inputs).into_iter().filter(|(name, _)| declared(name)) {
        // The name that was asked for goes through the links of the image as the path does.
        let found =
            |path: &TreePath| Some((path.clone(), view.resolve(path.as_bytes()).ok()?.path));
        if let Some((path, file)) = found(asked).or_else(|| found(place)) {
            let package = view.input().packages(&BTreeSet::from([file.clone()])).remove(&file);
            elsewhere.push(Declarable { name: format!("{name}{path}"), package });
        }
    }
    elsewhere
}
