//! The same without ptrace: what is asked for is told, and whether it is there.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use scant_io::tracer::{Bounds, Engine, Exit, TraceError};

use crate::support::{Place, START, present, skip};

const BOUNDS: Bounds<'_> = Bounds {
    tasks: 100,
    time: Some(Duration::from_secs(60)),
    stop: None,
    grace: Duration::from_millis(200),
    forward: false,
    engine: Engine::Notify,
};

#[test]
fn what_is_asked_for_is_told_and_whether_it_is_there() {
    let Some(place) = Place::new() else { return };
    let program = place.compile(
        r#"
        mkdir("a", 0755);
        chdir("a");
        open("b", O_RDONLY);
        look("../program");
        open("../program", O_RDONLY);
        symlink("nowhere", "c");
        look("c");
        if (argc > 1) return 0;
        execl("../program", "program", "x", (char *)0);
        "#,
    );
    let run = place.run_with(&program, &[], &BOUNDS);
    let first = [
        "Change a in . keep: unknown",
        "Enter a in .: unknown",
        "Open b in ./a: error 2",
        "Look ../program in ./a: done",
        "Open ../program in ./a: unknown",
        "Change c in ./a keep: unknown",
        "Look c in ./a: error 2",
        "Execute[program x] ../program in ./a: unknown",
    ];
    let asked = run.ended_well().asked();
    assert_eq!(asked[0], START.replace("done", "unknown"));
    assert_eq!(asked[1..9], first);
    // The program that was executed asked for all but the last again.
    assert_eq!(asked.len(), 9 + 7, "{asked:#?}");
}

#[test]
fn nothing_is_lost_and_everybody_is_followed() {
    let Some(place) = Place::new() else { return };
    let program = place.compile(
        r#"
        char name[40];
        void *run(void *argument) {
            char name[40];
            for (int i = 0; i < 500; i++) {
                sprintf(name, "at-once-%ld-%d", (long)argument, i);
                open(name, O_RDONLY);
            }
            return 0;
        }
        pthread_t threads[4];
        for (long i = 0; i < 4; i++) pthread_create(threads + i, 0, run, (void *)i);
        for (int i = 0; i < 4; i++) pthread_join(threads[i], 0);
        if (fork()) return 7;
        setsid();
        usleep(200000);
        look("of-daemon");
        "#,
    );
    let run = place.run_with(&program, &[], &BOUNDS);
    assert!(matches!(run.exit, Ok(Exit::Status(7))), "{:?}", run.exit);
    assert_eq!(run.count("at-once-"), 2000);
    assert_eq!(run.count("of-daemon"), 1);
}

#[test]
fn what_cannot_be_started_is_told() {
    let Some(place) = Place::new() else { return };
    let run = place.run_with(Path::new("/missing"), &[], &BOUNDS);
    assert!(matches!(run.exit, Err(TraceError::Execute { .. })), "{:?}", run.exit);
    assert_eq!(run.count("missing"), 1);
}

#[test]
fn a_program_that_does_not_want_to_end_is_killed() {
    let Some(place) = Place::new() else { return };
    let program = place.compile(
        r#"
        signal(SIGTERM, SIG_IGN);
        fork();
        for (;;) look("busy");
        "#,
    );
    let run = place.run_until(&program, "busy", &BOUNDS);
    assert!(matches!(run.exit, Ok(Exit::Signal(9))), "{:?}", run.exit);
}

/// One after the other: their numbers are known to nobody before they ask for something.
#[test]
fn a_program_whose_children_have_children_without_end_is_ended() {
    let Some(place) = Place::new() else { return };
    let program = place.compile(
        r#"
        signal(SIGCHLD, SIG_IGN);
        for (int turn = 0; turn < 100000; turn++) {
            int child = fork();
            if (child > 0) { pause(); }
            if (child == 0) { kill(getppid(), SIGKILL); look("busy"); }
        }
        "#,
    );
    let run = place.run_until(&program, "busy", &BOUNDS);
    assert!(matches!(run.exit, Ok(Exit::Signal(9)) | Err(TraceError::Left)), "{:?}", run.exit);
}

#[test]
fn a_set_user_id_program_is_refused() {
    if !rustix::process::geteuid().is_root() {
        return skip("only root can make such a program");
    }
    let Some(place) = Place::new() else { return };
    let program = place.compile("look(\"never\");");
    chown(&program, Some(12345), None).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o4755)).unwrap();
    let run = place.run_with(&program, &[], &BOUNDS);
    assert!(matches!(run.exit, Err(TraceError::Privileged { .. })), "{:?}", run.exit);
    assert_eq!(run.count("never"), 0);
}

/// A task has one tracer; here it is strace, which follows its children.
#[test]
fn a_program_that_is_traced_already_is_watched_all_the_same() {
    if !present("strace", "strace") {
        return;
    }
    let own = std::env::current_exe().unwrap();
    let test = "calls::directories_are_listed";
    let log = "/dev/null";
    let done = Command::new("strace")
        .args(["-f", "-o", log])
        .arg(own)
        .args(["--exact", test, "--nocapture"])
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap();
    // It fails on the outcomes alone, which a listener does not see.
    let output = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
    assert!(output.contains("List a in .: unknown"), "{output}");
}
