//! A test is a manifest, listings of its inputs, and what the plan must be, all as text.
//!
//! The tree is written one node a line, blanks as you like, each further reason on a line of its
//! own that starts with `and`:
//!
//! ```text
//! /lib/                                     parent directory of /lib/libz.so.1
//! /lib/libz.so.1 -> libz.so.1.2  SYS        link on the way to /lib/libz.so.1.2
//! /lib/libz.so.1.2               SYS 0644   needed by /bin/app as libz.so.1, named by its path
//!                                           and declared in `data` at line 3
//! ```
//!
//! `SYS` is the input, followed by the path in it where that is another. The mode stands there if
//! it is not that of every directory (0755) or link; the owner if it is not 0:0.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use scant_core::formats::manifest::{self, Manifest};
use scant_core::plan::{FaultKind, Finding, Plan, Request, chain, plan, platforms};
use scant_core::rules::View;
use scant_core::words::{Input, InputName, Node, NodeKind, Platform, TreePath, Why};

use crate::memory::MemoryInput;

/// The name of the files beside the manifest, as a listing.
pub(crate) const MANIFEST: &str = "manifest";

/// The opened inputs: names and listings. Those of a manifest that declares no inputs itself are
/// declared in this order.
pub(crate) type Listings<'a> = &'a [(&'a str, &'a str)];

/// Plans, and compares the tree. There must be no faults.
#[track_caller]
pub(crate) fn check(manifest: &str, inputs: Listings<'_>, expected: &str) {
    let plan = planned(manifest, inputs);
    assert!(plan.faults.is_empty(), "unexpected faults:\n{}", faults(&plan));
    compare(&tree(&plan), expected);
}

/// Plans, and compares the faults: line, message, help, tries.
#[track_caller]
pub(crate) fn check_faults(manifest: &str, inputs: Listings<'_>, expected: &str) {
    compare(&faults(&planned(manifest, inputs)), expected);
}

/// Plans, and compares the findings. There must be no faults.
#[track_caller]
pub(crate) fn check_findings(manifest: &str, inputs: Listings<'_>, expected: &str) {
    let plan = planned(manifest, inputs);
    assert!(plan.faults.is_empty(), "unexpected faults:\n{}", faults(&plan));
    compare(&findings(&plan), expected);
}

/// The plan for the first platform. It is made twice, as it must be the same each time, and every
/// node of it must be explained.
#[track_caller]
pub(crate) fn planned(manifest: &str, inputs: Listings<'_>) -> Plan {
    let (parsed, opened) = prepare(manifest, inputs);
    let views = views(&opened, false);
    let platform = platforms(&parsed, &views, &TreePath::root())[0];
    planned_for(&parsed, &opened, platform)
}

/// The plan for one platform.
#[track_caller]
pub(crate) fn planned_for(
    manifest: &Manifest,
    opened: &BTreeMap<InputName, MemoryInput>,
    platform: Platform,
) -> Plan {
    let run = |is_warm: bool| {
        let views = views(opened, is_warm);
        plan(&Request { manifest, platform, inputs: &views, base: TreePath::root() })
    };
    let plan = run(false);
    let again = run(true);
    assert_eq!((tree(&plan), &plan.made), (tree(&again), &again.made), "a plan is not repeatable");
    assert_eq!((&plan.faults, &plan.findings), (&again.faults, &again.findings));
    for (path, _) in plan.tree.iter() {
        // Layers rely on this: a directory over a link of a lower layer would replace it.
        for above in path.ancestors().filter(|above| !above.is_root()) {
            let kind = plan.tree.get(&above).map(|node| &node.kind);
            let is_directory = kind == Some(&NodeKind::Directory);
            assert!(is_directory || !plan.faults.is_empty(), "{path} lies below {kind:?}");
        }
        let reasons = |path: &TreePath| -> Vec<Why> {
            let node = plan.tree.get(path);
            node.map_or_else(Vec::new, |node| node.provenance.reasons().cloned().collect())
        };
        let is_explained = !chain(path, reasons).is_empty();
        assert!(is_explained || !plan.faults.is_empty(), "nothing explains {path}");
    }
    plan
}

/// The manifest as values, and its inputs.
#[track_caller]
pub(crate) fn prepare(
    manifest: &str,
    inputs: Listings<'_>,
) -> (Manifest, BTreeMap<InputName, MemoryInput>) {
    let mut text = dedent(manifest);
    if !text.lines().any(|line| line.starts_with("input")) {
        text.push_str("inputs:\n");
        for (name, _) in inputs.iter().filter(|(name, _)| *name != MANIFEST) {
            writeln!(text, "  {name}: {{backend: sysroot, path: .}}").unwrap();
        }
        if inputs.iter().all(|(name, _)| *name == MANIFEST) {
            text.truncate(text.len() - "inputs:\n".len());
        }
    }
    let parsed = manifest::parse(&text).unwrap_or_else(|faults| panic!("{text}\n{faults:#?}"));
    let opened = inputs.iter().map(|(name, listing)| {
        let name = if *name == MANIFEST { InputName::manifest() } else { InputName::new(name) };
        (name, MemoryInput::new(listing))
    });
    let mut opened: BTreeMap<_, _> = opened.collect();
    opened.entry(InputName::manifest()).or_insert_with(|| MemoryInput::new(""));
    (parsed, opened)
}

