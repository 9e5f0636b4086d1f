//! From the file as it is written to what it declares: what apko refuses is a fault here as well.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{
    At, Configuration, Entrypoint, Foreign, Group, Layering, Mutation, MutationKind, Permissions,
    Place, User, raw, shlex,
};
use crate::formats::yaml::{Entries, Fault, Span, Spanned, Text, list_of, nearest, shown};

/// What a file declares, and all that is wrong with it.
pub(super) fn check(raw: raw::File, file: usize) -> (Configuration, Vec<Fault>) {
    let mut checker = Checker { file, faults: Vec::new() };
    let configuration = checker.file(raw);
    (configuration, checker.faults)
}

struct Checker {
    file: usize,
    faults: Vec<Fault>,
}

impl Checker {
    fn file(&mut self, raw: raw::File) -> Configuration {
        let contents = raw.contents.unwrap_or_default();
        let accounts = raw.accounts.unwrap_or_default();
        let certificates = raw.certificates.unwrap_or_default();
        let mut foreign = Vec::new();
        let mut named = |items: Vec<Spanned<raw::Named>>, kind: fn(String) -> Foreign| {
            foreign.extend(items.into_iter().map(|item| At {
                place: self.place(item.span),
                value: kind(item.value.name.map(|name| name.0).unwrap_or_default()),
            }));
        };
        named(contents.runtime_keyring, Foreign::RuntimeKey);
        named(certificates.additional, Foreign::Certificate);
        let mut texts = |items: raw::Texts, kind: fn(String) -> Foreign| {
            foreign.extend(self.texts(items).into_iter().map(|text| text.map(kind)));
        };
        texts(contents.runtime_repositories, Foreign::RuntimeRepository);
        texts(certificates.providers, Foreign::CertificateProvider);
        foreign.extend(contents.baseimage.map(|base| self.at(Foreign::BaseImage, base.span)));
        foreign.extend(self.text(raw.format).map(|format| format.map(Foreign::Format)));
        let mut repositories = self.texts(contents.repositories);
        repositories.extend(self.texts(contents.build_repositories));
        Configuration {
            include: self.text(raw.include),
            repositories,
            keyring: self.texts(contents.keyring),
            packages: self.texts(contents.packages),
            entrypoint: raw.entrypoint.and_then(|raw| self.entrypoint(raw, &mut foreign)),
            cmd: self.command(raw.cmd),
            stop_signal: self.text(raw.stop_signal),
            work_dir: self.text(raw.work_dir),
            run_as: self.text(accounts.run_as),
            users: self.all(accounts.users, Self::user),
            groups: self.all(accounts.groups, Self::group),
            archs: self.texts(raw.archs),
            environment: self.entries(raw.environment),
            paths: self.all(raw.paths, Self::mutation),
            vcs_url: self.text(raw.vcs_url),
            annotations: self.entries(raw.annotations),
            volumes: self.texts(raw.volumes),
            layering: raw.layering.map(|raw| self.layering(raw)),
            foreign,
        }
    }

    fn place(&self, span: Span) -> Place {
        Place { file: self.file, line: span.line }
    }

    fn at<T>(&self, value: T, span: Span) -> At<T> {
        At { value, place: self.place(span) }
    }

    fn fault<T>(&mut self, fault: Fault) -> Option<T> {
        self.faults.push(fault);
        None
    }

    fn all<R, T>(
        &mut self,
        raw: Vec<Spanned<R>>,
        check: fn(&mut Self, R, Span) -> Option<T>,
    ) -> Vec<At<T>> {
        let mut checked = Vec::new();
        for Spanned { value, span } in raw {
            let value = check(self, value, span);
            checked.extend(value.map(|value| self.at(value, span)));
        }
        checked
    }

    /// A text; an empty one says nothing.
    fn text(&self, text: Option<Spanned<Text>>) -> Option<At<String>> {
        let text = text.filter(|text| !text.value.0.is_empty())?;
        Some(self.at(text.value.0, text.span))
    }

