//! Names: where relative ones start, where they end, how long they are.

use scant_core::words::{Access, Outcome};

use crate::support::{Place, check};

#[test]
fn a_relative_name_starts_in_the_working_directory() {
    check(
        r#"
        mkdir("a", 0755);
        open("a/b", O_RDONLY);
        chdir("a");
        open("b", O_RDONLY);
        fchdir(open("/", O_RDONLY | O_DIRECTORY));
        "#,
        &[
            "Change a in . keep: done",
            "Open a/b in .: error 2",
            "Enter a in .: done",
            "Open b in ./a: error 2",
        ],
    );
}

#[test]
fn a_descriptor_is_where_a_name_starts_whatever_its_number() {
    check(
        r#"
        mkdir("a", 0755);
        int a = open("a", O_RDONLY | O_DIRECTORY);
        openat(a, "b", O_RDONLY);
        dup2(a, 0);
        openat(0, "c", O_RDONLY);
        dup2(a, 2);
        struct stat s;
        fstatat(2, "d", &s, AT_SYMLINK_NOFOLLOW);
        fchdir(0);
        look("e");
        "#,
        &[
            "Change a in . keep: done",
            "List a in .: done",
            "Open b in ./a: error 2",
            "Open c in ./a: error 2",
            "Look d in ./a keep: error 2",
            "Enter - in ./a: done",
            "Look e in ./a: error 2",
        ],
    );
}

#[test]
fn a_working_directory_that_was_removed_keeps_its_name() {
    check(
        r#"
        mkdir("a", 0755);
        chdir("a");
        rmdir("../a");
        look("b");
        "#,
        &[
            "Change a in . keep: done",
            "Enter a in .: done",
            "Change ../a in ./a keep: done",
            "Look b in ./a: error 2",
        ],
    );
    check(
        r#"
        mkdir("c (deleted)", 0755);
        chdir("c (deleted)");
        look("d");
        "#,
        &[
            "Change c (deleted) in . keep: done",
            "Enter c (deleted) in .: done",
            "Look d in ./c (deleted): error 2",
        ],
    );
}

#[test]
fn a_name_may_end_where_memory_ends() {
    check(
        r#"
        long page = 4096;
        char *two = mmap(0, 2 * page, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        munmap(two + page, page);
        char *at = two + page - strlen("name") - 1;
        strcpy(at, "name");
        look(at);
        // Not ended: the kernel cannot read it either.
        at[4] = 'x';
        if (look(at) != -1 || errno != EFAULT) return 1;
        char *both = mmap(0, 2 * page, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        at = both + page - 2;
        strcpy(at, "across");
        look(at);
        look((char *)1);
        look("");
        "#,
        &["Look name in .: error 2", "Look across in .: error 2"],
    );
}

#[test]
fn names_are_as_long_as_the_kernel_lets_them() {
    let Some(place) = Place::new() else { return };
    let program = place.compile(
        r#"
        char name[4200];
        for (int end = 4094; end <= 4096; end++) {
            memset(name, '/', sizeof name);
            memcpy(name + end - 1, "x", 2);
            look(name);
        }
        "#,
    );
    let run = place.run(&program);
    run.ended_well();
    let slashes = |access: &&Access| access.name.starts_with(b"////");
    let found: Vec<(usize, Outcome)> = run
        .accesses
        .iter()
        .filter(slashes)
        .map(|access| (access.name.len(), access.outcome))
        .collect();
    // ENOENT, ENOENT, and ENAMETOOLONG for the one that is 4096 bytes and a zero.
    let expected = [(4094, 2), (4095, 2), (4096, 36)].map(|(n, e)| (n, Outcome::Failed(e)));
    assert_eq!(found, expected);
}

#[test]
fn names_are_bytes() {
    let Some(place) = Place::new() else { return };
    let program = place.compile(r#"look("/\xff\xfe/a\nb"); look("\xc3\x28");"#);
    let run = place.run(&program);
    run.ended_well();
    let names: Vec<&[u8]> = run.accesses.iter().map(|access| &access.name[..]).collect();
    assert!(names.contains(&&b"/\xff\xfe/a\nb"[..]));
    assert!(names.contains(&&b"\xc3\x28"[..]));
}

#[test]
fn a_name_may_be_confined_to_a_descriptor() {
    check(
        r#"
        mkdir("a", 0755);
        int a = open("a", O_PATH | O_DIRECTORY);
        unsigned long how[3] = {O_RDONLY | O_CLOEXEC, 0, 0x10};
        syscall(437, a, "/b", how, sizeof how);
        how[2] = 0;
        syscall(437, a, "c", how, sizeof how);
        "#,
        &[
            "Change a in . keep: done",
            "List a in .: done",
            "Open b in ./a: error 2",
            "Open c in ./a: error 2",
        ],
    );
}

#[test]
fn a_program_that_changes_its_root_is_seen_from_outside() {
    if !rustix::process::geteuid().is_root() {
        return crate::support::skip("only root may chroot");
    }
    check(
        r#"
        mkdir("a", 0755);
        chroot("a");
        chdir("/");
        look("/b");
        look("c");
        "#,
        &[
            "Change a in . keep: done",
            "Enter a in .: done",
            "Enter ./a/ in /: done",
            "Look ./a/b in /: error 2",
            "Look c in ./a: error 2",
        ],
    );
}