/// Views that know nothing yet, or that have been asked for everything before, in reverse order.
pub(crate) fn views(
    opened: &BTreeMap<InputName, MemoryInput>,
    is_warm: bool,
) -> BTreeMap<InputName, View<'_>> {
    let views: BTreeMap<_, _> =
        opened.iter().map(|(name, input)| (name.clone(), View::new(input as &dyn Input))).collect();
    if is_warm {
        for (name, view) in &views {
            for path in opened[name].paths().rev() {
                let _ = view.resolve(path.as_bytes()).map(|found| view.elf(&found.path));
            }
        }
    }
    views
}

/// Removes the indentation that all lines share, and the empty first line.
pub(crate) fn dedent(text: &str) -> String {
    let text = text.strip_prefix('\n').unwrap_or(text);
    let indent = |line: &str| line.len() - line.trim_start().len();
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let common = lines().map(indent).min().unwrap_or(0);
    let line = |line: &str| format!("{}\n", line.get(common..).unwrap_or_default());
    text.trim_end().lines().map(line).collect()
}

#[track_caller]
pub(crate) fn compare(actual: &str, expected: &str) {
    let normal = |text: &str| -> Vec<String> {
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        text.lines().map(words).filter(|line| !line.is_empty()).collect()
    };
    let is_same = normal(actual) == normal(expected);
    assert!(is_same, "expected:\n{expected}\nactual:\n<<<\n{actual}>>>");
}

/// The tree as text.
pub(crate) fn tree(plan: &Plan) -> String {
    let mut rows = Vec::new();
    for (path, node) in plan.tree.iter() {
        let first = [shown_kind(path, node), shown_meta(path, node)].join("\t");
        for (number, why) in node.provenance.reasons().enumerate() {
            let (start, word) = if number == 0 { (&*first, "") } else { ("\t", "and ") };
            rows.push(format!("{start}\t{word}{}", shown_why(why)));
        }
    }
    aligned(&rows)
}

fn shown_kind(path: &TreePath, node: &Node) -> String {
    match &node.kind {
        NodeKind::Directory => format!("{path}/"),
        NodeKind::File(_) => path.to_string(),
        NodeKind::Symlink { target } => format!("{path} -> {}", target.escape_ascii()),
        NodeKind::HardLink { target } => format!("{path} hardlink {target}"),
    }
}

fn shown_meta(path: &TreePath, node: &Node) -> String {
    let mut words = Vec::new();
    match node.provenance.source() {
        Some(source) if source.path == *path => words.push(source.input.clone()),
        Some(source) => words.push(format!("{}{}", source.input, source.path)),
        None => {}
    }
    let usual = match node.kind {
        NodeKind::Directory => 0o755,
        NodeKind::Symlink { .. } => 0o777,
        NodeKind::File(_) | NodeKind::HardLink { .. } => u32::MAX,
    };
    if node.meta.mode.bits() != usual {
        words.push(node.meta.mode.to_string());
    }
    if (node.meta.uid, node.meta.gid) != (0, 0) {
        words.push(format!("{}:{}", node.meta.uid, node.meta.gid));
    }
    for (name, value) in &node.meta.xattrs {
        words.push(format!("{name}={}", value.escape_ascii()));
    }
    words.join(" ")
}

fn shown_why(why: &Why) -> String {
    match why {
        Why::Declared { place, reason: None } => format!("{}:{}", place.section, place.line),
        Why::Declared { place, reason: Some(reason) } => {
            format!("{}:{} ({reason})", place.section, place.line)
        }
        other => other.to_string(),
    }
}

/// Cells divided by tabs, as columns.
fn aligned(rows: &[String]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.split('\t').nth(column));
        cells.map(str::len).max().unwrap_or(0)
    };
    let (first, second) = (width(0), width(1));
    let mut text = String::new();
    for row in rows {
        let mut cells = row.splitn(3, '\t');
        let mut cell = || cells.next().unwrap_or_default();
        let (a, b, c) = (cell(), cell(), cell());
        writeln!(text, "{a:first$}  {b:second$}  {c}").unwrap();
    }
    text
}

/// The faults as text.
pub(crate) fn faults(plan: &Plan) -> String {
    let mut text = String::new();
    for fault in &plan.faults {
        let other = fault.other_line().map_or(String::new(), |line| format!(" and {line}"));
        writeln!(text, "{}{other}: {}", fault.span.line, fault.kind).unwrap();
        if let FaultKind::Missing(missing) = &fault.kind {
            missing.tries.iter().for_each(|line| writeln!(text, "    tried {line}").unwrap());
        }
        for help in fault.help() {
            writeln!(text, "    help: {help}").unwrap();
        }
    }
    text
}

/// The findings as text, but the one that most of these manifests have: that nothing is started.
fn findings(plan: &Plan) -> String {
    let mut text = String::new();
    for Finding { span, severity, text: words, remedy } in &plan.findings {
        if words.starts_with("neither `entrypoint` nor `cmd`") {
            continue;
        }
        let line = span.map_or("-".to_string(), |span| span.line.to_string());
        writeln!(text, "{line}: {}: {words}", format!("{severity:?}").to_lowercase()).unwrap();
        if let Some(remedy) = remedy {
            writeln!(text, "    {remedy}").unwrap();
        }
    }
    text
}
