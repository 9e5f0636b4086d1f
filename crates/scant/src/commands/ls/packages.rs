//! The packages of an image, one line each: what of them is there. Told by its provenance, or by the
//! databases that it has.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use scant_core::formats::image_reference::ImageArgument;
use scant_core::formats::provenance::{Document, Kind};
use scant_core::words::{OneLine, PackageIdentity, Source, TreePath};
use scant_io::image::Image;
use scant_io::images::{Contents, Files, Listed, ListedKind, Listing, Opened};
use scant_io::inputs::Packages;
use serde_json::{Value, json};

use crate::args::Ls;
use crate::exit::Failure;
use crate::project::Project;
use crate::registries;
use crate::render::size::{Count, Size};
use crate::sources::Sources;
use crate::subject::{self, Subject};
use crate::surroundings::Surroundings;

/// The packages of an image for one platform.
pub(super) struct Table {
    /// None for files without an image.
    platform: Option<String>,
    /// By input, where one is known, and name.
    rows: BTreeMap<(String, String), Row>,
    /// What is of no package.
    others: Amount,
}

/// A package.
#[derive(Default)]
struct Row {
    /// Where it is known.
    identity: Option<PackageIdentity>,
    amount: Amount,
}

/// How much there is of something. Directories do not count: they may be of many.
#[derive(Clone, Copy, Default)]
struct Amount {
    files: usize,
    bytes: u64,
}

/// The tables of an image or a manifest, one for each platform.
pub(super) fn tables(
    args: &Ls,
    subject: &Subject,
    surroundings: &Surroundings,
) -> Result<Vec<Table>, Failure> {
    match subject {
        Subject::Manifest(manifest) => {
            let sources = Sources::new(&args.inputs, &args.registry, surroundings);
            let project = Project::read(Some(manifest), sources, surroundings)?;
            project.print_notes();
            let plans = project.only(args.of.platform).plan()?;
            Ok(plans.iter().map(|planned| Table::told(&planned.document(&[]))).collect())
        }
        Subject::Image(image) => of_image(args, image, surroundings),
    }
}

fn of_image(
    args: &Ls,
    image: &ImageArgument,
    surroundings: &Surroundings,
) -> Result<Vec<Table>, Failure> {
    let opened = registries::open_whole(image, args.of.platform, &args.registry, surroundings)?;
    subject::tell_doubt(image, &opened);
    match opened {
        Opened::Files(files) => Ok(vec![Table::read(args, None, &files, surroundings)?]),
        Opened::Image(image) => of_platforms(args, &image, surroundings),
    }
}

fn of_platforms(
    args: &Ls,
    image: &Image,
    surroundings: &Surroundings,
) -> Result<Vec<Table>, Failure> {
    let platforms = subject::of_platforms(image, args.of.platform)?.into_iter();
    let table = platforms.map(|platform| match subject::document(platform)? {
        Some(document) => Ok(Table::told(&document)),
        None => Table::read(args, Some(platform.platform()), &Files::of(platform), surroundings),
    });
    table.collect()
}

impl Table {
    /// As a provenance document tells it.
    fn told(document: &Document) -> Self {
        let mut table = Self::new(Some(document.platform.to_string()));
        for node in &document.nodes {
            let size = match node.kind {
                Kind::Directory => continue,
                Kind::File { size } => size,
                Kind::Symlink { .. } | Kind::HardLink { .. } => 0,
            };
            let source = node.source.as_ref();
            let of = source.and_then(|source| Some((source, source.package.as_ref()?)));
            let Some((source, name)) = of else {
                table.others.add(size);
                continue;
            };
            let row = table.rows.entry((source.input.clone(), name.clone())).or_default();
            row.amount.add(size);
            if row.identity.is_none() {
                row.identity = identity(document, source);
            }
        }
        table
    }

