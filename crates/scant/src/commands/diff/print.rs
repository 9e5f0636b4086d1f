//! What differs, as lines and as JSON. `+` is what the second has alone, `-` what the first has
//! alone, `~` what both have and is not the same.

use std::io::{self, BufWriter, Write};

use scant_core::formats::provenance::Entry;
use scant_core::rules::diff::{
    Difference, Item, Kind, Layer, LayerChange, Setting, Sides, Total, What,
};
use scant_core::words::{Escaped, OneLine};
use serde_json::{Value, json};

use super::Compared;
use super::side::Side;
use crate::args::Diff;
use crate::render::nodes;
use crate::render::size::{Count, Size};

/// A longer path does not push every reason out of sight.
const WIDEST_PATH: usize = 60;

/// Says what differs, one platform after the other.
pub(super) struct Printer<'a> {
    args: &'a Diff,
    has_several: bool,
    is_same: bool,
    json: Vec<Value>,
    lonely: Vec<Value>,
}

impl<'a> Printer<'a> {
    pub(super) fn new(args: &'a Diff, platforms: usize) -> Self {
        let (json, lonely) = (Vec::new(), Vec::new());
        Self { args, has_several: platforms > 1, is_same: true, json, lonely }
    }

    /// A platform that both have.
    pub(super) fn compared(&mut self, compared: &Compared<'_>) -> io::Result<()> {
        self.is_same &= compared.is_same();
        match () {
            () if self.args.quiet => Ok(()),
            () if self.args.json => {
                self.json.push(json_of(compared));
                Ok(())
            }
            () => self.print(compared),
        }
    }

    /// A platform that one of them has alone.
    pub(super) fn lonely(&mut self, platform: &str, name: &str) -> io::Result<()> {
        self.is_same = false;
        if self.args.quiet {
            return Ok(());
        }
        if self.args.json {
            self.lonely.push(json!({"platform": platform, "image": name}));
            return Ok(());
        }
        let (platform, name) = (OneLine(platform), OneLine(name));
        writeln!(io::stdout(), "{platform}: only `{name}` has it")
    }

    /// Says the rest, and whether nothing differs.
    pub(super) fn finish(self) -> io::Result<bool> {
        if self.args.json {
            let (is_same, platforms, lonely) = (self.is_same, self.json, self.lonely);
            let value = json!({"same": is_same, "platforms": platforms, "only": lonely});
            let mut out = BufWriter::new(io::stdout().lock());
            serde_json::to_writer_pretty(&mut out, &value)?;
            writeln!(out)?;
            out.flush()?;
        }
        Ok(self.is_same)
    }

    fn print(&self, compared: &Compared<'_>) -> io::Result<()> {
        let Compared { sides, settings, paths, layers, totals } = compared;
        let mut out = BufWriter::new(io::stdout().lock());
        let platform = sides.after.platform.as_ref().or(sides.before.platform.as_ref());
        let platform = platform.filter(|_| self.has_several);
        if let Some(platform) = platform.filter(|_| !compared.is_same()) {
            writeln!(out, "{}:", OneLine(platform))?;
        }
        for setting in settings {
            writeln!(out, "{}", OneLine(setting_line(setting)))?;
        }
        for layer in layers.iter().flatten() {
            writeln!(out, "{}", layer_line(layer))?;
        }
        let shown = |one: &Difference<'_>| path_shown(one).chars().count();
        let width = paths.iter().filter(|one| is_alone(one)).map(shown).max();
        let width = width.unwrap_or(0).min(WIDEST_PATH);
        for difference in paths {
            writeln!(out, "{}", OneLine(path_line(difference, sides, width).trim_end()))?;
        }
        out.flush()?;
        let mut stderr = io::stderr().lock();
        let without = match (&sides.before.settings, &sides.after.settings) {
            (Some(_), None) => Some(sides.after),
            (None, Some(_)) => Some(sides.before),
            _ => None,
        };
        if let Some(side) = without {
            let name = OneLine(side.name());
            writeln!(stderr, "note: `{name}` has no settings, so only files are compared")?;
        }
        let platform = platform.map_or(String::new(), |name| format!("{}: ", OneLine(name)));
        match compared.is_same() {
            true => writeln!(
                stderr,
                "{platform}nothing differs in {}, {} of files",
                Count(totals.after.paths, "path"),
                Size(totals.after.bytes)
            ),
            false => writeln!(stderr, "{platform}{}", summary(paths, totals)),
        }
    }
}

/// Whether one side alone has the path, so that there is something to say of it.
fn is_alone(difference: &Difference<'_>) -> bool {
    !matches!(difference.what, What::Changed(_))
}

fn setting_line(Setting { name, before, after }: &Setting) -> String {
    match (before.as_ref(), after.as_ref()) {
        // Ports and volumes are there or not.
        (None, Some(Value::Bool(true))) => format!("+ {name}"),
        (Some(Value::Bool(true)), None) => format!("- {name}"),
        (None, Some(after)) => format!("+ {name}: {}", Setting::show(after)),
        (Some(before), None) => format!("- {name}: {}", Setting::show(before)),
        (before, after) => {
            let show = |value: Option<&Value>| value.map(Setting::show).unwrap_or_default();
            format!("~ {name}: {} → {}", show(before), show(after))
        }
    }
}

