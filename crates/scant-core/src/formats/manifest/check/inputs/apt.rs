//! Checks what `backend: apt` has beside other inputs.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::super::Checker;
use crate::formats::debian::{
    Alternatives, SNAPSHOT, Source, is_snapshot, place_of_archive, relations,
};
use crate::formats::manifest::raw;
use crate::formats::manifest::{Apt, AptPin, Backend, Fault, Location, PerPlatform, Span, Spanned};
use crate::formats::yaml::shown;

impl Checker {
    /// Packages of Debian.
    pub(super) fn apt(
        &mut self,
        raw: raw::Input,
        span: Span,
    ) -> Option<(Backend, PerPlatform<Location>)> {
        let Some(packages) = raw.packages else {
            return self.needs(raw.backend, "a list of `packages`", span);
        };
        if packages.value.is_empty() {
            return self.fault(Fault::new(packages.span, "no package is asked for"));
        }
        let before = self.faults.len();
        let wishes = self.all(packages.value, Self::wish);
        let sources = raw.sources.map(|sources| {
            if sources.value.is_empty() {
                let fault = Fault::new(sources.span, "no archive is named");
                self.faults.push(fault.help("leave it out to use those of this machine"));
            }
            self.all(sources.value, Self::source)
        });
        let pins = raw.pins.map(|pins| pins.value).unwrap_or_default();
        let apt = Apt {
            packages: wishes,
            sources,
            has_recommends: raw.recommends.is_some_and(|recommends| recommends.value),
            pins: self.all(pins, Self::pin),
            allow_unsigned: raw.allow_unsigned.is_some_and(|allow| allow.value),
        };
        let unsigned = apt
            .sources
            .iter()
            .flatten()
            .any(|source| source.signed_by.is_empty() && source.files.is_empty());
        if unsigned && !apt.allow_unsigned && before == self.faults.len() {
            let fault = Fault::new(span, "nothing says who must have signed the archive");
            self.faults.push(fault.help(
                "name a file of its keys with `signed-by`, or believe anybody with `allow-unsigned: \
                 true`",
            ));
        }
        if before != self.faults.len() {
            self.whole.inputs = false;
            return None;
        }
        let asked = apt.to_string();
        Some((Backend::Apt(Box::new(apt)), PerPlatform::One(Location::Archives { asked })))
    }

    fn wish(&mut self, Spanned { value, span }: Spanned<String>) -> Option<Alternatives> {
        match relations(&value).map(|mut all| (all.len(), all.pop())) {
            Ok((1, Some(wish))) => Some(wish),
            Ok(_) => {
                let message = format!("`{}` is not one package", shown(&value));
                self.fault(Fault::new(span, message).help("write one an item"))
            }
            Err(error) => {
                let help =
                    "write a name, perhaps with a version: `curl (>= 7.88)`, `curl (= 7.88.1-10)`";
                self.fault(Fault::new(span, shown(&error.to_string())).help(help))
            }
        }
    }

    fn source(&mut self, Spanned { value: raw, span }: Spanned<raw::AptSource>) -> Option<Source> {
        let before = self.faults.len();
        if !raw.files.is_empty() {
            return self.files(raw, span);
        }
        for part in [(&raw.uris, "`uris`"), (&raw.suites, "`suites`")] {
            if let (true, name) = (part.0.is_empty(), part.1) {
                self.faults.push(Fault::new(span, format!("{name} is empty")));
            }
        }
        let snapshot = raw.snapshot.and_then(|name| match is_snapshot(&name.value) {
            true => Some(name.value),
            false => {
                let message = format!("`{}` is no snapshot", shown(&name.value));
                let fault = Fault::new(name.span, message);
                self.fault(fault.help("it is a time in UTC, such as `20260101T000000Z`"))
            }
        });
        let has_snapshot = snapshot.is_some() || before != self.faults.len();
        let mut uris = Vec::new();
        for Spanned { value, span } in raw.uris {
            if value.contains(SNAPSHOT) && !has_snapshot {
                let fault = Fault::new(span, format!("nothing says what `{SNAPSHOT}` stands for"));
                self.faults.push(fault.help("name it with `snapshot`"));
            }
            match place_of_archive(&value) {
                Ok(_) => uris.push(value),
                Err(_) => drop(self.url(value, span)),
            }
        }
        let is_flat = raw.suites.iter().any(|suite| suite.value.ends_with('/'));
        if is_flat != raw.components.is_empty() {
            let message = if is_flat {
                "a suite that ends in `/` is a directory and has no components"
            } else {
                "a suite needs `components`, such as `main`"
            };
            self.faults.push(Fault::new(span, message));
        }
        let words = |checker: &mut Self, words: Vec<Spanned<String>>| {
            checker.all(words, Self::part_of_path)
        };
        let signed_by = raw.signed_by.map(|file| self.without_nul(file.value, file.span));
        let source = Source {
            uris,
            suites: words(self, raw.suites),
            components: words(self, raw.components),
            signed_by: signed_by.flatten().into_iter().collect(),
            may_be_over: raw.check_valid_until == Some(false),
            snapshot,
            ..Source::default()
        };
        (before == self.faults.len()).then_some(source)
    }

    /// Packages by themselves.
    fn files(&mut self, raw: raw::AptSource, span: Span) -> Option<Source> {
        let is_alone = raw.uris.is_empty()
            && raw.suites.is_empty()
            && raw.components.is_empty()
            && raw.signed_by.is_none()
            && raw.check_valid_until.is_none()
            && raw.snapshot.is_none();
        if !is_alone {
            let fault = Fault::new(span, "`files` are of no archive");
            return self.fault(fault.help("write archives as an item of their own"));
        }
        let before = self.faults.len();
        let files = self.all(raw.files, |checker, file: Spanned<String>| {
            let text = checker.without_nul(file.value, file.span)?;
            let (directory, _) = text.rsplit_once('/').unwrap_or_default();
            if text.is_empty() || directory.contains('*') {
                let message = format!("`{}` is no pattern of files", shown(&text));
                let fault = Fault::new(file.span, message);
                return checker.fault(fault.help("`*` can stand in the name of a file only"));
            }
            Some(text)
        });
        (before == self.faults.len()).then(|| Source { files, ..Source::default() })
    }

    fn part_of_path(&mut self, Spanned { value, span }: Spanned<String>) -> Option<String> {
        let is_part = |part: &str| part != "..";
        let is_safe = |b: u8| b.is_ascii_alphanumeric() || b"/+-._~".contains(&b);
        if value.is_empty() || !value.bytes().all(is_safe) || !value.split('/').all(is_part) {
            let message = format!("`{}` is no name in an archive", shown(&value));
            return self.fault(Fault::new(span, message));
        }
        Some(value)
    }

    fn pin(&mut self, raw: raw::AptPin) -> Option<AptPin> {
        let priority = raw.priority.map_or(990, |priority| priority.value);
        Some(AptPin { package: raw.package.value, version: raw.version.value, priority })
    }
}
