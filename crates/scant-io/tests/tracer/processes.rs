//! Threads and processes: nobody is lost, and the end is the end of the last one.

use scant_io::tracer::{Bounds, Exit};

use crate::support::{Place, check};

#[test]
fn a_thread_may_execute() {
    check(
        r#"
        if (argc > 1) { look("after"); return 0; }
        void *run(void *argument) {
            execl("program", "program", "x", (char *)0);
            return 0;
        }
        void *wait_here(void *argument) { pause(); return 0; }
        pthread_t threads[4];
        for (int i = 0; i < 3; i++) pthread_create(threads + i, 0, wait_here, 0);
        pthread_create(threads + 3, 0, run, 0);
        pause();
        "#,
        &["Execute[program x] program in .: done", "Look after in .: error 2"],
    );
}

#[test]
fn children_of_vfork_are_followed() {
    check(
        r#"
        if (argc > 1) { look("child"); return 0; }
        if (vfork() == 0) {
            execl("program", "program", "x", (char *)0);
            _exit(1);
        }
        int status;
        wait(&status);
        look("parent");
        return status;
        "#,
        &[
            "Execute[program x] program in .: done",
            "Look child in .: error 2",
            "Look parent in .: error 2",
        ],
    );
}

#[test]
fn a_daemon_is_followed_after_its_parent_has_ended() {
    check(
        r#"
        if (fork()) return 0;
        setsid();
        if (fork()) return 0;
        chdir("/");
        usleep(300000);
        char name[5000];
        ssize_t length = readlink("/proc/self/exe", name, 4000);
        strcpy(name + length, "-of-daemon");
        look(name);
        "#,
        &["Look ./program-of-daemon in /: error 2"],
    );
}

#[test]
fn the_exit_is_that_of_the_program_not_of_its_last_child() {
    let Some(place) = Place::new() else { return };
    let program = place.compile(
        r#"
        if (fork() == 0) { usleep(200000); look("late"); return 3; }
        return 7;
        "#,
    );
    let run = place.run(&program);
    assert!(matches!(run.exit, Ok(Exit::Status(7))), "{:?}", run.exit);
    assert_eq!(run.count("late"), 1);
}

#[test]
fn the_exit_may_be_a_signal() {
    let Some(place) = Place::new() else { return };
    for signal in [6, 9, 15] {
        let program = place.compile(&format!("kill(getpid(), {signal}); pause();"));
        let run = place.run(&program);
        assert!(matches!(run.exit, Ok(Exit::Signal(s)) if s == signal), "{:?}", run.exit);
    }
}

#[test]
fn threads_that_open_at_once_are_all_told() {
    let Some(place) = Place::new() else { return };
    let program = place.compile(
        r#"
        void *run(void *argument) {
            char name[40];
            for (int i = 0; i < 500; i++) {
                sprintf(name, "at-once-%ld-%d", (long)argument, i);
                open(name, O_RDONLY);
            }
            return 0;
        }
        pthread_t threads[8];
        for (long i = 0; i < 8; i++) pthread_create(threads + i, 0, run, (void *)i);
        for (int i = 0; i < 8; i++) pthread_join(threads[i], 0);
        "#,
    );
    let run = place.run(&program);
    run.ended_well();
    assert_eq!(run.count("at-once-"), 4000);
    let processes = run.accesses.iter().map(|access| access.process);
    assert_eq!(processes.collect::<std::collections::BTreeSet<_>>().len(), 1);
}

#[test]
fn a_stopped_child_stays_stopped_until_it_is_continued() {
    check(
        r#"
        int status, child = fork();
        if (child == 0) {
            // In a group of its own: of one that nobody looks after, SIGTSTP stops nobody.
            setpgid(0, 0);
            raise(SIGSTOP);
            look("continued");
            raise(SIGTSTP);
            look("again");
            return 0;
        }
        waitpid(child, &status, WUNTRACED);
        if (!WIFSTOPPED(status)) return 1;
        usleep(100000);
        if (waitpid(child, &status, WNOHANG) != 0) return 2;
        look("stopped");
        kill(child, SIGCONT);
        waitpid(child, &status, WUNTRACED);
        if (!WIFSTOPPED(status)) return 3;
        kill(child, SIGCONT);
        waitpid(child, &status, 0);
        return status;
        "#,
        &["Look stopped in .: error 2", "Look continued in .: error 2", "Look again in .: error 2"],
    );
}

#[test]
fn a_child_may_be_killed_in_the_middle_of_a_call() {
    check(
        r#"
        int status;
        mkfifo("pipe", 0644);
        int child = fork();
        if (child == 0) { open("pipe", O_RDONLY); return 0; }
        usleep(200000);
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        return !WIFSIGNALED(status);
        "#,
        &["Change pipe in . keep: done", "Open pipe in .: unknown"],
    );
}

#[test]
fn signals_reach_the_program_as_without_a_tracer() {
    check(
        r#"
        int caught = 0;
        void handler(int signal) { caught++; look("caught"); }
        signal(SIGUSR1, handler);
        signal(SIGTRAP, handler);
        raise(SIGUSR1);
        raise(SIGTRAP);
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, 0);
        raise(SIGUSR1);
        look("blocked");
        return caught != 2;
        "#,
        &["Look caught in .: error 2", "Look blocked in .: error 2"],
    );
}

#[test]
fn no_child_gets_away() {
    check(
        r#"
        long flags = CLONE_UNTRACED | SIGCHLD;
        if (syscall(SYS_clone, flags, 0, 0, 0, 0) != -1 || errno != EINVAL) return 1;
        unsigned long how[11] = {CLONE_UNTRACED, 0, 0, 0, SIGCHLD};
        int status, child = syscall(435, how, sizeof how);
        if (child == 0) { look("child"); _exit(0); }
        waitpid(child, &status, 0);
        return status;
        "#,
        &["Look child in .: error 2"],
    );
}

#[test]
fn many_processes_in_turn_are_no_crowd() {
    let Some(place) = Place::new() else { return };
    let program = place.compile(
        r#"
        for (int i = 0; i < 300; i++) {
            char name[40];
            sprintf(name, "in-turn-%d", i);
            if (fork() == 0) { look(name); _exit(0); }
            wait(0);
        }
        "#,
    );
    let run = place.run_with(&program, &[], &Bounds { tasks: 8, ..Bounds::default() });
    run.ended_well();
    assert_eq!(run.count("in-turn-"), 300);
}