    /// As the databases in the image tell it.
    fn read(
        args: &Ls,
        platform: Option<String>,
        files: &Files,
        surroundings: &Surroundings,
    ) -> Result<Self, Failure> {
        let contents = Contents::read(files, &surroundings.temporary).map_err(Failure::input)?;
        let listing: Listing = files.list().map_err(Failure::input)?;
        let is_directory = |listed: &Listed| listed.kind == ListedKind::Directory;
        let paths = listing.iter().filter(|(_, listed)| !is_directory(listed));
        let paths: BTreeSet<TreePath> = paths.map(|(path, _)| path.clone()).collect();
        let databases = Packages::default();
        let mut owners = databases.owners(&contents, &paths);
        if owners.is_empty() {
            let text = format!(
                "`{}` does not say which packages its files are of: it has no provenance, and no \
                 database of dpkg or apk",
                args.image
            );
            return Err(Failure::input(text).hint(
                "layouts and archives that scant built have provenance; for others, ask about the \
                 manifest",
            ));
        }
        let names: BTreeSet<String> = owners.values().cloned().collect();
        let mut identities = databases.identities(&contents, &names);
        let mut table = Self::new(platform);
        for path in &paths {
            let size = match listing.get(path).map(|listed| &listed.kind) {
                Some(ListedKind::File { size }) => *size,
                _ => 0,
            };
            match owners.remove(path) {
                None => table.others.add(size),
                Some(name) => {
                    let identity = identities.remove(&name);
                    let row = table.rows.entry((String::new(), name)).or_default();
                    row.amount.add(size);
                    row.identity = row.identity.take().or(identity);
                }
            }
        }
        Ok(table)
    }

    fn new(platform: Option<String>) -> Self {
        Self { platform, rows: BTreeMap::new(), others: Amount::default() }
    }

    fn lines(&self) -> Vec<[String; 7]> {
        let amount = |of: Amount| [Count(of.files, "file").to_string(), Size(of.bytes).to_string()];
        let mut lines = Vec::new();
        for ((input, name), row) in &self.rows {
            let about = row.identity.as_ref().map(|identity| {
                let source = identity.source.clone().unwrap_or_default();
                [identity.version.clone(), identity.architecture.clone(), source]
            });
            let [version, architecture, source] = about.unwrap_or_default();
            let [files, bytes] = amount(row.amount);
            let input = if input.is_empty() { "-" } else { input };
            lines.push([input.into(), name.clone(), version, architecture, source, files, bytes]);
        }
        let [files, bytes] = amount(self.others);
        let nothing = String::new;
        let name = "(no package)".into();
        lines.push(["-".into(), name, nothing(), nothing(), nothing(), files, bytes]);
        lines
    }

    fn to_json(&self) -> impl Iterator<Item = Value> {
        let row = |input: Option<&String>, name: Option<&String>, row: &Row| {
            let identity = row.identity.as_ref();
            json!({
                "platform": self.platform,
                "input": input.filter(|input| !input.is_empty()),
                "name": name,
                "version": identity.map(|identity| &identity.version),
                "architecture": identity.map(|identity| &identity.architecture),
                "source": identity.and_then(|identity| identity.source.as_ref()),
                "license": identity.map(|identity| &identity.license),
                "purl": identity.map(|identity| &identity.purl),
                "files": row.amount.files,
                "bytes": row.amount.bytes,
            })
        };
        let others = Row { identity: None, amount: self.others };
        let rows: Vec<_> = self
            .rows
            .iter()
            .map(|((input, name), of)| row(Some(input), Some(name), of))
            .chain([row(None, None, &others)])
            .collect();
        rows.into_iter()
    }
}

fn identity(document: &Document, source: &Source) -> Option<PackageIdentity> {
    document.package(source).map(|package| package.identity.clone())
}

impl Amount {
    fn add(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

/// Prints tables, in columns or as JSON.
pub(super) fn print(out: &mut dyn Write, tables: &[Table], as_json: bool) -> io::Result<()> {
    if as_json {
        let rows: Vec<_> = tables.iter().flat_map(Table::to_json).collect();
        serde_json::to_writer_pretty(&mut *out, &rows)?;
        return writeln!(out);
    }
    for table in tables {
        if let Some(platform) = table.platform.as_ref().filter(|_| tables.len() > 1) {
            writeln!(out, "{}:", OneLine(platform))?;
        }
        let lines = table.lines();
        let width = |column: usize| {
            lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default()
        };
        let widths: [usize; 7] = std::array::from_fn(width);
        for line in &lines {
            let mut text = String::new();
            for (column, (cell, width)) in line.iter().zip(widths).enumerate() {
                // Numbers end at one place; a column that has nothing takes none.
                match column {
                    5 | 6 => text += &format!("{cell:>width$}  "),
                    _ if width > 0 => text += &format!("{cell:width$}  "),
                    _ => {}
                }
            }
            writeln!(out, "{}", OneLine(text.trim_end()))?;
        }
    }
    Ok(())
}
