//! Suggestions as they are shown, and the page that lists the built-in ones.

use scant_core::rules::suggestions::builtin;
use snapbox::{Assert, Data, str};

use crate::check::check;
use crate::place::Place;

const ROOT: &str = r#"
/lib64/ld-linux-x86-64.so.2  loader glibc x86_64 dirs=/lib64/
/lib64/libc.so.6             elf x86_64 soname=libc.so.6 verdef=GLIBC_2.36
/lib64/libgcc_s.so.1         elf x86_64 soname=libgcc_s.so.1
/lib64/libplug.so.1          elf x86_64 soname=libplug.so.1
/etc/localtime               "TZif"
/usr/bin/app                 elf x86_64 interp=/lib64/ld-linux-x86-64.so.2 needed=libc.so.6 imports=pthread_cancel,localtime,dlopen string=libplug.so.1
"#;

const MANIFEST: &str = "\
inputs:
  ROOT: {backend: sysroot, path: root}
binaries: [ROOT/usr/bin/app]
image: {entrypoint: [/usr/bin/app]}
";

#[test]
fn a_plan_shows_them_with_lines_that_accept_them() {
    check(
        &Place::new(ROOT).file("app.yaml", MANIFEST),
        "plan app.yaml",
        str![[r#"
exit 0
--- stdout
0755  0:0            /lib64/                      parent directory of /lib64/ld-linux-x86-64.so.2
0755  0:0     832 B  /lib64/ld-linux-x86-64.so.2  interpreter of /usr/bin/app
0755  0:0     656 B  /lib64/libc.so.6             needed by /usr/bin/app as libc.so.6, found in the loader's default directory /lib64
0755  0:0            /usr/                        parent directory of /usr/bin/app
0755  0:0            /usr/bin/                    parent directory of /usr/bin/app
0755  0:0     832 B  /usr/bin/app                 declared in `binaries` at line 3
--- stderr
linux/amd64: 6 paths, 2.3 kB of files
suggestion: glibc.libgcc_s (required) for /usr/bin/app: glibc opens libgcc_s to cancel threads and for backtraces, and aborts without it
    adds ROOT/lib64/libgcc_s.so.1
suggestion: soname:libplug.so.1 (suggested) for /usr/bin/app: it opens libraries, and its text names this one
    adds ROOT/lib64/libplug.so.1
suggestion: time-zone (suggested) for /usr/bin/app: local time; a zone named by TZ wants /usr/share/zoneinfo (time-zone.all)
    adds ROOT/etc/localtime
to take one in, add it to the manifest, or decline it:
    suggestions:
      accept:
        - glibc.libgcc_s       # required: glibc opens libgcc_s to cancel threads and for backtraces, and aborts without it
        - soname:libplug.so.1  # suggested: it opens libraries, and its text names this one
        - time-zone            # suggested: local time; a zone named by TZ wants /usr/share/zoneinfo (time-zone.all)

"#]],
    );
}

#[test]
fn a_build_refuses_what_a_program_ends_without_and_counts_suggestions() {
    check(
        &Place::new(ROOT).file("app.yaml", MANIFEST),
        "build app.yaml -o oci:out",
        str![[r#"
exit 2
--- stderr
2 suggestions: `scant plan app.yaml` shows what may be missing
error: `/usr/bin/app` needs what `glibc.libgcc_s` brings, and nobody accepted or declined it [run-time-need]
 --> app.yaml:3:12
  |
3 | binaries: [ROOT/usr/bin/app]
  |            ^^^^^^^^^^^^^^^^
  |
  = help: add it to `suggestions: accept`, or decline it with a reason: glibc opens libgcc_s to cancel threads and for backtraces, and aborts without it
hint: `--no-check` builds it all the same; `checks` in the manifest accepts findings by name

"#]],
    );
}

#[test]
fn init_takes_in_what_is_required_and_writes_the_rest_as_comments() {
    check(
        &Place::new(ROOT),
        "init --root root /usr/bin/app",
        str![[r#"
exit 0
--- stdout
# Everything in the image is declared here or needed by what is; `scant plan` shows it all.
inputs:
  SYSROOT:
    backend: sysroot
    path: [PLACE]/root

binaries:
  - SYSROOT/usr/bin/app
    # brings its loader and libraries: 2 files, 1.5 kB

# /etc/passwd and /etc/group; an image runs as root unless `image: user:` says otherwise.
accounts:
  users:
    - {name: root, uid: 0, gid: 0, home: /}
    - {name: nobody, uid: 65534, gid: 65534, home: /}

image:
  entrypoint: [/usr/bin/app]
  # user: nobody

# What programs open when they run and end without.
suggestions:
  accept:
    - glibc.libgcc_s  # required: glibc opens libgcc_s to cancel threads and for backtraces, and aborts without it
# What may be missing; `scant plan` shows what each would add.
#     - soname:libplug.so.1  # suggested: it opens libraries, and its text names this one
#     - time-zone            # suggested: local time; a zone named by TZ wants /usr/share/zoneinfo (time-zone.all)

"#]],
    );
}

#[test]
fn what_is_accepted_tells_so() {
    let accept =
        format!("{MANIFEST}suggestions: {{accept: [glibc.libgcc_s, 'soname:libplug.so.1']}}\n");
    let place = Place::new(ROOT).file("app.yaml", &accept);
    check(
        &place,
        "why app.yaml /lib64/libplug.so.1",
        str![[r#"
exit 0
--- stdout
/lib64/libplug.so.1 (file, 528 B, from ROOT/lib64/libplug.so.1)
    accepted in `suggestions` at line 5: soname:libplug.so.1 for /usr/bin/app, it opens libraries, and its text names this one

"#]],
    );
}

#[test]
fn rules_of_a_user_are_read_and_their_faults_told() {
    let manifest = format!("{MANIFEST}suggestions: {{rules: [./own.yaml], accept: [own]}}\n");
    let own = "rules: [{id: own, when: {}, level: much}]\n";
    let place = Place::new(ROOT).file("app.yaml", &manifest).file("own.yaml", own);
    check(
        &place,
        "plan app.yaml",
        str![[r#"
exit 2
--- stderr
error: `add` is missing here
 --> ./own.yaml:1:10
  |
1 | rules: [{id: own, when: {}, level: much}]
  |          ^^

error: expected one of `required`, `recommended`, `suggested`, found `much`
 --> ./own.yaml:1:36
  |
1 | rules: [{id: own, when: {}, level: much}]
  |                                    ^^^^

"#]],
    );
}

#[test]
fn accepted_and_declined_is_a_fault() {
    let both = "suggestions: {accept: [pam, 'a b'], decline: [{id: pam, reason: ' '}]}\n";
    let place = Place::new(ROOT).file("app.yaml", &format!("{MANIFEST}{both}"));
    check(
        &place,
        "plan app.yaml",
        str![[r#"
exit 2
--- stderr
error: `a b` names no suggestion
 --> app.yaml:5:29
  |
5 | suggestions: {accept: [pam, 'a b'], decline: [{id: pam, reason: ' '}]}
  |                             ^^^^^
  |
  = help: write an id that `scant plan` shows, such as `glibc.gconv` or `soname:libz.so.1`

error: `pam` is accepted and declined
 --> app.yaml:5:47
  |
5 | suggestions: {accept: [pam, 'a b'], decline: [{id: pam, reason: ' '}]}
  |                        --- accepted here      ^^^^^^^^^^^^^^^^^^^^^^

error: `pam` is declined without a reason
 --> app.yaml:5:65
  |
5 | suggestions: {accept: [pam, 'a b'], decline: [{id: pam, reason: ' '}]}
  |                                                                 ^^^
  |
  = help: say why it is left out: whoever reads this later wants to know

"#]],
    );
}

#[test]
fn the_page_lists_the_built_in_rules() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/suggestions.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let marker = "--test cli suggestions`. -->\n";
    let end = text.find(marker).expect("the page has its marker") + marker.len();
    let mut table = String::from("\n| id | level | because |\n|---|---|---|\n");
    for rule in builtin() {
        table += &format!("| `{}` | {} | {} |\n", rule.id.value, rule.level, rule.because);
    }
    let expected = Data::read_from(&page, None).raw();
    Assert::new().action_env("SNAPSHOTS").eq(text[..end].to_string() + &table, expected);
}
