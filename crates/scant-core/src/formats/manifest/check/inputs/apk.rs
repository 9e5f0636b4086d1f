//! Checks what `backend: apk` has beside other inputs.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};

use super::super::Checker;
use crate::formats::alpine::Dependency;
use crate::formats::manifest::raw;
use crate::formats::manifest::{
    Apk, ApkKeyPlace, ApkKeys, ApkPlace, ApkRepository, Backend, Fault, Location, PerPlatform,
    Span, Spanned,
};
use crate::formats::yaml::{Form, list_of, shown};

impl Checker {
    /// Packages of Alpine and its kin.
    pub(super) fn apk(
        &mut self,
        raw: raw::Input,
        span: Span,
    ) -> Option<(Backend, PerPlatform<Location>)> {
        let before = self.faults.len();
        let (asked, wishes) = match raw.packages {
            None => (span, self.needs(raw.backend, "a list of `packages`", span)),
            Some(packages) => (packages.span, Some(self.all(packages.value, Self::dependency))),
        };
        let repositories = match raw.repositories {
            None => self.needs(raw.backend, "a list of `repositories`", span),
            Some(repositories) if repositories.value.is_empty() => {
                self.fault(Fault::new(repositories.span, "no repository is named"))
            }
            Some(repositories) => Some(self.all(repositories.value, Self::repository)),
        };
        let keys = raw.keys.map(|keys| {
            if keys.value.is_empty() {
                let fault = Fault::new(keys.span, "no key is named");
                self.faults.push(fault.help("leave it out to believe unsigned repositories only"));
            }
            (keys.span, self.all(keys.value, Self::key))
        });
        let allow_unsigned = raw.allow_unsigned.map(|allow| (allow.span, allow.value));
        let is_whole = before == self.faults.len();
        self.signed(
            span,
            keys.as_ref().map(|(span, _)| *span),
            allow_unsigned,
            repositories.as_deref().unwrap_or_default(),
        );
        if let Some(wishes) = &wishes
            && is_whole
            && wishes.iter().all(|(wish, _)| wish.is_conflict)
        {
            self.faults.push(Fault::new(asked, "no package is asked for"));
        }
        if let (Some(wishes), Some(repositories), true) = (&wishes, &repositories, is_whole) {
            self.tags(wishes, repositories);
        }
        let (Some(wishes), Some(repositories), true) =
            (wishes, repositories, before == self.faults.len())
        else {
            self.whole.inputs = false;
            return None;
        };
        let apk = Apk {
            packages: wishes.into_iter().map(|(wish, _)| wish).collect(),
            repositories,
            keys: keys.map(|(_, keys)| keys).unwrap_or_default(),
            has_install_if: raw.install_if.is_none_or(|install_if| install_if.value),
            allow_unsigned: allow_unsigned.is_some_and(|(_, allow)| allow),
        };
        let asked = apk.to_string();
        Some((Backend::Apk(Box::new(apk)), PerPlatform::One(Location::Archives { asked })))
    }

    /// Records that nobody, or nobody and somebody, must have signed repositories.
    fn signed(
        &mut self,
        span: Span,
        keys: Option<Span>,
        allow_unsigned: Option<(Span, bool)>,
        repositories: &[ApkRepository],
    ) {
        match (keys, allow_unsigned) {
            (Some(keys), Some((unsigned, true))) => self.faults.push(
                Fault::new(unsigned, "`keys` and `allow-unsigned` cannot both be given")
                    .help(
                        "a repository without signatures says so itself: {url: ./packages, \
                         allow-unsigned: true}",
                    )
                    .also(keys, "the other one"),
            ),
            (None, None | Some((_, false)))
                if repositories.iter().any(|repository| !repository.allow_unsigned) =>
            {
                let fault = Fault::new(span, "nothing says who must have signed the repositories");
                self.faults.push(fault.help(
                    "name files of their keys with `keys`, or believe anybody with \
                     `allow-unsigned: true`",
                ));
            }
            _ => {}
        }
    }

    fn dependency(
        &mut self,
        Spanned { value, span }: Spanned<String>,
    ) -> Option<(Dependency, Span)> {
        match Dependency::parse(&value) {
            Ok(wish) => Some((wish, span)),
            Err(_) => {
                let message = format!("`{}` does not ask for a package", shown(&value));
                let help = "write a name, perhaps with a version and the tag of a repository: \
                            `curl`, `curl>=8`, `curl~8.5@edge`; `!curl` must not be there. \
                            Operators are `=`, `<`, `<=`, `>`, `>=`, `~`, `<~` and `>~`";
                self.fault(Fault::new(span, message).help(help))
            }
        }
    }

