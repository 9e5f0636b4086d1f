//! Deep and wide trees: what they hold, and where they end. Their listings are not written out:
//! inputs here say what is at a path by rules.

use std::collections::BTreeMap;

use scant_core::formats::manifest::{self, Manifest};
use scant_core::plan::{Plan, Request, document, plan, split};
use scant_core::rules::View;
use scant_core::words::{
    Architecture, Entry, EntryKind, Input, InputError, InputName, Platform, Problem, ReadAt,
    TreePath,
};

/// Every directory down to this level has a directory `a`, a link `l` to that, and an empty file
/// `f`; the last one only the file.
struct Levels(usize);

/// `/d` has so many empty files.
struct Files(usize);

fn directory() -> Entry {
    Entry { kind: EntryKind::Directory, mode: 0o755, stamp: None }
}

fn file() -> Entry {
    Entry { kind: EntryKind::File { size: 0 }, mode: 0o644, stamp: None }
}

impl Input for Levels {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        let level = path.components().count();
        let above = path.as_bytes().len().saturating_sub(2) / 2;
        if level > self.0 + 1 || !path.as_bytes()[..2 * above].iter().all(|b| b"/a".contains(b)) {
            return Ok(None);
        }
        let link = EntryKind::Symlink { target: Box::from(*b"a") };
        Ok(match path.name() {
            Some(b"f") => Some(file()),
            Some(b"a") if level <= self.0 => Some(directory()),
            Some(b"l") if level <= self.0 => Some(Entry { kind: link, mode: 0o777, stamp: None }),
            _ => None,
        })
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        let names: &[&[u8]] = match path.components().count() == self.0 {
            true => &[b"f"],
            false => &[b"a", b"f", b"l"],
        };
        Ok(names.iter().copied().map(Box::from).collect())
    }

    fn open(&self, _: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        Ok(Box::new(Empty))
    }
}

impl Input for Files {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        Ok(match path.as_bytes() {
            b"/d" => Some(directory()),
            path => path.starts_with(b"/d/").then(file),
        })
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        match path.as_bytes() {
            b"/d" => Ok((0..self.0).map(|n| format!("{n:07}").into_bytes().into()).collect()),
            _ => Err(InputError::new(path, Problem::NotADirectory)),
        }
    }

    fn open(&self, _: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        Ok(Box::new(Empty))
    }
}

struct Empty;

impl ReadAt for Empty {
    fn size(&self) -> u64 {
        0
    }

    fn read_at(&self, _: u64, _: &mut [u8]) -> Result<usize, InputError> {
        Ok(0)
    }
}

fn platform() -> Platform {
    Platform::linux(Architecture::Amd64)
}

/// The plan of these lines, with `SYS` for the input.
fn planned(lines: &str, input: &dyn Input) -> (Manifest, Plan) {
    let text = format!("inputs: {{SYS: {{backend: sysroot, path: .}}}}\n{lines}\n");
    let manifest = manifest::parse(&text).unwrap();
    let inputs = BTreeMap::from([(InputName::new("SYS"), View::new(input))]);
    let base = TreePath::root();
    let request = Request { manifest: &manifest, platform: platform(), inputs: &inputs, base };
    let plan = plan(&request);
    (manifest, plan)
}

/// Plans, and compares the faults.
#[track_caller]
fn check_faults(lines: &str, input: &dyn Input, expected: &str) {
    crate::support::compare(&crate::support::faults(&planned(lines, input).1), expected);
}

#[test]
fn a_tree_of_2000_levels_is_planned_and_divided() {
    let (manifest, plan) = planned("data: [SYS/a]\nlayers: by-input", &Levels(2000));
    assert_eq!(crate::support::faults(&plan), "");
    let levels = |count: usize| "/a".repeat(count);
    // Three in each directory, one in the last, and the first itself.
    assert_eq!(plan.tree.len(), 1 + 3 * 1999 + 1);
    let text = crate::support::tree(&plan);
    let lines: Vec<Vec<&str>> = text.lines().map(|l| l.split_whitespace().collect()).collect();
    let line = |line: &str| line.split_whitespace().map(str::to_string).collect::<Vec<_>>();
    assert_eq!(lines[0], line("/a/ SYS data:2"));
    assert_eq!(lines[1999], line(&format!("{}/ SYS data:2", levels(2000))));
    assert_eq!(lines[2000], line(&format!("{}/f SYS 0644 data:2", levels(2000))));
    assert_eq!(lines[2001], line(&format!("{}/f SYS 0644 data:2", levels(1999))));
    assert_eq!(lines[2002], line(&format!("{}/l -> a SYS data:2", levels(1999))));
    let layers = split(&plan.tree, &manifest);
    assert_eq!(layers.iter().map(|layer| layer.tree.len()).collect::<Vec<_>>(), [plan.tree.len()]);
    assert_eq!(*layers[0].tree, plan.tree);
    assert_eq!(document(&plan.tree, platform(), &layers).nodes.len(), plan.tree.len());
}

