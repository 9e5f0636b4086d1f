//! Checks where an input is: paths, URLs and images, for all platforms or for each its own.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};

use super::super::Checker;
use crate::formats::image_reference::{ImageReference, ReferenceError};
use crate::formats::manifest::raw;
use crate::formats::manifest::{Backend, Fault, Location, PerPlatform, Span, Spanned};
use crate::formats::yaml::{Form, shown};
use crate::words::{Digest, Platform, Url};

/// What is written for all platforms, or for each.
type Raw = Spanned<Form<raw::ByPlatform>>;

/// Digests by platform, and where they are written.
type Digests = Spanned<PerPlatform<Digest>>;

impl Checker {
    /// Where a directory is. The host's is known.
    pub(super) fn directory_place(
        &mut self,
        raw: raw::Input,
        span: Span,
    ) -> Option<PerPlatform<Location>> {
        let directory = |path| Location::Path { path, sha256: None };
        match (raw.path, raw.backend) {
            (Some(path), _) => {
                let path = self.per_platform(path, "path", Self::host_path)?;
                Some(path.map(|_, path| directory(path)))
            }
            (None, raw::Backend::Host) => Some(PerPlatform::One(directory("/".into()))),
            (None, backend) => self.needs(backend, "a `path`", span),
        }
    }

    /// Where an archive is, and what its bytes are.
    pub(super) fn archive_place(
        &mut self,
        raw: raw::Input,
        span: Span,
    ) -> Option<PerPlatform<Location>> {
        let digests = raw.sha256.map(|raw| self.digests(raw));
        match (raw.path, raw.url) {
            (Some(path), Some(url)) => {
                let fault = Fault::new(url.span, "`path` and `url` cannot both be given");
                self.fault(
                    fault
                        .help("leave out the one that is not meant")
                        .also(path.span, "the other one"),
                )
            }
            (Some(path), None) => {
                let paths = self.per_platform(path, "path", Self::host_path)?;
                let Some(digests) = digests else {
                    return Some(paths.map(|_, path| Location::Path { path, sha256: None }));
                };
                let digests = digests?;
                self.same_platforms(&paths, &digests, "path")?;
                Some(paths.map(|platform, path| Location::Path {
                    path,
                    sha256: digests.value.get(platform).copied(),
                }))
            }
            (None, Some(url)) => self.remote_place(url, digests),
            (None, None) => self.needs(raw.backend, "a `path` or a `url`", span),
        }
    }

    /// One file from the network.
    pub(super) fn http(
        &mut self,
        raw: raw::Input,
        span: Span,
    ) -> Option<(Backend, PerPlatform<Location>)> {
        let digests = raw.sha256.map(|raw| self.digests(raw));
        let Some(url) = raw.url else { return self.needs(raw.backend, "a `url`", span) };
        let written = url.span;
        let place = self.remote_place(url, digests);
        let name = match raw.name {
            Some(name) => self.file_name(name.value, name.span),
            None => self.name_of(place.as_ref()?, written),
        }?;
        let is_executable = raw.executable.is_some_and(|executable| executable.value);
        Some((Backend::Http { name, is_executable }, place?))
    }

    /// The image whose files are taken.
    pub(super) fn image_place(
        &mut self,
        raw: raw::Input,
        span: Span,
    ) -> Option<PerPlatform<Location>> {
        let Some(image) = raw.image else { return self.needs(raw.backend, "an `image`", span) };
        let images = self.per_platform(image, "image", Self::image_reference)?;
        Some(images.map(|_, image| Location::Image(image)))
    }

