//! Tests of an image, as container-structure-test writes them in YAML or JSON: schema 1.0.0 and
//! 2.0.0. Read here; what they mean for an image is said by [`crate::rules::structure_test`].
//! <https://github.com/GoogleContainerTools/container-structure-test>

mod check;
mod expand;
mod pattern;
pub(super) mod raw;
#[cfg(test)]
mod tests;

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

pub(super) use check::check;
pub use expand::expand;
pub use pattern::Pattern;

use super::foreign;
use super::yaml::{self, Fault, Span, Spanned};

/// The tests of one file, all of them valid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StructureTests {
    /// Variables of all commands, in the order of the text, not expanded.
    pub global_env: Vec<(String, String)>,
    /// The tests, in the order of the text.
    pub tests: Vec<Test>,
    /// How commands are run.
    pub options: RunOptions,
    /// What is asked for and not done, though the tests can be made without: to be told.
    pub notes: Vec<Fault>,
}

/// One test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// What it is called; empty for those that have no name.
    pub name: String,
    /// Where it is written.
    pub span: Span,
    /// What is tested.
    pub subject: Subject,
}

/// What a test is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A program that is run.
    Command(Command),
    /// A path.
    Existence(Existence),
    /// What a file says.
    Content(FileContent),
    /// The config of the image.
    Metadata(Metadata),
    /// Licenses.
    License(License),
}

/// A program, and what it should print.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// Commands before it; none of them is empty.
    pub setup: Vec<Vec<String>>,
    /// Commands after it; none of them is empty.
    pub teardown: Vec<Vec<String>>,
    /// Program and arguments, not expanded; never empty.
    pub line: Vec<String>,
    /// Variables, not expanded.
    pub env: Vec<(String, String)>,
    /// What is expected of standard output.
    pub stdout: Texts,
    /// What is expected of standard error.
    pub stderr: Texts,
    /// The expected exit code.
    pub exit_code: u32,
}

/// What a text must match, and what it must not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// Each of these matches.
    pub expected: Vec<Pattern>,
    /// None of these matches.
    pub excluded: Vec<Pattern>,
}

/// A path that is there, or is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Existence {
    /// The path, not expanded.
    pub path: String,
    /// Whether it should be there.
    pub should_exist: bool,
    /// Whether it should be a directory.
    pub is_directory: Option<bool>,
    /// Type and permissions as text.
    pub permissions: Option<String>,
    /// The owner.
    pub uid: Option<u32>,
    /// The group.
    pub gid: Option<u32>,
    /// Who may execute it.
    pub executable_by: Option<ExecutableBy>,
}

/// Whose permission to execute is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ExecutableBy {
    Owner,
    Group,
    Other,
    Any,
}

/// What a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileContent {
    /// The path, not expanded.
    pub path: String,
    /// What it must match, and must not.
    pub texts: Texts,
}

/// What the config of the image says. What is none or empty is not tested.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Variables with these values.
    pub env: Vec<(String, Value)>,
    /// Variables that are not set.
    pub unbound_env: Vec<String>,
    /// Labels with these values.
    pub labels: Vec<(String, Value)>,
    /// The entrypoint.
    pub entrypoint: Option<Vec<String>>,
    /// The command.
    pub cmd: Option<Vec<String>>,
    /// Ports, as `80` or `80/tcp`.
    pub exposed_ports: Vec<String>,
    /// Ports that are not exposed.
    pub unexposed_ports: Vec<String>,
    /// Volumes.
    pub volumes: Vec<String>,
    /// Volumes that are not declared.
    pub unmounted_volumes: Vec<String>,
    /// The working directory.
    pub workdir: Option<String>,
    /// The user.
    pub user: Option<String>,
}

/// A value that is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// This one.
    Exact(String),
    /// Any that matches.
    Matching(Pattern),
}

/// Files that must not name certain licenses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct License {
    /// Whether the copyright files of Debian's packages are looked at.
    pub debian: bool,
    /// Packages that are not looked at: a name for which the original makes an exception.
    pub excepted: &'static [&'static str],
    /// Other files.
    pub files: Vec<String>,
}

/// How commands are run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunOptions {
    /// Whom they run as.
    pub user: Option<String>,
    /// A file of variables.
    pub env_file: Option<String>,
    /// Variables that are taken over from who runs the tests.
    pub env_vars: Vec<String>,
    /// What commands see of the machine.
    pub bind_mounts: Vec<BindMount>,
}

/// A directory or file of the machine at a path of the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindMount {
    /// On the machine; absolute.
    pub source: String,
    /// In the image; absolute.
    pub target: String,
    /// Whether it cannot be written to.
    pub read_only: bool,
}

/// Reads a file of tests. JSON is read as the YAML that it is.
///
/// # Errors
/// All faults at once, sorted by their place.
pub fn parse(text: &str) -> Result<StructureTests, Vec<Fault>> {
    let text = &*without_tabs(text);
    let (tree, mut faults) = yaml::parse(text);
    if let Some(fault) = tree.as_ref().and_then(foreign::fault_of_tests) {
        return Err(Vec::from([fault]));
    }
    let tests = tree.and_then(|tree| {
        let (raw, more) = yaml::deserialize::<raw::StructureTests>(&tree);
        faults.extend(more);
        let raw = raw?;
        let first = Span { end: tree.span.start, ..tree.span };
        let version = check::version(&raw, first, &mut faults);
        Some(check(raw, version, &mut faults))
    });
    match tests {
        Some(tests) if faults.is_empty() => Ok(tests),
        _ => {
            for fault in &mut faults {
                fault.message = fault.message.replace("the manifest is", "the file is");
            }
            faults.sort_by(|a, b| (a.span, &a.message).cmp(&(b.span, &b.message)));
            faults.dedup();
            Err(faults)
        }
    }
}

/// JSON that is indented with tabs, which YAML does not allow, with a blank for each. In JSON every
/// tab is white space; places in the text stay what they are.
fn without_tabs(text: &str) -> Cow<'_, str> {
    let is_json = text.trim_start().starts_with('{');
    if is_json && text.contains('\t') { text.replace('\t', " ").into() } else { text.into() }
}

/// Variables as a map, each `NAME=value` of a list; the last of a name counts.
pub fn variables(env: &[String]) -> BTreeMap<String, String> {
    let pair = |text: &String| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        (name.to_string(), value.to_string())
    };
    env.iter().map(pair).collect()
}

/// The version of the form that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formats) enum Version {
    /// 1.0.0.
    One,
    /// 2.0.0.
    Two,
}

impl Subject {
    /// What kind of test it is, in one word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Command(_) => "command",
            Self::Existence(_) => "file",
            Self::Content(_) => "content",
            Self::Metadata(_) => "metadata",
            Self::License(_) => "license",
        }
    }
}

impl Texts {
    /// Whether nothing is expected.
    pub fn is_empty(&self) -> bool {
        self.expected.is_empty() && self.excluded.is_empty()
    }
}

/// Kept with its place, for messages.
type Word = Spanned<yaml::Text>;
