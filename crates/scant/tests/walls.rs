//! The walls between the crates and between the floors of `scant-core`, as ARCHITECTURE.md draws
//! them. The compiler keeps most of them; the rest is read off the text of the sources here.

use std::fs;
use std::path::{Path, PathBuf};

/// The floors of `scant-core`, each with those it may use.
const FLOORS: [(&str, &[&str]); 4] = [
    ("words", &["words"]),
    ("formats", &["words", "formats"]),
    ("rules", &["words", "formats", "rules"]),
    ("plan", &["words", "formats", "rules", "plan"]),
];

/// Files that may hold `unsafe`, each with a reason.
const UNSAFE: [&str; 3] = [
    // sigaction: a handler is none of the things that a safe function can be.
    "scant-io/src/interrupt/kernel.rs",
    // unshare, fork, signalfd, and a child between fork and exec: no crate has safe calls for them.
    "scant-io/src/sandbox/kernel.rs",
    // ptrace and seccomp, likewise: what crates have is not there for every C library.
    "scant-io/src/tracer/kernel.rs",
];

/// What a library does not do: print, or look at the environment and the clock.
const AMBIENT: [&str; 10] = [
    "println!",
    "print!",
    "eprintln!",
    "eprint!",
    "dbg!",
    "env::",
    "std::env",
    "SystemTime::now",
    "Instant::now",
    "current_dir",
];

/// One source file.
struct Source {
    /// Its path inside `crates/`.
    path: PathBuf,
    text: String,
}

impl Source {
    /// Whether it holds nothing but tests.
    fn is_test(&self) -> bool {
        self.path.components().any(|part| part.as_os_str() == "tests")
            || self.path.ends_with("tests.rs")
    }

    /// The lines that are code, numbered from 1, with `//` comments cut off.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let code = |line: &'_ str| line.find("//").unwrap_or(line.len());
        self.text.lines().enumerate().map(move |(index, line)| (index + 1, &line[..code(line)]))
    }

    /// Each of the words in the code, as `path:line: word`.
    fn find(&self, words: &[&str]) -> Vec<String> {
        let mut found = Vec::new();
        for (number, line) in self.code() {
            for word in words.iter().filter(|word| holds_word(line, word)) {
                found.push(format!("{}:{number}: {word}", self.path.display()));
            }
        }
        found
    }
}

/// Whether the word stands in the line by itself, not as a part of a longer name.
fn holds_word(line: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    // A word such as `std::` goes on.
    let may_go_on = !word.ends_with(part_of_name);
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        !before.ends_with(part_of_name) && (may_go_on || !after.starts_with(part_of_name))
    })
}

/// All Rust files below a directory of `crates/`, sorted.
fn sources(below: &str) -> Vec<Source> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut waiting = vec![crates.join(below)];
    let mut found = Vec::new();
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(&directory).expect("the directory is there") {
            let path = entry.expect("the directory can be listed").path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("sources are text");
                let path = path.strip_prefix(&crates).expect("it was found below").to_path_buf();
                found.push(Source { path, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty(), "no sources in crates/{below}");
    found
}

#[track_caller]
fn none(rule: &str, breaches: Vec<String>) {
    assert!(breaches.is_empty(), "{rule}:\n  {}", breaches.join("\n  "));
}

#[test]
fn the_core_has_no_standard_library() {
    let sources = sources("scant-core/src");
    let root = sources.iter().find(|source| source.path.ends_with("src/lib.rs"));
    let root = root.expect("a library has a lib.rs");
    for attribute in ["#![no_std]", "#![forbid(unsafe_code)]"] {
        assert!(root.text.lines().any(|line| line == attribute), "{attribute} is not there");
    }
    let breaches = sources.iter().flat_map(|source| source.find(&["extern crate std", "std::"]));
    none("scant-core computes only", breaches.collect());
}

#[test]
fn a_floor_uses_only_those_below_it() {
    let mut breaches = Vec::new();
    for (floor, allowed) in FLOORS {
        let below = sources("scant-core/src").into_iter().filter(|source| {
            let inside = source.path.strip_prefix("scant-core/src").expect("listed there");
            inside.starts_with(floor) || inside == Path::new(floor).with_extension("rs")
        });
        let above = FLOORS.map(|(name, _)| name).into_iter().filter(|name| !allowed.contains(name));
        // A list of floors in braces would hide their names from this test.
        let mut words = vec!["crate::{".to_string()];
        words.extend(above.flat_map(|name| [format!("crate::{name}"), format!("super::{name}")]));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        breaches.extend(below.flat_map(|source| source.find(&words)));
    }
    none("words, formats, rules, plan: each uses only those before it", breaches);
}

#[test]
fn the_libraries_do_not_print_and_look_at_no_clock() {
    let sources = sources("scant-io/src").into_iter().chain(sources("scant-core/src"));
    // Their tests may: they say which tools they miss.
    let library = sources.filter(|source| !source.is_test());
    none("a library is told, and returns", library.flat_map(|s| s.find(&AMBIENT)).collect());
}

#[test]
fn only_surroundings_reads_the_environment() {
    let sources = sources("scant/src").into_iter();
    let others = sources.filter(|source| source.path != Path::new("scant/src/surroundings.rs"));
    let words = ["env::", "std::env", "current_dir", "SystemTime::now"];
    none("read once, at the start", others.flat_map(|source| source.find(&words)).collect());
}

#[test]
fn nothing_is_unsafe() {
    let sources = sources("").into_iter();
    let others = sources.filter(|source| !UNSAFE.iter().any(|path| source.path == Path::new(path)));
    // Put together, so that this file does not hold the word.
    let word = ["un", "safe"].concat();
    none(
        "memory is left to the compiler",
        others.flat_map(|source| source.find(&[word.as_str()])).collect(),
    );
}

#[test]
fn a_file_says_what_it_is_and_has_at_most_500_lines() {
    let mut breaches = Vec::new();
    for source in sources("") {
        if !source.text.starts_with("//!") {
            breaches.push(format!("{}: does not begin with `//!`", source.path.display()));
        }
        let lines = source.text.lines().count();
        if lines > 500 {
            breaches.push(format!("{}: {lines} lines", source.path.display()));
        }
    }
    none("one concept, one file", breaches);
}