    fn texts(&self, texts: raw::Texts) -> Vec<At<String>> {
        texts.into_iter().filter_map(|text| self.text(Some(text))).collect()
    }

    fn entries(&self, entries: Entries<Option<Spanned<Text>>>) -> BTreeMap<String, At<String>> {
        let entry = |(key, value): (Spanned<String>, Option<Spanned<Text>>)| {
            let value = value.map_or_else(String::new, |value| value.value.0);
            (key.value, self.at(value, key.span))
        };
        entries.0.into_iter().map(entry).collect()
    }

    fn entrypoint(
        &mut self,
        raw: Spanned<raw::Entrypoint>,
        foreign: &mut Vec<At<Foreign>>,
    ) -> Option<Entrypoint> {
        let Spanned { value: raw, span } = raw;
        let kind = self.text(raw.kind);
        let is_service_bundle = kind.as_ref().is_some_and(|kind| kind.value == "service-bundle");
        foreign.extend(
            kind.filter(|_| !is_service_bundle).map(|kind| kind.map(Foreign::EntrypointType)),
        );
        let words = self.command(raw.command);
        let fragment = self.text(raw.shell_fragment).map(|line| {
            line.map(|line| Vec::from(["/bin/sh".to_string(), "-c".to_string(), line]))
        });
        let services = raw.services.0.into_iter().map(|(name, _)| self.at(name.value, name.span));
        let entrypoint = Entrypoint {
            place: self.place(span),
            command: fragment.or(words),
            is_service_bundle,
            services: services.collect(),
        };
        let is_empty = entrypoint.command.is_none() && entrypoint.services.is_empty();
        Some(entrypoint).filter(|_| is_service_bundle || !is_empty)
    }

    fn command(&mut self, line: Option<Spanned<Text>>) -> Option<At<Vec<String>>> {
        let line = line?;
        match shlex::split(&line.value.0) {
            Ok(words) => Some(self.at(words, line.span)).filter(|words| !words.value.is_empty()),
            Err(error) => self.fault(Fault::new(line.span, error.to_string())),
        }
    }

    fn user(&mut self, raw: raw::User, span: Span) -> Option<User> {
        let name = self.name(raw.username, span, "username");
        let uid = match self.number(raw.uid) {
            Some(Some(0)) | None => {
                let fault = Fault::new(span, "a user without a `uid`, or with 0");
                self.fault(fault.help("root is always there; `run-as: 0` runs the image as root"))
            }
            Some(uid) => uid,
        };
        let gid = self.number(raw.gid);
        let shell = self.text(raw.shell);
        let home = self.text(raw.homedir);
        let (name, uid) = (name?, uid?);
        Some(User {
            // An absent number and 0 were the same for a long time.
            gid: gid.flatten().filter(|gid| *gid != 0).unwrap_or(uid),
            home: home.map_or_else(|| format!("/home/{name}"), |home| home.value),
            shell: shell.map_or_else(|| "/bin/sh".into(), |shell| shell.value),
            name,
            uid,
        })
    }

    fn group(&mut self, raw: raw::Group, span: Span) -> Option<Group> {
        let name = self.name(raw.groupname, span, "groupname");
        let gid = self.number(raw.gid).unwrap_or(Some(0));
        let members = self.texts(raw.members);
        Some(Group { name: name?, gid: gid?, members })
    }

    fn name(&mut self, name: Option<Spanned<Text>>, item: Span, key: &str) -> Option<String> {
        match name.filter(|name| !name.value.0.is_empty()) {
            Some(name) => Some(name.value.0),
            None => self.fault(Fault::new(item, format!("`{key}` is missing here"))),
        }
    }

