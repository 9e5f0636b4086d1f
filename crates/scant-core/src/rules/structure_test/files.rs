//! The files of an image, against what tests expect of them. Links are followed inside the image.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{mode, texts};
use crate::formats::structure_test::{ExecutableBy, Existence, FileContent, License, expand};
use crate::rules::View;
use crate::words::{Entry, EntryKind, Escaped, InputError, Problem, Root, TreePath};

/// A larger file is not searched.
const LARGEST: u64 = 64 << 20;
/// Where Debian's packages have their copyright files, and what those are called.
const DOCUMENTS: &str = "/usr/share/doc";
const COPYRIGHT: &str = "copyright";
/// What no license file may name.
const DENIED: [&str; 2] = ["AGPL", "WTFPL"];

/// The files of an image, and the variables that paths may name.
pub struct ImageFiles<'a> {
    root: &'a dyn Root,
    view: View<'a>,
    env: &'a BTreeMap<String, String>,
}

/// What a path leads to: the link itself or, behind it, what is meant.
struct Seen {
    path: TreePath,
    entry: Entry,
    owner: (u32, u32),
}

impl<'a> ImageFiles<'a> {
    /// These files, and the environment of the image.
    pub fn new(root: &'a dyn Root, env: &'a BTreeMap<String, String>) -> Self {
        Self { root, view: View::new(root), env }
    }

    /// What is not as the test says of a path.
    pub fn existence(&self, test: &Existence) -> Vec<String> {
        let path = self.expanded(&test.path);
        let shown = Escaped(path.as_bytes());
        let own = match self.see(&path, false) {
            Ok(own) => own,
            Err(error) if is_absent(&error) => {
                let wrong = || format!("`{shown}` should be there: {}", reason(&path, &error));
                return test.should_exist.then(wrong).into_iter().collect();
            }
            Err(error) => return alloc::vec![format!("`{shown}` cannot be looked at: {error}")],
        };
        if !test.should_exist {
            let what = &own.entry.kind;
            return alloc::vec![format!("`{shown}` should not be there, but is {what}")];
        }
        // A link is taken for itself, as the original does, or for what it leads to.
        let target = self.see(&path, true);
        let mut wrong = Vec::new();
        let faces: Vec<&Seen> = core::iter::once(&own).chain(target.as_ref().ok()).collect();
        let last = faces.last().copied().unwrap_or(&own);
        if let Some(wanted) = test.is_directory
            && faces.iter().all(|seen| seen.entry.is_directory() != wanted)
        {
            let wanted = if wanted { "not a directory" } else { "not something else" };
            wrong.push(format!("`{shown}` is {}, {wanted}", last.entry.kind));
        }
        if let Some(wanted) = &test.permissions
            && faces.iter().all(|seen| !has_permissions(seen, wanted))
        {
            wrong.push(permissions(&shown, last, wanted));
        }
        for (what, wanted, of) in [
            ("user", test.uid, (|seen| seen.owner.0) as fn(&Seen) -> u32),
            ("group", test.gid, |seen| seen.owner.1),
        ] {
            if let Some(wanted) = wanted
                && faces.iter().all(|seen| of(seen) != wanted)
            {
                let found = of(last);
                wrong.push(format!("`{shown}` belongs to the {what} {found}, not {wanted}"));
            }
        }
        if let Some(who) = test.executable_by {
            wrong.extend(executable(&shown, who, &target));
        }
        wrong
    }

    /// What is not as the test says of the content of a file.
    pub fn content(&self, test: &FileContent) -> Vec<String> {
        let path = self.expanded(&test.path);
        let shown = Escaped(path.as_bytes()).to_string();
        match self.read(&path) {
            Ok(text) => {
                let mut wrong = Vec::new();
                texts(&format!("`{shown}`"), &test.texts, &text, &mut wrong);
                wrong
            }
            Err(error) => {
                alloc::vec![format!("`{shown}` cannot be read: {}", reason(&path, &error))]
            }
        }
    }

    /// License files that are missing, or name what they must not.
    pub fn license(&self, test: &License) -> Vec<String> {
        let mut wrong = Vec::new();
        if test.debian {
            match self.packages() {
                Ok(packages) => {
                    let is_excepted = |name: &String| test.excepted.contains(&&**name);
                    for package in packages.iter().filter(|name| !is_excepted(name)) {
                        self.license_file(
                            &format!("{DOCUMENTS}/{package}/{COPYRIGHT}"),
                            &mut wrong,
                        );
                    }
                }
                Err(error) => {
                    wrong.push(format!("`{DOCUMENTS}` cannot be read: {}", error.problem))
                }
            }
        }
        for file in &test.files {
            self.license_file(&self.expanded(file), &mut wrong);
        }
        wrong
    }

