//! `image`, `layers` and `platforms`: how the image is run, described and divided.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{NOWHERE, Translator, distinct};
use crate::formats::apko::{At, Place};
use crate::formats::manifest::yaml_word as word;

/// What apko sets unless the file does.
const ENVIRONMENT: [(&str, &str); 2] = [
    ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/bin:/usr/sbin:/sbin:/bin"),
    ("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"),
];

impl Translator<'_> {
    pub(super) fn image(&mut self) {
        let configuration = self.configuration;
        self.draft.line("");
        self.draft.line("image:");
        self.entrypoint();
        if let Some(cmd) = &configuration.cmd {
            self.draft.item(format!("  cmd: {}", list(&cmd.value)), cmd.place);
        }
        self.environment();
        if let Some(At { value, place }) = &configuration.work_dir {
            self.draft.item(format!("  workdir: {}", word(value)), *place);
        }
        self.user();
        if let Some(At { value, place }) = &configuration.stop_signal {
            self.draft.item(format!("  stopsignal: {}", word(value)), *place);
        }
        let volumes = distinct(&configuration.volumes);
        let volumes = volumes.map(|at| (format!("    - {}", word(&at.value)), at.place));
        self.draft.section("  volumes:", volumes);
        let texts = self.annotations();
        for head in ["  labels:", "  annotations:"] {
            self.draft.section(head, texts.clone());
        }
    }

    fn entrypoint(&mut self) {
        let Some(entrypoint) = &self.configuration.entrypoint else { return };
        let supervisor = At {
            value: Vec::from(["/bin/s6-svscan".to_string(), "/sv".to_string()]),
            place: entrypoint.place,
        };
        let command = match &entrypoint.command {
            _ if entrypoint.is_service_bundle => Some(&supervisor),
            command => command.as_ref(),
        };
        if let Some(command) = command {
            let text = format!("  entrypoint: {}", list(&command.value));
            self.draft.item(text, command.place);
        }
    }

    fn environment(&mut self) {
        let set = &self.configuration.environment;
        let mut lines: BTreeMap<&str, (String, Option<Place>)> = ENVIRONMENT
            .iter()
            .map(|(name, value)| (*name, (format!("    {name}: {}", word(value)), None)))
            .collect();
        for (name, At { value, place }) in set {
            lines.insert(name, (format!("    {}: {}", word(name), word(value)), Some(*place)));
        }
        self.draft.line("  env:");
        for (text, place) in lines.into_values() {
            match place {
                Some(place) => self.draft.item(text, place),
                None => self.draft.line(text),
            }
        }
    }

    fn user(&mut self) {
        let Some(At { value: name, place }) = &self.configuration.run_as else { return };
        let is_known = name.bytes().all(|b| b.is_ascii_digit())
            || name == "root"
            || self.configuration.users.iter().any(|user| user.value.name == *name);
        if is_known {
            self.draft.item(format!("  user: {}", user(name)), *place);
            return;
        }
        self.draft.line(format!("  # user: {}", word(name)));
        let text = format!(
            "`{name}` is no user under `accounts`: apko takes its number from the /etc/passwd of a \
             package; write that number as `user`"
        );
        self.note(*place, text);
    }

    /// The lines of annotations, which apko writes as labels as well.
    fn annotations(&self) -> Vec<(String, Place)> {
        let mut texts = self.configuration.annotations.clone();
        // The repository with the commit: apko looks at the last part only if there is one.
        if let Some(At { value, place }) = &self.configuration.vcs_url
            && let Some((url, commit)) = value.split_once('@')
        {
            for (name, text) in [("source", url), ("revision", commit)] {
                let at = At { value: text.into(), place: *place };
                texts.insert(format!("org.opencontainers.image.{name}"), at);
            }
        }
        let line = |(key, at): (String, At<String>)| {
            (format!("    {}: {}", word(&key), word(&at.value)), at.place)
        };
        texts.into_iter().map(line).collect()
    }

    pub(super) fn layers(&mut self) {
        let Some(At { value: layering, place }) = &self.configuration.layering else { return };
        if layering.strategy != "origin" {
            let text = format!("the strategy of layers `{}` has no counterpart", layering.strategy);
            return self.note(*place, text);
        }
        self.draft.line("");
        self.draft.item("layers: by-package", *place);
        let budget = layering.budget.as_ref().map_or_else(String::new, |n| format!(" of {n}"));
        let text = format!(
            "layers by package, not by origin: one for each of the eight largest, whatever the \
             budget{budget}"
        );
        self.note(*place, text);
    }

    pub(super) fn platforms(&mut self) {
        let archs = &self.configuration.archs;
        if archs.is_empty() {
            let text = "no `archs`: apko builds for all that it knows unless --arch says otherwise; \
                        name them under `platforms`";
            return self.note(NOWHERE, text);
        }
        let platform = |at: &At<String>| At { value: platform(&at.value), place: at.place };
        let platforms: Vec<_> = archs.iter().map(platform).collect();
        self.draft.line("");
        let lines = distinct(&platforms).map(|at| (format!("  - {}", word(&at.value)), at.place));
        self.draft.section("platforms:", lines);
    }
}

/// Words in brackets.
fn list(words: &[String]) -> String {
    let words: Vec<_> = words.iter().map(|text| word(text)).collect();
    format!("[{}]", words.join(", "))
}

/// A user, numbers without quotes.
fn user(name: &str) -> String {
    match name.bytes().all(|b| b.is_ascii_digit()) {
        true => name.into(),
        false => word(name),
    }
}

/// The platform of an architecture, which may have Alpine's name.
fn platform(arch: &str) -> String {
    let name = match arch {
        "x86" => "386",
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "armhf" => "arm/v6",
        "armv7" => "arm/v7",
        "loongarch64" => "loong64",
        name => name,
    };
    format!("linux/{name}")
}
