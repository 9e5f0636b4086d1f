//! ELF files in data: closed over like programs.

use crate::support::{check, check_faults, check_findings};

const PYTHON: &str = "
    /usr/bin/python3   elf x86_64 interp=/lib/ld.so rpath=/opt/py/lib needed=libc.so.6
    /usr/lib/python3/os.py   \"import x\"
    /usr/lib/python3/_ssl.so elf x86_64 needed=libssl.so.3,libc.so.6
    /lib/ld.so         loader glibc x86_64
    /lib/libc.so.6     elf x86_64 soname=libc.so.6
    /opt/py/lib/libssl.so.3 elf x86_64 soname=libssl.so.3
    ";

#[test]
fn elf_files_of_a_directory_bring_what_they_need() {
    check(
        "data: [SYS/usr/lib/plugins]",
        &[(
            "SYS",
            "
            /usr/lib/plugins/p.so  elf x86_64 needed=libz.so.1
            /usr/lib/plugins/q.so  elf x86_64 needed=p.so runpath=$ORIGIN
            /lib/ld-linux-x86-64.so.2  loader glibc x86_64
            /lib/libz.so.1         elf x86_64 soname=libz.so.1
            ",
        )],
        "
        /lib/                            parent directory of /lib/libz.so.1
        /lib/libz.so.1         SYS 0755  needed by /usr/lib/plugins/p.so as libz.so.1, found in the loader's default directory /lib
        /usr/                            parent directory of /usr/lib/plugins
        /usr/lib/                        parent directory of /usr/lib/plugins
        /usr/lib/plugins/      SYS       data:1
        /usr/lib/plugins/p.so  SYS 0755  data:1
                                         and needed by /usr/lib/plugins/q.so as p.so, found through RUNPATH $ORIGIN of /usr/lib/plugins/q.so
        /usr/lib/plugins/q.so  SYS 0755  data:1
        ",
    );
}

#[test]
fn a_module_that_needs_the_run_path_of_a_program_is_closed_over_as_opened_by_it() {
    check(
        "
        binaries: [SYS/usr/bin/python3]
        data: [SYS/usr/lib/python3]
        ",
        &[("SYS", PYTHON)],
        "
        /lib/                               parent directory of /lib/ld.so
        /lib/ld.so                SYS 0755  interpreter of /usr/bin/python3
        /lib/libc.so.6            SYS 0755  needed by /usr/bin/python3 as libc.so.6, found in the loader's default directory /lib
                                            and needed by /usr/lib/python3/_ssl.so as libc.so.6, found in the loader's default directory /lib
        /opt/                               parent directory of /opt/py/lib/libssl.so.3
        /opt/py/                            parent directory of /opt/py/lib/libssl.so.3
        /opt/py/lib/                        parent directory of /opt/py/lib/libssl.so.3
        /opt/py/lib/libssl.so.3   SYS 0755  needed by /usr/lib/python3/_ssl.so as libssl.so.3, found through RPATH /opt/py/lib of /usr/bin/python3
        /usr/                               parent directory of /usr/bin/python3
        /usr/bin/                           parent directory of /usr/bin/python3
        /usr/bin/python3          SYS 0755  binaries:1
        /usr/lib/                           parent directory of /usr/lib/python3
        /usr/lib/python3/         SYS       data:2
        /usr/lib/python3/_ssl.so  SYS 0755  data:2
                                            and opened at run time by /usr/bin/python3 as /usr/lib/python3/_ssl.so, named by its path
        /usr/lib/python3/os.py    SYS 0644  data:2
        ",
    );
}

#[test]
fn a_program_in_the_same_directory_opens_its_modules() {
    check(
        "data: [SYS/opt/app]",
        &[(
            "SYS",
            "
            /opt/app/a-module.so elf x86_64 needed=libown.so
            /opt/app/lib/libown.so elf x86_64 soname=libown.so
            /opt/app/run         elf x86_64 interp=/lib/ld.so rpath=$ORIGIN/lib
            /lib/ld.so           loader glibc x86_64
            ",
        )],
        "
        /lib/                             parent directory of /lib/ld.so
        /lib/ld.so              SYS 0755  interpreter of /opt/app/run
        /opt/                             parent directory of /opt/app
        /opt/app/               SYS       data:1
        /opt/app/a-module.so    SYS 0755  data:1
                                          and opened at run time by /opt/app/run as /opt/app/a-module.so, named by its path
        /opt/app/lib/           SYS       data:1
        /opt/app/lib/libown.so  SYS 0755  data:1
                                          and needed by /opt/app/a-module.so as libown.so, found through RPATH $ORIGIN/lib of /opt/app/run
        /opt/app/run            SYS 0755  data:1
        ",
    );
}

