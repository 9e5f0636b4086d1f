//! From the raw manifest to valid values: paths, names, references. All faults are collected; what
//! has one is left out of the result, which is then not used.

mod accounts;
mod checks;
mod duration;
mod entries;
mod identity;
mod image;
mod inputs;
mod layers;
mod packages;
mod reference;
mod signal;
mod suggestions;
mod tests;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

pub(super) use reference::halves;

use super::raw;
use super::{Accounts, Fault, LdSoCache, Manifest, Span, Spanned};
use crate::formats::yaml::{Entries, Text, shown};
use crate::words::{InputName, Platform, PlatformError, TreePath};

/// Linux's `PATH_MAX`.
const PATH_LIMIT: usize = 4096;

/// Which sections are whole. In one that lost something to an earlier fault a name may be missing
/// that the text has, so that a reference to it is not called wrong.
#[derive(Clone, Copy)]
pub(super) struct Whole {
    pub(super) inputs: bool,
    pub(super) accounts: bool,
}

/// The valid manifest, and all faults beside the `earlier` ones.
pub(super) fn check(raw: raw::Manifest, whole: Whole, earlier: &[Fault]) -> (Manifest, Vec<Fault>) {
    let mut checker = Checker {
        faults: Vec::new(),
        inputs: inputs::names(&raw),
        accounts: Accounts::default(),
        whole,
        has_packages: !raw.packages.is_empty(),
        earlier: earlier.iter().map(|fault| fault.span).collect(),
    };
    let inputs = checker.inputs(raw.input, raw.inputs);
    let faults = checker.faults.len();
    checker.accounts = checker.accounts(raw.accounts.unwrap_or_default());
    checker.whole.accounts &= faults == checker.faults.len();
    let manifest = Manifest {
        inputs,
        binaries: checker.all(raw.binaries, Checker::binary),
        data: checker.all(raw.data, Checker::data),
        packages: checker.all(raw.packages, Checker::package),
        directories: checker.all(raw.directories, Checker::directory),
        symlinks: checker.all(raw.symlinks, Checker::symlink),
        hardlinks: checker.all(raw.hardlinks, Checker::hard_link),
        image: checker.image(raw.image.unwrap_or_default()),
        platforms: checker.platforms(raw.platforms),
        ld_so_cache: match raw.ld_so_cache {
            None | Some(raw::LdSoCache::Auto) => LdSoCache::Auto,
            Some(raw::LdSoCache::Always) => LdSoCache::Always,
            Some(raw::LdSoCache::Never) => LdSoCache::Never,
        },
        package_database: raw.package_database.filter(|asked| asked.value).map(|asked| asked.span),
        layers: checker.layers(raw.layers),
        suggestions: checker.suggestions(raw.suggestions),
        checks: checker.checks(raw.checks),
        tests: checker.all(raw.tests, Checker::tests),
        accounts: checker.accounts,
    };
    (manifest, checker.faults)
}

/// What the checks of all sections share.
struct Checker {
    faults: Vec<Fault>,
    /// The names of declared inputs.
    inputs: Vec<InputName>,
    accounts: Accounts,
    whole: Whole,
    /// Whether packages are taken whole, which may have accounts of their own.
    has_packages: bool,
    /// Where the text has faults already.
    earlier: Vec<Span>,
}

impl Checker {
    /// Records a fault; what has it is none.
    fn fault<T>(&mut self, fault: Fault) -> Option<T> {
        self.faults.push(fault);
        None
    }

    /// Records that an item lacks something, unless it lost it to an earlier fault.
    fn absent<T>(&mut self, item: Span, fault: Fault) -> Option<T> {
        if self.earlier.iter().all(|earlier| !item.contains(earlier)) {
            self.faults.push(fault);
        }
        None
    }

    fn all<R, T>(&mut self, raw: Vec<R>, check: fn(&mut Self, R) -> Option<T>) -> Vec<T> {
        raw.into_iter().filter_map(|item| check(self, item)).collect()
    }

    fn tree_path(&mut self, text: &str, span: Span) -> Option<TreePath> {
        if text.len() > PATH_LIMIT {
            let message = format!("a path of more than {PATH_LIMIT} bytes");
            return self.fault(Fault::new(span, message));
        }
        match TreePath::parse(text) {
            Ok(path) => Some(path),
            Err(error) => self.fault(Fault::new(span, error.to_string())),
        }
    }

    /// A text that the kernel ends at a NUL byte.
    fn without_nul(&mut self, text: String, span: Span) -> Option<String> {
        if text.contains('\0') {
            return self.fault(Fault::new(span, format!("`{}` contains a NUL byte", shown(&text))));
        }
        Some(text)
    }

    /// A mapping of free texts, whose keys `bad` finds nothing to say against.
    fn texts(
        &mut self,
        entries: Entries<Spanned<Text>>,
        bad: impl Fn(&str) -> Option<Fault>,
    ) -> BTreeMap<String, String> {
        let mut texts = BTreeMap::new();
        for (key, value) in entries.0 {
            let fault = bad(&key.value).map(|fault| Fault { span: key.span, ..fault });
            let value = self.without_nul(value.value.0, value.span);
            match (fault, value) {
                (Some(fault), _) => self.faults.push(fault),
                (None, Some(value)) => drop(texts.insert(key.value, value)),
                (None, None) => {}
            }
        }
        texts
    }

    fn platforms(&mut self, raw: Vec<Spanned<String>>) -> Vec<Platform> {
        let mut seen = BTreeMap::new();
        let mut platforms = Vec::new();
        for text in raw {
            let Some(platform) = self.platform(&text.value, text.span) else { continue };
            match seen.insert(platform, text.span) {
                None => platforms.push(platform),
                Some(first) => self.faults.push(
                    Fault::new(text.span, format!("the platform `{platform}` is there twice"))
                        .also(first, "first here"),
                ),
            }
        }
        platforms
    }

    fn platform(&mut self, text: &str, span: Span) -> Option<Platform> {
        match text.parse::<Platform>() {
            Ok(platform) => Some(platform),
            Err(_) => {
                let error = PlatformError { text: shown(text) };
                self.fault(Fault::new(span, error.to_string()))
            }
        }
    }
}
