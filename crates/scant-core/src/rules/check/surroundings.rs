//! What libraries of the image look for beside code: certificates, modules for names, time zones.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::finding::{Finding, Findings};
use super::place::Place;
use super::walk::{Content, Walked};
use crate::words::{Check, Escaped, Level, TreePath};

/// Libraries that speak TLS, by the beginnings of their names.
const TLS: [&[u8]; 5] =
    [b"libssl.so", b"libgnutls.so", b"libmbedtls.so", b"libwolfssl.so", b"libnss3.so"];

/// Where certificates of authorities lie.
const CERTIFICATES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
    "/usr/share/ca-certificates/mozilla",
];

/// A longer configuration is not read.
const LARGEST: u64 = 1 << 20;

/// Looks at all of them.
pub(super) fn check(place: &Place<'_>, walked: &[Walked], findings: &mut Findings) {
    certificates(place, walked, findings);
    name_service(place, walked, findings);
    time_zone(place, findings);
}

fn certificates(place: &Place<'_>, walked: &[Walked], findings: &mut Findings) {
    let is_tls = |one: &&Walked| {
        let name = one.path.name().unwrap_or_default();
        matches!(one.content, Content::Elf) && TLS.iter().any(|start| name.starts_with(start))
    };
    let libraries: Vec<TreePath> =
        walked.iter().filter(is_tls).map(|one| one.path.clone()).collect();
    let named =
        ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().filter_map(|name| place.variable(name));
    let is_there = |path: &str| match place.resolve(path.as_bytes()) {
        Ok(found) if found.entry.is_directory() => {
            place.image.root.list(&found.path).is_ok_and(|names| !names.is_empty())
        }
        found => found.is_ok(),
    };
    let mut places = CERTIFICATES.into_iter().chain(named);
    if libraries.is_empty() || places.any(is_there) {
        return;
    }
    let text = "a TLS library is in the image, and no certificates of authorities are: clients \
                will trust nobody";
    let finding = Finding::new(Level::Hint, Check::Certificates, text)
        .help(format!("add `{}` if anything in the image is a TLS client", CERTIFICATES[0]));
    findings.add(Finding { paths: libraries, relation: "needed by", ..finding });
}

/// `nsswitch.conf(5)`: a service is a module, but for those that glibc has built in.
fn name_service(place: &Place<'_>, walked: &[Walked], findings: &mut Findings) {
    let text = place.text(b"/etc/nsswitch.conf", LARGEST);
    let is_libc = |one: &Walked| one.path.name() == Some(b"libc.so.6");
    if text.is_empty() || !walked.iter().any(is_libc) {
        return;
    }
    let has = |service: &str| {
        let module = format!("libnss_{service}.so.2");
        walked.iter().any(|one| one.path.name() == Some(module.as_bytes()))
    };
    // Since glibc 2.34; before, the modules lay beside it.
    let is_built_in = |service: &str| matches!(service, "files" | "dns");
    for line in String::from_utf8_lossy(&text).lines() {
        let line = line.split('#').next().unwrap_or_default();
        let Some((database, services)) = line.split_once(':') else { continue };
        let is_service = |word: &&str| !word.starts_with('[') && !word.ends_with(']');
        let services: Vec<&str> = services.split_whitespace().filter(is_service).collect();
        let any = services.iter().any(|service| is_built_in(service) || has(service));
        for service in services.iter().filter(|one| !is_built_in(one) && !has(one)) {
            let shown = Escaped(service.as_bytes());
            let (level, text) = match any {
                true => (
                    Level::Hint,
                    format!(
                        "`/etc/nsswitch.conf` names `{shown}`, whose module `libnss_{shown}.so.2` is not in the image: others are asked"
                    ),
                ),
                false => (
                    Level::Warning,
                    format!(
                        "`/etc/nsswitch.conf` names nothing for {} but `{shown}`, whose module `libnss_{shown}.so.2` is not in the image",
                        Escaped(database.trim().as_bytes())
                    ),
                ),
            };
            let finding = Finding::new(level, Check::NameService, text)
                .help("add the module, or remove the service from the file");
            findings.add(finding.at(TreePath::literal("/etc/nsswitch.conf")));
        }
    }
}

fn time_zone(place: &Place<'_>, findings: &mut Findings) {
    let Some(zone) = place.variable("TZ") else { return };
    let name = zone.strip_prefix(':').unwrap_or(zone);
    let has_digit = name.bytes().any(|b| b.is_ascii_digit());
    let is_rule = name.contains(',') || has_digit && !name.contains('/');
    if name.is_empty() || is_rule || matches!(name, "UTC" | "GMT" | "UCT" | "Zulu") {
        return;
    }
    let path = match name.starts_with('/') {
        true => name.into(),
        false => format!("/usr/share/zoneinfo/{name}"),
    };
    if place.resolve(path.as_bytes()).is_err() {
        let shown = Escaped(path.as_bytes());
        let text = format!(
            "`TZ` is `{}`, and `{shown}` is not in the image: times will be UTC",
            Escaped(zone.as_bytes())
        );
        let finding = Finding::new(Level::Hint, Check::TimeZone, text);
        let mut finding =
            finding.help("add the file; programs with time zones of their own do not need it");
        finding.paths.extend(TreePath::parse(&path));
        findings.add(finding);
    }
}
