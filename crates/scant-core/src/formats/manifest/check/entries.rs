//! Checks the sections that put something into the tree.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Checker;
use super::identity::BareNumber;
use super::reference::halves;
use crate::formats::manifest::raw;
use crate::formats::manifest::{
    Binary, Data, Destination, Directory, Elf, Fault, HardLink, Owner, Reference, Span, Spanned,
    Symlink,
};
use crate::formats::yaml::{Entries, Form, Text, shown};
use crate::words::{Mode, ModeError, TreePath};

impl From<Option<raw::Elf>> for Elf {
    fn from(raw: Option<raw::Elf>) -> Self {
        match raw {
            None | Some(raw::Elf::Close) => Self::Close,
            Some(raw::Elf::Ignore) => Self::Ignore,
        }
    }
}

impl Checker {
    pub(super) fn binary(&mut self, raw: raw::Item<raw::Binary>) -> Option<Binary> {
        let Spanned { value, span } = raw;
        let raw = match value {
            Form::Long(raw) => raw,
            Form::Short(text) => {
                let (from, to) = self.taken_short(&text, span)?;
                return Some(Binary {
                    span,
                    from,
                    to,
                    mode: None,
                    owner: None,
                    capabilities: Vec::new(),
                    xattrs: BTreeMap::new(),
                    libraries: Vec::new(),
                    why: None,
                });
            }
        };
        let taken = self.taken_long(&raw.from, raw.to.as_ref(), span);
        let mode = self.mode(raw.mode);
        let owner = self.owner(raw.owner);
        let capabilities = self.names(raw.capabilities, "capability");
        let xattrs = self.xattrs(raw.xattrs);
        let libraries = self.names(raw.libraries, "library");
        let (from, to) = taken?;
        Some(Binary { span, from, to, mode, owner, capabilities, xattrs, libraries, why: raw.why })
    }

    pub(super) fn data(&mut self, raw: raw::Item<raw::Data>) -> Option<Data> {
        let Spanned { value, span } = raw;
        let raw = match value {
            Form::Long(raw) => raw,
            Form::Short(text) => {
                let (from, to) = self.taken_short(&text, span)?;
                return Some(Data {
                    span,
                    from,
                    to,
                    mode: None,
                    directory_mode: None,
                    owner: None,
                    capabilities: Vec::new(),
                    xattrs: BTreeMap::new(),
                    include: Vec::new(),
                    exclude: Vec::new(),
                    elf: Elf::default(),
                    why: None,
                });
            }
        };
        let taken = self.taken_long(&raw.from, raw.to.as_ref(), span);
        let mode = self.mode(raw.mode);
        let directory_mode = self.mode(raw.directory_mode);
        let owner = self.owner(raw.owner);
        let capabilities = self.names(raw.capabilities, "capability");
        let xattrs = self.xattrs(raw.xattrs);
        let include = self.globs(raw.include);
        let exclude = self.globs(raw.exclude);
        let elf = Elf::from(raw.elf);
        let (from, to) = taken?;
        Some(Data {
            span,
            from,
            to,
            mode,
            directory_mode,
            owner,
            capabilities,
            xattrs,
            include,
            exclude,
            elf,
            why: raw.why,
        })
    }

    pub(super) fn directory(&mut self, raw: raw::Item<raw::Directory>) -> Option<Directory> {
        let Spanned { value, span } = raw;
        match value {
            Form::Short(text) => {
                let path = self.path_below_root(&text, span)?;
                let (mode, owner, xattrs) = (None, None, BTreeMap::new());
                Some(Directory { span, path, mode, owner, xattrs, why: None })
            }
            Form::Long(raw) => {
                let path = self.path_below_root(&raw.path, raw.path.span);
                let mode = self.mode(raw.mode);
                let owner = self.owner(raw.owner);
                let xattrs = self.xattrs(raw.xattrs);
                Some(Directory { span, path: path?, mode, owner, xattrs, why: raw.why })
            }
        }
    }

    pub(super) fn symlink(&mut self, raw: raw::Item<raw::Symlink>) -> Option<Symlink> {
        let Spanned { value, span } = raw;
        match value {
            Form::Short(text) => {
                let (target, link) = self.link_short(&text, span)?;
                let target = self.link_target(target, span);
                let link = self.path_below_root(link, span);
                Some(Symlink { span, target: target?, link: link?, owner: None, why: None })
            }
            Form::Long(raw) => {
                let target = self.link_target(&raw.target, raw.target.span);
                let link = self.path_below_root(&raw.link, raw.link.span);
                let owner = self.owner(raw.owner);
                Some(Symlink { span, target: target?, link: link?, owner, why: raw.why })
            }
        }
    }

    pub(super) fn hard_link(&mut self, raw: raw::Item<raw::HardLink>) -> Option<HardLink> {
        let Spanned { value, span } = raw;
        match value {
            Form::Short(text) => {
                let (target, link) = self.link_short(&text, span)?;
                let target = self.path_below_root(target, span);
                let link = self.path_below_root(link, span);
                Some(HardLink { span, target: target?, link: link?, why: None })
            }
            Form::Long(raw) => {
                let target = self.path_below_root(&raw.target, raw.target.span);
                let link = self.path_below_root(&raw.link, raw.link.span);
                Some(HardLink { span, target: target?, link: link?, why: raw.why })
            }
        }
    }

