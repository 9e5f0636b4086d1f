//! What a rule adds where it applies: names written out, then looked for.

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::matching::{Group, Matched};
use super::{Addition, World, glob, lines};
use crate::formats::suggestion_rules::{FromConfig, FromJson, Parameters, Rule};
use crate::words::{Escaped, TreePath};

/// What a rule adds.
#[derive(Default)]
pub(super) struct Added {
    pub(super) adds: Vec<Addition>,
    pub(super) missing: Vec<String>,
    /// How many of the files are in the image.
    pub(super) there: usize,
    /// How many of them somebody has chosen.
    pub(super) chosen: usize,
}

struct Adding<'a> {
    parameters: &'a Parameters,
    group: &'a Group<'a>,
    matched: &'a Matched,
    world: &'a dyn World,
    /// What is left out of what globs match.
    except: Vec<String>,
    added: Added,
}

pub(super) fn added(
    rule: &Rule,
    parameters: &Parameters,
    group: &Group<'_>,
    matched: &Matched,
    world: &dyn World,
) -> Added {
    let (except, added) = (Vec::new(), Added::default());
    let mut adding = Adding { parameters, group, matched, world, except, added };
    adding.except = rule.add.except.iter().filter_map(|glob| adding.written(glob)).collect();
    rule.add.sonames.iter().for_each(|soname| adding.soname(soname));
    rule.add.files.iter().for_each(|glob| adding.files(glob));
    rule.add.from_config.iter().for_each(|from| adding.named_in_words(from));
    rule.add.from_json.iter().for_each(|from| adding.named_in_json(from));
    adding.added
}

impl Adding<'_> {
    fn soname(&mut self, soname: &str) {
        let (soname, is_optional) = optional(soname);
        let Some(found) = self.world.search(self.matched.object, soname.as_bytes()) else {
            if !is_optional {
                self.added.missing.push(soname.to_string());
            }
            return;
        };
        let soname = Some(soname.to_string());
        self.add(Addition { input: found.input, path: found.path, soname }, found.is_there);
    }

    fn files(&mut self, glob: &str) {
        let (glob, is_optional) = optional(glob);
        let Some(written) = self.written(glob) else { return };
        let found = glob::files(self.group.view, &written);
        if found.is_empty() && !is_optional {
            self.added.missing.push(written);
        }
        for path in found {
            if self.except.iter().any(|glob| fast_glob::glob_match(glob.as_bytes(), &path)) {
                continue;
            }
            let is_there = self.world.has(&path);
            self.add(Addition { input: self.group.root.clone(), path, soname: None }, is_there);
        }
    }

    fn add(&mut self, addition: Addition, is_there: bool) {
        if is_there {
            self.added.there += 1;
            self.added.chosen += usize::from(self.world.is_chosen(&addition.path));
        } else if !self.added.adds.contains(&addition) {
            self.added.adds.push(addition);
        }
    }

    fn named_in_words(&mut self, from: &FromConfig) {
        for path in self.group.configuration(&from.files, from.only_image, self.world) {
            let Some(text) = self.group.content(&path, self.world) else { continue };
            for word in lines::words(&text, &from.lines) {
                from.sonames.iter().for_each(|name| self.soname(&name.replace("{word}", &word)));
                if word.starts_with('/') {
                    // What a configuration names may be made later.
                    self.files(&[&plain(&word), "?"].concat());
                    continue;
                }
                from.add.iter().for_each(|glob| self.files(&glob.replace("{word}", &plain(&word))));
            }
        }
    }

    fn named_in_json(&mut self, from: &FromJson) {
        for path in self.group.configuration(&from.files, false, self.world) {
            let text = self.group.content(&path, self.world).unwrap_or_default();
            let value = serde_json::from_slice::<serde_json::Value>(&text).ok();
            let named = value.as_ref().and_then(|value| value.pointer(&from.pointer)?.as_str());
            let Some(named) = named else { continue };
            let Ok(json) = TreePath::parse(&path) else { continue };
            self.files(&plain(&json.to_string()));
            match named {
                path if path.starts_with('/') => self.files(&plain(path)),
                path if path.contains('/') => {
                    let directory = json.parent().unwrap_or_else(TreePath::root);
                    self.files(&alloc::format!("{directory}/{}", plain(path)));
                }
                soname => self.soname(soname),
            }
        }
    }

    /// A glob with what its braces refer to. None when that is not known here.
    fn written(&self, glob: &str) -> Option<String> {
        let members = self.world.members();
        let directory = |at: usize| members[at].source.parent().map(|path| path.to_string());
        let libc = self.group.libc.map(|(_, at)| at);
        let program = self.matched.program.unwrap_or(self.matched.object);
        let mut glob = glob.to_string();
        if glob.contains("{libdir}") {
            glob = glob.replace("{libdir}", &directory(self.matched.library.or(libc)?)?);
        }
        if glob.contains("{multiarch}") {
            let directory = directory(libc?)?;
            let name = directory.rsplit('/').next().filter(|name| name.contains("-linux-"))?;
            glob = glob.replace("{multiarch}", name);
        }
        if glob.contains("{program_dir}") {
            // The path is resolved, so that what is above it is what its text says.
            let directory = members[program].source.parent()?;
            let above = directory.parent().map(|path| path.to_string());
            let above = above.filter(|path| path != "/").unwrap_or_default();
            glob = glob.replace("{program_dir}/..", &above);
            glob = glob.replace("{program_dir}", &directory.to_string());
        }
        if glob.contains("{program}") {
            let name = members[program].source.name()?;
            glob = glob.replace("{program}", &plain(core::str::from_utf8(name).ok()?));
        }
        for (name, values) in self.parameters {
            let name = alloc::format!("{{{name}}}");
            let values = match values.iter().any(|value| value == "all") {
                // A value may hold slashes where it stands for all that follows.
                true if glob.ends_with(&["/", &name].concat()) => "**".to_string(),
                true => "*".to_string(),
                false => alloc::format!("{{{}}}", values.join(",")),
            };
            glob = glob.replace(&name, &values);
        }
        Some(glob)
    }
}