    fn remote_place(
        &mut self,
        url: Raw,
        digests: Option<Option<Digests>>,
    ) -> Option<PerPlatform<Location>> {
        let span = url.span;
        let urls = self.per_platform(url, "url", Self::url)?;
        let Some(digests) = digests else {
            let first = urls.values().next().map(Url::shown).unwrap_or_default();
            let help = format!(
                "`curl -sSfL {first} | sha256sum` prints it; compare it with what the publisher says"
            );
            return self.absent(span, Fault::new(span, "a `url` needs a `sha256`").help(help));
        };
        let digests = digests?;
        self.same_platforms(&urls, &digests, "url")?;
        urls.zip(&digests.value, |url, sha256| Location::Url { url, sha256: *sha256 })
    }

    pub(super) fn needs<T>(&mut self, backend: raw::Backend, what: &str, span: Span) -> Option<T> {
        let message = format!("an input with backend `{}` needs {what}", backend.as_str());
        self.absent(span, Fault::new(span, message))
    }

    /// Records digests that are of other platforms than the places.
    fn same_platforms<T>(
        &mut self,
        places: &PerPlatform<T>,
        digests: &Digests,
        what: &str,
    ) -> Option<()> {
        let span = digests.span;
        match (places, &digests.value) {
            (PerPlatform::One(_), PerPlatform::One(_)) => Some(()),
            (PerPlatform::One(_), PerPlatform::Each(_)) => {
                let message = format!("one `{what}` for all platforms has one `sha256`");
                self.fault(Fault::new(span, message))
            }
            (PerPlatform::Each(_), PerPlatform::One(_)) => {
                let message = format!("each platform has its own `{what}` and needs its `sha256`");
                let help = "write a mapping from platforms, such as `linux/arm64: 0123…`";
                self.fault(Fault::new(span, message).help(help))
            }
            (PerPlatform::Each(places), PerPlatform::Each(digests)) => {
                let lacking = places.keys().filter(|platform| !digests.contains_key(platform));
                let others = digests.keys().filter(|platform| !places.contains_key(platform));
                let faults = lacking
                    .map(|platform| format!("`{platform}` has a `{what}` but no `sha256`"))
                    .chain(others.map(|other| format!("`{other}` has no `{what}`")));
                let before = self.faults.len();
                self.faults.extend(faults.map(|message| Fault::new(span, message)));
                (before == self.faults.len()).then_some(())
            }
        }
    }

    fn digests(&mut self, raw: Raw) -> Option<Digests> {
        let span = raw.span;
        let value = self.per_platform(raw, "sha256", Self::sha256)?;
        Some(Spanned { value, span })
    }

    /// Something for all platforms, or for each its own.
    fn per_platform<T>(
        &mut self,
        raw: Raw,
        what: &str,
        check: fn(&mut Self, String, Span) -> Option<T>,
    ) -> Option<PerPlatform<T>> {
        let entries = match raw.value {
            Form::Short(text) => return check(self, text, raw.span).map(PerPlatform::One),
            Form::Long(entries) => entries.0.0,
        };
        if entries.is_empty() {
            return self.fault(Fault::new(raw.span, format!("no platform has a {what} here")));
        }
        let mut each = BTreeMap::new();
        let mut first = BTreeMap::<Platform, Span>::new();
        let before = self.faults.len();
        for (key, text) in entries {
            let platform = self.platform(&key.value, key.span);
            let value = check(self, text.value, text.span);
            let Some(platform) = platform else { continue };
            if let Some(first) = first.insert(platform, key.span) {
                let message = format!("the platform `{platform}` is there twice");
                self.faults.push(Fault::new(key.span, message).also(first, "first here"));
            }
            each.extend(value.map(|value| (platform, value)));
        }
        (before == self.faults.len()).then_some(PerPlatform::Each(each))
    }

    pub(super) fn host_path(&mut self, path: String, span: Span) -> Option<String> {
        if path.is_empty() {
            return self.fault(Fault::new(span, "the path is empty"));
        }
        self.without_nul(path, span)
    }

    pub(super) fn url(&mut self, text: String, span: Span) -> Option<Url> {
        match text.parse() {
            Ok(url) => Some(url),
            Err(error) => {
                let error = crate::words::UrlError { text: shown(&error.text), ..error };
                self.fault(Fault::new(span, error.to_string()))
            }
        }
    }

