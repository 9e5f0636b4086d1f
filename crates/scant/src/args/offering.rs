//! Parsers that offer words to shells and read more than these.

use std::sync::LazyLock;

use clap::builder::{PossibleValue, TypedValueParser};
use scant_core::rules::check::Allow;
use scant_core::words::{Check, Platform};

/// The names of all platforms, which clap wants to borrow for good.
static PLATFORMS: LazyLock<Vec<String>> =
    LazyLock::new(|| Platform::all().map(|platform| platform.to_string()).collect());

/// A parser, and the words that completion offers for what it reads.
#[derive(Clone)]
pub(super) struct Offering<T> {
    read: fn(&str) -> Result<T, String>,
    words: fn() -> Vec<&'static str>,
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Offering<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<T, clap::Error> {
        TypedValueParser::parse_ref(&self.read, command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.words)().into_iter().map(PossibleValue::new)))
    }
}

/// `NAME[:GLOB]`; offers the names of checks.
pub(super) fn allow() -> Offering<Allow> {
    Offering { read: parse_allow, words: || Check::all().map(Check::name).collect() }
}

/// `linux/ARCHITECTURE[/VARIANT]`; offers all that scant knows.
pub(super) fn platform() -> Offering<Platform> {
    let read = |text: &str| text.parse::<Platform>().map_err(|error| error.to_string());
    Offering { read, words: || PLATFORMS.iter().map(String::as_str).collect() }
}

/// `METHOD[:LEVEL]`; offers the methods. What it means is read with the outputs in view.
pub(super) fn compression() -> Offering<String> {
    Offering { read: |text| Ok(text.to_string()), words: || vec!["gzip", "zstd", "none"] }
}

fn parse_allow(text: &str) -> Result<Allow, String> {
    let (name, path) = match text.split_once(':') {
        Some((name, path)) => (name, Some(path)),
        None => (text, None),
    };
    match Check::of_name(name) {
        Some(check) if path.is_none_or(|path| path.starts_with('/')) => {
            Ok(Allow { check, path: path.map(str::to_string) })
        }
        Some(_) => Err("a glob of paths starts with `/`".into()),
        None => {
            let names: Vec<_> = Check::all().map(Check::name).collect();
            Err(format!("there is no such check; there are {}", names.join(", ")))
        }
    }
}
