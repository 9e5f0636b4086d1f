//! Buildah: an image in a store of its own, pushed to a layout. Needs root, or a user namespace.

use std::io;
use std::path::{Path, PathBuf};

use super::{Tool, find, text, version, write_dockerfile};
use crate::case::{Case, Method, Preparation, Subject};
use crate::measure::Step;
use crate::trees::Made;

pub(crate) struct Buildah {
    program: PathBuf,
    /// Its store, and what it keeps while it runs.
    store: PathBuf,
}

impl Buildah {
    pub(crate) fn find(store: &Path) -> Result<Self, String> {
        Ok(Self { program: find("buildah")?, store: store.to_path_buf() })
    }

    /// It, with its own store and these words.
    fn step(&self, words: &[&str]) -> Step {
        let root = text(&self.store.join("root"));
        let state = text(&self.store.join("state"));
        let options = ["--root", &root, "--runroot", &state, "--storage-driver", "overlay"];
        Step::new(&self.program, options.iter().chain(words).copied())
    }
}

impl Tool for Buildah {
    fn version(&self) -> String {
        version(&self.program)
    }

    fn cases(&self, tree: &Made, place: &Path) -> io::Result<Vec<Case>> {
        let dockerfile = text(&write_dockerfile(place)?);
        let tree = text(&tree.directory);
        let case = |method: Method| {
            let layout = place.join(method.to_string());
            let to = format!("oci:{}:latest", text(&layout));
            let method_text = method.to_string();
            let image = "scant-benchmark";
            let mut build = vec!["bud", "--quiet", "--isolation", "chroot", "--timestamp", "0"];
            build.extend(["--layers=false", "--file", &dockerfile, "--tag", image, &tree]);
            let push = ["push", "--quiet", "--compression-format", &method_text, image, &to];
            let steps = vec![self.step(&build), self.step(&push)];
            let mut case = Case::new(Subject::BuildahAndPush, method, steps).output(&layout);
            case.before = vec![Preparation::Run(self.step(&["rmi", "--all", "--force"]))];
            case
        };
        // It compresses what it pushes to a layout, also when told not to.
        Ok([Method::Gzip, Method::Zstd].into_iter().map(case).collect())
    }
}