    fn repository(&mut self, raw: raw::Item<raw::ApkRepository>) -> Option<ApkRepository> {
        let (url, tag, allow_unsigned) = match raw.value {
            Form::Short(text) => (Spanned { value: text, span: raw.span }, None, false),
            Form::Long(long) => (long.url, long.tag, long.allow_unsigned == Some(true)),
        };
        let place = self.repository_place(url);
        let tag = match tag {
            None => None,
            Some(tag) => Some(self.tag(tag)?),
        };
        Some(ApkRepository { place: place?, tag, allow_unsigned })
    }

    fn repository_place(&mut self, Spanned { value, span }: Spanned<String>) -> Option<ApkPlace> {
        if value.starts_with('@') {
            let message = format!("`{}` is not a URL and no directory", shown(&value));
            let help = "a repository with a tag is written {url: https://…, tag: edge}";
            return self.fault(Fault::new(span, message).help(help));
        }
        if !value.contains("://") {
            return self.host_path(value, span).map(ApkPlace::Directory);
        }
        let url = self.url(value, span)?;
        let path = url.path_and_query();
        let problem = match path {
            _ if path.contains('?') => "has a query, which no repository has",
            _ if path.ends_with(".tar.gz") => "is an index, not a repository",
            _ => return Some(ApkPlace::Url(url)),
        };
        let help = "name the directory that has one for each architecture, such as \
                    https://mirror.example.com/alpine/v3.22/main";
        self.fault(Fault::new(span, format!("`{}` {problem}", url.shown())).help(help))
    }

    fn tag(&mut self, Spanned { value, span }: Spanned<String>) -> Option<String> {
        let is_tag = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        if !value.is_empty() && value.bytes().all(is_tag) {
            return Some(value);
        }
        let message = format!("`{}` is not a tag", shown(&value));
        let help = "write a word of letters, digits, `-`, `_` and `.`, without `@`";
        self.fault(Fault::new(span, message).help(help))
    }

    /// Records tags that no repository has.
    fn tags(&mut self, wishes: &[(Dependency, Span)], repositories: &[ApkRepository]) {
        let known = || repositories.iter().filter_map(|repository| repository.tag.as_deref());
        for (wish, span) in wishes {
            let Some(tag) = wish.tag.as_deref() else { continue };
            if known().any(|known| known == tag) {
                continue;
            }
            let fault = Fault::new(*span, format!("no repository has the tag `{}`", shown(tag)));
            self.faults.push(match known().next() {
                None => fault.help("give one of them a `tag`"),
                Some(_) => fault.help(format!("the tags are {}", list_of(known()))),
            });
        }
    }

    fn key(&mut self, raw: raw::Item<raw::ApkKey>) -> Option<ApkKeys> {
        let span = raw.span;
        let (file, url, fingerprint) = match raw.value {
            Form::Short(text) => (Some(Spanned { value: text, span }), None, None),
            Form::Long(long) => (long.file, long.url, long.fingerprint),
        };
        let is_pinned = fingerprint.is_some();
        let fingerprint = match fingerprint {
            None => None,
            Some(text) => Some(self.sha256(text.value, text.span)?),
        };
        let place = match (file, url) {
            (Some(file), None) => ApkKeyPlace::Files(self.key_files(file)?),
            (None, Some(url)) if is_pinned => ApkKeyPlace::Url(self.url(url.value, url.span)?),
            (None, Some(url)) => {
                let fault = Fault::new(url.span, "the `url` of a key needs a `fingerprint`");
                return self.fault(fault.help(
                    "the SHA-256 of the key as DER; `openssl pkey -pubin -in FILE -outform DER | \
                     sha256sum` prints it of a file that you trust",
                ));
            }
            _ => {
                let fault = Fault::new(span, "a key has either a `file` or a `url`");
                return self.absent(span, fault);
            }
        };
        Some(ApkKeys { place, fingerprint })
    }

    fn key_files(&mut self, file: Spanned<String>) -> Option<String> {
        let span = file.span;
        if !self.is_glob(&file) {
            return None;
        }
        let path = self.host_path(file.value, span)?;
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", &path));
        if directory.contains(['*', '?', '[', '{']) || name.is_empty() {
            let message = format!("`{}` names no files", shown(&path));
            let help = "write a path; its last part may have a glob, such as ./keys/*.rsa.pub";
            return self.fault(Fault::new(span, message).help(help));
        }
        Some(path)
    }
}
