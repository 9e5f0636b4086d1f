//! Files of apko, and the manifests and notes that are made of them, as text.

use alloc::format;
use alloc::string::String;
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
# What apko.yaml declares, by `scant import`.
inputs:
  APK:
    backend: apk
    repositories:
      - https://example.com/os
      - {url: https://example.com/local, tag: local}
    keys:
      - ./keys/example-signing.rsa.pub
      - ./melange.rsa.pub
    packages:
      - nginx
      - "curl>=8"
      - tool@local

# Whole packages, and those that they depend on.
packages:
  - APK/*

directories:
  - {path: /var/www, mode: "0700", owner: 65532:65532}
  - {path: /var/lib/nginx, mode: "0750", owner: 65532:65532}
  - /run/nginx

symlinks:
  - ../sbin/nginx:/usr/bin/web

hardlinks:
  - /usr/sbin/nginx:/usr/bin/www

accounts:
  users:
    - {name: nginx, uid: 65532, home: /var/www, shell: /sbin/nologin}
  groups:
    - {name: web, gid: 65532, members: [nginx]}

image:
  entrypoint: [/usr/sbin/nginx, -c, /etc/nginx/nginx.conf, -g, "daemon off;"]
  cmd: [--verbose, "a b"]
  env:
    COUNT: "3"
    LANG: C.UTF-8
    PATH: /usr/sbin
    SSL_CERT_FILE: /etc/ssl/certs/ca-certificates.crt
  workdir: /srv
  user: nginx
  stopsignal: SIGQUIT
  volumes:
    - /srv
  labels:
    org.opencontainers.image.revision: 0123abcd
    org.opencontainers.image.source: https://example.com/web
    org.opencontainers.image.title: "the web"
  annotations:
    org.opencontainers.image.revision: 0123abcd
    org.opencontainers.image.source: https://example.com/web
    org.opencontainers.image.title: "the web"

layers: by-package

platforms:
  - linux/amd64
  - linux/arm64
  - linux/arm/v6
0:4: nothing is fetched: store https://example.com/os/example-signing.rsa.pub?x=1 as ./keys/example-signing.rsa.pub, and check its fingerprint
0:28: layers by package, not by origin: one for each of the eight largest, whatever the budget of 10
"#,
    );
}

#[test]
fn a_shell_line_and_services_start_as_apko_starts_them() {
    has(
        &usual("entrypoint: {shell-fragment: 'exec app \"$@\"', command: /bin/app}\n"),
        &["  entrypoint: [/bin/sh, -c, \"exec app \\\"$@\\\"\"]\n"],
    );
    has(
        &usual(
            "entrypoint:\n  type: service-bundle\n  services:\n    web: |\n      #!/bin/execlineb\n",
        ),
        &[
            "      - s6\n",
            "  entrypoint: [/bin/s6-svscan, /sv]\n",
            "  - {from: ./sv/web/run, to: /sv/web/run, mode: \"0755\"}\n",
            "0:9: write the script of the service web into ./sv/web/run\n",
        ],
    );
}

#[test]
fn later_changes_of_a_path_count() {
    has(
        &usual(
            "\
paths:
  - {path: /srv, type: directory, permissions: 0o755}
  - {path: /srv/a, type: directory, permissions: 0o755, uid: 1}
  - {path: /srv/b, type: empty-file, permissions: 0o600}
  - {path: /srv, type: permissions, permissions: 0o700, gid: 5, recursive: true}
  - {path: /srv/b, type: permissions, permissions: 0o640}
",
        ),
        &[
            "  - {path: /srv, mode: \"0700\", owner: 0:5}\n",
            "  - {path: /srv/a, mode: \"0700\", owner: 0:5}\n",
            "  - {from: ./empty, to: /srv/b, mode: \"0640\", owner: 0:5}\n",
            "0:9: make the empty file: `: > empty`, beside the manifest\n",
        ],
    );
}

#[test]
fn what_has_no_counterpart_is_told() {
    has(
        &usual(
            "\
format: erofs
certificates:
  additional: [{name: ours, content: PEM}]
  providers: [ca-bundle]
paths:
  - {path: /etc/motd, type: permissions, permissions: 600}
  - {path: /tmp, type: directory}
accounts: {run-as: nobody}
",
        ),
        &[
            "0:6: layers are tar archives: the format erofs is not made\n",
            "0:8: the certificate ours is left out",
            "0:9: the certificates of ca-bundle are not appended",
            "0:11: the permissions 600 are no octal number, so that apko makes 1130 of them\n",
            "0:11: /etc/motd keeps the mode and owner of its package",
            "0:12: /tmp has no `permissions`",
            "0:13: `nobody` is no user under `accounts`",
            "  # user: nobody\n",
        ],
    );
    has(
        "contents: {packages: [a]}\n",
        &["0:1: no `repositories`", "0:1: no `keyring`", "0:1: no `archs`"],
    );
    has(
        "contents: {baseimage: {image: ./base, apkindex: ./index}}\n",
        &["0:1: `baseimage` has no counterpart", "0:1: no `packages`"],
    );
}

#[test]
fn what_apko_refuses_is_a_fault_with_its_place() {
    check(
        "\
contents: {package: [a]}
entrypoint: {command: \"'open\"}
accounts:
  users:
    - {username: root, uid: 0}
    - {uid: many}
  groups: [{gid: 5}]
paths:
  - {path: /a, type: file}
  - {type: directory}
",
        r#"
1:12: unknown key `package` (help: did you mean `packages`? known keys here: `repositories`, `build_repositories`, `runtime_repositories`, `keyring`, `runtime_keyring`, `packages`, `baseimage`)
2:23: the quote `'` is never closed
5:7: a user without a `uid`, or with 0 (help: root is always there; `run-as: 0` runs the image as root)
6:7: `username` is missing here
6:13: expected a whole number, found many
7:12: `groupname` is missing here
9:22: `file` is no type of a path (help: one of `directory`, `empty-file`, `hardlink`, `symlink`, `permissions`)
10:5: `path` is missing here
"#,
    );
}

#[test]
fn another_kind_of_file_is_told() {
    check(
        "binaries: [HOST/bin/x]\n",
        "1:1: this is a manifest, not a file of apko: it has `binaries` (help: `scant build` and \
         `scant plan` take manifests)",
    );
    let faults = manifest::parse(USUAL).unwrap_err();
    assert_eq!(
        fault(&faults[0]),
        "1:1: this is a file of apko, not a manifest: it has `contents` (help: `scant import FILE` \
         makes a manifest of it)"
    );
}

#[test]
fn a_file_lies_over_what_it_includes() {
    let lower = "\
contents: {repositories: [https://example.com/a], keyring: [./a], packages: [a]}
entrypoint: {command: /bin/a}
cmd: a
environment: {A: lower, B: lower}
accounts: {run-as: a, users: [{username: a, uid: 1}]}
archs: [amd64]
";
    let upper = "\
include: base.yaml
contents: {packages: [b]}
entrypoint: {command: /bin/b}
environment: {A: upper}
accounts: {users: [{username: b, uid: 2}]}
";
    let (upper, lower) = (parse(upper, 0).unwrap(), parse(lower, 1).unwrap());
    assert_eq!(upper.include.as_ref().unwrap().value, "base.yaml");
    let found = outcome_of(&upper.over(lower));
    for expected in [
        "      - a\n      - b\n",
        "  entrypoint: [/bin/b]\n",
        "  cmd: [a]\n",
        "    A: upper\n    B: lower\n",
        "  user: a\n",
        "    - {name: a, uid: 1, home: /home/a, shell: /bin/sh}\n    - {name: b,",
        "  - linux/amd64\n",
    ] {
        assert!(found.contains(expected), "`{expected}` is not in\n{found}");
    }
}

#[test]
fn what_no_manifest_can_say_becomes_a_comment() {
    has(
        &usual(
            "\
accounts:
  users: [{username: Big.Name, uid: 7}, {username: a, uid: 8}, {username: a, uid: 9}]
  run-as: Big.Name
paths:
  - {path: /a/../b, type: directory, permissions: 0o755}
environment: {'A=B': c}
stop-signal: SIGNONE
work-dir: relative
volumes: [/a, data]
",
        ),
        &[
            "    # - {name: Big.Name, uid: 7",
            "    # - {name: a, uid: 9",
            "  # user: Big.Name\n",
            "  # - /a/../b\n",
            "    # A=B: c\n",
            "  # stopsignal: SIGNONE\n",
            "  # workdir: relative\n",
            "    # - data\n",
            "0:7: `Big.Name` cannot name an account: left as a comment",
            "0:12: Linux has no signal `SIGNONE`: left as a comment",
        ],
    );
}

/// Pieces of files that are right for apko, and odd.
const PIECES: [&str; 16] = [
    "environment: {'': x, A: null, \"B\\nC\": \"\\u2028 #\", D: '{', E: \"- a: b\", F: '0x'}\n",
    "annotations: {'': x, 'a: b': \"\\x00\", c: \"*x\", d: '&y', e: '%', f: '@g', h: '| '}\n",
    "entrypoint: {command: \"/bin/sh -c 'a: #b' \\\"\\\" [ { , ] } ! % @ ` & * ? -\"}\n",
    "entrypoint: {type: odd, command: ' # only a comment'}\n",
    "entrypoint: {type: service-bundle, services: {'a/../b': x, \"c\\n\": y, '': z}}\n",
    "cmd: \"null true 1 ~ .5 -1 - -- --- ... =\"\n",
    "accounts: {run-as: 4294967295, users: [{username: a, uid: 4294967295}]}\n",
    "accounts:\n  users: [{username: a, uid: 1, gid: 2}, {username: b, uid: 1}]\n  groups: \
     [{groupname: a, gid: 3, members: [b, '', c]}, {groupname: z}, {groupname: y}]\n",
    "accounts: {users: [{username: 'a:b', uid: 5, homedir: 'rel', shell: \"\\n\"}], run-as: 'a:b'}\n",
    "paths: [{path: /, type: directory}, {path: '', type: x}]\n",
    "paths: [{path: '/a:/b', type: symlink, source: '../x:/y'}, {path: /c, type: symlink}, \
     {path: /d, type: hardlink}, {path: a//b/, type: directory, permissions: 037777777777}]\n",
    "volumes: ['/a', '/a', './b', '']\nwork-dir: ' '\nstop-signal: 0\n",
    "archs: [all, host, amd64, x86_64, 386, riscv64, mips]\n",
    "contents: {repositories: ['@tag', '@a b', '@ c', ./x, 'http://u:p@h/#'], keyring: ['https://', \
     'x y'], packages: ['', '!a', 'a b', 'a@b', 'a><1', '*']}\n",
    "layering: {strategy: none, budget: x}\nformat: tar\nvcs-url: x\n",
    "include: other.yaml\ncontents: null\npaths: null\naccounts: null\nentrypoint: null\n",
];

#[test]
fn any_two_pieces_make_a_manifest_or_faults() {
    for first in PIECES {
        for second in PIECES.iter().filter(|second| **second != first) {
            for text in [usual(&format!("{first}{second}")), format!("{first}{second}")] {
                outcome(&text);
            }
        }
    }
}
