//! What a run says about an image: a manifest, its inputs, a log of strace, and what is proposed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use scant_core::formats::strace_log::Reader;
use scant_core::formats::trace_file::{Run, TraceFile};
use scant_core::plan::Plan;
use scant_core::rules::trace::{Answer, Entry, Question, Recorder, propose, unused};
use scant_core::words::InputName;

use crate::support::{Listings, compare, planned, prepare, views};

const SYSTEM: &str = "
    /usr/bin/app        elf x86_64 interp=/lib/ld.so needed=libc.so.6
    /usr/bin/helper     elf x86_64 interp=/lib/ld.so needed=libc.so.6
    /usr/bin/tool       mode=0755 \"#!/usr/bin/app\"
    /lib/ld.so          loader glibc x86_64
    /lib/libc.so.6      elf x86_64 soname=libc.so.6
    /lib/libz.so -> libz.so.1
    /lib/libz.so.1      elf x86_64 soname=libz.so.1
    /usr/lib/app/plug.so elf x86_64 needed=libz.so.1
    /usr/share/app/a    \"a\"
    /usr/share/app/b    \"b\"
    /usr/share/app/c    \"c\"
    /usr/share/zone/UTC \"z\"
    /etc/app.conf       \"c\"
    /etc/shadow         \"s\"
    /etc/app/           mode=1777
    /root/.apprc        \"r\"
    ";

/// Plans, holds a log against the plan, and compares what is said.
#[track_caller]
fn check(manifest: &str, log: &str, expected: &str) {
    let (plan, runs) = traced(manifest, log);
    compare(&show(&answer(manifest, &plan, &runs)), expected);
}

fn traced(manifest: &str, log: &str) -> (Plan, TraceFile) {
    let plan = planned(manifest, INPUTS);
    let mut recorder = Recorder::new(&plan.tree);
    let mut reader = Reader::new(Some(b"/usr/share/app"));
    for line in log.lines() {
        reader.line(line.as_bytes()).iter().for_each(|access| recorder.take(access));
    }
    let left = reader.finish();
    assert_eq!(left.count(), 0, "{left:?}");
    let (uses, _) = recorder.finish();
    let run = Run { command: Vec::new(), failed: None, uses };
    (plan, TraceFile { runs: BTreeMap::from([("r".to_string(), run)]) })
}

const INPUTS: Listings<'static> = &[("SYS", SYSTEM)];

fn answer(manifest: &str, plan: &Plan, runs: &TraceFile) -> Answer {
    let (_, opened) = prepare(manifest, INPUTS);
    let views = views(&opened, false);
    let inputs = views.iter().filter(|(name, _)| **name != InputName::manifest());
    propose(&Question { tree: &plan.tree, inputs: inputs.collect() }, runs)
}

fn show(answer: &Answer) -> String {
    let mut text = String::new();
    for proposal in &answer.proposals {
        let entry = match &proposal.entry {
            Entry::Binary { input, path } => format!("binaries {input}{path}"),
            Entry::Library { program, line, name } => {
                format!("libraries of {program} at {line}: {name}")
            }
            Entry::Data { input, path } => format!("data {input}{path}"),
            Entry::Accept { id } => format!("accept {id}"),
            Entry::Directory { path, mode } => {
                format!("directories {path}{}", mode.map_or(String::new(), |m| format!(" {m}")))
            }
        };
        writeln!(text, "{entry}: {}", proposal.reason).unwrap();
    }
    for told in &answer.nowhere {
        writeln!(text, "nowhere {}: {}", told.path, told.reason).unwrap();
    }
    for (told, refused) in &answer.withheld {
        writeln!(text, "withheld {}: {refused}: {}", told.path, told.reason).unwrap();
    }
    for told in &answer.written {
        writeln!(text, "written {}: {}", told.path, told.reason).unwrap();
    }
    for whole in &answer.poorer {
        writeln!(text, "more in {}{}", whole.input, whole.path).unwrap();
    }
    for whole in &answer.offers {
        writeln!(text, "offer {}{}", whole.input, whole.path).unwrap();
    }
    text
}

