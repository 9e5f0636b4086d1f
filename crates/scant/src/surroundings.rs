//! The only place that reads the environment and the current directory: once, at the start.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use scant_core::words::Time;
use scant_io::sandbox;

use crate::exit::Failure;

/// What scant looks at of the world it runs in.
#[derive(Clone)]
pub(crate) struct Surroundings {
    source_date_epoch: Option<String>,
    /// Whether `NO_COLOR` is set.
    pub(crate) no_color: bool,
    /// `DOCKER_HOST`.
    pub(crate) docker_host: Option<String>,
    /// The current directory.
    pub(crate) directory: PathBuf,
    /// The directory for temporary files.
    pub(crate) temporary: PathBuf,
    /// The user's directory for what can be made again, if there is a user.
    pub(crate) cache: Option<PathBuf>,
    /// All variables whose names and values are UTF-8: what a user may hand on by name.
    pub(crate) variables: BTreeMap<String, String>,
    /// When scant was started.
    pub(crate) started: Time,
}

impl Surroundings {
    /// Reads them.
    pub(crate) fn read() -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            source_date_epoch: variable("SOURCE_DATE_EPOCH"),
            no_color: variable("NO_COLOR").is_some(),
            docker_host: variable("DOCKER_HOST"),
            directory: std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/")),
            temporary: std::env::temp_dir(),
            cache: cache(variable("XDG_CACHE_HOME"), variable("HOME")),
            variables: std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect(),
            started: now(),
        }
    }

    /// The one date of what is built, in seconds since 1970: `SOURCE_DATE_EPOCH`, else 0.
    /// <https://reproducible-builds.org/specs/source-date-epoch/>
    pub(crate) fn epoch(&self) -> Result<u64, Failure> {
        // The last second that ustar can write in its eleven octal digits.
        const LAST: u64 = (1 << 33) - 1;
        match &self.source_date_epoch {
            None => Ok(0),
            Some(text) => text.parse().ok().filter(|epoch| *epoch <= LAST).ok_or_else(|| {
                let text = format!("SOURCE_DATE_EPOCH is `{text}`, which is no date");
                let hint = "it counts the seconds since 1970-01-01: a whole number from 0 to";
                Failure::usage(text).hint(format_args!("{hint} {LAST}"))
            }),
        }
    }
}

/// The arguments of a process that was started to become a sandbox; none of any other. Nobody types
/// them, so that no command knows them.
pub(crate) fn of_sandbox() -> Option<impl Iterator<Item = OsString>> {
    let mut arguments = std::env::args_os().skip(1);
    (arguments.next()? == sandbox::ARGUMENT).then_some(arguments)
}

/// The directory of scant in the user's cache directory. Paths that are not absolute do not count.
/// <https://specifications.freedesktop.org/basedir-spec/latest/>
fn cache(cache_home: Option<String>, home: Option<String>) -> Option<PathBuf> {
    let absolute = |path: String| Some(PathBuf::from(path)).filter(|path| path.is_absolute());
    let home = || home.and_then(absolute).map(|home| home.join(".cache"));
    Some(cache_home.and_then(absolute).or_else(home)?.join("scant"))
}

/// The time now. A clock before 1970 makes all files new, and nothing is believed of them.
fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time { seconds: since.as_secs() as i64, nanoseconds: since.subsec_nanos() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_where_the_user_has_caches() {
        let case = |cache_home: &str, home: &str, expected: Option<&str>| {
            let set = |text: &str| Some(text.to_string()).filter(|text| !text.is_empty());
            assert_eq!(cache(set(cache_home), set(home)), expected.map(PathBuf::from));
        };
        case("/c", "/home/u", Some("/c/scant"));
        case("", "/home/u", Some("/home/u/.cache/scant"));
        case("relative", "/home/u", Some("/home/u/.cache/scant"));
        case("relative", "", None);
    }
}
