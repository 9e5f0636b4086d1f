//! The only place that reads the environment and the current directory: once, at the start.

use std::path::PathBuf;

/// What scant looks at of the world it runs in.
pub(crate) struct Surroundings {
    /// `SOURCE_DATE_EPOCH`, as text.
    pub(crate) source_date_epoch: Option<String>,
    /// `DOCKER_HOST`.
    pub(crate) docker_host: Option<String>,
    /// The current directory.
    pub(crate) directory: PathBuf,
}

impl Surroundings {
    /// Reads them.
    pub(crate) fn read() -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            source_date_epoch: variable("SOURCE_DATE_EPOCH"),
            docker_host: variable("DOCKER_HOST"),
            directory: std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/")),
        }
    }
}
