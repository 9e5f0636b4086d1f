//! Programs of the machine that fail without what no loader can find, and work when the suggestion
//! is accepted.

mod programs;

use std::path::Path;

use tempfile::TempDir;

use crate::run::{Ran, run};
use crate::scant::scant;
use crate::tools;

/// A directory with two root file systems of one manifest: `before`, and `after` its suggestions
/// are accepted.
struct Pair(TempDir);

impl Pair {
    /// Builds both.
    #[track_caller]
    fn new(directory: TempDir, manifest: &str, accept: &str) -> Self {
        let here = directory.path();
        let before = format!("inputs: {{HOST: {{backend: host}}}}\n{manifest}");
        let after = format!("{before}suggestions:\n  accept: {accept}\n");
        for (name, text) in [("before", before), ("after", after)] {
            std::fs::write(here.join(name).with_extension("yaml"), text)
                .expect("the directory is ours");
            scant(here, &format!("build --no-check --quiet {name}.yaml -o rootfs:{name}")).ok();
        }
        Self(directory)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs a program in one of them.
    fn run(&self, root: &str, words: &str) -> Ran {
        run("chroot").directory(self.path()).arg(root).words(words).env("LC_ALL", "C.UTF-8").end()
    }
}

fn directory() -> TempDir {
    tempfile::tempdir().expect("a temporary directory can be made")
}

/// Whether the test may change its root; says so if not.
fn may_change_root() -> bool {
    let is_root = run("id").arg("-u").ok() == "0\n";
    if !is_root {
        tools::skip("only root may change its root");
    }
    is_root
}
