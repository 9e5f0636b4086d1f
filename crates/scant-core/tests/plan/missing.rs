//! Libraries that are not there: who needs them, what was tried, what to do.

use crate::support::check_faults;

#[test]
fn a_missing_library_is_told_with_all_that_was_tried() {
    check_faults(
        "
        binaries: [SYS/bin/app]
        image: {env: {LD_LIBRARY_PATH: /opt/env}}
        ",
        &[(
            "SYS",
            "
            /bin/app        elf x86_64 interp=/lib/ld.so needed=libx.so
            /lib/libx.so    elf x86_64 soname=libx.so runpath=/opt/run needed=libgone.so.1
            /lib/ld.so      loader glibc x86_64
            ",
        )],
        "
        1: library `libgone.so.1` was not found; needed by /lib/libx.so
            tried /opt/env/libgone.so.1 (through LD_LIBRARY_PATH /opt/env): no such file or directory
            tried /opt/run/libgone.so.1 (through RUNPATH /opt/run of /lib/libx.so): no such file or directory
            tried /lib/libgone.so.1 (in the loader's default directory /lib): no such file or directory
            tried /usr/lib/libgone.so.1 (in the loader's default directory /usr/lib): no such file or directory
        ",
    );
}

#[test]
fn a_library_that_several_miss_is_told_once() {
    check_faults(
        "
        binaries:
          - SYS/bin/a
          - SYS/bin/b
          - {from: SYS/bin/b, to: /bin/c}
        ",
        &[(
            "SYS",
            "
            /bin/a        elf x86_64 interp=/lib/ld.so needed=libgone.so.1
            /bin/b        elf x86_64 interp=/lib/ld.so needed=libgone.so.1
            /lib/ld.so    loader glibc x86_64
            ",
        )],
        "
        2: library `libgone.so.1` was not found; needed by /bin/a, /bin/b, /bin/c
            tried /lib/libgone.so.1 (in the loader's default directory /lib): no such file or directory
            tried /usr/lib/libgone.so.1 (in the loader's default directory /usr/lib): no such file or directory
        ",
    );
}

#[test]
fn a_library_elsewhere_is_told() {
    check_faults(
        "
        binaries: [SYS/bin/a]
        ",
        &[
            (
                "SYS",
                "
                /bin/a        elf x86_64 interp=/lib/ld.so needed=libz.so.1
                /lib/ld.so    loader glibc x86_64
                /usr/lib64/libz.so.1 elf x86_64 soname=libz.so.1
                ",
            ),
            ("OTHER", "/lib/libz.so.1 elf x86_64 soname=libz.so.1"),
        ],
        "
        1: library `libz.so.1` was not found; needed by /bin/a
            tried /lib/libz.so.1 (in the loader's default directory /lib): no such file or directory
            tried /usr/lib/libz.so.1 (in the loader's default directory /usr/lib): no such file or directory
            help: OTHER/lib/libz.so.1 has it
            help: SYS/usr/lib64/libz.so.1 has it
        ",
    );
}

#[test]
fn a_missing_loader_is_told() {
    check_faults(
        "binaries: [SYS/bin/a, SYS/bin/b]",
        &[(
            "SYS",
            "
            /bin/a        elf x86_64 interp=/lib/ld.so needed=libz.so.1
            /bin/b        elf x86_64 interp=/lib/ld.so
            /lib/libz.so.1 elf x86_64 soname=libz.so.1
            ",
        )],
        "
        1: interpreter `/lib/ld.so` was not found; named by /bin/a, /bin/b
            tried /lib/ld.so (named by its path): no such file or directory
        ",
    );
}

#[test]
fn a_library_for_another_machine_is_passed_over_and_told() {
    check_faults(
        "binaries: [SYS/bin/a]",
        &[(
            "SYS",
            "
            /bin/a        elf x86_64 interp=/lib/ld.so needed=libz.so.1
            /lib/ld.so    loader glibc x86_64
            /lib/libz.so.1 elf aarch64 soname=libz.so.1
            /usr/lib/libz.so.1 elf i386 soname=libz.so.1
            ",
        )],
        "
        1: library `libz.so.1` was not found; needed by /bin/a
            tried /lib/libz.so.1 (in the loader's default directory /lib): passed over, made for another machine (e_machine 183)
            tried /usr/lib/libz.so.1 (in the loader's default directory /usr/lib): passed over, wrong ELF class
        ",
    );
}

#[test]
fn a_damaged_library_ends_the_search() {
    check_faults(
        "binaries: [SYS/bin/a]",
        &[(
            "SYS",
            "
            /bin/a        elf x86_64 interp=/lib/ld.so needed=libz.so.1
            /lib/ld.so    loader glibc x86_64
            /lib/libz.so.1 \"text\"
            /usr/lib/libz.so.1 elf x86_64 soname=libz.so.1
            ",
        )],
        "
        1: library `libz.so.1` was not found; needed by /bin/a
            tried /lib/libz.so.1: the loader stops here, not an ELF file
            help: SYS/usr/lib/libz.so.1 has it
        ",
    );
}

#[test]
fn a_missing_symbol_version_is_told() {
    check_faults(
        "binaries: [SYS/bin/a]",
        &[(
            "SYS",
            "
            /bin/a        elf x86_64 interp=/lib/ld.so needed=libz.so.1 verneed=libz.so.1:Z_2
            /lib/ld.so    loader glibc x86_64
            /lib/libz.so.1 elf x86_64 soname=libz.so.1 verdef=Z_1
            ",
        )],
        "
        1: /bin/a wants the version Z_2 of /lib/libz.so.1, which does not define it
            help: take /lib/libz.so.1 and the file that wants it from inputs that fit together
        ",
    );
}
