//! The trace file: what each run of an image asked for, kept beside the manifest. A record, not a
//! log: sorted, without dates or numbers of processes, one line for each use, so that a run that
//! did the same changes nothing.

#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::words::{Escaped, TreePath};

/// The version of the document that is written. Others are refused.
const VERSION: u32 = 1;
/// A larger file is not read.
pub const LARGEST: u64 = 64 << 20;
/// Uses that are kept of one run.
pub const MOST_USES: usize = 200_000;
/// Faults that are told.
const MOST_FAULTS: usize = 20;

/// Runs by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceFile {
    /// What each run did.
    pub runs: BTreeMap<String, Run>,
}

/// What the processes of one run asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// The command, or the log that it was read from.
    pub command: Vec<String>,
    /// How it ended, where that was not well.
    pub failed: Option<String>,
    /// What was asked for.
    pub uses: BTreeSet<Use>,
}

/// One file and what was done with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// The path in the image, its links followed as far as they lead.
    pub path: TreePath,
    /// What was done.
    pub kind: UseKind,
    /// Whether it was there.
    pub found: bool,
    /// Whether it was looked for in several directories.
    pub searched: bool,
    /// The name that was asked for, where that is another.
    pub asked: Option<TreePath>,
    /// The program that asked, by its path in the image; empty where that is not known.
    pub program: Box<[u8]>,
    /// The mapped file whose code asked.
    pub by: Option<Box<[u8]>>,
}

/// What is done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum UseKind {
    Executed,
    Mapped,
    Opened,
    Listed,
    Entered,
    LookedAt,
    /// A symbolic link on the way to a file.
    Followed,
    /// Of a directory: something in it was made, changed or removed.
    Written,
}

impl UseKind {
    /// The kind as a participle, for sentences.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Executed => "executed",
            Self::Mapped => "loaded",
            Self::Opened => "opened",
            Self::Listed => "listed",
            Self::Entered => "entered",
            Self::LookedAt => "looked at",
            Self::Followed => "followed",
            Self::Written => "written",
        }
    }
}

/// The document as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    #[serde(default)]
    runs: BTreeMap<String, RawRun>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRun {
    #[serde(default)]
    command: Vec<String>,
    #[serde(default)]
    failed: Option<String>,
    #[serde(default)]
    uses: Vec<RawUse>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawUse {
    path: String,
    #[serde(rename = "use")]
    kind: UseKind,
    #[serde(default, skip_serializing_if = "is_false")]
    missing: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    searched: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    program: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// Writes the document: one line for each use.
pub fn encode(file: &TraceFile) -> String {
    let json = |text: &str| serde_json::Value::from(text).to_string();
    let mut text = alloc::format!("{{\n  \"version\": {VERSION},\n  \"runs\": {{");
    for (number, (name, run)) in file.runs.iter().enumerate() {
        text += if number > 0 { ",\n" } else { "\n" };
        let command: Vec<_> = run.command.iter().map(|word| json(word)).collect();
        text += &alloc::format!("    {}: {{\n      \"command\": [", json(name));
        text += &command.join(", ");
        text += "],\n      ";
        if let Some(failed) = &run.failed {
            text += &alloc::format!("\"failed\": {},\n      ", json(failed));
        }
        text += "\"uses\": [";
        for (number, one) in run.uses.iter().enumerate() {
            text += if number > 0 { ",\n        " } else { "\n        " };
            text += &serde_json::to_string(&RawUse::from(one)).unwrap_or_default();
        }
        text += if run.uses.is_empty() { "]\n    }" } else { "\n      ]\n    }" };
    }
    text += if file.runs.is_empty() { "}\n}\n" } else { "\n  }\n}\n" };
    text
}

/// Reads the document.
///
/// # Errors
/// All faults, of more than twenty the first ones.
pub fn decode(text: &str) -> Result<TraceFile, Vec<String>> {
    let document: Document =
        serde_json::from_str(text).map_err(|error| Vec::from([error.to_string()]))?;
    if document.version != VERSION {
        let fault =
            alloc::format!("version {} is unknown: this scant reads {VERSION}", document.version);
        return Err(Vec::from([fault]));
    }
    let (mut file, mut faults) = (TraceFile::default(), Vec::new());
    for (name, raw) in document.runs {
        let mut uses = BTreeSet::new();
        if raw.uses.len() > MOST_USES {
            faults.push(alloc::format!("run `{name}`: more than {MOST_USES} uses"));
        }
        for (number, one) in (1..).zip(raw.uses.into_iter().take(MOST_USES)) {
            match Use::try_from(one) {
                Ok(one) => {
                    uses.insert(one);
                }
                Err(fault) => faults.push(alloc::format!("run `{name}`, use {number}: {fault}")),
            }
        }
        file.runs.insert(name, Run { command: raw.command, failed: raw.failed, uses });
    }
    if faults.is_empty() {
        return Ok(file);
    }
    faults.truncate(MOST_FAULTS);
    Err(faults)
}

impl From<&Use> for RawUse {
    fn from(one: &Use) -> Self {
        Self {
            path: one.path.to_string(),
            kind: one.kind,
            missing: !one.found,
            searched: one.searched,
            asked: one.asked.as_ref().map(ToString::to_string),
            program: Escaped(&one.program).to_string(),
            by: one.by.as_ref().map(|by| Escaped(by).to_string()),
        }
    }
}

impl TryFrom<RawUse> for Use {
    type Error = String;

    fn try_from(raw: RawUse) -> Result<Self, String> {
        let bytes = |text: &str| {
            let no_path =
                || alloc::format!("`{}` is not an escaped path", Escaped(text.as_bytes()));
            Escaped::parse(text).map(Vec::into_boxed_slice).ok_or_else(no_path)
        };
        let path = |text: &str| TreePath::parse(bytes(text)?).map_err(|error| error.to_string());
        Ok(Self {
            path: path(&raw.path)?,
            kind: raw.kind,
            found: !raw.missing,
            searched: raw.searched,
            asked: raw.asked.as_deref().map(path).transpose()?,
            program: bytes(&raw.program)?,
            by: raw.by.as_deref().map(bytes).transpose()?,
        })
    }
}
