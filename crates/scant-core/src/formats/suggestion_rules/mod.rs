//! Files of suggestion rules: when an image has this, then it probably wants that. Their text, their
//! schema, and the rules they stand for. Whether a rule applies is decided in `rules::suggestions`.

mod braces;
mod rule;
#[cfg(test)]
mod tests;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::foreign;
use super::manifest;
use super::yaml::{self, Fault, Span, Spanned, shown};

pub use rule::{Add, FileHas, FromConfig, FromJson, Level, Libc, Lines, Rule, When};

/// Reads a file of rules.
///
/// # Errors
/// All faults at once, sorted by their place.
pub fn parse(text: &str) -> Result<Vec<Rule>, Vec<Fault>> {
    let (tree, mut faults) = yaml::parse(text);
    if let Some(fault) = tree.as_ref().and_then(foreign::fault_of_rules) {
        return Err(Vec::from([fault]));
    }
    let file = tree.and_then(|tree| {
        let (file, more) = yaml::deserialize::<rule::File>(&tree);
        faults.extend(more);
        file
    });
    let rules = file.map(|file| file.rules).unwrap_or_default();
    let mut first = BTreeMap::<&str, Span>::new();
    for Spanned { value: rule, span } in &rules {
        faults.extend(check(rule, *span));
        if let Some(first) = first.insert(&rule.id, rule.id.span) {
            let message = format!("the rule `{}` is there twice", shown(&rule.id));
            faults.push(Fault::new(rule.id.span, message).also(first, "first here"));
        }
    }
    if faults.is_empty() {
        return Ok(rules.into_iter().map(|rule| rule.value).collect());
    }
    faults.sort_by(|a, b| (a.span, &a.message).cmp(&(b.span, &b.message)));
    faults.dedup();
    Err(faults)
}

/// The JSON schema (draft 2020-12) of a file of rules, for editors.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<rule::File>().to_value();
    manifest::tidy(&mut schema);
    if let Value::Object(root) = &mut schema {
        root.insert("title".into(), "scant suggestion rules".into());
    }
    schema
}

/// Whether a word can name a rule: ids of other kinds hold a colon.
pub fn is_id(word: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte);
    word.starts_with(|c: char| c.is_ascii_alphanumeric()) && word.bytes().all(inner)
}

fn check(rule: &Rule, span: Span) -> Vec<Fault> {
    let mut faults = Vec::new();
    if !is_id(&rule.id) {
        let message = format!("`{}` cannot name a rule", shown(&rule.id));
        let help = "write letters, digits, `.`, `_`, `+` and `-`, beginning with a letter or digit";
        faults.push(Fault::new(rule.id.span, message).help(help));
    }
    if rule.when == When::default() {
        let message = format!("the rule `{}` applies to everything", shown(&rule.id));
        faults.push(Fault::new(span, message).help("say when it applies under `when`"));
    }
    if rule.add == Add::default() {
        let message = format!("the rule `{}` adds nothing", shown(&rule.id));
        faults.push(Fault::new(span, message).help("say what it adds under `add`"));
    }
    if let Some(range) = &rule.when.glibc
        && rule::version_range(range).is_none()
    {
        let message = format!("`{}` is not a range of versions", shown(range));
        faults.push(Fault::new(range.span, message).help("write it as in `>=2.34` or `<2.34`"));
    }
    for glob in rule.globs() {
        if fast_glob::validate(glob).is_err() {
            let message = format!("`{}` is not a glob", shown(glob));
            faults.push(Fault::new(span, message));
        }
    }
    for path in rule.paths() {
        if !path.starts_with(['/', '{']) {
            let message = format!("`{}` is not a path from the root on", shown(path));
            let help = "begin with `/`, `{libdir}` or `{program_dir}`";
            faults.push(Fault::new(span, message).help(help));
        }
    }
    faults.extend(braces::check(rule, span));
    faults
}

/// A range of versions, taken apart: whether it is `>=`, and the version.
pub fn version_range(text: &str) -> Option<(bool, (u32, u32))> {
    rule::version_range(text)
}

/// Names of parameters to their values.
pub type Parameters = BTreeMap<String, Vec<String>>;
