//! `scant deps` agrees with the machine's own glibc loader about the machine's own files.
//!
//! The loader is asked with `LD_TRACE_LOADED_OBJECTS`, so it lists what it would load and runs
//! nothing of the file. By default a sample is compared; `SCANT_REAL_LOADER_DIRS=/usr:/opt` makes
//! it every ELF file below these directories.

mod answer;
mod ours;
mod real;
mod sample;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use answer::Answer;

#[test]
fn scant_agrees_with_the_loader_of_this_machine() {
    let Some(loader) = real::loader() else {
        eprintln!("skipped: there is no glibc loader of this architecture");
        return;
    };
    let files = sample::files(loader);
    let ours = ours::answers(&files, &real::level(loader));
    let real = in_parallel(&files, |file| real::answer(loader, file));
    let mut refused = 0;
    let mut differences = Vec::new();
    for file in &files {
        let (ours, real) = (&ours[file], &real[file]);
        if !ours.agrees_with(real) {
            differences.push(format!("{}\n  {}", file.display(), ours.compared_with(real)));
        } else if matches!(real, Answer::Refused(_)) {
            refused += 1;
        }
    }
    let agreed = files.len() - differences.len();
    eprintln!("{agreed} of {} files agree, {refused} of them refused by both", files.len());
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Asks for every file, by as many threads as the machine has processors.
fn in_parallel(
    files: &[PathBuf],
    ask: impl Fn(&Path) -> Answer + Sync,
) -> BTreeMap<PathBuf, Answer> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut answers = Vec::new();
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            answers.push((file.clone(), ask(file)));
        }
        answers
    };
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles.into_iter().flat_map(|handle| handle.join().expect("no thread panics")).collect()
    })
}
