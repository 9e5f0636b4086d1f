//! Checks `input` and `inputs`.

mod apk;
mod apt;
mod place;

use alloc::format;
use alloc::vec::Vec;

use super::Checker;
use crate::formats::manifest::raw;
use crate::formats::manifest::{Backend, BuildrootMode, Fault, InputDeclaration, Span, Spanned};
use crate::formats::yaml::{Entries, list_of, shown};
use crate::words::InputName;

/// Which keys an input of each backend has beside `backend`.
const KEYS: [(&str, &[&str]); 8] = [
    ("buildroot", &["mode", "path"]),
    ("sysroot", &["path"]),
    ("host", &["path"]),
    ("tar", &["path", "url", "sha256", "strip-components"]),
    ("http", &["url", "sha256", "name", "executable"]),
    ("oci", &["image"]),
    ("apt", &["packages", "sources", "recommends", "pins", "allow-unsigned"]),
    ("apk", &["packages", "repositories", "keys", "install-if", "allow-unsigned"]),
];

/// The names that references may start with, good or not.
pub(super) fn names(raw: &raw::Manifest) -> Vec<InputName> {
    let single = raw.input.iter().map(|input| InputName::new(default_name(input.backend)));
    let named = raw.inputs.iter().flat_map(|inputs| &inputs.0);
    single.chain(named.map(|(name, _)| InputName::new(&name.value))).collect()
}

/// What a single input is called: its backend in capitals.
fn default_name(backend: raw::Backend) -> &'static str {
    match backend {
        raw::Backend::Buildroot => "BUILDROOT",
        raw::Backend::Sysroot => "SYSROOT",
        raw::Backend::Host => "HOST",
        raw::Backend::Tar => "TAR",
        raw::Backend::Http => "HTTP",
        raw::Backend::Oci => "OCI",
        raw::Backend::Apt => "APT",
        raw::Backend::Apk => "APK",
    }
}

/// Whether a word is spelled as the name of an input.
pub(super) fn is_name(word: &str) -> bool {
    let inner = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    word.starts_with(|c: char| c.is_ascii_uppercase()) && word.bytes().all(inner)
}

impl Checker {
    pub(super) fn inputs(
        &mut self,
        single: Option<Spanned<raw::Input>>,
        named: Option<Spanned<Entries<Spanned<raw::Input>>>>,
    ) -> Vec<InputDeclaration> {
        if let (Some(single), Some(named)) = (&single, &named) {
            let (first, second) = if single.span < named.span {
                (single.span, named.span)
            } else {
                (named.span, single.span)
            };
            self.faults.push(
                Fault::new(second, "`input` and `inputs` cannot both be given")
                    .help("name all of them under `inputs`")
                    .also(first, "the other one"),
            );
        }
        let mut inputs = Vec::new();
        if let Some(input) = single {
            let name = InputName::new(default_name(input.backend));
            inputs.extend(self.input(name, input));
        }
        for (name, input) in named.map(|named| named.value.0).unwrap_or_default() {
            if !is_name(&name.value) {
                let message = format!("`{}` cannot name an input", shown(&name.value));
                self.faults.push(Fault::new(name.span, message).help(
                    "write capitals, digits, `_` and `-`, beginning with a letter, such as SYSROOT",
                ));
                self.whole.inputs = false;
            }
            inputs.extend(self.input(InputName::new(&name.value), input));
        }
        inputs
    }

    fn input(&mut self, name: InputName, raw: Spanned<raw::Input>) -> Option<InputDeclaration> {
        let Spanned { value: raw, span } = raw;
        self.foreign_keys(&raw);
        let (backend, place) = match raw.backend {
            raw::Backend::Buildroot => {
                let mode = match raw.mode.as_ref().map(|mode| mode.value) {
                    None | Some(raw::BuildrootMode::Staging) => BuildrootMode::Staging,
                    Some(raw::BuildrootMode::Target) => BuildrootMode::Target,
                };
                (Backend::Buildroot { mode }, self.directory_place(raw, span)?)
            }
            raw::Backend::Sysroot => (Backend::Sysroot, self.directory_place(raw, span)?),
            raw::Backend::Host => (Backend::Host, self.directory_place(raw, span)?),
            raw::Backend::Tar => {
                let strip_components = raw.strip_components.as_ref().map_or(0, |n| n.value);
                (Backend::Tar { strip_components }, self.archive_place(raw, span)?)
            }
            raw::Backend::Http => self.http(raw, span)?,
            raw::Backend::Oci => (Backend::Oci, self.image_place(raw, span)?),
            raw::Backend::Apt => self.apt(raw, span)?,
            raw::Backend::Apk => self.apk(raw, span)?,
        };
        Some(InputDeclaration { span, name, backend, place })
    }

    /// Records the keys that belong to other backends.
    fn foreign_keys(&mut self, raw: &raw::Input) {
        fn place<T>(key: &Option<Spanned<T>>) -> Option<Span> {
            key.as_ref().map(|key| key.span)
        }
        let given = [
            ("mode", place(&raw.mode)),
            ("path", place(&raw.path)),
            ("url", place(&raw.url)),
            ("sha256", place(&raw.sha256)),
            ("image", place(&raw.image)),
            ("strip-components", place(&raw.strip_components)),
            ("name", place(&raw.name)),
            ("executable", place(&raw.executable)),
            ("packages", place(&raw.packages)),
            ("sources", place(&raw.sources)),
            ("recommends", place(&raw.recommends)),
            ("pins", place(&raw.pins)),
            ("allow-unsigned", place(&raw.allow_unsigned)),
            ("repositories", place(&raw.repositories)),
            ("keys", place(&raw.keys)),
            ("install-if", place(&raw.install_if)),
        ];
        let backend = raw.backend.as_str();
        for (key, span) in given {
            let Some(span) = span else { continue };
            let has = |keys: &[&str]| keys.contains(&key);
            if KEYS.iter().any(|(name, keys)| *name == backend && has(keys)) {
                continue;
            }
            let owners = KEYS.iter().filter(|(_, keys)| has(keys)).map(|(name, _)| *name);
            let message = format!("an input with backend `{backend}` has no `{key}`");
            let help = format!("leave it out; it belongs to {}", list_of(owners));
            self.faults.push(Fault::new(span, message).help(help));
        }
    }
}

impl raw::Backend {
    /// The name in the manifest.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Buildroot => "buildroot",
            Self::Sysroot => "sysroot",
            Self::Host => "host",
            Self::Tar => "tar",
            Self::Http => "http",
            Self::Oci => "oci",
            Self::Apt => "apt",
            Self::Apk => "apk",
        }
    }
}