/// The values of a list of a rule for which files are there. None where that cannot be told, as
/// other parts of its paths are globs.
pub(super) fn known_values(
    rule: &Rule,
    name: &str,
    group: &Group<'_>,
    matched: &Matched,
    world: &dyn World,
) -> Option<BTreeSet<String>> {
    let mut parameters = rule.params.clone();
    parameters.insert(name.to_string(), Vec::from(["all".to_string()]));
    let mut marked = rule.params.clone();
    marked.insert(name.to_string(), Vec::from([MARK.to_string()]));
    let adding = |parameters| {
        let (except, added) = (Vec::new(), Added::default());
        Adding { parameters, group, matched, world, except, added }
    };
    let braces = alloc::format!("{{{name}}}");
    let mut known = BTreeSet::new();
    for glob in rule.add.files.iter().filter(|glob| glob.contains(&braces)) {
        let (glob, _) = optional(glob);
        let (Some(of_all), Some(of_one)) =
            (adding(&parameters).written(glob), adding(&marked).written(glob))
        else {
            continue;
        };
        let found = glob::files(group.view, &of_all);
        for plain in glob::alternatives(&of_one) {
            let Some((before, after)) = plain.split_once(MARK) else { continue };
            if before.contains(['*', '?', '[']) {
                return None;
            }
            let texts = found.iter().filter_map(|path| core::str::from_utf8(path).ok());
            known.extend(texts.filter_map(|path| value_of(path, before, after)).map(String::from));
        }
    }
    Some(known)
}

/// Stands for a value: no path has it.
const MARK: &str = "\0";

/// What stands between the two parts of a glob in a path.
fn value_of<'p>(path: &'p str, before: &str, after: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(before)?;
    match after.split_once('/') {
        None => rest.strip_suffix(after),
        Some((after, _)) => rest.split('/').next()?.strip_suffix(after),
    }
}

/// A name without the `?` that says that it need not be there.
fn optional(name: &str) -> (&str, bool) {
    name.strip_suffix('?').map_or((name, false), |name| (name, true))
}

/// A text of a file as a glob. Of signs only `*` is one: configuration files write that too.
fn plain(word: &str) -> String {
    match word.contains(['[', ']', '{', '}', '?']) || word.contains("**") {
        true => String::from("/.nothing?"),
        false => Escaped(word.as_bytes()).to_string(),
    }
}
