//! Checks `layers`.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Checker;
use crate::formats::manifest::raw;
use crate::formats::manifest::{Fault, LayerGroup, Layers, Selector, Span, Spanned};
use crate::formats::yaml::shown;
use crate::words::InputName;

/// Names of layers are shown beside paths.
const LONGEST_NAME: usize = 64;

impl Checker {
    pub(super) fn layers(&mut self, raw: Option<Spanned<raw::Layers>>) -> Layers {
        let Some(Spanned { value, span }) = raw else { return Layers::Single };
        let count = match &value {
            raw::Layers::Rule(raw::LayerRule::ByInput) => self.inputs.len(),
            raw::Layers::Rule(_) => 0,
            raw::Layers::Groups(groups) => groups.len(),
        };
        if count >= Layers::MOST {
            let most = Layers::MOST;
            let message = format!("{} layers are more than engines take", count + 1);
            let help = format!("at most {most}, the last one for the rest included");
            self.faults.push(Fault::new(span, message).help(help));
        }
        match value {
            raw::Layers::Rule(raw::LayerRule::Single) => Layers::Single,
            raw::Layers::Rule(raw::LayerRule::ByInput) => Layers::ByInput,
            raw::Layers::Rule(raw::LayerRule::ByPackage) => Layers::ByPackage(span),
            raw::Layers::Groups(groups) if groups.is_empty() => Layers::Single,
            raw::Layers::Groups(groups) => {
                self.check_names(&groups);
                Layers::Groups(self.all(groups, Self::layer_group))
            }
        }
    }

    fn check_names(&mut self, groups: &[Spanned<raw::LayerGroup>]) {
        let mut first = BTreeMap::<&str, Span>::new();
        for name in groups.iter().map(|group| &group.value.name) {
            let fault = |message| Fault::new(name.span, message);
            if name.value == Layers::REST {
                let message = format!("`{}` is the name of the last layer", Layers::REST);
                let help = "it takes what no other layer takes and need not be listed";
                self.faults.push(fault(message).help(help));
            } else if !is_name(name) {
                let message = format!("`{}` cannot name a layer", shown(name));
                self.faults.push(fault(message).help(format!(
                    "write letters, digits, `.`, `_` and `-`, beginning with a letter or digit, at \
                     most {LONGEST_NAME} of them"
                )));
            } else if let Some(first) = first.insert(name, name.span) {
                let message = format!("the layer `{}` is there twice", name.value);
                self.faults.push(fault(message).also(first, "first here"));
            }
        }
    }

    fn layer_group(&mut self, raw: Spanned<raw::LayerGroup>) -> Option<LayerGroup> {
        let Spanned { value: raw, span } = raw;
        let mut takes = Vec::new();
        let at = |span, value| Spanned { value, span };
        if raw.packages.is_empty() && raw.paths.is_empty() && raw.inputs.is_empty() {
            let message = format!("the layer `{}` takes nothing", shown(&raw.name));
            let help = "say what goes into it by `packages`, `paths` or `inputs`";
            return self.absent(span, Fault::new(span, message).help(help));
        }
        for glob in raw.packages {
            if self.is_glob(&glob) {
                takes.push(at(glob.span, Selector::Package(glob.value)));
            }
        }
        for glob in raw.paths {
            if self.is_glob(&glob) && self.begins_as_a_path(&glob) {
                takes.push(at(glob.span, Selector::Path(glob.value)));
            }
        }
        for name in raw.inputs {
            if self.inputs.iter().any(|input| input.as_str() == name.value) {
                takes.push(at(name.span, Selector::Input(InputName::new(&name))));
            } else {
                self.unknown_input::<()>(&name, name.span, String::new());
            }
        }
        Some(LayerGroup { span, name: raw.name.value, takes })
    }

    /// Whether a glob can match a path of the image at all.
    pub(super) fn begins_as_a_path(&mut self, glob: &Spanned<String>) -> bool {
        let start = glob.trim_start_matches('!');
        if start.starts_with(['/', '{']) || start.starts_with("**") {
            return true;
        }
        let message = format!("`{}` matches nothing", shown(glob));
        let help = "paths of the image begin with a slash";
        self.faults.push(Fault::new(glob.span, message).help(help));
        false
    }
}

/// Whether a word can name a layer.
fn is_name(word: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    word.starts_with(|c: char| c.is_ascii_alphanumeric())
        && word.len() <= LONGEST_NAME
        && word.bytes().all(inner)
}