    fn license_file(&self, path: &str, wrong: &mut Vec<String>) {
        let shown = Escaped(path.as_bytes());
        match self.read(path) {
            Ok(text) => {
                let text = text.to_uppercase();
                let denied = DENIED.iter().find(|license| text.contains(**license));
                wrong
                    .extend(denied.map(|license| format!("`{shown}` names the license {license}")));
            }
            Err(error) => {
                wrong.push(format!("`{shown}` cannot be read: {}", reason(path, &error)));
            }
        }
    }

    /// The directories of packages, of which none is a link.
    fn packages(&self) -> Result<Vec<String>, InputError> {
        let directory = self.view.resolve(DOCUMENTS.as_bytes())?.path;
        let mut packages = Vec::new();
        for name in self.root.list(&directory)? {
            let entry = self.view.lookup(&directory.join(&name))?;
            if entry.is_some_and(|entry| entry.is_directory()) {
                packages.push(String::from_utf8_lossy(&name).into_owned());
            }
        }
        Ok(packages)
    }

    /// The text of a file; what is not UTF-8 is replaced, as Go's expressions take it.
    fn read(&self, path: &str) -> Result<String, InputError> {
        let seen = self.see(path, true)?;
        match &seen.entry.kind {
            EntryKind::File { .. } => {
                let bytes = self.root.read(&seen.path, LARGEST)?;
                let text = String::from_utf8(bytes);
                Ok(text.unwrap_or_else(|bytes| String::from_utf8_lossy(bytes.as_bytes()).into()))
            }
            other => Err(InputError::new(&seen.path, Problem::NotAFile(other.describe()))),
        }
    }

    fn expanded(&self, path: &str) -> String {
        expand(path, |name| self.env.get(name).cloned().unwrap_or_default())
    }

    /// What is at a path: with its last component followed when it is a link, or not.
    fn see(&self, path: &str, follow: bool) -> Result<Seen, InputError> {
        // A path is one of the image's root, with or without the slash at its beginning.
        let path = format!("/{path}");
        let trimmed = path.trim_end_matches('/');
        let is_named = !matches!(trimmed.rsplit('/').next(), None | Some("" | "." | ".."));
        let (path, entry) = if follow || !is_named {
            let resolved = self.view.resolve(path.as_bytes())?;
            (resolved.path, resolved.entry)
        } else {
            let at = trimmed.rfind('/').map_or(0, |at| at + 1);
            let directory = self.view.resolve(&trimmed.as_bytes()[..at])?;
            if !directory.entry.is_directory() {
                return Err(InputError::new(&directory.path, Problem::NotADirectory));
            }
            let path = directory.path.join(&trimmed.as_bytes()[at..]);
            let missing = || InputError::new(&path, Problem::NotFound);
            let entry = self.view.lookup(&path)?.ok_or_else(missing)?;
            (path, entry)
        };
        let owner = self.root.meta(&path)?.map_or((0, 0), |meta| (meta.uid, meta.gid));
        Ok(Seen { path, entry, owner })
    }
}

fn is_absent(error: &InputError) -> bool {
    matches!(error.problem, Problem::NotFound | Problem::NotADirectory | Problem::LinkLoop)
}

/// The problem, and the path that has it when it is not the one that was asked for.
fn reason(path: &str, error: &InputError) -> String {
    if error.path.as_bytes() == path.as_bytes() {
        error.problem.to_string()
    } else {
        error.to_string()
    }
}

fn has_permissions(seen: &Seen, wanted: &str) -> bool {
    let Entry { kind, mode, .. } = &seen.entry;
    // Links have no permissions of their own: engines and kernels show all of them.
    let mode = if matches!(kind, EntryKind::Symlink { .. }) { 0o777 } else { *mode };
    mode::go(kind, mode) == wanted || mode::ls(kind, mode) == wanted
}

fn permissions(shown: &Escaped<'_>, seen: &Seen, wanted: &str) -> String {
    let Entry { kind, mode, .. } = &seen.entry;
    let (in_go, in_ls) = (mode::go(kind, *mode), mode::ls(kind, *mode));
    let also = if in_go == in_ls { String::new() } else { format!(" (or `{in_ls}`)") };
    let wanted = Escaped(wanted.as_bytes());
    format!("the permissions of `{shown}` are `{in_go}`{also}, not `{wanted}`")
}

/// Whether it may be executed, which a link says nothing about.
fn executable(
    shown: &Escaped<'_>,
    who: ExecutableBy,
    target: &Result<Seen, InputError>,
) -> Option<String> {
    let (bits, by) = match who {
        ExecutableBy::Owner => (0o100, "its owner"),
        ExecutableBy::Group => (0o010, "its group"),
        ExecutableBy::Other => (0o001, "others"),
        ExecutableBy::Any => (0o111, "anyone"),
    };
    match target {
        Ok(seen) if seen.entry.mode & bits != 0 => None,
        Ok(seen) => {
            let mode = mode::go(&seen.entry.kind, seen.entry.mode);
            Some(format!("`{shown}` cannot be executed by {by}: its permissions are `{mode}`"))
        }
        Err(error) => Some(format!("`{shown}` leads nowhere: {error}")),
    }
}