#[test]
fn what_no_program_can_complete_is_missing_and_can_be_ignored() {
    let listing = &PYTHON.replace("/lib/ld.so ", "/lib/ld-linux-x86-64.so.2 ");
    check_faults("data: [SYS/usr/lib/python3]", &[("SYS", listing)], "
        1: library `libssl.so.3` was not found; needed by /usr/lib/python3/_ssl.so
            tried /lib/libssl.so.3 (in the loader's default directory /lib): no such file or directory
            tried /usr/lib/libssl.so.3 (in the loader's default directory /usr/lib): no such file or directory
            help: `elf: ignore` takes ELF files of the directory without what they need
        ");
}

#[test]
fn elf_files_may_be_ignored() {
    check(
        "data: [{from: SYS/usr/lib/python3, elf: ignore}]",
        &[("SYS", PYTHON)],
        "
        /usr/                               parent directory of /usr/lib/python3
        /usr/lib/                           parent directory of /usr/lib/python3
        /usr/lib/python3/         SYS       data:1
        /usr/lib/python3/_ssl.so  SYS 0755  data:1
        /usr/lib/python3/os.py    SYS 0644  data:1
        ",
    );
}

#[test]
fn files_for_another_machine_are_told_and_not_closed_over() {
    let input = [(
        "SYS",
        "
        /srv/arm.so  elf aarch64 needed=libgone.so
        /srv/x86.so  elf x86_64
        /srv/obj.o   elf x86_64 type=1 needed=libgone.so
        /lib/ld-linux-x86-64.so.2  loader glibc x86_64
        ",
    )];
    let manifest = "
        data: [SYS/srv]
        platforms: [linux/amd64]
        ";
    check(
        manifest,
        &input,
        "
        /srv/        SYS       data:1
        /srv/arm.so  SYS 0755  data:1
        /srv/obj.o   SYS 0755  data:1
        /srv/x86.so  SYS 0755  data:1
        ",
    );
    check_findings(
        manifest,
        &input,
        "
        1: notice: `/srv/arm.so` is made for another machine; what it needs is not looked at
        ",
    );
}

#[test]
fn a_damaged_file_is_told_and_copied() {
    let input = [("SYS", "/srv/cut.so  elf x86_64 needed=libz.so cut=80\n/srv/short hex=7f454c46")];
    check(
        "data: [SYS/srv]",
        &input,
        "
        /srv/        SYS       data:1
        /srv/cut.so  SYS 0755  data:1
        /srv/short   SYS 0644  data:1
        ",
    );
    check_findings("data: [SYS/srv]", &input, "
        1: warning: `/srv/cut.so` is a damaged ELF file: damaged ELF file: the program header table lies outside the file
        1: warning: `/srv/short` is a damaged ELF file: the file is too short to be ELF
        ");
}

#[test]
fn the_elf_target_of_a_link_is_closed_over() {
    check(
        "data: [SYS/srv]",
        &[(
            "SYS",
            "
            /srv/p.so       -> /usr/lib/p.so
            /usr/lib/p.so   elf x86_64 needed=libz.so.1
            /lib/libz.so.1  elf x86_64 soname=libz.so.1
            /lib/ld-linux-x86-64.so.2  loader glibc x86_64
            ",
        )],
        "
        /lib/                                 parent directory of /lib/libz.so.1
        /lib/libz.so.1              SYS 0755  needed by /usr/lib/p.so as libz.so.1, found in the loader's default directory /lib
        /srv/                       SYS       data:1
        /srv/p.so -> /usr/lib/p.so  SYS       data:1
        /usr/                                 parent directory of /usr/lib/p.so
        /usr/lib/                             parent directory of /usr/lib/p.so
        /usr/lib/p.so               SYS 0755  target of the link /srv/p.so
        ",
    );
}

#[test]
fn a_single_library_as_data_is_closed_over() {
    check(
        "data: [SYS/lib/libz.so.1]",
        &[(
            "SYS",
            "
            /lib/libz.so.1  elf x86_64 soname=libz.so.1 needed=libc.so.6
            /lib/libc.so.6  elf x86_64 soname=libc.so.6
            /lib/ld-linux-x86-64.so.2  loader glibc x86_64
            ",
        )],
        "
        /lib/                     parent directory of /lib/libc.so.6
        /lib/libc.so.6  SYS 0755  needed by /lib/libz.so.1 as libc.so.6, found in the loader's default directory /lib
        /lib/libz.so.1  SYS 0755  data:1
        ",
    );
}

#[test]
fn two_thousand_elf_files_are_no_burden() {
    let mut listing = String::from(
        "/lib/ld-linux-x86-64.so.2 loader glibc x86_64\n/lib/libc.so.6 elf x86_64 soname=libc.so.6\n",
    );
    for number in 0..2000 {
        listing += &format!("/srv/m{number}.so elf x86_64 soname=m{number}.so needed=libc.so.6\n");
    }
    let started = std::time::Instant::now();
    let plan = crate::support::planned("data: [SYS/srv]", &[("SYS", &listing)]);
    assert_eq!(plan.tree.len(), 2000 + 3);
    let seconds = started.elapsed().as_secs();
    assert!(seconds < 20, "{seconds} seconds, unoptimised, twice");
}
