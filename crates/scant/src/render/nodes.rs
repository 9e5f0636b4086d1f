//! The files of an image, one line each: mode, owner, size, path, reason.

use std::io::{self, Write};

use scant_core::formats::provenance::{Entry, Kind};
use scant_core::words::{OneLine, Why};

use super::size::Size;

/// One line of a listing.
pub(crate) struct Line {
    /// `drwxr-xr-x` without the type: four octal digits.
    pub(crate) mode: String,
    /// `uid:gid`.
    pub(crate) owner: String,
    /// Size of a file in bytes.
    pub(crate) size: Option<u64>,
    /// The path, with what it points at.
    pub(crate) path: String,
    /// The layer, where there are several and it is in one of them.
    pub(crate) layer: String,
    /// The first reason, where it is known.
    pub(crate) reason: String,
}

impl Line {
    /// The line of a provenance entry.
    pub(crate) fn of_entry(entry: &Entry) -> Self {
        let (size, path) = match &entry.kind {
            Kind::Directory => (None, format!("{}/", entry.path)),
            Kind::File { size } => (Some(*size), entry.path.to_string()),
            Kind::Symlink { target } => (None, format!("{} -> {target}", entry.path)),
            Kind::HardLink { target } => (None, format!("{} = {target}", entry.path)),
        };
        Self {
            mode: entry.mode.to_string(),
            owner: format!("{}:{}", entry.uid, entry.gid),
            size,
            path,
            layer: entry.layer.clone().unwrap_or_default(),
            reason: reason(&entry.reasons),
        }
    }
}

/// The first reason, and how many more there are.
pub(crate) fn reason(reasons: &[Why]) -> String {
    match reasons {
        [] => String::new(),
        [only] => only.to_string(),
        [first, more @ ..] => format!("{first} (and {} more)", more.len()),
    }
}

/// Prints lines in columns.
pub(crate) fn print(out: &mut dyn Write, lines: &[Line]) -> io::Result<()> {
    let width = |text: &dyn Fn(&Line) -> usize| lines.iter().map(text).max().unwrap_or(0);
    let owner = width(&|line| line.owner.len());
    // A long path must not push every reason out of sight.
    let path = width(&|line| line.path.chars().count()).min(60);
    let layer = width(&|line| line.layer.chars().count());
    for line in lines {
        let size = line.size.map_or(String::new(), |size| Size(size).to_string());
        let (mode, own, name) = (&line.mode, &line.owner, &line.path);
        let home = match layer {
            0 => String::new(),
            _ => format!("{:layer$}  ", line.layer),
        };
        let text = format!("{mode}  {own:owner$}  {size:>8}  {home}{name:path$}  {}", line.reason);
        writeln!(out, "{}", OneLine(text.trim_end()))?;
    }
    Ok(())
}
