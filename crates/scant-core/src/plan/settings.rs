//! The image's settings: into the words of OCI, and held against the tree.

use alloc::format;
use alloc::string::ToString;

use super::fault::Severity;
use super::tree_view::Seen;
use super::walk::Planner;
use crate::formats::manifest::{self, ImageSettings, Probe};
use crate::formats::oci::{Empty, Healthcheck, RunConfig};

/// How a container of the image is run, as the config says it.
pub fn run_config(settings: &ImageSettings) -> RunConfig {
    let list = |list: &Option<manifest::Spanned<alloc::vec::Vec<_>>>| {
        list.as_ref().map(|list| list.value.clone())
    };
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
        for program in [&image.entrypoint, &image.cmd].into_iter().flatten() {
            // Arguments of an entrypoint are no programs.
            let is_argument = core::ptr::eq(program, image.cmd.as_ref().unwrap_or(program))
                && image.entrypoint.is_some()
                && image.cmd.is_some();
            if !is_argument && let Some(name) = program.value.first() {
                self.check_program(program.span, name, "is started");
            }
        }
        if let Some(check) = &image.healthcheck
            && let Probe::Cmd(words) = &check.value.test
            && let Some(name) = words.first()
        {
            self.check_program(check.span, name, "is the health check");
        }
        if image.entrypoint.is_none() && image.cmd.is_none() {
            let text = "neither `entrypoint` nor `cmd` is set: `docker run` needs a program then";
            self.find(None, Severity::Notice, text.into());
        }
    }

    fn check_program(&mut self, span: manifest::Span, name: &str, what: &str) {
        // A name without a slash is searched for in PATH by the runtime.
        if name.starts_with('/')
            && !matches!(self.placer.seen(name.as_bytes()), Some((_, Seen::Node(_))))
        {
            let text = format!("`{name}` {what} and is not in the image");
            self.find(Some(span), Severity::Warning, text);
        }
    }
}
