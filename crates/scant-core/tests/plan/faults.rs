//! Bad input: each with its message.

use crate::support::{MANIFEST, check_faults};

#[test]
fn a_file_that_is_not_there() {
    check_faults(
        "
        binaries:
          - SYS/bin/app
          - SYS/gone/app
          - SYS/bin/file/app
          - SYS/bin/dangling
          - ./app:/app
        data:
          - SYS/etc/conf
          - ./sub/conf:/conf
        ",
        &[("SYS", "/bin/file \"\"\n/bin/dangling -> /opt/nothing")],
        "
        2: input SYS has no `/bin/app`
        3: input SYS has no `/gone/app`: nothing is at `/gone`
        4: input SYS has no usable `/bin/file/app`: `/bin/file`: not a directory
        5: input SYS has no `/bin/dangling`: nothing is at `/opt`
        6: `./app` is not there
        8: input SYS has no `/etc/conf`: nothing is at `/etc`
        9: `./sub/conf` is not there
        ",
    );
}

#[test]
fn a_program_in_another_directory_of_the_input_is_told() {
    check_faults(
        "binaries: [SYS/bin/app]",
        &[("SYS", "/usr/sbin/app elf x86_64 static")],
        "
        1: input SYS has no `/bin/app`: nothing is at `/bin`
            help: SYS/usr/sbin/app has it
        ",
    );
}

#[test]
fn a_path_cannot_leave_its_input() {
    check_faults(
        "
        data:
          - SYS/up
          - ../../etc/passwd:/etc/passwd
        ",
        &[("SYS", "/up -> ../../../etc/passwd"), (MANIFEST, "/x \"\"")],
        "
        2: input SYS has no `/up`: nothing is at `/etc`
        3: `../../etc/passwd` is not there
        ",
    );
}

#[test]
fn a_directory_where_a_file_is_meant() {
    check_faults(
        "
        binaries:
          - SYS/bin
        ",
        &[("SYS", "/bin/app elf x86_64 static")],
        "
        2: `SYS/bin` is a directory, and a file is meant
            help: directories with their contents belong under `data`
        ",
    );
}

#[test]
fn special_files_where_a_file_is_meant() {
    check_faults(
        "
        binaries: [SYS/dev/a]
        data: [SYS/dev/b]
        ",
        &[("SYS", "/dev/a fifo\n/dev/b fifo")],
        "
        1: `SYS/dev/a` is a FIFO, which is never copied
            help: runtimes make /dev, /proc and /sys themselves
        2: `SYS/dev/b` is a FIFO, which is never copied
            help: runtimes make /dev, /proc and /sys themselves
        ",
    );
}

#[test]
fn files_that_nothing_can_execute() {
    check_faults(
        "
        binaries:
          - SYS/text
          - SYS/empty
          - SYS/hash
          - SYS/object
        ",
        &[(
            "SYS",
            "
            /text   \"hello\"
            /empty  \"\"
            /hash   \"#!\\n\"
            /object elf x86_64 type=1
            ",
        )],
        "
        2: `SYS/text` is neither an ELF program nor a script: it starts with neither ELF's magic number nor `#!`
            help: files that are not executed belong under `data`
        3: `SYS/empty` is neither an ELF program nor a script: it is empty
            help: files that are not executed belong under `data`
        4: `SYS/hash` is neither an ELF program nor a script: no interpreter follows its `#!`
            help: files that are not executed belong under `data`
        5: `SYS/object` is neither an ELF program nor a script: it is an object file or a core dump
            help: files that are not executed belong under `data`
        ",
    );
}

#[test]
fn damaged_elf_files() {
    check_faults(
        "
        binaries:
          - SYS/four
          - SYS/header
          - SYS/table
        platforms: [linux/amd64]
        ",
        &[(
            "SYS",
            "
            /four   hex=7f454c46
            /header elf x86_64 static cut=40
            /table  elf x86_64 static cut=90
            ",
        )],
        "
        2: `SYS/four`: the ELF file is cut off inside its header
        3: `SYS/header`: the ELF file is cut off inside its header
        4: `SYS/table`: damaged ELF file: the program header table lies outside the file
        ",
    );
}

#[test]
fn unreadable_files() {
    check_faults(
        "
        binaries: [SYS/app]
        data: [SYS/conf]
        ",
        &[("SYS", "/app mode=0000 elf x86_64 static\n/conf mode=0000 \"\"")],
        "
        1: input SYS has no usable `/app`: permission denied
        2: input SYS has no usable `/conf`: permission denied
        ",
    );
}

#[test]
fn names_stay_on_their_line() {
    check_faults(
        "
        binaries:
          - \"SYS/bin/a\\nb\"
          - \"SYS/bin/\\e[31mred\"
        ",
        &[("SYS", "\"/bin/a\\nb\" \"x\"")],
        "
        2: `SYS/bin/a\\nb` is neither an ELF program nor a script: it starts with neither ELF's magic number nor `#!`
            help: files that are not executed belong under `data`
        3: input SYS has no `/bin/\\u{1b}[31mred`
        ",
    );
}

#[test]
fn what_the_kernel_of_the_host_makes_is_refused() {
    check_faults(
        "
        inputs:
          HOST: {backend: host}
        data:
          - HOST/proc/version
          - HOST/etc/mounts:/etc/mtab
        ",
        &[("HOST", "/proc/version \"\"\n/etc/mounts -> ../proc/version")],
        "
        4: `HOST/proc/version` is made by the running kernel, which is never copied
            help: runtimes make /dev, /proc and /sys themselves
        5: `HOST/proc/version` is made by the running kernel, which is never copied
            help: runtimes make /dev, /proc and /sys themselves
        ",
    );
}