#[test]
fn missing_files_that_an_input_has_are_proposed_as_what_they_are() {
    check(
        "binaries: [SYS/usr/bin/app]",
        r#"
        1 execve("/usr/bin/app", ["app"], 0x1) = 0
        1 openat(AT_FDCWD, "/lib/libc.so.6", O_RDONLY|O_CLOEXEC) = 3
        1 openat(AT_FDCWD, "/lib/hwcaps/libz.so.1", O_RDONLY) = -1 ENOENT (No such file or directory)
        1 openat(AT_FDCWD, "/lib/libz.so.1", O_RDONLY) = -1 ENOENT (No such file or directory)
        1 openat(AT_FDCWD, "/usr/lib/libz.so.1", O_RDONLY) = -1 ENOENT (No such file or directory)
        1 openat(AT_FDCWD, "/usr/lib/app/plug.so", O_RDONLY) = -1 ENOENT (No such file or directory)
        1 openat(AT_FDCWD, "/etc/app.conf", O_RDONLY) = -1 ENOENT (No such file or directory)
        1 openat(AT_FDCWD, "/etc/gone.conf", O_RDONLY) = -1 ENOENT (No such file or directory)
        1 openat(AT_FDCWD, "a", O_RDONLY) = -1 ENOENT (No such file or directory)
        1 execve("/usr/local/bin/helper", ["helper"], 0x1) = -1 ENOENT (No such file or directory)
        1 execve("/usr/bin/helper", ["helper"], 0x1) = -1 ENOENT (No such file or directory)
        1 stat("/usr/bin/tool", 0x1) = -1 ENOENT (No such file or directory)
        "#,
        "
        binaries SYS/usr/bin/helper: executed by /usr/bin/app, run `r`
        binaries SYS/usr/bin/tool: looked at by /usr/bin/app, run `r`
        libraries of /usr/bin/app at 1: libz.so.1: opened by /usr/bin/app, run `r`
        data SYS/etc/app.conf: opened by /usr/bin/app, run `r`
        data SYS/usr/lib/app/plug.so: opened by /usr/bin/app, run `r`
        data SYS/usr/share/app/a: opened by /usr/bin/app, run `r`
        nowhere /etc/gone.conf: opened by /usr/bin/app, run `r`
        nowhere /lib/hwcaps/libz.so.1: opened by /usr/bin/app, run `r`
        nowhere /usr/lib/libz.so.1: opened by /usr/bin/app, run `r`
        nowhere /usr/local/bin/helper: executed by /usr/bin/app, run `r`
        ",
    );
}

#[test]
fn a_search_that_succeeds_says_nothing() {
    check(
        "binaries: [SYS/usr/bin/app, SYS/usr/bin/helper]",
        r#"
        1 execve("/usr/bin/app", ["app"], 0x1) = 0
        1 openat(AT_FDCWD, "/etc/app/libc.so.6", O_RDONLY) = -1 ENOENT (No such file or directory)
        1 openat(AT_FDCWD, "/lib/libc.so.6", O_RDONLY|O_CLOEXEC) = 3
        1 stat("/usr/local/bin/helper", 0x1) = -1 ENOENT (No such file or directory)
        1 stat("/usr/bin/helper", 0x1) = 0
        2 stat("/usr/local/bin/helper", 0x1) = -1 ENOENT (No such file or directory)
        "#,
        "
        nowhere /usr/local/bin/helper: looked at, run `r`
        ",
    );
}

#[test]
fn what_a_run_on_another_machine_found_is_held_against_the_image() {
    check(
        "binaries: [SYS/usr/bin/app]",
        r#"
        1 execve("/usr/bin/app", ["app"], 0x1) = 0
        1 openat(AT_FDCWD, "/lib/libz.so", O_RDONLY|O_CLOEXEC) = 3</lib/libz.so.1>
        1 mmap(NULL, 8192, PROT_READ|PROT_EXEC, MAP_PRIVATE, 3</lib/libz.so.1>, 0) = 0x7f00
        1 openat(AT_FDCWD, "/etc/app.conf", O_RDONLY) = 3
        1 openat(AT_FDCWD, "/etc/only-there.conf", O_RDONLY) = 3
        "#,
        "
        libraries of /usr/bin/app at 1: libz.so: opened by /usr/bin/app, run `r`
        data SYS/etc/app.conf: opened by /usr/bin/app, run `r`
        ",
    );
}

