//! The lists that apt has loaded on this machine, served by this machine: real signatures, real keys,
//! real numbers of packages.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use scant_core::formats::debian::{Source, relations};
use scant_core::formats::manifest::Apt;
use scant_core::words::{Architecture, Platform};
use scant_testkit::FileServer;

use crate::support::{Machine, archive};

const LISTS: &str = "/var/lib/apt/lists";
const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// The files of the first archive of Debian that apt knows, and its suite.
fn lists() -> Option<(String, BTreeMap<String, Vec<u8>>)> {
    let names: Vec<String> = std::fs::read_dir(LISTS)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    let has_main =
        |start: &str| names.iter().any(|name| name.starts_with(&format!("{start}main_binary-")));
    let start = names
        .iter()
        .filter_map(|name| name.strip_suffix("InRelease"))
        .filter(|start| !start.contains("security") && !start.contains("-updates"))
        .find(|start| start.contains("_debian_dists_") && has_main(start))?;
    let suite = start.trim_end_matches('_').rsplit_once('_')?.1.to_string();
    let mut files = BTreeMap::new();
    for name in names.iter().filter(|name| name.starts_with(start)) {
        let path = Path::new(LISTS).join(name);
        // apt keeps lists as it likes, and knows how to read them.
        let read =
            Command::new("/usr/lib/apt/apt-helper").arg("cat-file").arg(path).output().ok()?;
        let rest = name[start.len()..].replace('_', "/");
        let rest = rest.strip_suffix(".lz4").unwrap_or(&rest);
        files.insert(format!("dists/{suite}/{rest}"), read.stdout);
    }
    Some((suite, files)).filter(|_| Path::new(KEYS).is_file())
}

#[test]
fn the_lists_of_this_machine_are_believed_and_chosen_from() {
    let Some((suite, files)) = lists() else {
        let strict = std::env::var_os("SCANT_NO_SKIP").is_some_and(|value| value == "1");
        assert!(!strict, "must not be skipped: apt has no lists of Debian (apt-get update)");
        println!("skipped: apt has no lists of Debian here (apt-get update)");
        return;
    };
    let mut machine = Machine::new(&archive());
    machine.server = FileServer::new(files);
    machine.allow_unsigned = false;
    machine.source = Source {
        uris: vec![machine.server.url()],
        suites: vec![suite],
        components: vec!["main".into()],
        signed_by: vec![KEYS.into()],
        may_be_over: true,
        ..Source::default()
    };
    let asked = Apt { packages: relations("ca-certificates").unwrap(), ..machine.asked("x") };
    let platform = Platform::linux(Architecture::Amd64);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let choice = machine.with(|archives| {
        let archives = scant_io::packages::apt::Archives { now: now.as_secs() as i64, ..*archives };
        archives.choose(&asked, platform)
    });
    let packages = choice.unwrap_or_else(|error| panic!("{error}")).packages;
    let names: Vec<_> = packages.iter().map(|package| &*package.name).collect();
    assert!(names.contains(&"ca-certificates") && names.contains(&"openssl"), "{names:?}");
}
