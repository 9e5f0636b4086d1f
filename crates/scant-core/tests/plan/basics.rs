//! What comes into an image, and what does not.

use crate::support::{MANIFEST, check};

#[test]
fn the_manifest_of_the_article_works_as_it_is() {
    check(
        "
        input:
          backend: buildroot
          mode: staging
          path: /path/to/buildroot/output/staging
        binaries:
          - BUILDROOT/usr/sbin/nginx:/usr/sbin/nginx
        data:
          - BUILDROOT/etc/nginx/nginx.conf:/etc/nginx/nginx.conf
          - ./local/config/motd:/etc/motd
        directories:
          - /var/log/nginx
        symlinks:
          - /usr/bin/netcat:/usr/bin/nc
          - /usr/lib:/lib
        ",
        &[
            (
                "BUILDROOT",
                "
                /lib/ld-linux-aarch64.so.1  loader glibc aarch64
                /lib/libc.so.6              elf aarch64 soname=libc.so.6
                /usr/lib/libz.so.1          -> libz.so.1.3
                /usr/lib/libz.so.1.3        elf aarch64 soname=libz.so.1 needed=libc.so.6
                /usr/sbin/nginx   elf aarch64 interp=/lib/ld-linux-aarch64.so.1 needed=libz.so.1,libc.so.6
                /etc/nginx/nginx.conf       \"worker_processes 1;\\n\"
                ",
            ),
            (MANIFEST, "/local/config/motd \"hello\\n\""),
        ],
        "
        /etc/                                                                        parent directory of /etc/motd
        /etc/motd                          manifest/local/config/motd 0644           data:9
        /etc/nginx/                                                                  parent directory of /etc/nginx/nginx.conf
        /etc/nginx/nginx.conf              BUILDROOT 0644                            data:8
        /lib -> /usr/lib                                                             symlinks:14
                                                                                     and link on the way to /usr/lib/ld-linux-aarch64.so.1
                                                                                     and link on the way to /usr/lib/libc.so.6
        /usr/                                                                        parent directory of /usr/bin/nc
        /usr/bin/                                                                    parent directory of /usr/bin/nc
        /usr/bin/nc -> /usr/bin/netcat                                               symlinks:13
        /usr/lib/                                                                    parent directory of /usr/lib/ld-linux-aarch64.so.1
        /usr/lib/ld-linux-aarch64.so.1     BUILDROOT/lib/ld-linux-aarch64.so.1 0755  interpreter of /usr/sbin/nginx
        /usr/lib/libc.so.6                 BUILDROOT/lib/libc.so.6 0755              needed by /usr/sbin/nginx as libc.so.6, found in the loader's default directory /lib
                                                                                     and needed by /usr/lib/libz.so.1.3 as libc.so.6, found in the loader's default directory /lib
        /usr/lib/libz.so.1 -> libz.so.1.3  BUILDROOT                                 link on the way to /usr/lib/libz.so.1.3
        /usr/lib/libz.so.1.3               BUILDROOT 0755                            needed by /usr/sbin/nginx as libz.so.1, found in the loader's default directory /lib
        /usr/sbin/                                                                   parent directory of /usr/sbin/nginx
        /usr/sbin/nginx                    BUILDROOT 0755                            binaries:6
        /var/                                                                        parent directory of /var/log/nginx
        /var/log/                                                                    parent directory of /var/log/nginx
        /var/log/nginx/                                                              directories:11
        ",
    );
}

#[test]
fn a_static_program_brings_only_its_parents() {
    check(
        "binaries: [SYS/opt/app/bin/hello]",
        &[(
            "SYS",
            "
            /opt/app/bin/hello  elf x86_64 static
            /opt/app/bin/other  elf x86_64 static
            /etc/os-release     \"ID=other\"
            /dev/null           fifo
            ",
        )],
        "
        /opt/                         parent directory of /opt/app/bin/hello
        /opt/app/                     parent directory of /opt/app/bin/hello
        /opt/app/bin/                 parent directory of /opt/app/bin/hello
        /opt/app/bin/hello  SYS 0755  binaries:1
        ",
    );
}

#[test]
fn everything_that_is_needed_comes_once_with_all_reasons() {
    check(
        "
        binaries:
          - SYS/bin/a
          - SYS/bin/b
        ",
        &[(
            "SYS",
            "
            /bin/a          elf x86_64 interp=/lib/ld.so needed=liba.so,libc.so.6
            /bin/b          elf x86_64 interp=/lib/ld.so needed=libc.so.6
            /lib/ld.so      loader glibc x86_64
            /lib/liba.so    elf x86_64 soname=liba.so needed=libc.so.6
            /lib/libb.so    elf x86_64 soname=libb.so
            /lib/libc.so.6  elf x86_64 soname=libc.so.6 needed=ld.so
            ",
        )],
        "
        /bin/                     parent directory of /bin/a
        /bin/a          SYS 0755  binaries:2
        /bin/b          SYS 0755  binaries:3
        /lib/                     parent directory of /lib/ld.so
        /lib/ld.so      SYS 0755  interpreter of /bin/a
                                  and needed by /lib/libc.so.6 as ld.so, found in the loader's default directory /lib
                                  and interpreter of /bin/b
        /lib/liba.so    SYS 0755  needed by /bin/a as liba.so, found in the loader's default directory /lib
        /lib/libc.so.6  SYS 0755  needed by /bin/a as libc.so.6, found in the loader's default directory /lib
                                  and needed by /lib/liba.so as libc.so.6, found in the loader's default directory /lib
                                  and needed by /bin/b as libc.so.6, found in the loader's default directory /lib
        ",
    );
}

#[test]
fn an_empty_manifest_is_an_empty_image() {
    check("image: {cmd: [/bin/app]}", &[], "");
}

#[test]
fn a_person_s_reason_is_kept() {
    check(
        "
        binaries:
          - {from: SYS/bin/app, why: serves the site}
        directories:
          - {path: /var/empty, why: the home of nobody}
        symlinks:
          - {target: app, link: /bin/alias, why: the old name}
        data:
          - {from: SYS/etc/conf, why: its settings}
        hardlinks:
          - {target: /bin/app, link: /bin/app2, why: its other name}
        ",
        &[("SYS", "/bin/app elf x86_64 static\n/etc/conf \"\"")],
        "
        /bin/                                  parent directory of /bin/alias
        /bin/alias -> app                      symlinks:6 (the old name)
        /bin/app                     SYS 0755  binaries:2 (serves the site)
        /bin/app2 hardlink /bin/app  0755      hardlinks:10 (its other name)
        /etc/                                  parent directory of /etc/conf
        /etc/conf                    SYS 0644  data:8 (its settings)
        /var/                                  parent directory of /var/empty
        /var/empty/                            directories:4 (the home of nobody)
        ",
    );
}
