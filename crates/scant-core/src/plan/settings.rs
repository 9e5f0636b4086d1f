//! The image's settings: into the words of OCI, and held against the tree.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::fault::Severity;
use super::planner::Planner;
use super::tree_view::Seen;
use crate::formats::manifest::{self, ImageSettings, Probe, Span};
use crate::formats::oci::{Empty, Healthcheck, RunConfig};

/// How a container of the image is run, as the config says it.
pub fn run_config(settings: &ImageSettings) -> RunConfig {
    let list =
        |list: &Option<manifest::Spanned<Vec<_>>>| list.as_ref().map(|list| list.value.clone());
    RunConfig {
        user: settings.user.as_ref().map(|user| user.value.clone()),
        exposed_ports: settings.expose.iter().map(|port| (port.to_string(), Empty {})).collect(),
        env: settings.env.iter().map(|(name, value)| format!("{name}={value}")).collect(),
        entrypoint: list(&settings.entrypoint),
        cmd: list(&settings.cmd),
        volumes: settings.volumes.iter().map(|path| (path.to_string(), Empty {})).collect(),
        working_dir: settings.workdir.as_ref().map(|path| path.to_string()),
        labels: settings.labels.clone(),
        stop_signal: settings.stopsignal.clone(),
        healthcheck: settings.healthcheck.as_ref().map(|check| healthcheck(&check.value)),
        ..RunConfig::default()
    }
}

fn healthcheck(check: &manifest::Healthcheck) -> Healthcheck {
    let nanoseconds = |time: Option<u64>| time.map(|time| i64::try_from(time).unwrap_or(i64::MAX));
    Healthcheck {
        test: check.test.to_list(),
        interval: nanoseconds(check.interval),
        timeout: nanoseconds(check.timeout),
        start_period: nanoseconds(check.start_period),
        start_interval: nanoseconds(check.start_interval),
        retries: check.retries.map(i64::from),
        ..Healthcheck::default()
    }
}

impl Planner<'_> {
    /// Whether what the settings name is in the image.
    pub(super) fn check_settings(&mut self) {
        let image = &self.request.manifest.image;
        // With an entrypoint, `cmd` is its arguments.
        let command = [&image.entrypoint, &image.cmd].into_iter().flatten().find(|c| !c.is_empty());
        match command {
            Some(command) => self.check_program(command.span, &command.value[0], "is started"),
            None => {
                let text =
                    "neither `entrypoint` nor `cmd` is set: `docker run` needs a program then";
                self.find(None, Severity::Notice, text.into());
            }
        }
        if let Some(check) = &image.healthcheck {
            let program = match &check.value.test {
                Probe::None => None,
                Probe::Cmd(words) => words.first().map(String::as_str),
                Probe::Shell(_) => Some("/bin/sh"),
            };
            if let Some(program) = program {
                self.check_program(check.span, program, "runs the health check");
            }
        }
    }

    /// Warns when a runtime would not start the program `name`.
    fn check_program(&mut self, span: Span, name: &str, what: &str) {
        let candidates = match name.contains('/') {
            true => Vec::from([self.absolute(name.as_bytes())]),
            false => {
                let directories = self.search_path().into_iter();
                directories.map(|dir| [&dir, &b"/"[..], name.as_bytes()].concat()).collect()
            }
        };
        let found = candidates.iter().find_map(|path| match self.placer.seen(path) {
            Some((_, Seen::Node(node))) => Some(node.meta.mode),
            _ => None,
        });
        let fault = match found {
            Some(mode) if mode.is_executable() => return,
            Some(mode) => format!("cannot be executed: its mode is {mode}"),
            None if name.contains('/') => "is not in the image".into(),
            None => "is in no directory of `PATH` in the image".into(),
        };
        self.find(Some(span), Severity::Warning, format!("`{name}` {what} and {fault}"));
    }
}