    pub(super) fn sha256(&mut self, text: String, span: Span) -> Option<Digest> {
        let hex = text.strip_prefix("sha256:").unwrap_or(&text);
        match Digest::from_hex(&hex.to_ascii_lowercase()) {
            Some(digest) => Some(digest),
            None => {
                let message = format!("`{}` is not a SHA-256 digest", shown(&text));
                self.fault(Fault::new(span, message).help("write its 64 hexadecimal digits"))
            }
        }
    }

    fn image_reference(&mut self, text: String, span: Span) -> Option<ImageReference> {
        let text = self.without_nul(text, span)?;
        let fault = match text.parse::<ImageReference>() {
            Ok(ImageReference::Rootfs { .. }) => {
                Fault::new(span, format!("`{}` is no image but files", shown(&text)))
                    .help("a directory is an input with `backend: sysroot`")
            }
            Ok(ImageReference::Tar { .. }) => {
                Fault::new(span, format!("`{}` is no image but files", shown(&text)))
                    .help("an archive of files is an input with `backend: tar`")
            }
            Ok(image) => return Some(image),
            Err(ReferenceError::NoTransport { .. } | ReferenceError::UnknownTransport { .. }) => {
                let text = shown(&text);
                let message = format!("`{text}` begins with no transport that scant knows");
                Fault::new(span, message).help(format!(
                    "an image of a registry is written `docker://{text}`; others begin with oci:, \
                     oci-archive:, docker-archive: or docker-daemon:"
                ))
            }
            Err(error) => Fault::new(span, error.to_string()),
        };
        self.fault(fault)
    }

    fn file_name(&mut self, name: String, span: Span) -> Option<String> {
        if !is_file_name(&name) {
            let message = format!("`{}` cannot name a file", shown(&name));
            return self.fault(Fault::new(span, message).help("write a name without `/`"));
        }
        self.without_nul(name, span)
    }

    /// The name of the file that all these URLs end in.
    fn name_of(&mut self, place: &PerPlatform<Location>, span: Span) -> Option<String> {
        let mut names: alloc::vec::Vec<_> = place
            .values()
            .filter_map(|place| match place {
                Location::Url { url, .. } => Some(url.file_name()),
                Location::Path { .. } | Location::Image(_) | Location::Archives { .. } => None,
            })
            .collect();
        names.dedup();
        match names[..] {
            [name] if is_file_name(name) => Some(name.into()),
            [_] => {
                let fault = Fault::new(span, "the URL does not end in the name of a file");
                self.fault(fault.help("say what the file is called with `name`"))
            }
            _ => {
                let fault = Fault::new(span, "the URLs end in different names");
                self.fault(fault.help("say what the file is called with `name`"))
            }
        }
    }
}

fn is_file_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && !name.contains('/') && name.len() <= 255
}

impl<T> PerPlatform<T> {
    fn map<U>(self, mut to: impl FnMut(Option<Platform>, T) -> U) -> PerPlatform<U> {
        match self {
            Self::One(one) => PerPlatform::One(to(None, one)),
            Self::Each(each) => {
                let each = each.into_iter();
                PerPlatform::Each(each.map(|(key, value)| (key, to(Some(key), value))).collect())
            }
        }
    }

    /// Both together; none if they are not of the same platforms.
    fn zip<O, U>(self, other: &PerPlatform<O>, to: impl Fn(T, &O) -> U) -> Option<PerPlatform<U>> {
        match self {
            Self::One(one) => Some(PerPlatform::One(to(one, other.get(None)?))),
            Self::Each(each) => {
                let pair = |(key, value)| Some((key, to(value, other.get(Some(key))?)));
                each.into_iter().map(pair).collect::<Option<_>>().map(PerPlatform::Each)
            }
        }
    }
}
