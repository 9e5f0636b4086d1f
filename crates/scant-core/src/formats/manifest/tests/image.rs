//! `image`.

use super::check;

#[test]
fn settings_are_read() {
    check(
        "\
accounts: {users: [{name: web, uid: 33, gid: 34}]}
image:
  entrypoint: [/a, 'b c']
  cmd: [d]
  env: {PORT: 80, DEBUG: true, VERSION: 1.10, EMPTY: ''}
  workdir: /srv/
  user: 33
  expose: [443, 80/tcp, 53/udp, 8000-8002/sctp, 80]
  volumes: [/data]
  labels: {a: b}
  stopsignal: 9
  healthcheck: {test: [CMD-SHELL, probe], interval: 1m30s, timeout: 500ms, start-period: 5s, start-interval: 1s, retries: 3}
  annotations: {org.opencontainers.image.title: x}
",
        "\
passwd web:x:33:34::/:/sbin/nologin
group web:x:34:
3:15 entrypoint [\"/a\", \"b c\"]
4:8 cmd [\"d\"]
env DEBUG=true
env EMPTY=
env PORT=80
env VERSION=1.10
6:12 workdir /srv
7:9 user 33:34
expose 53/udp
expose 80/tcp
expose 443/tcp
expose 8000/sctp
expose 8001/sctp
expose 8002/sctp
9:13 volume /data
label a=b
stopsignal 9
12:16 healthcheck [\"CMD-SHELL\", \"probe\"] Healthcheck { test: Shell(\"probe\"), interval: Some(90000000000), timeout: Some(500000000), start_period: Some(5000000000), start_interval: Some(1000000000), retries: Some(3) }
annotation org.opencontainers.image.title=x
",
    );
}

#[test]
fn the_user_is_written_in_numbers() {
    let accounts = "accounts: {users: [{name: web, uid: 33, gid: 34}]}\n";
    for (user, expected) in
        [("web", "33:34"), ("33", "33:34"), ("7", "7:0"), ("7:8", "7:8"), ("root", "0:0")]
    {
        let manifest = alloc::format!("{accounts}image: {{user: '{user}'}}");
        let found = super::render::outcome(&manifest);
        assert!(found.ends_with(&alloc::format!("user {expected}")), "{user}: {found}");
    }
}

#[test]
fn a_command_is_a_list() {
    check(
        "\
image:
  entrypoint: /bin/sh -c true
  cmd: 5
  healthcheck: {test: curl localhost}
",
        "\
2:15: expected a list of strings, found a string (help: write a list, one argument an item: [/usr/bin/x, --flag]; there is no shell to split a line)
3:8: expected a list of strings, found a number
4:23: expected a list of strings, found a string (help: write a list, one argument an item: [/usr/bin/x, --flag]; there is no shell to split a line)
",
    );
    check(
        "image: {entrypoint: [a, 80, true, [x]], cmd: {a: b}}",
        "\
1:25: expected a string, found a number (help: quote it: \"80\")
1:29: expected a string, found a boolean (help: quote it: \"true\")
1:35: expected a string, found a list
1:46: expected a list of strings, found a mapping
",
    );
}

#[test]
fn settings_are_checked() {
    check(
        "\
image:
  env: {'': a, 'A=B': c, D: , E: [x]}
  workdir: srv
  user: nobody
  expose: [0, 70000, 80/http, 9-8, x, '127.0.0.1:80:80', +5]
  volumes: [data, /a, /a/]
  labels: {'': x}
  stopsignal: sigtrm
  healthcheck: {test: [], interval: 30, timeout: soon, start-period: 1us, retries: many}
  annotations: []
",
        "\
2:9: `` cannot name an environment variable
2:16: `A=B` cannot name an environment variable
2:26: expected a string, found nothing (help: for an empty string, write \"\")
2:34: expected a string, found a list
3:12: `srv` does not start with `/`
4:9: there is no user `nobody` in `accounts` (help: declare it in `accounts`, or write its number: no user is declared)
5:12: `0` is not a port (help: write `80`, `80/tcp`, `53/udp` or `8000-8005/tcp`)
5:15: `70000` is not a port (help: write `80`, `80/tcp`, `53/udp` or `8000-8005/tcp`)
5:22: `80/http` is not a port (help: write `80`, `80/tcp`, `53/udp` or `8000-8005/tcp`)
5:31: `9-8` is not a port (help: write `80`, `80/tcp`, `53/udp` or `8000-8005/tcp`)
5:36: `x` is not a port (help: write `80`, `80/tcp`, `53/udp` or `8000-8005/tcp`)
5:39: `127.0.0.1:80:80` is not a port (help: write `80`, `80/tcp`, `53/udp` or `8000-8005/tcp`)
5:58: `+5` is not a port (help: write `80`, `80/tcp`, `53/udp` or `8000-8005/tcp`)
6:13: `data` does not start with `/`
6:23: the volume `/a` is there twice (6:19: first here)
7:12: the key is empty
8:15: Linux has no signal `sigtrm` (help: did you mean `SIGTERM`?)
9:23: a health check begins with `CMD`, `CMD-SHELL` or `NONE` (help: write [CMD, /usr/bin/probe, --flag])
9:37: `30` is not a time (help: write the unit: `30s`)
9:50: `soon` is not a time (help: write `30s`, `1m30s` or `500ms`)
9:70: the shortest time is `1ms`
9:84: expected a whole number from 0 to 4294967295, found a string
10:16: expected a mapping, found a list
",
    );
    check(
        "image: {stopsignal: 99}",
        "1:21: Linux has no signal `99` (help: write a name such as `SIGTERM`, or a number from 1 to 64)",
    );
    check(
        "image: {healthcheck: {test: [NONE]}}",
        "1:22 healthcheck [\"NONE\"] Healthcheck { test: None, interval: None, timeout: None, start_period: None, start_interval: None, retries: None }",
    );
    check("image: {healthcheck: {interval: 1s}}", "1:23: `test` is missing here");
    for test in ["[NONE, x]", "[CMD]", "[CMD-SHELL, a, b]", "[/bin/probe]"] {
        let found =
            super::render::outcome(&alloc::format!("image: {{healthcheck: {{test: {test}}}}}"));
        assert!(found.starts_with("1:29: "), "{test}: {found}");
    }
}

#[test]
fn platforms_are_known_and_distinct() {
    check(
        "platforms: [linux/arm64, linux/arm64/v8]",
        "1:26: the platform `linux/arm64` is there twice (1:13: first here)",
    );
    check(
        "platforms: [linux/arm64, linux/arm]\nld-so-cache: always",
        "\
platform linux/arm64
platform linux/arm/v7
ld-so-cache Always
",
    );
}
