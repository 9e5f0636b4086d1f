//! Declarations that disagree, and that agree.

use crate::support::{MANIFEST, check, check_faults};

const FILES: &str = "/one \"1\"\n/two \"2\"\n/uno \"1\"\n/dir/f \"f\"";

#[test]
fn two_files_for_one_path_are_refused() {
    check_faults(
        "
        data:
          - ./one:/etc/x
          - ./two:/etc/x
        ",
        &[(MANIFEST, FILES)],
        "
        3 and 2: two declarations disagree on `/etc/x`: a file from manifest/one or a file from manifest/two
        ",
    );
}

#[test]
fn two_modes_or_owners_for_one_path_are_refused() {
    check_faults(
        "
        data:
          - {from: ./one, to: /etc/x, mode: \"0600\"}
          - {from: ./one, to: /etc/x}
        directories:
          - {path: /var/x, owner: 1:1}
          - {path: /var/x, owner: 2:2}
          - {path: /var/y, xattrs: {user.a: b}}
          - {path: /var/y, xattrs: {user.a: c}}
        ",
        &[(MANIFEST, FILES)],
        "
        3 and 2: two declarations disagree on `/etc/x`: mode 0600 or 0644
        6 and 5: two declarations disagree on `/var/x`: owner 1:1 or 2:2
        8 and 7: two declarations disagree on `/var/y`: different extended attributes or capabilities
        ",
    );
}

#[test]
fn different_kinds_for_one_path_are_refused() {
    check_faults(
        "
        data:
          - ./one:/a
          - ./one:/b
          - ./dir:/c
        symlinks:
          - x:/a
          - x:/c2
        directories:
          - /b
          - /c2
        ",
        &[(MANIFEST, FILES)],
        "
        2 and 6: two declarations disagree on `/a`: a symbolic link to `x` or a file from manifest/one
        3 and 9: two declarations disagree on `/b`: a directory or a file from manifest/one
            help: to put the file into the directory, write `/b/`
        10 and 7: two declarations disagree on `/c2`: a symbolic link to `x` or a directory
        ",
    );
}

#[test]
fn a_file_takes_not_the_place_of_a_directory_with_content() {
    check_faults(
        "
        data:
          - ./one:/etc/x/y
          - ./two:/etc/x
        ",
        &[(MANIFEST, FILES)],
        "
        3 and 2: two declarations disagree on `/etc/x`: a directory from manifest/one or a file from manifest/two
            help: to put the file into the directory, write `/etc/x/`
        ",
    );
}

#[test]
fn a_link_takes_not_the_place_of_a_directory_with_content() {
    check_faults(
        "
        data:
          - ./one:/lib/firmware/x
          - SYS/
        ",
        &[(MANIFEST, FILES), ("SYS", "/lib -> usr/lib\n/usr/lib/y \"\"")],
        "
        3 and 2: two declarations disagree on `/lib`: a directory from manifest/one or a symbolic link to `usr/lib` from SYS/lib
        ",
    );
}

#[test]
fn equal_content_of_two_inputs_agrees() {
    check(
        "
        data:
          - ./one:/etc/x
          - ./uno:/etc/x
          - \"SYS/y:/etc/x\"
        ",
        &[(MANIFEST, FILES), ("SYS", "/y \"1\"")],
        "
        /etc/                      parent directory of /etc/x
        /etc/x  manifest/one 0644  data:2
                                   and data:3
                                   and data:4
        ",
    );
}

#[test]
fn equal_declarations_merge_their_reasons() {
    check(
        "
        data:
          - ./one:/etc/x
          - {from: ./one, to: /etc/x, why: again}
        directories: [/d, /d]
        symlinks: [\"x:/l\", \"x:/l\"]
        ",
        &[(MANIFEST, FILES)],
        "
        /d/                         directories:4
        /etc/                       parent directory of /etc/x
        /etc/x   manifest/one 0644  data:2
                                    and data:3 (again)
        /l -> x                     symlinks:5
        ",
    );
}

#[test]
fn every_conflict_is_told_at_once() {
    check_faults(
        "
        data:
          - ./one:/a
          - ./two:/a
          - ./two:/a
          - ./one:/b
          - ./two:/b
        ",
        &[(MANIFEST, FILES)],
        "
        3 and 2: two declarations disagree on `/a`: a file from manifest/one or a file from manifest/two
        4 and 2: two declarations disagree on `/a`: a file from manifest/one or a file from manifest/two
        6 and 5: two declarations disagree on `/b`: a file from manifest/one or a file from manifest/two
        ",
    );
}

#[test]
fn a_place_that_two_closures_want_is_told_once() {
    check_faults(
        "
        binaries: [SYS/bin/a, SYS/bin/b]
        directories: [/lib/libz.so.1]
        ",
        &[(
            "SYS",
            "
            /bin/a          elf x86_64 interp=/lib/ld.so needed=libz.so.1
            /bin/b          elf x86_64 interp=/lib/ld.so needed=libz.so.1
            /lib/ld.so      loader glibc x86_64
            /lib/libz.so.1  elf x86_64 soname=libz.so.1
            ",
        )],
        "
        1 and 2: `/lib/libz.so.1` cannot be two things: a directory or a file from SYS/lib/libz.so.1 (needed by /bin/a as libz.so.1, found in the loader's default directory /lib)
        ",
    );
}
