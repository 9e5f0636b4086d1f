//! Scripts bring their interpreters.

use crate::support::{check, check_faults};

const SYS: &str = "
    /bin/sh             -> dash
    /bin/dash           elf x86_64 static
    /usr/bin/env        elf x86_64 static
    /usr/bin/perl       elf x86_64 static
    /usr/local/bin/node elf x86_64 static
    /opt/bin/node       elf x86_64 static
    /bin/plain     mode=0755 \"#!/bin/sh\\necho\"
    /bin/args      mode=0755 \"#! /usr/bin/perl -w -T \\n\"
    /bin/with-env  mode=0755 \"#!/usr/bin/env node\\n\"
    /bin/env-split mode=0755 \"#!/usr/bin/env -S A=b node --x\\n\"
    /bin/nested    mode=0755 \"#!/bin/plain\\n\"
    /bin/gone      mode=0755 \"#!/bin/zsh\\n\"
    /bin/env-gone  mode=0755 \"#!/usr/bin/env ruby\\n\"
    /bin/relative  mode=0755 \"#!bin/dash\\n\"
    /bin/crlf      mode=0755 \"#!/bin/sh\\x0d\\n\"
    /bin/circle    mode=0755 \"#!/bin/circle\\n\"
    /bin/to-text   mode=0755 \"#!/etc/text\\n\"
    /bin/to-dir    mode=0755 \"#!/etc\\n\"
    /etc/text      \"hello\"
    ";

#[test]
fn a_script_brings_its_interpreter() {
    check(
        "binaries: [SYS/bin/plain]",
        &[("SYS", SYS)],
        "
        /bin/                      parent directory of /bin/dash
        /bin/dash        SYS 0755  interpreter of the script /bin/plain
        /bin/plain       SYS 0755  binaries:1
        /bin/sh -> dash  SYS       link on the way to /bin/dash
        ",
    );
}

#[test]
fn arguments_of_the_interpreter_are_no_files() {
    check(
        "binaries: [SYS/bin/args]",
        &[("SYS", SYS)],
        "
        /bin/                    parent directory of /bin/args
        /bin/args      SYS 0755  binaries:1
        /usr/                    parent directory of /usr/bin/perl
        /usr/bin/                parent directory of /usr/bin/perl
        /usr/bin/perl  SYS 0755  interpreter of the script /bin/args
        ",
    );
}

#[test]
fn env_brings_the_program_it_looks_for() {
    check(
        "binaries: [SYS/bin/with-env]",
        &[("SYS", SYS)],
        "
        /bin/                          parent directory of /bin/with-env
        /bin/with-env        SYS 0755  binaries:1
        /usr/                          parent directory of /usr/bin/env
        /usr/bin/                      parent directory of /usr/bin/env
        /usr/bin/env         SYS 0755  interpreter of the script /bin/with-env
        /usr/local/                    parent directory of /usr/local/bin/node
        /usr/local/bin/                parent directory of /usr/local/bin/node
        /usr/local/bin/node  SYS 0755  interpreter of the script /bin/with-env
        ",
    );
}

