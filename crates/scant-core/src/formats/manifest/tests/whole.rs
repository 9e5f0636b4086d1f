//! Whole manifests.

use super::check;

#[test]
fn the_article() {
    check(
        "\
input:
  backend: buildroot
  mode: staging                       # or target
  path: /path/to/buildroot/output/staging
binaries:
  - BUILDROOT/usr/sbin/nginx:/usr/sbin/nginx
data:
  - BUILDROOT/etc/nginx/nginx.conf:/etc/nginx/nginx.conf
  - ./local/config/motd:/etc/motd     # relative to the manifest
directories:
  - /var/log/nginx
symlinks:
  - /usr/bin/netcat:/usr/bin/nc       # TARGET:LINK
  - /usr/lib:/lib
",
        "\
2:3 input BUILDROOT Buildroot { mode: Staging } /path/to/buildroot/output/staging
6:5 binary BUILDROOT/usr/sbin/nginx -> /usr/sbin/nginx
8:5 data BUILDROOT/etc/nginx/nginx.conf -> /etc/nginx/nginx.conf
9:5 data beside ./local/config/motd -> /etc/motd
11:5 directory /var/log/nginx
13:5 symlink /usr/bin/nc to /usr/bin/netcat
14:5 symlink /lib to /usr/lib
",
    );
}