    /// A number, if one is written; none inside when it is no number, which is then a fault.
    fn number(&mut self, text: Option<Spanned<Text>>) -> Option<Option<u32>> {
        let Spanned { value: Text(text), span } = text?;
        Some(number(&text).or_else(|| {
            let message = format!("expected a whole number, found {}", shown(&text));
            self.fault(Fault::new(span, message))
        }))
    }

    fn mutation(&mut self, raw: raw::Path, span: Span) -> Option<Mutation> {
        let path = self.name(raw.path, span, "path");
        let kind = self.kind(raw.kind, span);
        let is_decimal = raw
            .permissions
            .as_ref()
            .is_some_and(|text| text.value.0.starts_with(|c: char| matches!(c, '1'..='9')));
        let mode = self.number(raw.permissions).map(Option::unwrap_or_default);
        let permissions = mode.map(|mode| Permissions { mode, is_decimal });
        let uid = self.number(raw.uid).flatten();
        let gid = self.number(raw.gid).flatten();
        let owner = (uid.is_some() || gid.is_some())
            .then(|| (uid.unwrap_or_default(), gid.unwrap_or_default()));
        let source = self.text(raw.source).map(|source| source.value).unwrap_or_default();
        let is_recursive = raw.recursive.unwrap_or_default();
        Some(Mutation { kind: kind?, path: path?, source, permissions, owner, is_recursive })
    }

    fn kind(&mut self, kind: Option<Spanned<Text>>, item: Span) -> Option<MutationKind> {
        const KINDS: [(&str, MutationKind); 5] = [
            ("directory", MutationKind::Directory),
            ("empty-file", MutationKind::EmptyFile),
            ("hardlink", MutationKind::HardLink),
            ("symlink", MutationKind::Symlink),
            ("permissions", MutationKind::Permissions),
        ];
        let (text, span) = match kind {
            Some(kind) => (kind.value.0, kind.span),
            None => return self.fault(Fault::new(item, "`type` is missing here")),
        };
        if let Some((_, kind)) = KINDS.iter().find(|(name, _)| *name == text) {
            return Some(*kind);
        }
        let names = || KINDS.iter().map(|(name, _)| *name);
        let help = match nearest(&text, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("one of {}", list_of(names())),
        };
        let message = format!("`{}` is no type of a path", shown(&text));
        self.fault(Fault::new(span, message).help(help))
    }

    fn layering(&self, raw: Spanned<raw::Layering>) -> At<Layering> {
        let strategy = self.text(raw.value.strategy).map(|text| text.value).unwrap_or_default();
        let budget = self.text(raw.value.budget).map(|text| text.value);
        self.at(Layering { strategy, budget }, raw.span)
    }
}

impl<T> At<T> {
    /// Another value at the same place.
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> At<U> {
        At { value: change(self.value), place: self.place }
    }
}

/// A number as apko reads it: a zero at the beginning makes it octal, with `o` or without, and
/// underscores do not count.
fn number(text: &str) -> Option<u32> {
    let digits = text.replace('_', "");
    let (digits, radix) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&digits[2..], 16),
        [b'0', b'o' | b'O', ..] => (&digits[2..], 8),
        [b'0', b'b' | b'B', ..] => (&digits[2..], 2),
        [b'0', _, ..] => (&digits[1..], 8),
        _ => (&digits[..], 10),
    };
    let is_unsigned = digits.starts_with(|c: char| c.is_ascii_hexdigit());
    u32::from_str_radix(digits, radix).ok().filter(|_| is_unsigned)
}

#[cfg(test)]
mod number_tests {
    use super::number;

    #[test]
    fn a_zero_at_the_beginning_makes_a_number_octal() {
        for (text, expected) in [
            ("0o755", Some(0o755)),
            ("0755", Some(0o755)),
            ("755", Some(755)),
            ("0x1F", Some(31)),
            ("65_532", Some(65532)),
            ("0", Some(0)),
            ("", None),
            ("-1", None),
            ("0o", None),
            ("0x-1", None),
            ("4294967296", None),
            ("x", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }
}
