//! The lock as it is written: serde types, and the way from them to values, with all faults.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Deserialize;

use super::{ALL, For, Index, Lock, LockedInput, Package, Pin, Place, VERSION};
use crate::formats::yaml::{self, Entries, Fault, Node, Span, Spanned, Value, shown};
use crate::words::{Digest, Escaped, InputName, Platform, TreePath};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "it is looked at before the rest")]
    version: u32,
    #[serde(default)]
    inputs: Entries<Input>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Input {
    #[serde(default)]
    pins: Entries<RawPin>,
    #[serde(default)]
    files: Entries<Entries<Spanned<String>>>,
    #[serde(default)]
    indexes: Entries<Vec<RawIndex>>,
    #[serde(default)]
    packages: Entries<Vec<RawPackage>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawPin {
    asked: String,
    digest: Spanned<String>,
    size: u64,
    media_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIndex {
    url: Spanned<String>,
    digest: Spanned<String>,
    size: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPackage {
    name: String,
    version: String,
    architecture: String,
    url: Spanned<String>,
    digest: Spanned<String>,
    size: u64,
}

/// What to do about a lock that is of no use.
const ANEW: &str = "`scant lock --update all` writes it anew";

/// Nobody reads more.
const FAULT_LIMIT: usize = 200;

/// Reads a lock.
///
/// # Errors
/// All faults at once, sorted by their place; of another version only that it is one.
pub fn parse(text: &str) -> Result<Lock, Vec<Fault>> {
    if text.trim().is_empty() {
        let span = Span { line: 1, column: 1, ..Span::default() };
        return Err(Vec::from([Fault::new(span, "the lock is empty").help(ANEW)]));
    }
    let (tree, mut faults) = yaml::parse(text);
    let Some(tree) = tree else { return Err(faults) };
    if let Some(fault) = other_version(&tree) {
        return Err(Vec::from([fault]));
    }
    let (file, more) = yaml::deserialize::<File>(&tree);
    faults.extend(more);
    let mut reader = Reader { faults };
    let lock = file.map(|file| reader.lock(file));
    let mut faults = reader.faults;
    match lock {
        Some(lock) if faults.is_empty() => Ok(lock),
        _ => {
            faults.sort_by(|a, b| (a.span, &a.message).cmp(&(b.span, &b.message)));
            faults.dedup();
            faults.truncate(FAULT_LIMIT);
            Err(faults)
        }
    }
}

/// What is said of a lock that another version wrote: it may have any other shape.
fn other_version(tree: &Node) -> Option<Fault> {
    let Value::Mapping(entries) = &*tree.value else { return None };
    let (_, version) = entries.iter().find(|(key, _)| key.text() == "version")?;
    let number: u64 = version.text().parse().ok()?;
    if number == u64::from(VERSION) {
        return None;
    }
    let message = format!("a lock of version {number}; this scant reads version {VERSION}");
    Some(Fault::new(version.span, message).help(ANEW))
}

struct Reader {
    faults: Vec<Fault>,
}

impl Reader {
    fn lock(&mut self, file: File) -> Lock {
        let inputs = file.inputs.0.into_iter();
        let input = |(name, input): (Spanned<String>, Input)| {
            (InputName::new(&name.value), self.input(input).sorted())
        };
        Lock { inputs: inputs.map(input).collect() }
    }

    fn input(&mut self, raw: Input) -> LockedInput {
        LockedInput {
            pins: self.each(raw.pins, Self::for_, Self::pin),
            files: self.each(raw.files, Self::platform, |reader, files| {
                Some(reader.each(files, Self::path, Self::digest))
            }),
            indexes: self.each(raw.indexes, Self::platform, |reader, all| {
                Some(all.into_iter().filter_map(|one| reader.index(one)).collect())
            }),
            packages: self.each(raw.packages, Self::platform, |reader, all| {
                Some(all.into_iter().filter_map(|one| reader.package(one)).collect())
            }),
        }
    }

    /// A mapping, whose keys may be equal though they are written in two ways.
    fn each<K: Ord, R, T>(
        &mut self,
        entries: Entries<R>,
        key: fn(&mut Self, &str, Span) -> Option<K>,
        mut value: impl FnMut(&mut Self, R) -> Option<T>,
    ) -> BTreeMap<K, T> {
        let mut all = BTreeMap::new();
        for (name, raw) in entries.0 {
            let found = key(self, &name.value, name.span);
            let (Some(found), Some(value)) = (found, value(self, raw)) else { continue };
            if all.insert(found, value).is_some() {
                let message = format!("`{}` is there twice", shown(&name.value));
                self.faults.push(Fault::new(name.span, message));
            }
        }
        all
    }

    fn pin(&mut self, raw: RawPin) -> Option<Pin> {
        let RawPin { asked, digest, size, media_type } = raw;
        Some(Pin { asked, digest: self.digest(digest)?, size, media_type })
    }

    fn index(&mut self, raw: RawIndex) -> Option<Index> {
        let (place, digest) = (self.place(raw.url), self.digest(raw.digest));
        Some(Index { place: place?, digest: digest?, size: raw.size })
    }

    fn package(&mut self, raw: RawPackage) -> Option<Package> {
        let RawPackage { name, version, architecture, url, digest, size } = raw;
        let (place, digest) = (self.place(url), self.digest(digest));
        Some(Package { name, version, architecture, place: place?, digest: digest?, size })
    }

    fn for_(&mut self, text: &str, span: Span) -> Option<For> {
        match text {
            ALL => Some(For::All),
            text => self.platform(text, span).map(For::Platform),
        }
    }

    fn platform(&mut self, text: &str, span: Span) -> Option<Platform> {
        self.read(text, span, "platform", |text| text.parse().ok())
    }

    fn path(&mut self, text: &str, span: Span) -> Option<TreePath> {
        self.read(text, span, "path", |text| TreePath::parse(Escaped::parse(text)?).ok())
    }

    fn digest(&mut self, Spanned { value, span }: Spanned<String>) -> Option<Digest> {
        match value.parse::<Digest>() {
            Ok(digest) => Some(digest),
            Err(_) => self.read(&value, span, "digest", |_| None),
        }
    }

    fn place(&mut self, Spanned { value, span }: Spanned<String>) -> Option<Place> {
        match Place::parse(&value) {
            Ok(place) => Some(place),
            Err(error) => {
                self.faults.push(Fault::new(span, shown(&error.to_string())));
                None
            }
        }
    }

    fn read<T>(
        &mut self,
        text: &str,
        span: Span,
        what: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = parse(text);
        if value.is_none() {
            let message = format!("`{}` is not a {what} that scant knows", shown(text));
            self.faults.push(Fault::new(span, message));
        }
        value
    }
}