#[test]
fn every_section_in_its_long_form() {
    check(
        "\
inputs:
  SYSROOT: {backend: sysroot, path: ./sysroot}
  HOST:    {backend: host}
binaries:
  - HOST/usr/bin/rg                   # destination = the same path
  - from: SYSROOT/usr/sbin/nginx
    to: /usr/sbin/nginx
    mode: \"0755\"
    owner: 0:0                        # or names from accounts
    capabilities: [cap_net_bind_service=ep]
    why: serves the site              # a person's reason, kept in the provenance
    libraries: [libz.so.1]            # opened at run time
data:
  - {from: SYSROOT/usr/share/zoneinfo/, to: /usr/share/zoneinfo/, include: [\"Europe/**\"], exclude: []}
directories:
  - {path: /tmp, mode: \"1777\"}
symlinks:
  - {target: /usr/lib, link: /lib}
accounts:                             # writes /etc/passwd, /etc/group
  users:  [{name: nginx, uid: 101, gid: 101, home: /var/empty, shell: /sbin/nologin}]
  groups: [{name: nginx, gid: 101}]
image:                                # the Dockerfile's words in lower case
  entrypoint: [/usr/sbin/nginx, -g, daemon off;]
  cmd: []
  env: {PATH: /usr/sbin:/usr/bin}
  workdir: /
  user: nginx
  expose: [80/tcp]
  volumes: []
  labels: {}
  stopsignal: SIGQUIT
  healthcheck: {test: [CMD, /usr/bin/probe]}
  annotations: {}
platforms: [linux/amd64]              # default: what the binaries are
",
        "\
2:12 input SYSROOT Sysroot ./sysroot
3:12 input HOST Host /
5:5 binary HOST/usr/bin/rg -> /usr/bin/rg
6:5 binary SYSROOT/usr/sbin/nginx -> /usr/sbin/nginx mode=0755 owner=0:0 capabilities=cap_net_bind_service=ep@10:20 libraries=libz.so.1@12:17 why=serves the site
14:5 data SYSROOT/usr/share/zoneinfo -> /usr/share/zoneinfo (into) include=Europe/**@14:77
16:5 directory /tmp mode=1777
18:5 symlink /lib to /usr/lib
passwd nginx:x:101:101::/var/empty:/sbin/nologin
group nginx:x:101:
23:15 entrypoint [\"/usr/sbin/nginx\", \"-g\", \"daemon off;\"]
env PATH=/usr/sbin:/usr/bin
26:12 workdir /
27:9 user 101:101
expose 80/tcp
stopsignal SIGQUIT
32:16 healthcheck [\"CMD\", \"/usr/bin/probe\"] Healthcheck { test: Cmd([\"/usr/bin/probe\"]), interval: None, timeout: None, start_period: None, start_interval: None, retries: None }
platform linux/amd64
",
    );
}

#[test]
fn all_faults_of_all_sections_are_told_at_once() {
    check(
        "\
input: {backend: buildrot, path: x}
binares: []
binaries:
  - BUILDROOT/usr/sbin/nginx
  - {to: /x}
  - {from: [], to: /x, mod: \"0755\"}
data:
  - motd
  - 5
  - [a]
  - /etc/motd
directories: /tmp
symlinks:
  - /usr/lib
accounts:
  users:
    - {name: Ngi.nx, uid: 101}
    - {name: a, uid: -1}
image:
  entrypoint: /bin/sh -c true
  env: [A=b]
  user: nobody
  workdir: var
platforms: [linux/amd65]
",
        "\
1:18: expected one of `buildroot`, `sysroot`, `host`, `tar`, `http`, `oci`, `apt`, `apk`, found `buildrot` (help: did you mean `buildroot`?)
2:1: unknown key `binares` (help: did you mean `binaries`? known keys here: `input`, `inputs`, `binaries`, `data`, `packages`, `directories`, `symlinks`, `hardlinks`, `accounts`, `image`, `platforms`, `ld-so-cache`, `package-database`, `layers`, `suggestions`, `checks`, `tests`)
5:6: `from` is missing here
6:12: expected a string, found a list
6:24: unknown key `mod` (help: did you mean `mode`? known keys here: `from`, `to`, `mode`, `owner`, `capabilities`, `xattrs`, `libraries`, `why`)
8:5: a file beside the manifest needs a destination (help: write `FROM:/path/in/the/image`, or `to` in the long form)
9:5: expected a string or a mapping, found a number (help: quote it: \"5\")
10:5: expected a string or a mapping, found a list
11:5: `/etc/motd` says no input (help: declare an input with `backend: host` and write `HOST/etc/motd`)
12:14: expected a list, found a string (help: a list of one item is written [/tmp])
14:5: `/usr/lib` is not TARGET:LINK (help: write what is pointed at, a colon, and the absolute path of the link)
17:14: `Ngi.nx` cannot name an account (help: write letters, digits, `_` and `-`, beginning with a letter or `_`, at most 32 of them)
18:22: expected a whole number from 0 to 4294967295, found -1
20:15: expected a list of strings, found a string (help: write a list, one argument an item: [/usr/bin/x, --flag]; there is no shell to split a line)
21:8: expected a mapping, found a list (help: write `NAME: value`, not a list: {A: \"b\"})
23:12: `var` does not start with `/`
24:13: `linux/amd65` is not a platform that scant knows: linux/amd64, linux/arm64, linux/arm/v7, linux/arm/v6, linux/arm/v5, linux/386, linux/loong64, linux/mips, linux/mipsle, linux/mips64, linux/mips64le, linux/ppc64, linux/ppc64le, linux/riscv64, linux/s390x
",
    );
}

#[test]
fn everything_may_be_absent_or_empty() {
    check("binaries:\n", "");
    check("{}", "");
    check("inputs: {}\naccounts:\nimage:\ndata: []\nplatforms:\nld-so-cache:\n", "");
}

#[test]
fn each_section_says_what_it_expected() {
    check(
        "\
input: x
inputs: [x]
binaries: {}
data: x
directories: 5
symlinks: true
hardlinks: {a: b}
accounts: []
image: text
platforms: linux/amd64
ld-so-cache: yes
",
        "\
1:8: expected a mapping, found a string (help: as in {backend: ...}; known keys here: `backend`, `mode`, `path`, `url`, `sha256`, `image`, `strip-components`, `name`, `executable`, `packages`, `sources`, `recommends`, `pins`, `allow-unsigned`, `repositories`, `keys`, `install-if`)
2:9: expected a mapping, found a list
3:11: expected a list, found a mapping
4:7: expected a list, found a string (help: a list of one item is written [x])
5:14: expected a list, found a number (help: a list of one item is written [5])
6:11: expected a list, found a boolean
7:12: expected a list, found a mapping
8:11: expected a mapping, found a list
9:8: expected a mapping, found a string (help: as in {entrypoint: ...}; known keys here: `entrypoint`, `cmd`, `env`, `workdir`, `user`, `expose`, `volumes`, `labels`, `stopsignal`, `healthcheck`, `annotations`)
10:12: expected a list, found a string (help: a list of one item is written [linux/amd64])
11:14: expected one of `auto`, `always`, `never`, found `yes`
",
    );
}

#[test]
fn what_is_written_as_something_else_says_how_it_is_written() {
    check(
        "\
binaries: HOST/usr/bin/x
image:
  env: [A=b]
suggestions:
  decline: [time-zone, {id: pam}]
",
        "\
1:11: expected a list, found a string (help: a list of one item is written [HOST/usr/bin/x])
3:8: expected a mapping, found a list (help: write `NAME: value`, not a list: {A: \"b\"})
5:13: `time-zone` is declined without a reason (help: say why it is left out: {id: time-zone, reason: ...})
5:25: `reason` is missing here
",
    );
}

#[test]
fn files_of_another_kind_are_told_as_what_they_are() {
    check(
        "schemaVersion: 2.0.0\ncommandTests:\n  - {name: x, command: y}\n",
        "1:1: this is a file of tests, not a manifest: it has `schemaVersion` (help: `scant test --config FILE IMAGE` makes tests; in a manifest they stand under `tests`)",
    );
    check(
        "rules: [{id: x}]",
        "1:1: this is a file of suggestion rules, not a manifest: it has `rules` (help: a manifest names it under `suggestions: rules:`)",
    );
}
