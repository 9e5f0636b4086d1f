//! Entrypoint, health check, permissions, working directory.

use crate::support::check;

const APP: &str = "/bin/app elf x86_64 interp=/ld.so";

#[test]
fn an_image_that_starts_has_no_findings() {
    check("entrypoint /bin/app", APP, "");
    check("cmd app --x", APP, "");
    check("entrypoint bin/app", APP, "");
    check("entrypoint app\nenv PATH=/opt:/bin", APP, "");
    check("entrypoint /bin/app\nhealth NONE", APP, "");
    check("entrypoint /bin/app\nhealth CMD app --ping", APP, "");
    check("", APP, "");
}

#[test]
fn a_program_that_is_not_there() {
    check(
        "entrypoint /bin/other",
        APP,
        "error entrypoint: `/bin/other`, the entrypoint, is not in the image
         tried /bin/other: not there",
    );
    check(
        "cmd other\nenv PATH=/sbin:/bin",
        APP,
        "error entrypoint: `other`, the command, is in no directory of `PATH` in the image
         tried /sbin/other: `/sbin` is not there
         tried /bin/other: not there",
    );
    check(
        "entrypoint /bin",
        APP,
        "error entrypoint: `/bin`, the entrypoint, is not in the image
         tried /bin: it is a directory",
    );
    check(
        "entrypoint /bin/app\nhealth CMD-SHELL app | grep ok",
        APP,
        "error healthcheck: `/bin/sh`, the shell of the health check, is not in the image
         tried /bin/sh: not there
         help: name the program itself, as a list, or add a shell",
    );
    check(
        "user 0",
        APP,
        "hint entrypoint: the image names neither an entrypoint nor a command
         help: whoever runs it has to name a program
         hint unknown-user: `/etc/passwd` names no users at all
         help: programs that look their user up find nothing; `accounts: auto` writes it",
    );
}

#[test]
fn a_link_that_leads_to_nothing_on_the_way() {
    check(
        "entrypoint /bin/app",
        "/bin/app -> ../opt/app",
        "error entrypoint: `/bin/app`, the entrypoint, is not in the image
         tried /bin/app: `/opt` is not there
         warning dangling-link: `/bin/app` -> `../opt/app` leads nowhere: `/opt`: no such file or directory",
    );
}

#[test]
fn what_is_no_program() {
    check(
        "entrypoint /bin/app",
        r#"/bin/app mode=0755 "echo hello\n""#,
        "error entrypoint: `/bin/app`, the entrypoint, is neither an ELF program nor a script
         help: a script begins with `#!` and its interpreter",
    );
}

#[test]
fn scripts_are_followed_to_what_runs_them() {
    let script = r##"/bin/run mode=0755 "#!/bin/app -x\n""##;
    check("entrypoint /bin/run", &format!("{script}\n{APP}"), "");
    check(
        "entrypoint /bin/run",
        r##"/bin/run mode=0755 "#!/usr/bin/env python3\n"
            /usr/bin/env elf x86_64 static"##,
        "error script-interpreter: `python3`, which scripts run through `env`, is in no directory of `PATH`
         named by /bin/run
         tried /usr/local/sbin/python3: `/usr/local` is not there
         tried /usr/local/bin/python3: `/usr/local` is not there
         tried /usr/sbin/python3: `/usr/sbin` is not there
         tried /usr/bin/python3: not there
         tried /sbin/python3: `/sbin` is not there
         tried /bin/python3: not there",
    );
    check(
        "entrypoint /bin/run",
        r##"/bin/run mode=0755 "#!/bin/sh\x0d\n""##,
        "error script-interpreter: `/bin/sh\\r`, which scripts name as their interpreter, is not in the image
         named by /bin/run
         tried /bin/sh\\r: not there
         help: the line ends as on Windows, and the kernel takes that for a part of the name: convert the scripts",
    );
}

