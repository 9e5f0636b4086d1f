//! The only place that reads the environment and the current directory: once, at the start.

use std::path::PathBuf;

use crate::exit::Failure;

/// What scant looks at of the world it runs in.
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
                let text = format!("SOURCE_DATE_EPOCH is `{text}`");
                Failure::usage(text).hint(format_args!("it is a whole number from 0 to {LAST}"))
            }),
        }
    }
}
