//! Checks `input` and `inputs`.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Checker;
use crate::formats::manifest::raw;
use crate::formats::manifest::{
    Backend, BuildrootMode, Fault, InputDeclaration, InputPath, Span, Spanned,
};
use crate::formats::yaml::{Entries, Form, shown};
use crate::words::InputName;

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
        let backend = match (raw.backend, &raw.mode) {
            (raw::Backend::Buildroot, mode) => Backend::Buildroot {
                mode: match mode.as_ref().map(|mode| mode.value) {
                    None | Some(raw::BuildrootMode::Staging) => BuildrootMode::Staging,
                    Some(raw::BuildrootMode::Target) => BuildrootMode::Target,
                },
            },
            (raw::Backend::Sysroot, _) => Backend::Sysroot,
            (raw::Backend::Host, _) => Backend::Host,
        };
        if let (Some(mode), Backend::Sysroot | Backend::Host) = (&raw.mode, backend) {
            let message = format!("an input with backend `{}` has no mode", backend.as_str());
            self.faults.push(Fault::new(mode.span, message).help("leave it out"));
        }
        let path = match (raw.path, backend) {
            (Some(path), _) => self.input_path(path)?,
            (None, Backend::Host) => InputPath::One("/".into()),
            (None, _) => {
                let message =
                    format!("an input with backend `{}` needs a `path`", backend.as_str());
                return self.absent(span, Fault::new(span, message));
            }
        };
        Some(InputDeclaration { span, name, backend, path })
    }

    fn input_path(&mut self, raw: Spanned<Form<raw::Paths>>) -> Option<InputPath> {
        match raw.value {
            Form::Short(path) => self.host_path(path, raw.span).map(InputPath::One),
            Form::Long(paths) => {
                let raw::Paths(entries) = *paths;
                let mut paths = BTreeMap::new();
                let mut first = BTreeMap::<_, Span>::new();
                for (key, path) in entries.0 {
                    let platform = self.platform(&key.value, key.span);
                    let path = self.host_path(path.value, path.span);
                    let (Some(platform), Some(path)) = (platform, path) else { continue };
                    if let Some(first) = first.insert(platform, key.span) {
                        let message = format!("the platform `{platform}` is there twice");
                        self.faults.push(Fault::new(key.span, message).also(first, "first here"));
                    }
                    paths.insert(platform, path);
                }
                if paths.is_empty() {
                    return self.fault(Fault::new(raw.span, "no platform has a path here"));
                }
                Some(InputPath::PerPlatform(paths))
            }
        }
    }

    fn host_path(&mut self, path: String, span: Span) -> Option<String> {
        if path.is_empty() {
            return self.fault(Fault::new(span, "the path is empty"));
        }
        self.without_nul(path, span)
    }
}
