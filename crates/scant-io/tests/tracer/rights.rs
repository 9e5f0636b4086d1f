//! Rights: programs that want more than they were started with, and what the tracer needs.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;

use scant_io::tracer::{Bounds, Exit, Identity, Privilege, TraceError};

use crate::support::{Place, present, skip};

#[test]
fn a_set_user_id_program_is_refused_with_the_reason() {
    let Some(place) = Place::new() else { return };
    let program = if rustix::process::geteuid().is_root() {
        let program = place.compile("look(\"never\");");
        chown(&program, Some(12345), None).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o4755)).unwrap();
        program
    } else {
        Path::new("/usr/bin/passwd").to_path_buf()
    };
    if !program.exists() {
        return skip("there is no set-user-ID program");
    }
    let run = place.run(&program);
    let Err(TraceError::Privileged { privilege: Privilege::User(_), program: named }) = &run.exit
    else {
        panic!("{:?}", run.exit)
    };
    assert_eq!(Path::new(named), program);
    assert_eq!(run.count("never"), 0);
    let message = run.exit.unwrap_err().to_string();
    assert!(message.contains("is set-user-ID and wants to run as user"), "{message}");
}

#[test]
fn a_set_user_id_program_that_changes_nothing_runs() {
    let Some(place) = Place::new() else { return };
    let program = place.compile("look(\"ours\");");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o4755)).unwrap();
    let run = place.run(&program);
    assert_eq!(run.ended_well().count("ours"), 1);
}

#[test]
fn a_set_user_id_child_is_refused_too() {
    if !rustix::process::geteuid().is_root() {
        return skip("only root can make such a program");
    }
    let Some(place) = Place::new() else { return };
    let helper = place.compile("look(\"never\");");
    let other = place.path().join("helper");
    fs::rename(&helper, &other).unwrap();
    chown(&other, Some(12345), None).unwrap();
    fs::set_permissions(&other, fs::Permissions::from_mode(0o4755)).unwrap();
    let program = place.compile("if (!fork()) execl(\"helper\", \"helper\", 0); wait(0);");
    let run = place.run(&program);
    assert!(matches!(run.exit, Err(TraceError::Privileged { .. })), "{:?}", run.exit);
}

#[test]
fn a_program_runs_as_who_it_shall() {
    if !rustix::process::geteuid().is_root() {
        return skip("only root can become others");
    }
    let Some(place) = Place::new() else { return };
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let body = "gid_t g[9]; look(\"as-other\");
        return !(geteuid() == 12345 && getegid() == 54321 && getgroups(9, g) == 1 && g[0] == 7);";
    let program = place.compile(body);
    let mut program = place.program(&program, &[]);
    program.identity = Some(Identity { user: 12345, group: 54321, groups: vec![7] });
    let run = place.run_program(&program, &Bounds::default());
    assert_eq!(run.ended_well().count("as-other"), 1);
}

#[test]
fn a_tracer_in_the_program_fails_as_in_a_debugger() {
    let Some(place) = Place::new() else { return };
    let program = place.compile(
        r#"
        if (ptrace(PTRACE_TRACEME, 0, 0, 0) != -1 || errno != EPERM) return 1;
        look("goes on");
        int child = fork();
        if (child == 0) { pause(); return 0; }
        if (ptrace(PTRACE_ATTACH, child, 0, 0) != -1 || errno != EPERM) return 2;
        kill(child, SIGKILL);
        wait(0);
        "#,
    );
    let run = place.run(&program);
    assert_eq!(run.ended_well().count("goes on"), 1);
    if present("strace", "strace") {
        let run = place.run_with(Path::new("/usr/bin/strace"), &["/bin/true"], &Bounds::default());
        assert!(matches!(run.exit, Ok(Exit::Status(1..))), "{:?}", run.exit);
    }
}

#[test]
fn what_cannot_be_started_is_told() {
    let Some(place) = Place::new() else { return };
    let missing = place.path().join("missing");
    let run = place.run(&missing);
    let message = run.exit.as_ref().unwrap_err().to_string();
    let expected = "cannot be executed: No such file or directory (os error 2)";
    assert!(message.ends_with(expected), "{message}");
    // It was asked for, all the same.
    assert_eq!(run.asked(), ["Execute[./missing] ./missing in /: error 2"]);

    let program = place.compile("");
    let mut nowhere = place.program(&program, &[]);
    nowhere.directory = missing;
    let run = place.run_program(&nowhere, &Bounds::default());
    assert!(matches!(run.exit, Err(TraceError::Directory { .. })), "{:?}", run.exit);
}
