//! How an image is run and described: what goes into its config and annotations.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::Spanned;
use crate::words::TreePath;

/// The `image` section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageSettings {
    /// The program and its first arguments.
    pub entrypoint: Option<Spanned<Vec<String>>>,
    /// Arguments that a user may replace.
    pub cmd: Option<Spanned<Vec<String>>>,
    /// Environment variables: names are not empty and hold no `=`.
    pub env: BTreeMap<String, String>,
    /// The directory it starts in.
    pub workdir: Option<Spanned<TreePath>>,
    /// Whom it runs as, in numbers, `uid:gid`: Kubernetes' `runAsNonRoot` cannot tell from a name.
    pub user: Option<Spanned<String>>,
    /// Ports that it listens on, sorted, ranges written out.
    pub expose: Vec<Port>,
    /// Directories that get a volume.
    pub volumes: Vec<Spanned<TreePath>>,
    /// Labels of the config.
    pub labels: BTreeMap<String, String>,
    /// The signal that stops it: a name with `SIG`, or a number.
    pub stopsignal: Option<String>,
    /// How its health is told.
    pub healthcheck: Option<Spanned<Healthcheck>>,
    /// Annotations of the image manifest.
    pub annotations: BTreeMap<String, String>,
}

/// A port, shown as the config wants it: `80/tcp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Port {
    /// The number, not 0.
    pub number: u16,
    /// What is spoken on it.
    pub protocol: Protocol,
}

/// A transport protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Protocol {
    Tcp,
    Udp,
    Sctp,
}

/// How an image's health is told. Times are in nanoseconds, as in the config; none means the
/// engine's default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Healthcheck {
    /// What is run.
    pub test: Probe,
    /// Time between two runs.
    pub interval: Option<u64>,
    /// Time after which a run counts as failed.
    pub timeout: Option<u64>,
    /// Time during which failures do not count.
    pub start_period: Option<u64>,
    /// Time between two runs during the start period.
    pub start_interval: Option<u64>,
    /// Failures in a row that make it unhealthy.
    pub retries: Option<u32>,
}

/// What a health check runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// Nothing: a check of a base image is turned off.
    None,
    /// A program and its arguments; at least the program is there.
    Cmd(Vec<String>),
    /// A line for the image's shell.
    Shell(String),
}

impl Probe {
    /// The list as the config has it.
    pub fn to_list(&self) -> Vec<String> {
        match self {
            Self::None => alloc::vec!["NONE".into()],
            Self::Cmd(arguments) => {
                core::iter::once("CMD".into()).chain(arguments.iter().cloned()).collect()
            }
            Self::Shell(line) => alloc::vec!["CMD-SHELL".into(), line.clone()],
        }
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.protocol)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        })
    }
}