#[test]
fn links_of_the_image_are_followed_as_the_kernel_does() {
    check(
        "
        binaries: [SYS/usr/bin/app]
        symlinks: ['/usr/share/app:/data', '../etc/app.conf:/usr/conf']
        ",
        r#"
        1 openat(AT_FDCWD, "/data/./x/../b", O_RDONLY) = -1 ENOENT (No such file or directory)
        1 openat(AT_FDCWD, "/usr/conf", O_RDONLY) = -1 ENOENT (No such file or directory)
        1 lstat("/usr/conf", 0x1) = 0
        "#,
        "
        data SYS/etc/app.conf: opened, run `r`
        data SYS/usr/share/app/b: opened, run `r`
        ",
    );
}

#[test]
fn writes_propose_directories_and_never_data() {
    check(
        "
        binaries: [SYS/usr/bin/app]
        directories: [/var/lib/app]
        ",
        r#"
        1 open("/tmp/x1234", O_RDWR|O_CREAT|O_EXCL, 0600) = 3
        1 open("/etc/app/state", O_WRONLY|O_CREAT, 0644) = -1 ENOENT (No such file or directory)
        1 mkdir("/var/lib/app/new", 0755) = 0
        1 open("/var/lib/app/new/file", O_WRONLY|O_CREAT, 0644) = 3
        1 open("/var/lib/app/new/file", O_RDONLY) = 3
        1 mkdir("/var/cache/app/temp", 0700) = -1 ENOENT (No such file or directory)
        1 open("/root/.history", O_WRONLY|O_APPEND|O_CREAT, 0600) = -1 ENOENT (No such file or directory)
        1 open("/dev/null", O_RDWR) = 4
        "#,
        "
        directories /etc/app 1777: written, run `r`
        directories /tmp 1777: written, run `r`
        directories /var/cache/app: written, run `r`
        withheld /root: in a home directory: written, run `r`
        written /var/lib/app: written, run `r`
        ",
    );
}

#[test]
fn logs_are_written_to_directories() {
    check(
        "binaries: [SYS/usr/bin/app]",
        r#"
        1 open("/var/log/app/error.log", O_WRONLY|O_CREAT|O_APPEND, 0644) = -1 ENOENT (No such file or directory)
        1 open("/var/log/old.log", O_RDONLY) = -1 ENOENT (No such file or directory)
        "#,
        "
        directories /var/log/app: written, run `r`
        nowhere /var/log/old.log: opened, run `r`
        ",
    );
}

#[test]
fn directories_for_some_processors_are_not_told() {
    check(
        "binaries: [SYS/usr/bin/app]",
        r#"
        1 stat("/usr/lib/glibc-hwcaps/x86-64-v4", 0x1) = -1 ENOENT (No such file or directory)
        1 stat("/usr/lib/tls/haswell", 0x1) = -1 ENOENT (No such file or directory)
        1 stat("/usr/lib/x86_64", 0x1) = -1 ENOENT (No such file or directory)
        1 stat("/srv/tls", 0x1) = -1 ENOENT (No such file or directory)
        1 stat("/srv/x86_64", 0x1) = -1 ENOENT (No such file or directory)
        "#,
        "
        nowhere /srv/tls: looked at, run `r`
        nowhere /srv/x86_64: looked at, run `r`
        ",
    );
}

