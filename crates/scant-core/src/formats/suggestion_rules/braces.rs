//! Names in braces that a rule refers to: which mean something where they stand.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec::Vec;

use super::rule::{Add, Rule};
use crate::formats::yaml::{Fault, Span, list_of, nearest, shown};

/// What stands for names that are known when the rule applies.
const DIRECTORIES: [&str; 4] = ["libdir", "multiarch", "program_dir", "program"];

/// What is wrong with the names of a rule, each at its place.
pub(super) fn check(rule: &Rule, span: Span) -> Vec<Fault> {
    let Add { sonames, files, except, from_config, from_json } = &rule.add;
    let lists = rule.params.keys().map(alloc::string::String::as_str);
    let in_paths: Vec<&str> = DIRECTORIES.into_iter().chain(lists).collect();
    let in_words: Vec<&str> = ["word"].into_iter().chain(in_paths.iter().copied()).collect();
    let mut checker = Checker { used: BTreeSet::new(), faults: Vec::new() };
    for path in files.iter().chain(except) {
        checker.text(path, path.span, &in_paths);
    }
    for soname in sonames {
        checker.text(soname, soname.span, &[]);
    }
    for from in from_config {
        from.sonames.iter().for_each(|name| checker.text(name, name.span, &["word"]));
        from.add.iter().for_each(|path| checker.text(path, path.span, &in_words));
        if from.sonames.is_empty() && from.add.is_empty() {
            let message = format!("the rule `{}` reads words and adds nothing", shown(&rule.id));
            let help = "say under `sonames` or `add` of `from-config` what `{word}` stands for";
            checker.faults.push(Fault::new(span, message).help(help));
        }
    }
    // Where words are read from is looked for as it is written.
    let has = rule.when.file_has.iter().flat_map(|has| &has.files);
    let of_config = from_config.iter().flat_map(|from| &from.files);
    let of_json = from_json.iter().flat_map(|from| &from.files);
    for path in has.chain(of_config).chain(of_json) {
        checker.text(path, span, &[]);
    }
    for name in rule.params.keys().filter(|name| !checker.used.contains(name.as_str())) {
        let message = format!("no path of the rule `{}` refers to `{{{name}}}`", shown(&rule.id));
        checker.faults.push(Fault::new(span, message).help("a list under `params` is for paths"));
    }
    checker.faults
}

struct Checker<'r> {
    used: BTreeSet<&'r str>,
    faults: Vec<Fault>,
}

impl<'r> Checker<'r> {
    fn text(&mut self, text: &'r str, span: Span, known: &[&str]) {
        for name in names(text) {
            self.used.insert(name);
            if known.contains(&name) {
                continue;
            }
            let message = format!("`{{{}}}` in `{}` means nothing", shown(name), shown(text));
            let here = match known {
                [] => "nothing in braces is known here, but `{a,b}` for either".into(),
                known => format!("known here: {}", list_of(known.iter().copied())),
            };
            let help = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{{{near}}}`? {here}"),
                None => here,
            };
            self.faults.push(Fault::new(span, message).help(help));
        }
    }
}

/// What is in braces that hold neither alternatives nor other braces.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| {
        let name = rest.split_once('}')?.0;
        (!name.contains([',', '/', '*', '?', '['])).then_some(name)
    })
}
