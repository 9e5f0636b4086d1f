//! Lines of strace, and what is read from them.

use alloc::format;
use alloc::string::String;

use super::*;

/// Reads a log that starts in `/home`, and compares: one line an access.
#[track_caller]
fn check(log: &str, expected: &str) {
    let (read, left) = read(log);
    let expected: String = expected
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .map(|l| format!("{l}\n"))
        .collect();
    assert_eq!(read, expected);
    assert_eq!(left.count(), 0, "{left:?}");
}

fn read(log: &str) -> (String, Left) {
    let mut reader = Reader::new(Some(b"/home"));
    let mut shown = String::new();
    for line in log.lines() {
        for access in reader.line(line.as_bytes()) {
            shown.push_str(&show(&access));
        }
    }
    (shown, reader.finish())
}

fn show(access: &Access) -> String {
    let action = match &access.action {
        Action::Execute { arguments } => {
            let shown: Vec<_> = arguments.iter().map(|a| Escaped(a).to_string()).collect();
            format!("execute {}", shown.join(" "))
        }
        other => format!("{other:?}").to_lowercase(),
    };
    let keep = if access.last == LastLink::Keep { " keep" } else { "" };
    let outcome = match access.outcome {
        Outcome::Done => "done".into(),
        Outcome::Failed(number) => format!("failed {number}"),
        Outcome::Unknown => "unknown".into(),
    };
    let (directory, name) = (Escaped(&access.directory), Escaped(&access.name));
    let (process, program) = (access.process, Escaped(&access.program));
    format!("{process} {program} {action}{keep}: {directory} {name}: {outcome}\n")
}

#[test]
fn each_way_to_name_the_process_and_the_time() {
    let call = r#"open("/x", O_RDONLY) = 3"#;
    for (start, process) in [
        ("", 0),
        ("17 ", 17),
        ("[pid    17] ", 17),
        ("17    14:02:01 ", 17),
        ("17 14:02:01.123456 ", 17),
        ("17 1700000000.123456 ", 17),
        ("17 1700000000 ", 17),
        ("17      0.000123 ", 17),
        ("17 14:02:01 (+     0.000123) ", 17),
        ("14:02:01 ", 0),
        ("     0.000123 ", 0),
    ] {
        check(&format!("{start}{call}"), &format!("{process}  open: / /x: done"));
    }
}

