//! umoci: an empty layout, an empty image, a layer of the tree.

use std::io;
use std::path::{Path, PathBuf};

use super::{Tool, find, output, text, version};
use crate::case::{Case, Method, Subject};
use crate::measure::Step;
use crate::trees::Made;

pub(crate) struct Umoci {
    program: PathBuf,
    /// Whether it can compress with anything but gzip, as from version 0.5 on.
    has_methods: bool,
}

impl Umoci {
    pub(crate) fn find() -> Result<Self, String> {
        let program = find("umoci")?;
        let help = output(&program, &["insert", "--help"]).unwrap_or_default();
        Ok(Self { program, has_methods: help.contains("--compress") })
    }
}

impl Tool for Umoci {
    fn version(&self) -> String {
        version(&self.program)
    }

    fn cases(&self, tree: &Made, place: &Path) -> io::Result<Vec<Case>> {
        let methods: &[Method] = if self.has_methods { &Method::ALL } else { &[Method::Gzip] };
        let case = |method: &Method| {
            let layout = place.join(method.to_string());
            let (path, tree) = (text(&layout), text(&tree.directory));
            let image = format!("{path}:latest");
            let method_text = method.to_string();
            let mut insert = vec!["insert", "--image", &image];
            if self.has_methods {
                insert.extend(["--compress", &method_text]);
            }
            insert.extend([tree.as_str(), "/"]);
            let steps = vec![
                Step::new(&self.program, ["init", "--layout", &path]),
                Step::new(&self.program, ["new", "--image", &image]),
                Step::new(&self.program, insert),
            ];
            Case::new(Subject::Umoci, *method, steps).output(&layout)
        };
        Ok(methods.iter().map(case).collect())
    }
}
