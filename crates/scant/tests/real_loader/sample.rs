//! The files to compare.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use scant_core::formats::elf::{Elf, FileType};
use scant_core::words::{InputError, Problem, ReadAt, TreePath};

/// About as many files make a sample: a few seconds.
const SAMPLE: usize = 300;

/// Every nth dynamic file of the machine's architecture, or all below the directories that
/// `SCANT_REAL_LOADER_DIRS` names.
pub(crate) fn files(loader: &Path) -> Vec<PathBuf> {
    let named = std::env::var_os("SCANT_REAL_LOADER_DIRS");
    let directories: Vec<PathBuf> = match &named {
        Some(list) => std::env::split_paths(list).collect(),
        None => ["/usr/bin", "/usr/sbin", "/usr/lib"].map(PathBuf::from).to_vec(),
    };
    let mut found = Vec::new();
    for directory in directories.iter().filter_map(|path| path.canonicalize().ok()) {
        walk(&directory, &mut found);
    }
    found.sort();
    found.dedup();
    let kin = read(loader).expect("the loader is an ELF file");
    found.retain(|path| read(path).is_some_and(|elf| is_comparable(&elf, &kin, loader)));
    let step = if named.is_some() { 1 } else { found.len().div_ceil(SAMPLE).max(1) };
    found.into_iter().step_by(step).collect()
}

fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(&entry.path(), found),
            // A path that is not text would not survive JSON.
            Ok(kind) if kind.is_file() && entry.path().to_str().is_some() => {
                found.push(entry.path());
            }
            _ => {}
        }
    }
}

fn read(path: &Path) -> Option<Elf> {
    let file = File::open(path).ok()?;
    let size = file.metadata().ok()?.len();
    Elf::parse(&OnDisk { file, size }).ok()
}

/// Whether the loader would have anything to say: dynamic, of its kind, and not for another
/// loader.
fn is_comparable(elf: &Elf, kin: &Elf, loader: &Path) -> bool {
    let names_another = elf.interpreter.as_deref().is_some_and(|interpreter| {
        let interpreter = PathBuf::from(String::from_utf8_lossy(interpreter).into_owned());
        interpreter.canonicalize().ok() != loader.canonicalize().ok()
    });
    elf.layout() == kin.layout()
        && elf.header.machine == kin.header.machine
        && matches!(elf.header.file_type, FileType::Executable | FileType::Shared)
        && (elf.dynamic.is_some() || elf.interpreter_fault.is_some())
        && !names_another
}

struct OnDisk {
    file: File,
    size: u64,
}

impl ReadAt for OnDisk {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, InputError> {
        self.file
            .read_at(buffer, offset)
            .map_err(|error| InputError::new(&TreePath::root(), Problem::Other(error.to_string())))
    }
}