#[test]
fn the_directories_above_a_deep_destination_are_made() {
    let to = "/b".repeat(2000);
    let (_, plan) = planned(&format!("data: ['SYS/f:{to}/f']"), &Levels(1));
    assert_eq!(crate::support::faults(&plan), "");
    assert_eq!(plan.tree.len(), 2001);
    let text = crate::support::tree(&plan);
    let first: Vec<_> = text.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(first, ["/b/", "parent", "directory", "of", &format!("{to}/f")]);
}

#[test]
fn a_path_that_linux_does_not_open_is_a_fault_and_nothing_is_looked_for_below() {
    // Two bytes for each level: 2047 levels have 4094 bytes. What is in the last does not fit.
    let start = "/a".repeat(32);
    let fault = format!(
        "2: `{start}...` cannot be placed: its path has 4096 bytes, and Linux opens none of more \
         than 4095\n\
         help: `exclude` leaves a part of a directory out, and another destination is shorter"
    );
    check_faults("data: [SYS/a]", &Levels(4000), &fault);
    // One byte more, or less.
    let name = "n".repeat(255);
    let prefix = format!("/{name}").repeat(15);
    for (length, faults) in [(254, 0), (255, 1)] {
        let last = "x".repeat(length);
        let lines = format!("directories: ['{prefix}/{last}']");
        assert_eq!(planned(&lines, &Levels(1)).1.faults.len(), faults, "{length}");
    }
}

#[test]
fn what_is_too_deep_in_an_input_is_taken_to_a_shorter_place_or_left_out() {
    let from = format!("SYS{}", "/a".repeat(2000));
    let (_, plan) = planned(&format!("data: ['{from}:/short']"), &Levels(2100));
    assert_eq!(crate::support::faults(&plan), "");
    assert_eq!(plan.tree.len(), 1 + 3 * 100 + 1);
    let left_out = format!("data: [{{from: SYS/a, exclude: ['{}']}}]", "a/".repeat(99) + "a");
    let (_, plan) = planned(&left_out, &Levels(4000));
    assert_eq!(crate::support::faults(&plan), "");
    // The hundredth directory has no directory in it, but a link to where it would be.
    assert_eq!(plan.tree.len(), 1 + 3 * 100 - 1);
}

#[test]
fn links_are_counted_over_the_whole_path() {
    let path = |links: usize| format!("SYS{}{}/f", "/l".repeat(links), "/a".repeat(1000));
    let (_, plan) = planned(&format!("data: ['{}:/f']", path(40)), &Levels(2000));
    assert_eq!(crate::support::faults(&plan), "");
    let source = plan.tree.iter().next().unwrap().1.provenance.source().unwrap().path.clone();
    assert_eq!(source.to_string(), format!("{}/f", "/a".repeat(1040)));
    let (_, plan) = planned(&format!("data: ['{}:/f']", path(41)), &Levels(2000));
    let text = crate::support::faults(&plan);
    assert!(
        text.ends_with(&format!("`{}/l`: too many levels of symbolic links\n", "/a".repeat(40))),
        "{text}"
    );
    // What is known of the way does not make the count begin again.
    let lines = format!("data: ['{}:/f', '{}:/g']", path(40), path(41));
    assert_eq!(planned(&lines, &Levels(2000)).1.faults.len(), 1);
}

#[test]
fn a_directory_of_many_files_is_planned() {
    let (_, plan) = planned("data: [SYS/d]", &Files(200_000));
    assert_eq!((plan.tree.len(), plan.faults.len()), (200_001, 0));
}
