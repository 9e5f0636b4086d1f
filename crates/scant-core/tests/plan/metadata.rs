//! Modes, owners, capabilities and extended attributes.

use crate::support::{check, check_faults, check_findings};

const MODES: &str = "
    /bin/app      mode=0700 elf x86_64 static
    /bin/plain    mode=0600 elf x86_64 static
    /bin/su       mode=4711 elf x86_64 static
    /bin/wall     mode=2755 elf x86_64 static
    /bin/both     mode=6755 elf x86_64 static
    /etc/         mode=0700
    /etc/secret   mode=0600 \"x\"
    /etc/run      mode=0710 \"x\"
    /etc/shared   mode=0666 \"x\"
    /etc/sub/     mode=2770
    /etc/sub/file mode=0640 \"x\"
    ";

#[test]
fn default_modes_and_owners_do_not_depend_on_the_input() {
    check(
        "
        binaries: [SYS/bin/app, SYS/bin/plain]
        data: [SYS/etc/]
        directories: [/var/lib/app]
        symlinks: [\"app:/bin/link\"]
        ",
        &[("SYS", MODES)],
        "
        /bin/                       parent directory of /bin/app
        /bin/app          SYS 0755  binaries:1
        /bin/link -> app            symlinks:4
        /bin/plain        SYS 0755  binaries:1
        /etc/             SYS       data:2
        /etc/run          SYS 0755  data:2
        /etc/secret       SYS 0644  data:2
        /etc/shared       SYS 0644  data:2
        /etc/sub/         SYS       data:2
        /etc/sub/file     SYS 0644  data:2
        /var/                       parent directory of /var/lib/app
        /var/lib/                   parent directory of /var/lib/app
        /var/lib/app/               directories:3
        ",
    );
}

#[test]
fn declared_modes_and_owners_count() {
    check(
        "
        binaries:
          - {from: SYS/bin/app, mode: \"0500\", owner: 1:2}
        data:
          - {from: SYS/etc/, to: /etc/, mode: \"0640\", directory-mode: \"0750\", owner: 3:4}
        directories:
          - {path: /tmp, mode: \"1777\", owner: 5:6}
        symlinks:
          - {target: app, link: /bin/link, owner: 7:8}
        ",
        &[("SYS", MODES)],
        "
        /bin/                           parent directory of /bin/app
        /bin/app          SYS 0500 1:2  binaries:2
        /bin/link -> app  7:8           symlinks:8
        /etc/             SYS 0750 3:4  data:4
        /etc/run          SYS 0640 3:4  data:4
        /etc/secret       SYS 0640 3:4  data:4
        /etc/shared       SYS 0640 3:4  data:4
        /etc/sub/         SYS 0750 3:4  data:4
        /etc/sub/file     SYS 0640 3:4  data:4
        /tmp/             1777 5:6      directories:6
        ",
    );
}

#[test]
fn privilege_bits_of_an_input_are_dropped_with_a_notice() {
    check_findings(
        "
        binaries:
          - SYS/bin/su
          - SYS/bin/wall
        data:
          - SYS/bin/both
        ",
        &[("SYS", MODES)],
        "
        2: notice: the setuid bit of `SYS/bin/su` was dropped; `mode` can keep it
        3: notice: the setgid bit of `SYS/bin/wall` was dropped; `mode` can keep it
        5: notice: the setuid and setgid bits of `SYS/bin/both` were dropped; `mode` can keep them
        ",
    );
}

#[test]
fn privilege_bits_are_kept_where_mode_says_so() {
    let manifest = "binaries: [{from: SYS/bin/su, mode: \"4755\"}]";
    check(
        manifest,
        &[("SYS", MODES)],
        "
        /bin/              parent directory of /bin/su
        /bin/su  SYS 4755  binaries:1
        ",
    );
    check_findings(manifest, &[("SYS", MODES)], "");
}

#[test]
fn a_mode_without_privilege_bits_was_meant_and_needs_no_notice() {
    check_findings("binaries: [{from: SYS/bin/su, mode: \"0755\"}]", &[("SYS", MODES)], "");
}

#[test]
fn capabilities_and_extended_attributes_are_kept_with_the_node() {
    check(
        "
        binaries:
          - from: SYS/bin/app
            capabilities: [cap_net_bind_service=ep]
            xattrs: {user.note: hello}
        directories:
          - {path: /var/app, xattrs: {user.a: b}}
        ",
        &[("SYS", MODES)],
        "
        /bin/                                                                                                                                     parent directory of /bin/app
        /bin/app   SYS 0755 security.capability=\\x01\\x00\\x00\\x02\\x00\\x04\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00 user.note=hello  binaries:2
        /var/                                                                                                                                     parent directory of /var/app
        /var/app/  user.a=b                                                                                                                       directories:6
        ",
    );
}

#[test]
fn unknown_capabilities_are_refused() {
    check_faults(
        "
        binaries:
          - {from: SYS/bin/app, capabilities: [cap_fly=ep]}
        ",
        &[("SYS", MODES)],
        "
        2: `cap_fly=ep` gives no file capabilities: `cap_fly` is no capability of Linux
        ",
    );
}

#[test]
fn a_directory_declared_by_itself_keeps_what_is_declared_of_it() {
    check(
        "
        data: [SYS/etc/sub]
        directories:
          - {path: /etc/sub, mode: \"0700\", owner: 9:9}
        ",
        &[("SYS", MODES)],
        "
        /etc/                        parent directory of /etc/sub
        /etc/sub/      SYS 0700 9:9  directories:3
                                     and data:1
        /etc/sub/file  SYS 0644      data:1
        ",
    );
}

#[test]
fn a_binary_keeps_its_mode_when_a_data_directory_holds_it_too() {
    check(
        "
        binaries:
          - {from: SYS/bin/su, mode: \"4755\"}
        data:
          - {from: SYS/bin/, include: [su]}
        ",
        &[("SYS", MODES)],
        "
        /bin/    SYS       data:4
        /bin/su  SYS 4755  binaries:2
                           and data:4
        ",
    );
}

#[test]
fn explicit_directory_modes_that_disagree_are_refused() {
    check_faults(
        "
        data:
          - {from: SYS/etc/sub, directory-mode: \"0750\"}
          - {from: SYS/etc/sub, directory-mode: \"0700\"}
        ",
        &[("SYS", MODES)],
        "
        3 and 2: two declarations disagree on `/etc/sub`: mode 0750 or 0700
        ",
    );
}

#[test]
fn an_explicit_directory_mode_comes_before_the_default_of_another_declaration() {
    check(
        "
        data:
          - {from: SYS/etc/, include: [sub/**]}
          - {from: SYS/etc/sub, directory-mode: \"0750\"}
        ",
        &[("SYS", MODES)],
        "
        /etc/          SYS       data:2
        /etc/sub/      SYS 0750  data:3
                                 and data:2
        /etc/sub/file  SYS 0644  data:3
                                 and data:2
        ",
    );
}