    /// `FROM:TO` or `FROM`.
    fn taken_short(&mut self, text: &str, span: Span) -> Option<(Reference, Destination)> {
        let (from, to) = match halves(text) {
            // `:/path` alone is a source that starts with a colon for nobody.
            ("", to) => ("", to),
            halves => halves,
        };
        let from = self.reference(from, span);
        let to = to.map(|value| Spanned { value, span });
        let from = from?;
        let to = self.destination(to, &from, (span, span))?;
        Some((from, to))
    }

    fn taken_long(
        &mut self,
        from: &Spanned<String>,
        to: Option<&Spanned<String>>,
        item: Span,
    ) -> Option<(Reference, Destination)> {
        let reference = self.reference(from, from.span);
        let to = to.map(|to| Spanned { value: &*to.value, span: to.span });
        match (reference, to) {
            (Some(from_path), to) => {
                let to = self.destination(to, &from_path, (from.span, item))?;
                Some((from_path, to))
            }
            (None, Some(to)) => {
                self.tree_path(to.value, to.span);
                None
            }
            (None, None) => None,
        }
    }

    fn link_short<'t>(&mut self, text: &'t str, span: Span) -> Option<(&'t str, &'t str)> {
        match halves(text) {
            (target, Some(link)) => Some((target, link)),
            (_, None) => {
                let message = format!("`{}` is not TARGET:LINK", shown(text));
                let help = "write what is pointed at, a colon, and the absolute path of the link";
                self.fault(Fault::new(span, message).help(help))
            }
        }
    }

    fn link_target(&mut self, target: &str, span: Span) -> Option<String> {
        if target.is_empty() {
            return self.fault(Fault::new(span, "the target of the link is empty"));
        }
        self.without_nul(target.into(), span)
    }

    fn path_below_root(&mut self, text: &str, span: Span) -> Option<TreePath> {
        let path = self.tree_path(text, span)?;
        if path.is_root() {
            return self.fault(Fault::new(span, "`/` is always there and a directory"));
        }
        Some(path)
    }

    fn mode(&mut self, raw: Option<Spanned<raw::Mode>>) -> Option<Mode> {
        let raw = raw?;
        match raw.value.0.parse::<Mode>() {
            Ok(mode) => Some(mode),
            Err(ModeError(text)) => {
                self.fault(Fault::new(raw.span, ModeError(shown(&text)).to_string()))
            }
        }
    }

    fn owner(&mut self, raw: Option<Spanned<Text>>) -> Option<Owner> {
        let raw = raw?;
        if self.may_be_of_packages(&raw.value.0) {
            let (user, group) = match raw.value.0.split_once(':') {
                Some((user, group)) => (user, Some(group.into())),
                None => (&*raw.value.0, None),
            };
            return Some(Owner::Named { user: user.into(), group });
        }
        let (uid, gid) = self.identity(&raw.value.0, raw.span, BareNumber::SameNumber)?;
        Some(Owner::Numbers { uid, gid })
    }

    fn names(&mut self, names: Vec<Spanned<String>>, what: &str) -> Vec<Spanned<String>> {
        names
            .into_iter()
            .filter_map(|name| {
                if name.is_empty() {
                    return self.fault(Fault::new(name.span, format!("the {what} has no name")));
                }
                let value = self.without_nul(name.value, name.span)?;
                Some(Spanned { value, span: name.span })
            })
            .collect()
    }

    fn globs(&mut self, globs: Vec<Spanned<String>>) -> Vec<Spanned<String>> {
        for glob in &globs {
            if self.is_glob(glob) && glob.trim_start_matches('!').starts_with('/') {
                let message = format!("`{}` matches nothing", shown(glob));
                let help = "globs are relative to `from`: leave out the slash at the beginning";
                self.faults.push(Fault::new(glob.span, message).help(help));
            }
        }
        globs
    }

    /// Whether a text is a glob. Records the fault if it is not.
    pub(super) fn is_glob(&mut self, glob: &Spanned<String>) -> bool {
        let fault = fast_glob::validate(&glob.value).err().map(glob_fault);
        if let Some(fault) = &fault {
            let message = format!("`{}` is not a glob: {fault}", shown(glob));
            self.faults.push(Fault::new(glob.span, message));
        }
        fault.is_none()
    }

    fn xattrs(&mut self, raw: Entries<Spanned<Text>>) -> BTreeMap<String, String> {
        self.texts(raw, |name| {
            let fault = |message| Some(Fault::new(Span::default(), message));
            match name.split_once('.') {
                _ if name == "security.capability" => {
                    fault("`security.capability` is written by scant".to_string())
                        .map(|fault| fault.help("use `capabilities`"))
                }
                Some(("user" | "trusted" | "security" | "system", rest))
                    if !rest.is_empty() && name.len() <= 255 && !name.contains('\0') =>
                {
                    None
                }
                _ => fault(format!("`{}` is not the name of an extended attribute", shown(name)))
                    .map(|fault| {
                        fault.help("names start with `user.`, `trusted.`, `security.` or `system.`")
                    }),
            }
        })
    }
}

/// What is wrong with a glob, and where.
fn glob_fault(error: fast_glob::Error) -> String {
    use fast_glob::ErrorKind as Kind;
    let what = match error.kind {
        Kind::UnclosedBrace => "the `{` is never closed",
        Kind::UnclosedBracket => "the `[` is never closed",
        Kind::TrailingBackslash => "the `\\` escapes nothing",
        Kind::BraceNestingTooDeep => "braces are nested more than 10 deep",
        Kind::TooManyBraceGroups => "there are more than 10 groups of braces",
        _ => "something is wrong",
    };
    format!("{what}, at byte {}", error.index + 1)
}
