//! Files of apko, and the manifests and notes that are made of them, as text.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::*;
use crate::formats::manifest;

/// What is made of a file, the notes behind it; or its faults.
fn outcome(text: &str) -> String {
    match parse(text, 0) {
        Ok(configuration) => outcome_of(&configuration),
        Err(faults) => faults.iter().map(fault).collect::<Vec<_>>().join("\n"),
    }
}

fn outcome_of(configuration: &Configuration) -> String {
    let Imported { text, notes } = import(configuration, "apko.yaml");
    manifest::parse(&text).unwrap_or_else(|faults| panic!("{faults:?}\n{text}"));
    let note = |note: &Note| format!("{}:{}: {}\n", note.place.file, note.place.line, note.text);
    text + &notes.iter().map(note).collect::<String>()
}

fn fault(fault: &Fault) -> String {
    let help = fault.help.as_ref().map_or(String::new(), |help| format!(" (help: {help})"));
    format!("{fault}{help}")
}

#[track_caller]
fn check(file: &str, expected: &str) {
    let found = outcome(file);
    let found = found.trim_end();
    assert!(found == expected.trim(), "\n--- file\n{file}\n--- found\n{found}\n");
}

/// Only what is made of what is under `key`, or what is said of a line of it.
#[track_caller]
fn has(file: &str, expected: &[&str]) {
    let found = outcome(file);
    for expected in expected {
        assert!(found.contains(expected), "`{expected}` is not in\n{found}");
    }
}

/// What is in every file of these tests that is not about it.
const USUAL: &str = "\
contents:
  repositories: [https://example.com/os]
  keyring: [./keys/example.rsa.pub]
  packages: [hello]
archs: [amd64]
";

/// [`USUAL`] with more below it.
fn usual(more: &str) -> String {
    format!("{USUAL}{more}")
}

#[test]
fn a_whole_file() {
    check(
        r#"
contents:
  keyring:
    - https://example.com/os/example-signing.rsa.pub?x=1
    - ./melange.rsa.pub
  build_repositories: ["@local https://example.com/local/"]
  repositories: [https://example.com/os/, https://example.com/os/]
  packages: [nginx, "curl>=8", nginx, tool@local]
entrypoint:
  command: /usr/sbin/nginx -c '/etc/nginx/nginx.conf' -g "daemon off;"
cmd: --verbose a\ b
work-dir: /srv
stop-signal: SIGQUIT
accounts:
  groups: [{groupname: web, gid: 65532, members: [nginx]}]
  users: [{username: nginx, uid: 65532, homedir: /var/www, shell: /sbin/nologin}]
  run-as: nginx
paths:
  - {path: /var/lib/nginx, type: directory, uid: 65532, gid: 65532, permissions: 0o750}
  - {path: /run/nginx/, type: directory, permissions: 0755}
  - {path: /usr/bin/web, type: symlink, source: ../sbin/nginx}
  - {path: /usr/bin/www, type: hardlink, source: usr/sbin/nginx}
environment: {LANG: C.UTF-8, PATH: /usr/sbin, COUNT: 3}
volumes: [/srv]
archs: [x86_64, aarch64, amd64, armhf]
annotations: {org.opencontainers.image.title: the web}
vcs-url: https://example.com/web@0123abcd
layering: {strategy: origin, budget: 10}
"#,
        r#"
"#,
    );
}