#[test]
fn the_user_must_be_allowed_to_execute_it() {
    let settings = "entrypoint /app/run\nuser 7:8";
    let users = "/etc/passwd \"u:x:7:8::/:\\n\"\n/etc/group \"g:x:8:\\n\"\n";
    let run = |mode: &str| format!("{users}/app/run mode={mode} \"#!/bin/app\"\n{APP}");
    check(settings, &run("0755"), "");
    check(
        settings,
        &run("0744"),
        "error not-permitted: user 7 (group 8) may not execute `/app/run`, the entrypoint: it has mode 0744 and owner 0:0
         help: give it another owner or mode, or let the image run as a user that may",
    );
    check(&format!("{settings}\nowner /app/run 7:0"), &run("0744"), "");
    check(&format!("{settings}\nowner /app/run 0:8"), &run("0750"), "");
    // The owner's bits count for the owner, whatever others may do.
    check(
        &format!("{settings}\nowner /app/run 7:8"),
        &run("0675"),
        "error not-permitted: user 7 (group 8) may not execute `/app/run`, the entrypoint: it has mode 0675 and owner 7:8
         help: give it another owner or mode, or let the image run as a user that may",
    );
    check("entrypoint /app/run", &run("0744"), "");
    check(
        "entrypoint /app/run",
        &run("0644"),
        "error not-permitted: user 0 (group 0) may not execute `/app/run`, the entrypoint: it has mode 0644 and owner 0:0
         help: give it another owner or mode, or let the image run as a user that may",
    );
}

#[test]
fn every_directory_above_must_be_open_to_the_user() {
    let users = "/etc/passwd \"u:x:7:8::/:\\n\"\n/etc/group \"g:x:8:\\n\"\n";
    let listing = format!(
        "{users}/app/ mode=0700\n/app/bin/app elf x86_64 interp=/ld.so\n/run-app -> app/bin/app"
    );
    let finding = |path: &str| {
        format!(
            "error not-permitted: user 7 (group 8) may not execute `{path}`, the entrypoint: the directory `/app` has mode 0700 and owner 0:0
             help: give it another owner or mode, or let the image run as a user that may"
        )
    };
    check("entrypoint /app/bin/app\nuser 7:8", &listing, &finding("/app/bin/app"));
    check("entrypoint /run-app\nuser u", &listing, &finding("/run-app"));
    check(
        "entrypoint /app/bin/app\nuser 0",
        &format!("/etc/passwd \"root:x:0:0::/:\\n\"\n{listing}").replace(users, ""),
        "",
    );
    check("entrypoint /app/bin/app\nuser u\nowner /app 7:0", &listing, "");
}

#[test]
fn what_is_loaded_must_be_readable_and_the_loader_executable() {
    let users = "/etc/passwd \"u:x:7:8::/:\\n\"\n/etc/group \"g:x:8:\\n\"\n";
    check(
        "entrypoint /bin/app\nuser u\nowner /lib/libx.so 0:0",
        &format!(
            "{users}/bin/app elf x86_64 interp=/ld.so needed=libx.so
             /lib/ mode=0750
             /lib/libx.so elf x86_64"
        ),
        "error not-permitted: user 7 (group 8) may not read `/lib/libx.so`, which is loaded: the directory `/lib` has mode 0750 and owner 0:0",
    );
}

#[test]
fn the_working_directory() {
    check("entrypoint /bin/app\nworkdir /bin", APP, "");
    check("entrypoint /bin/app\nworkdir /data\nvolume /data", APP, "");
    check(
        "entrypoint /bin/app\nworkdir /srv",
        APP,
        "warning working-directory: `/srv`, the working directory, is not in the image
         help: most runtimes make it, owned by root, unless the root is read-only",
    );
    check(
        "entrypoint /bin/app\nworkdir /bin/app",
        APP,
        "error working-directory: `/bin/app`, the working directory, is a file",
    );
    check(
        "entrypoint /bin/app\nworkdir /srv\nuser u",
        &format!("/etc/passwd \"u:x:7:8::/:\\n\"\n/srv/ mode=0700\n{APP}"),
        "error working-directory: user 7 (group 8) may not enter `/srv`, the working directory: it has mode 0700 and owner 0:0",
    );
}
