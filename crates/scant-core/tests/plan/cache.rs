//! `ld.so.cache`: the closure must hold in the image.

use crate::support::{check, check_faults, check_findings, planned};

const SYS: &str = "
    /bin/app             elf x86_64 interp=/lib/ld.so needed=libz.so.1
    /bin/plain           elf x86_64 interp=/lib/ld.so needed=libc.so.6
    /lib/ld.so           loader glibc x86_64
    /lib/libc.so.6       elf x86_64 soname=libc.so.6
    /opt/lib/libz.so.1   -> libz.so.1.2
    /opt/lib/libz.so.1.2 elf x86_64 soname=libz.so.1
    /etc/ld.so.cache     cache new x86_64 libz.so.1=>/opt/lib/libz.so.1 libc.so.6=>/lib/libc.so.6
    ";

#[test]
fn what_only_the_cache_of_the_input_finds_needs_a_cache_in_the_image() {
    check("binaries: [SYS/bin/app]", &[("SYS", SYS)], "
        /bin/                                        parent directory of /bin/app
        /bin/app                           SYS 0755  binaries:1
        /etc/                                        parent directory of /etc/ld.so.cache
        /etc/ld.so.cache                   0644      made by scant: the loader finds libz.so.1 through nothing else
        /lib/                                        parent directory of /lib/ld.so
        /lib/ld.so                         SYS 0755  interpreter of /bin/app
        /opt/                                        parent directory of /opt/lib/libz.so.1
        /opt/lib/                                    parent directory of /opt/lib/libz.so.1
        /opt/lib/libz.so.1 -> libz.so.1.2  SYS       link on the way to /opt/lib/libz.so.1.2
        /opt/lib/libz.so.1.2               SYS 0755  needed by /bin/app as libz.so.1, found through ld.so.cache
        ");
}

#[test]
fn what_is_found_in_a_default_directory_needs_no_cache() {
    check("binaries: [SYS/bin/plain]", &[("SYS", SYS)], "
        /bin/                     parent directory of /bin/plain
        /bin/plain      SYS 0755  binaries:1
        /lib/                     parent directory of /lib/ld.so
        /lib/ld.so      SYS 0755  interpreter of /bin/plain
        /lib/libc.so.6  SYS 0755  needed by /bin/plain as libc.so.6, found in the loader's default directory /lib
        ");
}

#[test]
fn a_cache_may_be_asked_for() {
    check(
        "
        binaries: [SYS/bin/plain]
        ld-so-cache: always
        ",
        &[("SYS", SYS)],
        "
        /bin/                       parent directory of /bin/plain
        /bin/plain        SYS 0755  binaries:1
        /etc/                       parent directory of /etc/ld.so.cache
        /etc/ld.so.cache  0644      made by scant: the manifest asks for it
        /lib/                       parent directory of /lib/ld.so
        /lib/ld.so        SYS 0755  interpreter of /bin/plain
        /lib/libc.so.6    SYS 0755  needed by /bin/plain as libc.so.6, found in the loader's default directory /lib
        ",
    );
}

#[test]
fn the_cache_lists_what_the_system_rules_found() {
    let plan = planned(
        "
        binaries: [SYS/bin/app, SYS/bin/plain]
        ",
        &[("SYS", SYS)],
    );
    let bytes = plan.made.values().next().expect("one made file");
    let order = scant_core::words::ByteOrder::Little;
    let cache = scant_core::formats::ld_so_cache::parse(bytes, order).expect("a cache");
    let paths = cache.entries().iter().map(|entry| String::from_utf8_lossy(&entry.path));
    assert_eq!(paths.collect::<Vec<_>>(), ["/lib/libc.so.6", "/opt/lib/libz.so.1"]);
}

#[test]
fn without_a_cache_the_proof_fails() {
    check_faults(
        "
        binaries:
          - SYS/bin/app
          - {from: SYS/bin/app, to: /bin/again}
        ld-so-cache: never
        ",
        &[("SYS", SYS)],
        "
        2: /opt/lib/libz.so.1.2, needed by /bin/app as libz.so.1, would not be found in the image
            help: set LD_LIBRARY_PATH to /opt/lib under `image: env:`
            help: or let scant write an ld.so.cache: `ld-so-cache: auto`
        3: /opt/lib/libz.so.1.2, needed by /bin/again as libz.so.1, would not be found in the image
            help: set LD_LIBRARY_PATH to /opt/lib under `image: env:`
            help: or let scant write an ld.so.cache: `ld-so-cache: auto`
        ",
    );
}

#[test]
fn a_declared_cache_is_left_alone() {
    check(
        "
        binaries: [SYS/bin/app]
        data: [SYS/etc/ld.so.cache]
        ",
        &[("SYS", SYS)],
        "
        /bin/                                        parent directory of /bin/app
        /bin/app                           SYS 0755  binaries:1
        /etc/                                        parent directory of /etc/ld.so.cache
        /etc/ld.so.cache                   SYS 0644  data:2
        /lib/                                        parent directory of /lib/ld.so
        /lib/ld.so                         SYS 0755  interpreter of /bin/app
        /opt/                                        parent directory of /opt/lib/libz.so.1
        /opt/lib/                                    parent directory of /opt/lib/libz.so.1
        /opt/lib/libz.so.1 -> libz.so.1.2  SYS       link on the way to /opt/lib/libz.so.1.2
        /opt/lib/libz.so.1.2               SYS 0755  needed by /bin/app as libz.so.1, found through ld.so.cache
        ",
    );
}

#[test]
fn a_declared_cache_is_the_one_that_counts() {
    check_faults(
        "
        binaries: [SYS/bin/app]
        data: [\"SYS/empty.cache:/etc/ld.so.cache\"]
        ",
        &[(
            "SYS",
            "
            /bin/app         elf x86_64 interp=/lib/ld.so needed=libz.so.1
            /lib/ld.so       loader glibc x86_64
            /empty.cache     cache new x86_64
            /opt/libz.so.1   elf x86_64 soname=libz.so.1
            /etc/ld.so.cache cache new x86_64 libz.so.1=>/opt/libz.so.1
            ",
        )],
        "
        1: library `libz.so.1` was not found; needed by /bin/app
            tried /lib/libz.so.1 (in the loader's default directory /lib): no such file or directory
            tried /usr/lib/libz.so.1 (in the loader's default directory /usr/lib): no such file or directory
        ",
    );
}

#[test]
fn a_cache_is_written_when_another_file_would_be_found_first() {
    check(
        "
        binaries: [SYS/bin/app, SYS/bin/old]
        ",
        &[(
            "SYS",
            "
            /bin/app             elf x86_64 interp=/lib/ld.so needed=libz.so.1
            /bin/old             elf x86_64 interp=/lib/ld.so runpath=/lib needed=libz.so.1
            /lib/ld.so           loader glibc x86_64
            /lib/libz.so.1       elf x86_64 soname=libz.so.1
            /usr/local/lib/libz.so.1 elf x86_64 soname=libz.so.1
            /etc/ld.so.cache     cache new x86_64 libz.so.1=>/usr/local/lib/libz.so.1
            ",
        )],
        "
        /bin/                               parent directory of /bin/app
        /bin/app                  SYS 0755  binaries:1
        /bin/old                  SYS 0755  binaries:1
        /etc/                               parent directory of /etc/ld.so.cache
        /etc/ld.so.cache          0644      made by scant: the loader finds libz.so.1 through nothing else
        /lib/                               parent directory of /lib/ld.so
        /lib/ld.so                SYS 0755  interpreter of /bin/app
                                            and interpreter of /bin/old
        /lib/libz.so.1            SYS 0755  needed by /bin/old as libz.so.1, found through RUNPATH /lib of /bin/old
        /usr/                               parent directory of /usr/local/lib/libz.so.1
        /usr/local/                         parent directory of /usr/local/lib/libz.so.1
        /usr/local/lib/                     parent directory of /usr/local/lib/libz.so.1
        /usr/local/lib/libz.so.1  SYS 0755  needed by /bin/app as libz.so.1, found through ld.so.cache
        ",
    );
}

#[test]
fn a_cache_lands_where_the_loader_reads_it() {
    check(
        "binaries: [SYS/bin/app]",
        &[(
            "SYS",
            "
            /bin/app              elf x86_64 interp=/lib/ld.so needed=libz.so.1
            /lib/ld.so            loader glibc x86_64 cache=/var/lib/ld.so.cache
            /opt/lib/libz.so.1    elf x86_64 soname=libz.so.1
            /var/lib/ld.so.cache  cache new x86_64 libz.so.1=>/opt/lib/libz.so.1
            ",
        )],
        "
        /bin/                           parent directory of /bin/app
        /bin/app              SYS 0755  binaries:1
        /lib/                           parent directory of /lib/ld.so
        /lib/ld.so            SYS 0755  interpreter of /bin/app
        /opt/                           parent directory of /opt/lib/libz.so.1
        /opt/lib/                       parent directory of /opt/lib/libz.so.1
        /opt/lib/libz.so.1    SYS 0755  needed by /bin/app as libz.so.1, found through ld.so.cache
        /var/                           parent directory of /var/lib/ld.so.cache
        /var/lib/                       parent directory of /var/lib/ld.so.cache
        /var/lib/ld.so.cache  0644      made by scant: the loader finds libz.so.1 through nothing else
        ",
    );
}

#[test]
fn musl_never_gets_a_cache() {
    check(
        "
        binaries: [SYS/bin/app]
        ld-so-cache: always
        ",
        &[(
            "SYS",
            "
            /bin/app                  elf x86_64 interp=/lib/ld-musl-x86_64.so.1 needed=libc.so
            /lib/ld-musl-x86_64.so.1  loader musl x86_64
            ",
        )],
        "
        /bin/                               parent directory of /bin/app
        /bin/app                  SYS 0755  binaries:1
        /lib/                               parent directory of /lib/ld-musl-x86_64.so.1
        /lib/ld-musl-x86_64.so.1  SYS 0755  interpreter of /bin/app
                                            and needed by /bin/app as libc.so, which is the loader itself
        ",
    );
}

#[test]
fn a_cache_in_a_format_that_is_not_written_is_no_way_out() {
    check_faults(
        "binaries: [SYS/bin/app]",
        &[(
            "SYS",
            "
            /bin/app              elf mips interp=/lib/ld-uClibc.so.0 needed=libz.so.1
            /lib/ld-uClibc.so.0   loader uclibc mips
            /opt/lib/libz.so.1    elf mips soname=libz.so.1
            /etc/ld.so.cache      cache old mips flags=4 libz.so.1=>/opt/lib/libz.so.1
            ",
        )],
        "
        1: /opt/lib/libz.so.1, needed by /bin/app as libz.so.1, would not be found in the image
            help: set LD_LIBRARY_PATH to /opt/lib under `image: env:`
        ",
    );
}

#[test]
fn no_cache_is_asked_for_in_vain() {
    check_findings(
        "
        binaries: [SYS/bin/app]
        ld-so-cache: always
        ",
        &[("SYS", "/bin/app elf x86_64 static")],
        "",
    );
}