#[test]
fn env_looks_in_the_path_of_the_image() {
    check(
        "
        binaries: [SYS/bin/env-split]
        image: {env: {PATH: \"/opt/bin:/usr/bin\"}}
        ",
        &[("SYS", SYS)],
        "
        /bin/                     parent directory of /bin/env-split
        /bin/env-split  SYS 0755  binaries:1
        /opt/                     parent directory of /opt/bin/node
        /opt/bin/                 parent directory of /opt/bin/node
        /opt/bin/node   SYS 0755  interpreter of the script /bin/env-split
        /usr/                     parent directory of /usr/bin/env
        /usr/bin/                 parent directory of /usr/bin/env
        /usr/bin/env    SYS 0755  interpreter of the script /bin/env-split
        ",
    );
}

#[test]
fn an_interpreter_may_be_a_script() {
    check(
        "binaries: [SYS/bin/nested]",
        &[("SYS", SYS)],
        "
        /bin/                      parent directory of /bin/dash
        /bin/dash        SYS 0755  interpreter of the script /bin/plain
        /bin/nested      SYS 0755  binaries:1
        /bin/plain       SYS 0755  interpreter of the script /bin/nested
        /bin/sh -> dash  SYS       link on the way to /bin/dash
        ",
    );
}

#[test]
fn a_declared_interpreter_is_taken_wherever_it_comes_from() {
    check(
        "
        binaries:
          - SYS/bin/plain
          - OTHER/bin/sh
        ",
        &[("SYS", SYS), ("OTHER", "/bin/sh elf x86_64 static")],
        "
        /bin/                   parent directory of /bin/plain
        /bin/plain  SYS 0755    binaries:2
        /bin/sh     OTHER 0755  binaries:3
                                and interpreter of the script /bin/plain
        ",
    );
}

#[test]
fn a_hard_link_may_be_the_interpreter() {
    check(
        "
        binaries:
          - SYS/bin/gone
          - SYS/bin/dash
        hardlinks: [\"/bin/dash:/bin/zsh\"]
        ",
        &[("SYS", SYS)],
        "
        /bin/                                  parent directory of /bin/dash
        /bin/dash                    SYS 0755  binaries:3
        /bin/gone                    SYS 0755  binaries:2
        /bin/zsh hardlink /bin/dash  0755      hardlinks:4
                                               and interpreter of the script /bin/gone
        ",
    );
}

#[test]
fn a_declared_link_may_be_the_interpreter() {
    check(
        "
        binaries:
          - SYS/bin/gone
          - SYS/bin/dash
        symlinks: [\"dash:/bin/zsh\"]
        ",
        &[("SYS", SYS)],
        "
        /bin/                       parent directory of /bin/dash
        /bin/dash         SYS 0755  binaries:3
                                    and interpreter of the script /bin/gone
        /bin/gone         SYS 0755  binaries:2
        /bin/zsh -> dash            symlinks:4
        ",
    );
}

#[test]
fn an_interpreter_that_is_not_there_is_missing() {
    check_faults(
        "
        binaries:
          - SYS/bin/gone
          - SYS/bin/env-gone
          - {from: SYS/bin/gone, to: /bin/gone2}
        ",
        &[("SYS", SYS), ("OTHER", "/usr/bin/zsh elf x86_64 static")],
        "
        2: interpreter `/bin/zsh` was not found; named by /bin/gone, /bin/gone2
            tried /bin/zsh: not there
            help: OTHER/usr/bin/zsh has it
        3: interpreter `ruby` was not found; named by /bin/env-gone
            tried /usr/local/sbin/ruby: not there
            tried /usr/local/bin/ruby: not there
            tried /usr/sbin/ruby: not there
            tried /usr/bin/ruby: not there
            tried /sbin/ruby: not there
            tried /bin/ruby: not there
        ",
    );
}

#[test]
fn a_relative_interpreter_starts_at_the_working_directory() {
    check(
        "binaries: [SYS/bin/relative]",
        &[("SYS", SYS)],
        "
        /bin/                    parent directory of /bin/dash
        /bin/dash      SYS 0755  interpreter of the script /bin/relative
        /bin/relative  SYS 0755  binaries:1
        ",
    );
    check_faults(
        "
        binaries: [SYS/bin/relative]
        image: {workdir: /srv}
        ",
        &[("SYS", SYS)],
        "
        1: interpreter `bin/dash` was not found; named by /bin/relative
            tried /srv/bin/dash: not there
            help: SYS/bin/dash has it
        ",
    );
}

#[test]
fn windows_line_ends_are_named() {
    check_faults(
        "binaries: [SYS/bin/crlf]",
        &[("SYS", SYS)],
        "
        1: interpreter `/bin/sh\\r` was not found; named by /bin/crlf
            tried /bin/sh\\r: not there
            help: the first line ends in a carriage return: use Unix line ends
        ",
    );
}

#[test]
fn a_script_that_interprets_itself_is_refused() {
    check_faults(
        "binaries: [SYS/bin/circle]",
        &[("SYS", SYS)],
        "
        1: `/bin/circle` cannot be started: more than 5 scripts interpret one another
        ",
    );
}

#[test]
fn an_interpreter_that_cannot_be_executed_is_refused() {
    check_faults(
        "
        binaries:
          - SYS/bin/to-text
          - SYS/bin/to-dir
        ",
        &[("SYS", SYS)],
        "
        2: `SYS/etc/text` is neither an ELF program nor a script: it starts with neither ELF's magic number nor `#!`
            help: files that are not executed belong under `data`
        3: interpreter `/etc` was not found; named by /bin/to-dir
            tried /etc: not there
        ",
    );
}

#[test]
fn scripts_in_data_directories_are_left_alone() {
    check(
        "data: [{from: SYS/bin/, include: [gone]}]",
        &[("SYS", SYS)],
        "
        /bin/      SYS       data:1
        /bin/gone  SYS 0755  data:1
        ",
    );
}

#[test]
fn a_declared_link_in_place_of_the_interpreter_brings_what_it_points_at() {
    check(
        "
        binaries: [SYS/bin/plain]
        symlinks: [\"../usr/bin/env:/bin/sh\"]
        ",
        &[("SYS", SYS)],
        "
        /bin/                                parent directory of /bin/plain
        /bin/plain                 SYS 0755  binaries:1
        /bin/sh -> ../usr/bin/env            symlinks:2
        /usr/                                parent directory of /usr/bin/env
        /usr/bin/                            parent directory of /usr/bin/env
        /usr/bin/env               SYS 0755  interpreter of the script /bin/plain
        ",
    );
}