#[test]
fn a_run_that_failed_says_so_unless_another_needed_it_too() {
    let manifest = "binaries: [SYS/usr/bin/app]";
    let first = "1 open(\"/etc/app.conf\", O_RDONLY) = -1 ENOENT (No such file or directory)\n";
    let second = "1 open(\"/usr/share/zone/UTC\", O_RDONLY) = -1 ENOENT (No such file)\n";
    let (plan, mut runs) = traced(manifest, &format!("{first}{second}"));
    runs.runs.get_mut("r").unwrap().failed = Some("exited with 1".into());
    let (_, well) = traced(manifest, first);
    runs.runs.extend(well.runs.into_values().map(|run| ("well".to_string(), run)));
    compare(
        &show(&answer(manifest, &plan, &runs)),
        "
        data SYS/etc/app.conf: opened, run `well`
        data SYS/usr/share/zone/UTC: opened, run `r`, from a run that failed
        ",
    );
}

#[test]
fn a_directory_that_is_packed_is_not_offered() {
    check(
        "
        binaries: [SYS/usr/bin/app]
        data:
          - {from: SYS/usr/share/app/, exclude: ['b']}
        ",
        r#"
        1 openat(AT_FDCWD, "/usr/share/app", O_RDONLY|O_DIRECTORY) = 3
        1 getdents64(3, 0x1, 99) = 24
        "#,
        "",
    );
}

#[test]
fn secrets_and_homes_are_told_and_not_proposed() {
    check(
        "binaries: [SYS/usr/bin/app]",
        r#"
        1 open("/etc/shadow", O_RDONLY) = -1 ENOENT (No such file or directory)
        1 open("/root/.apprc", O_RDONLY) = -1 ENOENT (No such file or directory)
        1 open("/proc/self/maps", O_RDONLY) = -1 ENOENT (No such file or directory)
        "#,
        "
        withheld /etc/shadow: a secret: opened, run `r`
        withheld /root/.apprc: in a home directory: opened, run `r`
        ",
    );
}

#[test]
fn directories_are_offered_and_listed_ones_compared() {
    check(
        "
        binaries: [SYS/usr/bin/app]
        data: [SYS/usr/share/app/a]
        ",
        r#"
        1 openat(AT_FDCWD, "/usr/share/app", O_RDONLY|O_DIRECTORY) = 3
        1 getdents64(3, 0x1, 99) = 24
        1 openat(AT_FDCWD, "/usr/share/zone", O_RDONLY|O_DIRECTORY) = -1 ENOENT (No such file or directory)
        "#,
        "
        directories /usr/share/zone: listed, run `r`
        more in SYS/usr/share/app
        more in SYS/usr/share/zone
        offer SYS/usr/share/app
        offer SYS/usr/share/zone
        ",
    );
    check(
        "binaries: [SYS/usr/bin/app]",
        r#"
        1 open("a", O_RDONLY) = -1 ENOENT (No such file or directory)
        1 open("b", O_RDONLY) = -1 ENOENT (No such file or directory)
        1 open("c", O_RDONLY) = -1 ENOENT (No such file or directory)
        "#,
        "
        data SYS/usr/share/app/a: opened, run `r`
        data SYS/usr/share/app/b: opened, run `r`
        data SYS/usr/share/app/c: opened, run `r`
        offer SYS/usr/share/app
        ",
    );
}

#[test]
fn what_no_run_touched_stands_by_its_line() {
    let manifest = "
        binaries: [SYS/usr/bin/app, SYS/usr/bin/helper]
        data:
          - SYS/usr/share/app
          - SYS/etc/app.conf
        ";
    let log = r#"
        1 execve("/usr/bin/app", ["app"], 0x1) = 0
        1 open("a", O_RDONLY) = 3
        1 stat("/etc/app.conf", 0x1) = 0
        "#;
    let (plan, runs) = traced(manifest, log);
    let mut text = String::new();
    for (place, paths) in unused(&plan.tree, &runs) {
        let paths: Vec<_> = paths.iter().map(ToString::to_string).collect();
        writeln!(text, "{:?} {}: {}", place.section, place.line, paths.join(" ")).unwrap();
    }
    compare(
        &text,
        "
        Binaries 1: /usr/bin/helper
        Data 3: /usr/share/app/b /usr/share/app/c
        ",
    );
}
