//! How much is in a plan, and where it comes from: for trees of which nobody reads every line.

use std::collections::BTreeMap;
use std::io::{self, Write};

use scant_core::formats::provenance::{Document, Entry, Kind};
use scant_core::plan::NamedLayer;
use scant_core::words::{OneLine, TreePath};
use serde::Serialize;

use crate::render::size::{Count, Size};

/// What is printed.
#[derive(Serialize)]
pub(super) struct Summary {
    platform: String,
    #[serde(flatten)]
    all: Amount,
    files: usize,
    directories: usize,
    links: usize,
    /// By the first name of paths, the largest first.
    top: Vec<Part>,
    /// By the input that files were taken from, the largest first.
    inputs: Vec<Part>,
    /// Lowest first.
    layers: Vec<Part>,
}

/// A part of a tree.
#[derive(Serialize)]
struct Part {
    name: String,
    #[serde(flatten)]
    amount: Amount,
}

/// How much it is.
#[derive(Clone, Copy, Default, Serialize)]
struct Amount {
    paths: usize,
    size: u64,
}

impl Summary {
    /// Of a plan and the layers it is divided into.
    pub(super) fn new(document: &Document, layers: &[NamedLayer<'_>]) -> Self {
        let nodes = &document.nodes;
        let count = |is_one: fn(&Kind) -> bool| nodes.iter().filter(|n| is_one(&n.kind)).count();
        let input = |node: &Entry| node.source.as_ref().map(|source| source.input.clone());
        let of_layer = |layer: &NamedLayer<'_>| Part {
            name: layer.name.clone(),
            amount: Amount { paths: layer.tree.len(), size: layer.tree.content_size() },
        };
        Self {
            platform: document.platform.to_string(),
            all: nodes.iter().fold(Amount::default(), Amount::with),
            files: count(|kind| matches!(kind, Kind::File { .. })),
            directories: count(|kind| matches!(kind, Kind::Directory)),
            links: count(|kind| matches!(kind, Kind::Symlink { .. } | Kind::HardLink { .. })),
            top: parts(nodes, |node| Some(top(&node.path))),
            inputs: parts(nodes, input),
            layers: layers.iter().map(of_layer).collect(),
        }
    }

    /// For people.
    pub(super) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self { platform, all, files, directories, links, .. } = self;
        let counts = [
            Count(all.paths, "path").to_string(),
            Count(*files, "file").to_string(),
            match directories {
                1 => "1 directory".to_string(),
                many => format!("{many} directories"),
            },
            Count(*links, "link").to_string(),
        ];
        writeln!(out, "{platform}: {}, {}", counts.join(", "), Size(all.size))?;
        let sections = [("by place", &self.top), ("by input", &self.inputs)];
        for (what, parts) in sections.into_iter().filter(|(_, parts)| !parts.is_empty()) {
            print_parts(out, what, parts)?;
        }
        if self.layers.len() > 1 {
            print_parts(out, "by layer", &self.layers)?;
        }
        Ok(())
    }
}

fn print_parts(out: &mut dyn Write, what: &str, parts: &[Part]) -> io::Result<()> {
    writeln!(out, "{what}:")?;
    let width = parts.iter().map(|part| part.name.chars().count()).max().unwrap_or(0);
    for Part { name, amount } in parts {
        let (size, paths) = (Size(amount.size), Count(amount.paths, "path"));
        writeln!(out, "    {:width$}  {size:>8}  {paths}", OneLine(name).to_string())?;
    }
    Ok(())
}

/// Sums by a name, the largest first.
fn parts(nodes: &[Entry], name: impl Fn(&Entry) -> Option<String>) -> Vec<Part> {
    let mut sums = BTreeMap::<String, Amount>::new();
    for node in nodes {
        let Some(name) = name(node) else { continue };
        let sum = sums.entry(name).or_default();
        *sum = sum.with(node);
    }
    let mut parts: Vec<_> = sums.into_iter().map(|(name, amount)| Part { name, amount }).collect();
    parts.sort_by(|a, b| (b.amount.size, &a.name).cmp(&(a.amount.size, &b.name)));
    parts
}

impl Amount {
    fn with(self, node: &Entry) -> Self {
        let size = match node.kind {
            Kind::File { size } => size,
            _ => 0,
        };
        Self { paths: self.paths + 1, size: self.size + size }
    }
}

/// The first name of a path; of `/usr` the first two, as it holds nearly everything.
fn top(path: &TreePath) -> String {
    let text = path.to_string();
    let names: Vec<&str> = text.split('/').skip(1).collect();
    match names[..] {
        ["usr", second, ..] => format!("/usr/{second}"),
        [first, ..] => format!("/{first}"),
        [] => "/".to_string(),
    }
}
