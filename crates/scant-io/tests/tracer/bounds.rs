//! Ends: programs that do not want to, and those that become too many.

use std::time::Duration;

use scant_io::tracer::{Bounds, Exit, TraceError};

use crate::support::Place;

#[test]
fn a_program_that_forks_without_end_is_ended() {
    let Some(place) = Place::new() else { return };
    let program = place.compile("for (;;) fork();");
    let run = place.run_with(&program, &[], &Bounds { tasks: 64, ..Bounds::default() });
    assert!(matches!(run.exit, Err(TraceError::TooManyTasks(64))), "{:?}", run.exit);
}

#[test]
fn a_program_that_starts_threads_without_end_is_ended() {
    let Some(place) = Place::new() else { return };
    let program = place.compile(
        r#"
        void *run(void *argument) { pause(); return 0; }
        pthread_t thread;
        for (;;) pthread_create(&thread, 0, run, 0);
        "#,
    );
    let run = place.run_with(&program, &[], &Bounds { tasks: 64, ..Bounds::default() });
    assert!(matches!(run.exit, Err(TraceError::TooManyTasks(64))), "{:?}", run.exit);
}

#[test]
fn a_program_is_asked_to_end() {
    let Some(place) = Place::new() else { return };
    let program = place.compile(
        r#"
        void handler(int signal) { look("asked"); _exit(5); }
        signal(SIGTERM, handler);
        look("ready");
        for (;;) pause();
        "#,
    );
    let run = place.run_until(&program, "ready", &Bounds::default());
    assert!(matches!(run.exit, Ok(Exit::Status(5))), "{:?}", run.exit);
    assert_eq!(run.count("asked"), 1);
}

#[test]
fn a_program_is_asked_to_end_when_its_time_is_over() {
    let Some(place) = Place::new() else { return };
    let program = place.compile("for (;;) pause();");
    let time = Some(Duration::from_millis(300));
    let run = place.run_with(&program, &[], &Bounds { time, ..Bounds::default() });
    assert!(matches!(run.exit, Ok(Exit::Signal(15))), "{:?}", run.exit);
}

#[test]
fn a_program_that_blocks_all_signals_is_killed_with_its_children() {
    let Some(place) = Place::new() else { return };
    let program = place.compile(
        r#"
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, 0);
        fork();
        setsid();
        for (;;) look("busy");
        "#,
    );
    let grace = Duration::from_millis(200);
    let run = place.run_until(&program, "busy", &Bounds { grace, ..Bounds::default() });
    assert!(matches!(run.exit, Ok(Exit::Signal(9))), "{:?}", run.exit);
}

#[test]
fn what_outlives_the_program_is_asked_to_end_too() {
    let Some(place) = Place::new() else { return };
    let program = place.compile(
        r#"
        int child = fork();
        if (child) { look("parent"); return 0; }
        setsid();
        look("daemon");
        for (;;) pause();
        "#,
    );
    let run = place.run_until(&program, "daemon", &Bounds::default());
    // The program may have ended before it could be asked.
    assert!(matches!(run.exit, Ok(Exit::Status(0) | Exit::Signal(15))), "{:?}", run.exit);
}

#[test]
fn signals_are_handed_to_the_program() {
    let Some(place) = Place::new() else { return };
    let program = place.compile(
        r#"
        void handler(int signal) { look("handed-on"); _exit(5); }
        signal(SIGUSR2, handler);
        kill(getppid(), SIGUSR2);
        for (;;) pause();
        "#,
    );
    let run = place.run_with(&program, &[], &Bounds { forward: true, ..Bounds::default() });
    assert!(matches!(run.exit, Ok(Exit::Status(5))), "{:?}", run.exit);
    assert_eq!(run.count("handed-on"), 1);
}
