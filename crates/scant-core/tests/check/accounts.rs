//! The image's user and group.

use crate::support::check;

const FILES: &str = r#"
/bin/app     elf x86_64 interp=/ld.so
/etc/passwd  "root:x:0:0::/root:/bin/sh\napp:x:10:20::/:\n"
/etc/group   "root:x:0:\nstaff:x:20:\ndocker:x:30:other,app\n"
/opt/tool    elf x86_64 interp=/ld.so
"#;

#[track_caller]
fn user(user: &str, expected: &str) {
    check(&format!("entrypoint /bin/app\nuser {user}"), FILES, expected);
}

#[test]
fn names_and_numbers_that_are_known() {
    for known in ["app", "10", "root", "app:staff", "app:20", "10:docker", "0:0"] {
        user(known, "");
    }
}

#[test]
fn names_that_are_not() {
    user(
        "nginx",
        "error unknown-user: the image runs as the user `nginx`, which `/etc/passwd` does not have
         help: it has root, app",
    );
    user(
        "app:wheel",
        "error unknown-group: the image runs as the group `wheel`, which `/etc/group` does not have
         help: it has root, staff, docker",
    );
}

#[test]
fn numbers_that_are_not_are_hints() {
    user(
        "11:12",
        "hint unknown-group: `/etc/group` has no group with the number 12
         help: programs that look their group up find nothing
         hint unknown-user: `/etc/passwd` has no user with the number 11
         help: programs that look their user up find nothing",
    );
}

#[test]
fn supplementary_groups_count_where_no_group_is_named() {
    let tool = |user: &str| format!("entrypoint /opt/tool\nuser {user}\nowner /opt/tool 0:30");
    let files = &FILES.replace("elf x86_64 interp=/ld.so\n\"#", "");
    let files = files
        .replace("/opt/tool    elf x86_64 interp=/ld.so", "/opt/tool mode=0750 \"#!/bin/app\"");
    check(&tool("app"), &files, "");
    check(&tool("10"), &files, "");
    check(
        &tool("app:20"),
        &files,
        "error not-permitted: user 10 (group 20) may not execute `/opt/tool`, the entrypoint: it has mode 0750 and owner 0:30
         help: give it another owner or mode, or let the image run as a user that may",
    );
}
