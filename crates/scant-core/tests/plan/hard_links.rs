//! Second names of files.

use crate::support::{check, check_faults};

const SYS: &str = "
    /bin/app      elf x86_64 interp=/lib/ld.so needed=libz.so.1
    /bin/alias    -> app
    /lib/ld.so    loader glibc x86_64
    /lib/libz.so.1 elf x86_64 soname=libz.so.1
    ";

#[test]
fn a_hard_link_has_the_mode_and_owner_of_its_file() {
    check(
        "
        binaries: [{from: SYS/bin/app, mode: \"0500\", owner: 1:2}]
        hardlinks: [\"/bin/app:/usr/bin/app\"]
        ",
        &[("SYS", SYS)],
        "
        /bin/                                         parent directory of /bin/app
        /bin/app                        SYS 0500 1:2  binaries:1
        /lib/                                         parent directory of /lib/ld.so
        /lib/ld.so                      SYS 0755      interpreter of /bin/app
        /lib/libz.so.1                  SYS 0755      needed by /bin/app as libz.so.1, found in the loader's default directory /lib
        /usr/                                         parent directory of /usr/bin/app
        /usr/bin/                                     parent directory of /usr/bin/app
        /usr/bin/app hardlink /bin/app  0500 1:2      hardlinks:2
        ",
    );
}

#[test]
fn a_hard_link_may_name_what_only_a_closure_brings() {
    check(
        "
        binaries: [SYS/bin/app]
        hardlinks: [\"/lib/libz.so.1:/lib/libz.so\"]
        ",
        &[("SYS", SYS)],
        "
        /bin/                                           parent directory of /bin/app
        /bin/app                              SYS 0755  binaries:1
        /lib/                                           parent directory of /lib/ld.so
        /lib/ld.so                            SYS 0755  interpreter of /bin/app
        /lib/libz.so hardlink /lib/libz.so.1  0755      hardlinks:2
        /lib/libz.so.1                        SYS 0755  needed by /bin/app as libz.so.1, found in the loader's default directory /lib
        ",
    );
}

#[test]
fn a_hard_link_to_a_hard_link_is_one_more_name_of_the_file() {
    check(
        "
        data: [\"SYS/bin/app:/a\"]
        hardlinks: [\"/b:/c\", \"/a:/b\"]
        ",
        &[("SYS", "/bin/app \"\"")],
        "
        /a              SYS/bin/app 0644  data:1
        /b hardlink /a  0644              hardlinks:2
        /c hardlink /a  0644              hardlinks:2
        ",
    );
}

#[test]
fn a_hard_link_through_a_symbolic_link_names_the_file() {
    check(
        "
        data: [\"./x:/a\"]
        symlinks: [\"a:/s\"]
        hardlinks: [\"/s:/h\"]
        ",
        &[(crate::support::MANIFEST, "/x \"\"")],
        "
        /a              manifest/x 0644  data:1
        /h hardlink /a  0644             hardlinks:3
        /s -> a                          symlinks:2
        ",
    );
}

#[test]
fn a_hard_link_needs_a_regular_file_of_the_image() {
    check_faults(
        "
        directories: [/etc/a]
        symlinks: [\"gone:/s\"]
        hardlinks:
          - /nowhere:/h1
          - /etc/a:/h2
          - /etc:/h3
          - /s:/h4
          - /h6:/h5
          - /h5:/h6
        ",
        &[],
        "
        4: `/h1` cannot be another name of `/nowhere`, which is not in the image
        5: `/h2` cannot be another name of `/etc/a`, which is a directory
        6: `/h3` cannot be another name of `/etc`, which is a directory
        7: `/h4` cannot be another name of `/s`, which is not in the image
        8: `/h5` cannot be another name of `/h6`, which is not in the image
        9: `/h6` cannot be another name of `/h5`, which is not in the image
        ",
    );
}

#[test]
fn a_hard_link_may_not_take_the_place_of_another_file() {
    check_faults(
        "
        data:
          - ./x:/a
          - ./y:/b
        hardlinks: [\"/a:/b\"]
        ",
        &[(crate::support::MANIFEST, "/x \"1\"\n/y \"2\"")],
        "
        4 and 3: two declarations disagree on `/b`: a file from manifest/y or another name of `/a`
        ",
    );
}
