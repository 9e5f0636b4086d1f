//! Outputs that would change what they are built from: refused before anything is written.
//!
//! Files beside the manifest are no such input: outputs lie among them by default. Only replacing
//! the whole directory they are in is refused.

use std::path::{Path, PathBuf};

use scant_core::formats::image_reference::ImageReference;

use crate::exit::Failure;
use crate::project::Project;

/// Refuses outputs inside an input, and those that an input is inside of.
pub(crate) fn check(
    outputs: &[ImageReference],
    project: &Project,
    current: &Path,
) -> Result<(), Failure> {
    outputs.iter().try_for_each(|output| check_one(output, project, current))
}

fn check_one(output: &ImageReference, project: &Project, current: &Path) -> Result<(), Failure> {
    let Some(path) = output.path() else { return Ok(()) };
    let place = real(&current.join(path));
    for (name, directory) in project.input_directories() {
        let input = real(&directory);
        let shown = directory.display();
        // A whole host holds every output.
        if input != Path::new("/") && place.starts_with(&input) {
            let relation = if place == input { "is" } else { "lies inside" };
            let text = format!("`{path}` {relation} `{shown}`, from which input {name} is read");
            let hint = "an input is only read; name a place outside of it with `-o`";
            return Err(Failure::output(text).hint(hint));
        }
        if input.starts_with(&place) {
            let text = format!("`{path}` would replace what holds `{shown}`, the input {name}");
            return Err(Failure::output(text).hint("name another place with `-o`"));
        }
    }
    if matches!(output, ImageReference::Rootfs { .. })
        && real(project.directory()).starts_with(&place)
    {
        let text = format!("`{path}` would replace the directory that holds the manifest");
        return Err(Failure::output(text).hint("name another place with `-o`"));
    }
    Ok(())
}

/// The path without links. What is not there yet has none.
fn real(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => real(parent).join(name),
        _ => path.to_path_buf(),
    }
}
