//! Checks the packages that are taken whole.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Checker;
use crate::formats::manifest::raw;
use crate::formats::manifest::{Elf, Fault, Reference, Span, Spanned, WholePackage};
use crate::formats::yaml::{Form, shown};
use crate::words::InputName;

impl Checker {
    pub(super) fn package(&mut self, raw: raw::Item<raw::Package>) -> Option<WholePackage> {
        let Spanned { value, span } = raw;
        let raw = match value {
            Form::Long(raw) => raw,
            Form::Short(text) => {
                let (input, name) = self.package_name(&text, span)?;
                let (include, exclude) = (Vec::new(), Vec::new());
                let elf = Elf::default();
                return Some(WholePackage { span, input, name, include, exclude, elf, why: None });
            }
        };
        let named = self.package_name(&raw.from, raw.from.span);
        let include = self.globs_from_root(raw.include);
        let exclude = self.globs_from_root(raw.exclude);
        let elf = Elf::from(raw.elf);
        let (input, name) = named?;
        Some(WholePackage { span, input, name, include, exclude, elf, why: raw.why })
    }

    /// `INPUT/NAME`, where the name may be a glob.
    fn package_name(&mut self, text: &str, span: Span) -> Option<(InputName, Spanned<String>)> {
        let whole = |message: String| {
            Fault::new(span, message)
                .help("write the input, a slash, and the package's name: `DEBIAN/tzdata`")
        };
        let Reference::Input { input, .. } = self.reference(text, span)? else {
            return self.fault(whole(format!("`{}` is no package of an input", shown(text))));
        };
        let name = text.split_once('/').map_or("", |(_, name)| name);
        if name.is_empty() || name.contains('/') {
            return self.fault(whole(format!("`{}` is no name of a package", shown(text))));
        }
        let name = Spanned { value: name.into(), span };
        self.is_glob(&name).then_some((input, name))
    }

    /// Globs of paths, which may begin with a slash.
    fn globs_from_root(&mut self, globs: Vec<Spanned<String>>) -> Vec<Spanned<String>> {
        let relative = |glob: Spanned<String>| Spanned {
            value: glob.value.strip_prefix('/').unwrap_or(&glob.value).into(),
            span: glob.span,
        };
        let globs: Vec<_> = globs.into_iter().map(relative).collect();
        globs.into_iter().filter(|glob| self.is_glob(glob)).collect()
    }
}