#[test]
fn each_call_that_names_a_file() {
    check(
        r#"
        1 execve("/bin/sh", ["sh", "-c", "a \"b\""], 0x7ffd /* 24 vars */) = 0
        1 openat(AT_FDCWD, "/a", O_RDONLY|O_CLOEXEC) = 3
        1 openat(AT_FDCWD, "/d", O_RDONLY|O_NONBLOCK|O_CLOEXEC|O_DIRECTORY) = 4
        1 openat2(4, "e", {flags=O_RDONLY, resolve=RESOLVE_IN_ROOT}, 24) = -1 ENOENT (No such file or directory)
        1 open("/w", O_WRONLY|O_CREAT|O_EXCL, 0644) = -1 EROFS (Read-only file system)
        1 creat("/w", 0644) = 5
        1 stat("/s", {st_mode=S_IFREG|0644, st_size=8, ...}) = 0
        1 lstat("/s", 0x7ffd0) = -1 EACCES (Permission denied)
        1 newfstatat(AT_FDCWD, "/s", {st_mode=S_IFREG|0644, ...}, AT_SYMLINK_NOFOLLOW) = 0
        1 newfstatat(3, "", {st_mode=S_IFREG|0644, ...}, AT_EMPTY_PATH) = 0
        1 statx(4, "t", AT_STATX_SYNC_AS_STAT, STATX_ALL, {stx_mask=STATX_ALL, ...}) = 0
        1 access("/etc/ld.so.preload", R_OK) = -1 ENOENT (No such file or directory)
        1 faccessat2(AT_FDCWD, "rel", R_OK, AT_EACCESS) = 0
        1 readlink("/proc/self/exe", "/bin/sh", 4095) = 7
        1 readlinkat(4, "l", 0x7ffd, 99) = -1 EINVAL (Invalid argument)
        1 getdents64(4</d>, 0x55 /* 3 entries */, 32768) = 80
        1 connect(6, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = -1 ENOENT (No such file or directory)
        1 connect(6, {sa_family=AF_UNIX, sun_path=@"/tmp/abstract"}, 20) = 0
        1 mmap(NULL, 1396736, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED|MAP_DENYWRITE, 3</a>, 0x26000) = 0x7f00
        1 mmap(NULL, 8192, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f00
        1 mkdir("/m", 0777) = 0
        1 rename("/o", "n") = 0
        1 linkat(4, "o", AT_FDCWD, "/n", 0) = 0
        1 symlinkat("text", 4, "l") = 0
        1 unlinkat(AT_FDCWD, "u", AT_REMOVEDIR) = 0
        1 read(3, "\177ELF"..., 832) = 832
        1 exit_group(0) = ?
        1 +++ exited with 0 +++
        "#,
        r#"
        1  execute sh -c a "b": / /bin/sh: done
        1 /bin/sh open: / /a: done
        1 /bin/sh list: / /d: done
        1 /bin/sh open: /d e: failed 2
        1 /bin/sh write keep: / /w: failed 30
        1 /bin/sh write: / /w: done
        1 /bin/sh look: / /s: done
        1 /bin/sh look keep: / /s: failed 13
        1 /bin/sh look keep: / /s: done
        1 /bin/sh look: /a : done
        1 /bin/sh look: /d t: done
        1 /bin/sh look: / /etc/ld.so.preload: failed 2
        1 /bin/sh look: /home rel: done
        1 /bin/sh readlink keep: / /proc/self/exe: done
        1 /bin/sh readlink keep: /d l: failed 22
        1 /bin/sh list: /d : done
        1 /bin/sh connect: / /var/run/nscd/socket: failed 2
        1 /bin/sh map: /a : done
        1 /bin/sh change keep: / /m: done
        1 /bin/sh change keep: / /o: done
        1 /bin/sh change keep: /home n: done
        1 /bin/sh change keep: /d o: done
        1 /bin/sh change keep: / /n: done
        1 /bin/sh change keep: /d l: done
        1 /bin/sh change keep: /home u: done
        "#,
    );
}

#[test]
fn names_keep_their_bytes() {
    check(
        r#"
        1 open("/caf\303\251", O_RDONLY) = 3
        1 open("\x2f\x78\xff", O_RDONLY) = 3
        1 open("/a\n\t\"\\\0012", O_RDONLY) = 3</a\n\t"\\\0012>
        1 getdents64(3, 0x0, 1) = 0
        1 open("/x, y) = 3", O_RDONLY) = 3
        "#,
        r#"
        1  open: / /café: done
        1  open: / /x\xff: done
        1  open: / /a\n\t"\\\u{1}2: done
        1  list: /a\n\t"\\\u{1}2 : done
        1  open: / /x, y) = 3: done
        "#,
    );
}

#[test]
fn calls_in_two_parts() {
    check(
        r#"
        1 openat(AT_FDCWD, "/a", O_RDONLY <unfinished ...>
        2 stat("/b",  <unfinished ...>
        1 <... openat resumed>) = 3</a>
        2 <... stat resumed>{st_mode=S_IFDIR|0755, ...}) = 0
        "#,
        "
        1  open: / /a: done
        2  look: / /b: done
        ",
    );
}

#[test]
fn working_directories_and_descriptors_are_followed() {
    check(
        r#"
        1 open("lib", O_RDONLY|O_DIRECTORY) = 3
        1 openat(3, "a", O_RDONLY) = 4
        1 dup2(3, 9) = 9
        1 chdir("sub") = 0
        1 stat("x", 0x1) = 0
        1 fchdir(9) = 0
        1 stat("y", 0x1) = 0
        1 chdir("/no") = -1 ENOENT (No such file or directory)
        1 stat("z", 0x1) = 0
        1 fcntl(9, F_DUPFD_CLOEXEC, 10) = 11
        1 openat(11</told>, "b", O_RDONLY) = 4
        1 openat(11, "c", O_RDONLY) = 4
        "#,
        "
        1  list: /home lib: done
        1  open: /home/lib a: done
        1  enter: /home sub: done
        1  look: /home/sub x: done
        1  enter: /home/lib : done
        1  look: /home/lib y: done
        1  enter: / /no: failed 2
        1  look: /home/lib z: done
        1  open: /told b: done
        1  open: /home/lib c: done
        ",
    );
}

#[test]
fn children_start_where_their_parents_are() {
    check(
        r#"
        execve("./tool", ["./tool"], 0x7ffd /* 24 vars */) = 0
        chdir("/srv") = 0
        clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f) = 22
        [pid    22] stat("a", 0x1) = 0
        [pid    21] chdir("/elsewhere") = 0
        [pid    22] execve("/bin/b", ["b"], 0x1 /* 1 var */) = 0
        [pid    22] stat("b", 0x1) = 0
        [pid    22] +++ exited with 0 +++
        --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED} ---
        stat("c", 0x1) = 0
        "#,
        "
        0  execute ./tool: /home ./tool: done
        0 /home/./tool enter: / /srv: done
        22 /home/./tool look: /srv a: done
        21 /home/./tool enter: / /elsewhere: done
        22 /home/./tool execute b: / /bin/b: done
        22 /bin/b look: /srv b: done
        21 /home/./tool look: /elsewhere c: done
        ",
    );
}

