//! Checks `image`.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::identity::BareNumber;
use super::{Checker, duration, signal};
use crate::formats::manifest::raw;
use crate::formats::manifest::{
    Fault, Healthcheck, ImageSettings, Port, Probe, Protocol, Span, Spanned,
};
use crate::formats::yaml::{Text, nearest, shown};
use crate::words::TreePath;

impl Checker {
    pub(super) fn image(&mut self, raw: raw::Image) -> ImageSettings {
        ImageSettings {
            entrypoint: self.command(raw.entrypoint),
            cmd: self.command(raw.cmd),
            env: self.texts(raw.env, bad_variable),
            workdir: raw.workdir.and_then(|path| self.spanned_path(path)),
            user: raw.user.and_then(|user| self.run_as(&user)),
            expose: self.ports(raw.expose),
            volumes: self.volumes(raw.volumes),
            labels: self.texts(raw.labels, bad_key),
            stopsignal: raw.stopsignal.and_then(|name| self.signal(&name)),
            healthcheck: raw.healthcheck.and_then(|check| self.healthcheck(check)),
            annotations: self.texts(raw.annotations, bad_key),
        }
    }

    /// A command; an empty list says nothing.
    fn command(&mut self, raw: Option<Spanned<raw::Arguments>>) -> Option<Spanned<Vec<String>>> {
        let Spanned { value: raw::Arguments(raw), span } = raw?;
        let value = self.arguments(raw);
        Some(Spanned { value, span }).filter(|arguments| !arguments.is_empty())
    }

    fn arguments(&mut self, raw: Vec<Spanned<String>>) -> Vec<String> {
        let checked = raw.into_iter().map(|text| self.without_nul(text.value, text.span));
        checked.flatten().collect()
    }

    fn spanned_path(&mut self, path: Spanned<String>) -> Option<Spanned<TreePath>> {
        let value = self.tree_path(&path.value, path.span)?;
        Some(Spanned { value, span: path.span })
    }

    fn run_as(&mut self, user: &Spanned<Text>) -> Option<Spanned<String>> {
        if self.may_be_of_packages(&user.value.0) {
            // Whether it is there is checked in the image.
            return Some(Spanned { value: user.value.0.clone(), span: user.span });
        }
        let (uid, gid) = self.identity(&user.value.0, user.span, BareNumber::OfAccount)?;
        Some(Spanned { value: format!("{uid}:{gid}"), span: user.span })
    }

    fn ports(&mut self, raw: Vec<Spanned<Text>>) -> Vec<Port> {
        let mut ports = BTreeSet::new();
        for text in raw {
            match parse_ports(&text.value.0) {
                Some(range) => ports.extend(range),
                None => {
                    let message = format!("`{}` is not a port", shown(&text.value.0));
                    let help = "write `80`, `80/tcp`, `53/udp` or `8000-8005/tcp`";
                    self.faults.push(Fault::new(text.span, message).help(help));
                }
            }
        }
        ports.into_iter().collect()
    }

    fn volumes(&mut self, raw: Vec<Spanned<String>>) -> Vec<Spanned<TreePath>> {
        let mut seen = BTreeMap::<TreePath, Span>::new();
        let mut volumes = Vec::new();
        for path in raw {
            let Some(path) = self.spanned_path(path) else { continue };
            match seen.insert(path.value.clone(), path.span) {
                None => volumes.push(path),
                Some(first) => self.faults.push(
                    Fault::new(path.span, format!("the volume `{}` is there twice", path.value))
                        .also(first, "first here"),
                ),
            }
        }
        volumes
    }

    fn signal(&mut self, raw: &Spanned<Text>) -> Option<String> {
        let text = &raw.value.0;
        if let Some(signal) = signal::parse(text) {
            return Some(signal);
        }
        let upper = text.to_ascii_uppercase();
        let full = if upper.starts_with("SIG") { upper } else { format!("SIG{upper}") };
        let help = match nearest(&full, signal::NAMES) {
            Some(near) if is_word(text) => format!("did you mean `{near}`?"),
            _ => "write a name such as `SIGTERM`, or a number from 1 to 64".to_string(),
        };
        let message = format!("Linux has no signal `{}`", shown(text));
        self.fault(Fault::new(raw.span, message).help(help))
    }

    fn healthcheck(&mut self, raw: Spanned<raw::Healthcheck>) -> Option<Spanned<Healthcheck>> {
        let Spanned { value: raw, span } = raw;
        let test = self.probe(raw.test);
        let interval = self.duration(raw.interval);
        let timeout = self.duration(raw.timeout);
        let start_period = self.duration(raw.start_period);
        let start_interval = self.duration(raw.start_interval);
        let (test, retries) = (test?, raw.retries);
        let value = Healthcheck { test, interval, timeout, start_period, start_interval, retries };
        Some(Spanned { value, span })
    }

    fn probe(&mut self, raw: Spanned<raw::Arguments>) -> Option<Probe> {
        let Spanned { value: raw::Arguments(raw), span } = raw;
        let arguments = self.arguments(raw);
        let message = match arguments.split_first().map(|(kind, rest)| (&**kind, rest)) {
            Some(("NONE", [])) => return Some(Probe::None),
            Some(("NONE", _)) => "`NONE` stands alone",
            Some(("CMD", [])) => "`CMD` needs a program",
            Some(("CMD", command)) => return Some(Probe::Cmd(command.to_vec())),
            Some(("CMD-SHELL", [line])) => return Some(Probe::Shell(line.clone())),
            Some(("CMD-SHELL", _)) => "`CMD-SHELL` needs one string, the line for the shell",
            _ => "a health check begins with `CMD`, `CMD-SHELL` or `NONE`",
        };
        let help = "write [CMD, /usr/bin/probe, --flag]";
        self.fault(Fault::new(span, message).help(help))
    }

    fn duration(&mut self, raw: Option<Spanned<Text>>) -> Option<u64> {
        let Spanned { value: Text(text), span } = raw?;
        match duration::parse(&text) {
            Some(time) if time >= duration::SHORTEST => Some(time),
            Some(_) => self.fault(Fault::new(span, "the shortest time is `1ms`")),
            None => {
                let message = format!("`{}` is not a time", shown(&text));
                let number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
                let help = if number {
                    format!("write the unit: `{}s`", shown(&text))
                } else {
                    "write `30s`, `1m30s` or `500ms`".to_string()
                };
                self.fault(Fault::new(span, message).help(help))
            }
        }
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// The ports of `80`, `80/tcp` or `8000-8005/tcp`.
fn parse_ports(text: &str) -> Option<impl Iterator<Item = Port> + use<>> {
    let (numbers, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let protocol = match protocol {
        "tcp" => Protocol::Tcp,
        "udp" => Protocol::Udp,
        "sctp" => Protocol::Sctp,
        _ => return None,
    };
    let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
    let number = |text: &str| {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u16>().ok().filter(|number| digits && *number != 0)
    };
    let (first, last) = (number(first)?, number(last)?);
    (first <= last).then(|| (first..=last).map(move |number| Port { number, protocol }))
}

fn bad_variable(name: &str) -> Option<Fault> {
    let bad = name.is_empty() || name.contains(['=', '\0']);
    let message = || format!("`{}` cannot name an environment variable", shown(name));
    bad.then(|| Fault::new(Span::default(), message()))
}

fn bad_key(key: &str) -> Option<Fault> {
    key.is_empty().then(|| Fault::new(Span::default(), "the key is empty"))
}
