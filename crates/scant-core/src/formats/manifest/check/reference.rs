//! Checks references to files, and where they go.

use alloc::format;
use alloc::string::String;

use super::Checker;
use super::inputs::is_name;
use crate::formats::manifest::{Destination, Fault, Reference, Span, Spanned};
use crate::formats::yaml::{list_of, nearest, shown};
use crate::words::InputName;

/// The two halves of `SOURCE:/destination`. The last `:/` divides them: a source may hold colons.
pub(in crate::formats::manifest) fn halves(text: &str) -> (&str, Option<&str>) {
    match text.rfind(":/") {
        Some(colon) => (&text[..colon], Some(&text[colon + 1..])),
        None => (text, None),
    }
}

impl Checker {
    pub(super) fn reference(&mut self, text: &str, span: Span) -> Option<Reference> {
        if text.is_empty() {
            return self.fault(Fault::new(span, "the name of a file is missing"));
        }
        if text.starts_with('/') {
            let message = format!("`{}` says no input", shown(text));
            let help =
                format!("declare an input with `backend: host` and write `HOST{}`", shown(text));
            return self.fault(Fault::new(span, message).help(help));
        }
        let (first, rest) = text.split_once('/').unwrap_or((text, ""));
        if self.inputs.iter().any(|input| input.as_str() == first) {
            let path = self.tree_path(&format!("/{rest}"), span)?;
            return Some(Reference::Input { input: InputName::new(first), path });
        }
        if is_name(first) {
            let hint = format!("; a file beside the manifest is written `./{}`", shown(text));
            return self.unknown_input(first, span, hint);
        }
        self.without_nul(text.into(), span).map(Reference::Beside)
    }

    /// Records that `name` is no input. `hint` is what else may have been meant.
    pub(super) fn unknown_input<T>(&mut self, name: &str, span: Span, hint: String) -> Option<T> {
        if !self.whole.inputs {
            return None;
        }
        let names = || self.inputs.iter().map(InputName::as_str).filter(|name| is_name(name));
        let mut help = match nearest(name, names()) {
            Some(near) => format!("did you mean `{near}`? "),
            None => String::new(),
        };
        help += &match names().count() {
            0 => "no input is declared".into(),
            _ => format!("declared inputs: {}", list_of(names())),
        };
        help += &hint;
        let message = format!("`{}` is not a declared input", shown(name));
        self.fault(Fault::new(span, message).help(help))
    }

    /// Where `from` goes; without `to`, to the same path. `place` is that of `from` in its `item`.
    pub(super) fn destination(
        &mut self,
        to: Option<Spanned<&str>>,
        from: &Reference,
        (place, item): (Span, Span),
    ) -> Option<Destination> {
        match (to, from) {
            (Some(Spanned { value, span }), _) => {
                let path = self.tree_path(value, span)?;
                Some(Destination { path, into: value.ends_with('/') })
            }
            (None, Reference::Input { path, .. }) => {
                Some(Destination { path: path.clone(), into: false })
            }
            (None, Reference::Beside(path)) => {
                let message = "a file beside the manifest needs a destination";
                let help = match path.split_once(':') {
                    Some((from, to)) => {
                        format!("destinations are absolute: `{}:/{}`", shown(from), shown(to))
                    }
                    None => "write `FROM:/path/in/the/image`, or `to` in the long form".into(),
                };
                self.absent(item, Fault::new(place, message).help(help))
            }
        }
    }
}
