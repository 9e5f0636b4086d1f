//! One question to the loader.

use scant_core::rules::View;
use scant_core::rules::loader::{
    Closure, Cpu, DlopenChoice, Environment, InputFiles, Opening, Session, Spot, close,
};
use scant_core::words::{EntryKind, InputName, Relation};

use super::memory::MemoryInput;
use super::show::Shown;

/// The interpreter of most programs here.
const LOADER: &str = "/ld.so loader glibc x86_64";

/// What `program` loads is `expected`.
#[track_caller]
pub(crate) fn check(listing: &str, program: &str, expected: &str) {
    Case::new(listing, program).check(expected);
}

/// A program among its files, and its surroundings.
#[must_use]
pub(crate) struct Case {
    input: MemoryInput,
    program: String,
    environment: Environment,
    openings: Vec<Opening>,
    loader: Option<String>,
}

impl Case {
    #[track_caller]
    pub(crate) fn new(listing: &str, program: &str) -> Self {
        let has_loader = listing.lines().any(|line| line.trim_start().starts_with("/ld.so "));
        let listing = if has_loader { listing.into() } else { format!("{listing}\n{LOADER}") };
        Self {
            input: MemoryInput::new(&listing),
            program: program.into(),
            environment: Environment::default(),
            openings: Vec::new(),
            loader: None,
        }
    }

    /// `LD_LIBRARY_PATH`.
    pub(crate) fn library_path(mut self, list: &str) -> Self {
        self.environment.library_path = Some(list.as_bytes().into());
        self
    }

    /// `LD_PRELOAD`.
    pub(crate) fn preload(mut self, list: &str) -> Self {
        self.environment.preload = Some(list.as_bytes().into());
        self
    }

    /// The working directory.
    pub(crate) fn directory(mut self, directory: &str) -> Self {
        self.environment.directory = directory.as_bytes().into();
        self
    }

    /// The program gains privileges when it is started.
    pub(crate) fn privileged(mut self) -> Self {
        self.environment.is_secure = true;
        self
    }

    /// Only what a processor of this level loads.
    pub(crate) fn cpu(mut self, level: &str) -> Self {
        self.environment.cpu = Cpu::Level(level.into());
        self
    }

    /// Which dlopen notes are followed.
    pub(crate) fn dlopen(mut self, choice: DlopenChoice) -> Self {
        self.environment.dlopen = choice;
        self
    }

    /// The program opens this library at run time.
    pub(crate) fn opens(mut self, name: &str) -> Self {
        self.openings.push(Opening { name: name.as_bytes().into(), relation: Relation::Opened });
        self
    }

    /// The loader of a library that is asked about.
    pub(crate) fn loader(mut self, path: &str) -> Self {
        self.loader = Some(path.into());
        self
    }

    /// Puts a FIFO, a socket or a device into the tree.
    pub(crate) fn special(mut self, path: &str, what: &'static str) -> Self {
        self.input.insert(path, EntryKind::Special(what));
        self
    }

    /// What is loaded, as text.
    #[track_caller]
    pub(crate) fn check(self, expected: &str) {
        let shown = match self.closure() {
            Ok(closure) => Shown(&closure).to_string(),
            Err(error) => format!("error: {error}\n"),
        };
        compare(expected, &shown);
    }

    /// What one question about the closure is answered with.
    #[track_caller]
    pub(crate) fn check_that(self, question: impl Fn(&Closure) -> String, expected: &str) {
        let closure = self.closure().expect("the program itself can be read");
        compare(expected, &question(&closure));
    }

    fn closure(&self) -> Result<Closure, scant_core::formats::elf::ElfError> {
        let files = InputFiles::new(InputName::new("memory"), View::new(&self.input));
        let program = Spot::new(self.program.as_bytes());
        let loader = self.loader.as_ref().map(|path| Spot::new(path.as_bytes()));
        close(&Session::new(&files), &program, &self.openings, &self.environment, loader.as_ref())
    }
}

#[track_caller]
fn compare(expected: &str, shown: &str) {
    let lines = |text: &str| text.trim().lines().map(str::trim).collect::<Vec<_>>().join("\n");
    let (expected, shown) = (lines(expected), lines(shown));
    assert!(expected == shown, "expected:\n{expected}\n\nloaded:\n{shown}\n");
}