fn layer_line(LayerChange { number, before, after }: &LayerChange) -> String {
    let whole = |sign, Layer { digest, diff_id, size }: &Layer| {
        format!("{sign} layer {number}: {digest}, diff ID {diff_id}, {}", Size(*size))
    };
    match (before, after) {
        (Some(before), Some(after)) => {
            let mut parts = vec![format!("{} → {}", before.digest, after.digest)];
            match before.diff_id == after.diff_id {
                true => parts.push(format!("the same diff ID {}", after.diff_id)),
                false => parts.push(format!("diff ID {} → {}", before.diff_id, after.diff_id)),
            }
            parts.push(format!("{} → {}", Size(before.size), Size(after.size)));
            format!("~ layer {number}: {}", parts.join(", "))
        }
        (None, Some(layer)) => whole('+', layer),
        (Some(layer), None) => whole('-', layer),
        (None, None) => String::new(),
    }
}

fn path_line(difference: &Difference<'_>, sides: &Sides<&Side<'_>>, width: usize) -> String {
    let (sign, item, side) = match &difference.what {
        What::Added(item) => ('+', item, sides.after),
        What::Removed(item) => ('-', item, sides.before),
        What::Changed(changes) => {
            let changes: Vec<_> = changes.iter().map(ToString::to_string).collect();
            return format!("~ {}  {}", difference.path, changes.join(", "));
        }
    };
    let size = match item.kind {
        Kind::File { size, .. } => Size(size).to_string(),
        _ => String::new(),
    };
    let reason = side.entry(difference.path).map(|entry| nodes::reason(&entry.reasons));
    let (shown, reason) = (path_shown(difference), reason.unwrap_or_default());
    format!("{sign} {shown:width$}  {size:>8}  {reason}")
}

/// A path with what it points at.
fn path_shown(difference: &Difference<'_>) -> String {
    let path = difference.path;
    let (What::Added(item) | What::Removed(item)) = &difference.what else {
        return path.to_string();
    };
    match item.kind {
        Kind::Directory => format!("{path}/"),
        Kind::File { .. } => path.to_string(),
        Kind::Symlink { target } => format!("{path} -> {}", Escaped(target)),
        Kind::HardLink { target } => format!("{path} = {target}"),
        Kind::Special(what) => format!("{path} ({what})"),
    }
}

fn summary(paths: &[Difference<'_>], totals: &Sides<Total>) -> String {
    let count = |is: fn(&What<'_>) -> bool| paths.iter().filter(|one| is(&one.what)).count();
    let (added, removed, changed) = (
        count(|what| matches!(what, What::Added(_))),
        count(|what| matches!(what, What::Removed(_))),
        count(|what| matches!(what, What::Changed(_))),
    );
    let Sides { before, after } = totals;
    let (sign, more) = match after.bytes.checked_sub(before.bytes) {
        Some(more) => ("+", more),
        None => ("-", before.bytes - after.bytes),
    };
    let (paths, old, new) = (Count(after.paths, "path"), Size(before.bytes), Size(after.bytes));
    format!(
        "{added} added, {removed} removed, {changed} changed; {} → {paths}, {old} → {new} of files \
         ({sign}{})",
        before.paths,
        Size(more)
    )
}

fn json_of(compared: &Compared<'_>) -> Value {
    let Compared { sides, settings, paths, layers, totals } = compared;
    let path = |difference: &Difference<'_>| {
        let (change, item, changes, side) = match &difference.what {
            What::Added(item) => ("added", Some(item), None, sides.after),
            What::Removed(item) => ("removed", Some(item), None, sides.before),
            What::Changed(changes) => ("changed", None, Some(changes), sides.after),
        };
        let entry = side.entry(difference.path);
        json!({
            "path": difference.path,
            "change": change,
            "node": item.map(json_of_item),
            "changes": changes,
            "source": entry.and_then(|entry: &Entry| entry.source.as_ref()),
            "reasons": entry.map(|entry| &entry.reasons),
        })
    };
    json!({
        "before": sides.before.platform,
        "after": sides.after.platform,
        "same": compared.is_same(),
        "settings": settings,
        "paths": paths.iter().map(path).collect::<Vec<_>>(),
        "layers": layers,
        "totals": {"before": totals.before, "after": totals.after},
    })
}

fn json_of_item(item: &Item<'_>) -> Value {
    let (kind, size, target) = match item.kind {
        Kind::Directory => ("directory", None, None),
        Kind::File { size, .. } => ("file", Some(size), None),
        Kind::Symlink { target } => ("symlink", None, Some(Escaped(target).to_string())),
        Kind::HardLink { target } => ("hard-link", None, Some(target.to_string())),
        Kind::Special(what) => (what, None, None),
    };
    json!({
        "kind": kind,
        "size": size,
        "target": target,
        "mode": item.mode.to_string(),
        "uid": item.uid,
        "gid": item.gid,
        "xattrs": item.xattrs.keys().collect::<Vec<_>>(),
    })
}
