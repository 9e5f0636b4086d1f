//! Several inputs: which of them a file is taken from.

use scant_core::plan::{Request, plan};
use scant_core::words::{Node, TreePath};

use crate::support::{MANIFEST, check, check_faults, compare, planned_for, prepare, tree, views};

#[test]
fn libraries_of_a_program_come_from_its_own_input() {
    check(
        "binaries: [TWO/bin/app]",
        &[
            ("ONE", "/lib/libz.so elf x86_64 soname=libz.so\n/lib/ld.so loader glibc x86_64"),
            (
                "TWO",
                "
                /bin/app      elf x86_64 interp=/lib/ld.so needed=libz.so
                /lib/ld.so    loader glibc x86_64
                /lib/libz.so  elf x86_64 soname=libz.so
                ",
            ),
        ],
        "
        /bin/                   parent directory of /bin/app
        /bin/app      TWO 0755  binaries:1
        /lib/                   parent directory of /lib/ld.so
        /lib/ld.so    TWO 0755  interpreter of /bin/app
        /lib/libz.so  TWO 0755  needed by /bin/app as libz.so, found in the loader's default directory /lib
        ",
    );
}

#[test]
fn a_library_of_another_input_is_not_taken_but_told() {
    check_faults(
        "binaries: [ONE/bin/app]",
        &[
            (
                "ONE",
                "
                /bin/app    elf x86_64 interp=/lib/ld.so needed=libz.so
                /lib/ld.so  loader glibc x86_64
                ",
            ),
            ("TWO", "/usr/lib/libz.so elf x86_64 soname=libz.so"),
        ],
        "
        1: library `libz.so` was not found; needed by /bin/app
            tried /lib/libz.so (in the loader's default directory /lib): no such file or directory
            tried /usr/lib/libz.so (in the loader's default directory /usr/lib): no such file or directory
            help: TWO/usr/lib/libz.so has it
        ",
    );
}

#[test]
fn a_declared_library_takes_the_place_of_the_inputs_own() {
    check(
        "
        binaries: [ONE/bin/app]
        data: [\"TWO/opt/libz.so:/lib/libz.so\"]
        ",
        &[
            (
                "ONE",
                "
                /bin/app      elf x86_64 interp=/lib/ld.so needed=libz.so
                /lib/ld.so    loader glibc x86_64
                /lib/libz.so  elf x86_64 soname=libz.so
                ",
            ),
            ("TWO", "/opt/libz.so elf x86_64 soname=libz.so"),
        ],
        "
        /bin/                               parent directory of /bin/app
        /bin/app      ONE 0755              binaries:1
        /lib/                               parent directory of /lib/ld.so
        /lib/ld.so    ONE 0755              interpreter of /bin/app
        /lib/libz.so  TWO/opt/libz.so 0755  data:2
                                            and needed by /bin/app as libz.so, found in the loader's default directory /lib
        ",
    );
}

#[test]
fn a_program_beside_the_manifest_takes_libraries_from_the_declared_inputs_in_order() {
    check(
        "binaries: [\"./app:/app\"]",
        &[
            (
                "ONE",
                "
                /lib/ld.so    loader glibc x86_64
                /lib/libz.so  elf x86_64 soname=libz.so
                ",
            ),
            (
                "TWO",
                "
                /lib/ld.so    loader glibc x86_64
                /lib/libz.so  elf x86_64 soname=libz.so
                /lib/liby.so  elf x86_64 soname=liby.so
                ",
            ),
            (MANIFEST, "/app elf x86_64 interp=/lib/ld.so needed=libz.so,liby.so"),
        ],
        "
        /app          manifest 0755  binaries:1
        /lib/                        parent directory of /lib/ld.so
        /lib/ld.so    ONE 0755       interpreter of /app
        /lib/liby.so  TWO 0755       needed by /app as liby.so, found in the loader's default directory /lib
        /lib/libz.so  ONE 0755       needed by /app as libz.so, found in the loader's default directory /lib
        ",
    );
}

#[test]
fn a_program_beside_the_manifest_prefers_the_input_that_has_its_loader() {
    check(
        "binaries: [\"./app:/app\"]",
        &[
            (
                "GLIBC",
                "
                /lib/ld-linux.so  loader glibc x86_64
                /lib/libz.so      elf x86_64 soname=libz.so
                ",
            ),
            (
                "MUSL",
                "
                /lib/ld-musl-x86_64.so.1  loader musl x86_64
                /usr/lib/libz.so          elf x86_64 soname=libz.so
                ",
            ),
            (MANIFEST, "/app elf x86_64 interp=/lib/ld-musl-x86_64.so.1 needed=libz.so,libc.so"),
        ],
        "
        /app                      manifest 0755  binaries:1
        /lib/                                    parent directory of /lib/ld-musl-x86_64.so.1
        /lib/ld-musl-x86_64.so.1  MUSL 0755      interpreter of /app
                                                 and needed by /app as libc.so, which is the loader itself
        /usr/                                    parent directory of /usr/lib/libz.so
        /usr/lib/                                parent directory of /usr/lib/libz.so
        /usr/lib/libz.so          MUSL 0755      needed by /app as libz.so, found in the loader's default directory /usr/lib
        ",
    );
}

#[test]
fn a_script_beside_the_manifest_takes_its_interpreter_and_that_its_own_input() {
    check(
        "binaries: [\"./run:/run.sh\"]",
        &[
            ("ONE", "/lib/ld.so loader glibc x86_64\n/lib/libz.so elf x86_64 soname=libz.so"),
            (
                "TWO",
                "
                /bin/sh       elf x86_64 interp=/lib/ld.so needed=libz.so
                /lib/ld.so    loader glibc x86_64
                /lib/libz.so  elf x86_64 soname=libz.so
                ",
            ),
            (MANIFEST, "/run \"#!/bin/sh\\n\""),
        ],
        "
        /bin/                            parent directory of /bin/sh
        /bin/sh       TWO 0755           interpreter of the script /run.sh
        /lib/                            parent directory of /lib/ld.so
        /lib/ld.so    TWO 0755           interpreter of /bin/sh
        /lib/libz.so  TWO 0755           needed by /bin/sh as libz.so, found in the loader's default directory /lib
        /run.sh       manifest/run 0755  binaries:1
        ",
    );
}

#[test]
fn programs_of_two_inputs_share_what_has_one_place() {
    check(
        "
        binaries:
          - ONE/bin/a
          - TWO/bin/b
        ",
        &[
            (
                "ONE",
                "
                /bin/a       elf x86_64 interp=/lib/ld.so needed=libc.so.6
                /lib/ld.so   loader glibc x86_64
                /lib/libc.so.6  elf x86_64 soname=libc.so.6
                ",
            ),
            (
                "TWO",
                "
                /bin/b       elf x86_64 interp=/lib/ld.so needed=libc.so.6,libb.so
                /lib/ld.so   loader glibc x86_64
                /lib/libc.so.6  elf x86_64 soname=libc.so.6
                /lib/libb.so  elf x86_64 soname=libb.so
                ",
            ),
        ],
        "
        /bin/                     parent directory of /bin/a
        /bin/a          ONE 0755  binaries:2
        /bin/b          TWO 0755  binaries:3
        /lib/                     parent directory of /lib/ld.so
        /lib/ld.so      ONE 0755  interpreter of /bin/a
                                  and interpreter of /bin/b
        /lib/libb.so    TWO 0755  needed by /bin/b as libb.so, found in the loader's default directory /lib
        /lib/libc.so.6  ONE 0755  needed by /bin/a as libc.so.6, found in the loader's default directory /lib
                                  and needed by /bin/b as libc.so.6, found in the loader's default directory /lib
        ",
    );
}

#[test]
fn a_shared_library_without_a_wanted_version_is_refused() {
    check_faults(
        "
        binaries:
          - ONE/bin/a
          - TWO/bin/b
          - TWO/bin/c
        ",
        &[
            (
                "ONE",
                "
                /bin/a       elf x86_64 interp=/lib/ld.so needed=libc.so.6
                /lib/ld.so   loader glibc x86_64
                /lib/libc.so.6  elf x86_64 soname=libc.so.6 verdef=GLIBC_2.2
                ",
            ),
            (
                "TWO",
                "
                /bin/b       elf x86_64 interp=/lib/ld.so needed=libb.so
                /bin/c       elf x86_64 interp=/lib/ld.so needed=libb.so
                /lib/libb.so elf x86_64 soname=libb.so needed=libc.so.6 verneed=libc.so.6:GLIBC_2.38
                /lib/libc.so.6  elf x86_64 soname=libc.so.6 verdef=GLIBC_2.2,GLIBC_2.38
                ",
            ),
        ],
        "
        3: /lib/libb.so wants the version GLIBC_2.38 of /lib/libc.so.6, which does not define it
            help: take /lib/libc.so.6 and the file that wants it from inputs that fit together
        ",
    );
}

#[test]
fn the_name_of_the_manifests_directory_stays_out_of_an_image() {
    let of = |base: &'static str| {
        let (manifest, opened) = prepare(
            "data: [\"./motd:/etc/motd\", \"../shared/issue:/etc/issue\"]",
            &[(MANIFEST, &format!("{base}/motd \"1\"\n/shared/issue \"2\""))],
        );
        let views = views(&opened, false);
        let platform = "linux/amd64".parse().unwrap();
        let base = TreePath::literal(base);
        tree(&plan(&Request { manifest: &manifest, platform, inputs: &views, base }))
    };
    compare(
        &of("/project"),
        "
        /etc/                                   parent directory of /etc/issue
        /etc/issue  manifest/shared/issue 0644  data:1
        /etc/motd   manifest/motd 0644          data:1
        ",
    );
    compare(&of("/project"), &of("/checkout"));
}

#[test]
fn the_package_of_a_file_is_told_where_the_input_knows() {
    let (manifest, mut opened) =
        prepare("binaries: [SYS/app]", &[("SYS", "/app elf x86_64 static")]);
    for input in opened.values_mut() {
        input.package = Some("app-1.0".into());
    }
    let plan = planned_for(&manifest, &opened, "linux/amd64".parse().unwrap());
    let source = |(_, node): (_, &Node)| node.provenance.source().cloned();
    let packages = plan.tree.iter().filter_map(source).map(|source| source.package);
    assert_eq!(packages.collect::<Vec<_>>(), [Some("app-1.0".into())]);
}
