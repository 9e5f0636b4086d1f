//! What calls ask for, and how.

use crate::support::{Place, check};

#[test]
fn opening_is_reading_writing_or_listing() {
    check(
        r#"
        close(creat("a", 0644));
        open("a", O_RDONLY);
        open("a", O_RDWR);
        open("b", O_WRONLY | O_CREAT | O_EXCL, 0644);
        open("a", O_RDONLY | O_NOFOLLOW);
        open("a", O_PATH);
        open("a", O_RDONLY | O_TRUNC);
        open("a", O_DIRECTORY);
        truncate("a", 0);
        "#,
        &[
            // What a process asked for is not told again.
            "Write a in .: done",
            "Open a in .: done",
            "Write b in . keep: done",
            "Open a in . keep: done",
            "List a in .: error 20",
        ],
    );
}

#[test]
fn looking_follows_links_or_not() {
    check(
        r#"
        struct stat s;
        char text[9];
        symlink("nowhere", "a");
        stat("a", &s);
        lstat("a", &s);
        access("a", R_OK);
        faccessat(AT_FDCWD, "a", R_OK, AT_SYMLINK_NOFOLLOW);
        struct statx x;
        statx(AT_FDCWD, "b", AT_SYMLINK_NOFOLLOW, 0, &x);
        readlink("a", text, 9);
        readlinkat(AT_FDCWD, "b", text, 9);
        fstat(1, &s);
        "#,
        &[
            "Change a in . keep: done",
            "Look a in .: error 2",
            "Look a in . keep: done",
            "Look b in . keep: error 2",
            "ReadLink a in . keep: done",
            "ReadLink b in . keep: error 2",
        ],
    );
}

#[test]
fn names_are_made_renamed_and_removed() {
    check(
        r#"
        mkdir("a", 0755);
        mkdirat(AT_FDCWD, "b", 0755);
        rename("a", "c");
        renameat(AT_FDCWD, "c", AT_FDCWD, "d");
        rmdir("d");
        unlinkat(AT_FDCWD, "b", AT_REMOVEDIR);
        mkfifo("e", 0644);
        link("e", "f");
        linkat(AT_FDCWD, "e", AT_FDCWD, "g", AT_SYMLINK_FOLLOW);
        symlinkat("x", AT_FDCWD, "h");
        chmod("e", 0600);
        "#,
        &[
            "Change a in . keep: done",
            "Change b in . keep: done",
            "Change c in . keep: done",
            "Change d in . keep: done",
            "Change e in . keep: done",
            "Look e in . keep: done",
            "Change f in . keep: done",
            "Look e in .: done",
            "Change g in . keep: done",
            "Change h in . keep: done",
            "Change e in .: done",
        ],
    );
}

#[test]
fn directories_are_listed() {
    check(
        r#"
        mkdir("a", 0755);
        DIR *a = opendir("a");
        readdir(a);
        "#,
        &["Change a in . keep: done", "List a in .: done", "List - in ./a: done"],
    );
}

#[test]
fn sockets_of_files_are_connected_to_and_others_are_not_told() {
    check(
        r#"
        struct sockaddr_un a = {AF_UNIX, "a"};
        int s = socket(AF_UNIX, SOCK_STREAM, 0);
        connect(s, (void *)&a, sizeof a);
        bind(s, (void *)&a, sizeof a);
        struct sockaddr_un hidden = {AF_UNIX, "\0hidden"};
        connect(s, (void *)&hidden, sizeof hidden);
        connect(s, (void *)&a, 2);
        "#,
        &["Connect a in .: error 2", "Change a in . keep: done"],
    );
}

#[test]
fn code_of_files_is_mapped_and_data_is_not_told() {
    check(
        r#"
        int a = open("program", O_RDONLY);
        mmap(0, 4096, PROT_READ, MAP_PRIVATE, a, 0);
        mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, a, 0);
        mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        "#,
        &["Open program in .: done", "Map - in ./program: done"],
    );
}

#[test]
fn programs_are_executed_by_name_and_by_descriptor() {
    check(
        r#"
        if (argc > 1) return 0;
        char *again[] = {"a", "b \xff", 0};
        execve("missing", again, 0);
        syscall(SYS_execveat, open("program", O_PATH), "", again, 0, AT_EMPTY_PATH);
        return 1;
        "#,
        &[
            "Execute[a b \u{fffd}] missing in .: error 2",
            "Open program in .: done",
            "Execute[a b \u{fffd}] - in ./program: done",
        ],
    );
}

#[test]
fn rings_that_would_hide_calls_are_not_there() {
    check(
        r#"
        char parameters[120] = {0};
        if (syscall(425, 4, parameters) != -1 || errno != ENOSYS) return 1;
        "#,
        &[],
    );
}

#[test]
fn a_burst_is_told_to_the_last_name() {
    let Some(place) = Place::new() else { return };
    let program = place.compile(
        r#"
        char name[40];
        for (int i = 0; i < 40000; i++) {
            sprintf(name, "burst-%d", i);
            open(name, O_RDONLY);
        }
        "#,
    );
    let run = place.run(&program);
    run.ended_well();
    assert_eq!(run.count("burst-"), 40_000);
}