#[test]
fn a_child_may_speak_before_its_parent_has_it() {
    check(
        r#"
        1 chdir("/srv") = 0
        1 vfork( <unfinished ...>
        2 stat("a", 0x1) = 0
        1 <... vfork resumed>) = 2
        1 clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_THREAD, stack=0x7f}, 88 <unfinished ...>
        3 chdir("/thread") = 0
        1 <... clone3 resumed> => {parent_tid=[3]}, 88) = 3
        1 stat("b", 0x1) = 0
        "#,
        "
        1  enter: / /srv: done
        2  look: /srv a: done
        1  enter: / /thread: done
        1  look: /thread b: done
        ",
    );
}

#[test]
fn what_cannot_be_used_is_counted_and_told() {
    let mut reader = Reader::new(None);
    let log = "7 open(\"/usr/lib/x86\"..., O_RDONLY) = 3\n\
               this is no line\u{1b}[2J of strace\n\
               7 stat(\"relative\", 0x1) = 0\n\
               7 <... open resumed>) = 3\n\
               7 open(\"/a\", O_RDONLY) = ? ERESTARTSYS (To be restarted)\n\
               7 --- SIGCHLD {si_signo=SIGCHLD} ---\n\
               strace: Process 9 attached\n";
    let accesses: Vec<_> = log.lines().flat_map(|line| reader.line(line.as_bytes())).collect();
    assert_eq!(accesses, []);
    let left = reader.finish();
    assert_eq!((left.unreadable, left.cut, left.unplaced), (2, 1, 1));
    let told: Vec<_> = left.first.iter().map(|(line, text)| format!("{line}: {text}")).collect();
    assert_eq!(
        told,
        [
            "1: 7 open(\"/usr/lib/x86\"..., O_RDONLY) = 3",
            "2: this is no line\\u{1b}[2J of strace",
            "3: 7 stat(\"relative\", 0x1) = 0",
            "4: 7 <... open resumed>) = 3",
        ]
    );
}

#[test]
fn a_log_without_end_takes_no_memory() {
    let mut reader = Reader::new(None);
    for process in 0..60_000_u32 {
        reader.line(format!("{process} chdir(\"/a{process}\") = 0").as_bytes());
        reader.line(format!("{process} open(\"/x\", O_RDONLY <unfinished ...>").as_bytes());
    }
    assert!(reader.unfinished.len() <= MOST_UNFINISHED);
    assert!(reader.processes.count() <= 1 << 14);
}

proptest::proptest! {
    #[test]
    fn no_line_stops_it(lines in proptest::collection::vec("[0-9a-z(){}<>\\[\\]\",=./| _é\\\\-]{0,40}", 0..8), cut in 0..60_usize) {
        let mut reader = Reader::new(None);
        let whole = b"7 openat(AT_FDCWD</a>, \"/b\\303\\251\", O_RDONLY|O_CLOEXEC) = 3</b>";
        reader.line(&whole[..cut.min(whole.len())]);
        lines.iter().for_each(|line| {
            for access in reader.line(line.as_bytes()) {
                assert!(access.directory.starts_with(b"/"));
            }
        });
    }
}
