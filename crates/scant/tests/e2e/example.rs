//! The directories of `examples/`, each copied so that a test can fill in what a user would.

use std::fs;
use std::path::{Path, PathBuf};

/// A copy of an example.
pub(crate) struct Example {
    directory: tempfile::TempDir,
}

impl Example {
    /// Copies the example of this name.
    pub(crate) fn copy(name: &str) -> Self {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        copy(&example, directory.path());
        Self { directory }
    }

    /// Where the copy is.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// A file of the copy.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Puts other words in the place of some that are in a file.
    #[track_caller]
    pub(crate) fn replace(&self, file: &str, words: &str, others: &str) {
        let text = fs::read_to_string(self.file(file)).expect("the example has the file");
        assert!(text.contains(words), "`{words}` is not in {file}");
        fs::write(self.file(file), text.replace(words, others)).expect("the copy is ours");
    }
}

fn copy(from: &Path, to: &Path) {
    let entries = fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    for entry in entries {
        let entry = entry.expect("the directory can be listed");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&to).expect("the copy is ours");
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), &to).expect("the copy is ours");
        }
    }
}

#[test]
fn every_example_is_built_by_a_test() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e");
    let files = ["", "stories"].map(|below| fs::read_dir(tests.join(below)).expect("it is here"));
    let sources: String = files
        .into_iter()
        .flatten()
        .filter_map(|file| fs::read_to_string(file.expect("it can be listed").path()).ok())
        .collect();
    for example in fs::read_dir(tests.join("../../../../examples")).expect("it is here") {
        let name = example.expect("it can be listed").file_name().into_string();
        let call = format!("Example::copy(\"{}\")", name.expect("names are text"));
        assert!(sources.contains(&call), "no test says {call}");
    }
}
