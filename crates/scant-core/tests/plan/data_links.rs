//! Symbolic links in data directories, and what they point at.

use crate::support::{check, check_findings};

#[test]
fn a_link_inside_the_directory_points_at_what_is_there() {
    check(
        "data: [SYS/srv]",
        &[("SYS", "/srv/a -> b\n/srv/b \"\"\n/srv/c -> d\n/srv/d/e \"\"")],
        "
        /srv/        SYS       data:1
        /srv/a -> b  SYS       data:1
        /srv/b       SYS 0644  data:1
                               and target of the link /srv/a
        /srv/c -> d  SYS       data:1
        /srv/d/      SYS       data:1
        /srv/d/e     SYS 0644  data:1
        ",
    );
}

#[test]
fn a_file_that_a_link_points_at_comes_along() {
    check(
        "data: [SYS/srv]",
        &[(
            "SYS",
            "
            /srv/one     -> /etc/alternatives/one
            /srv/two     -> ../usr/share/two
            /etc/alternatives/one -> /usr/share/one
            /usr/share/one \"1\"
            /usr/share/two mode=4755 \"2\"
            ",
        )],
        "
        /etc/                                              parent directory of /etc/alternatives/one
        /etc/alternatives/                                 parent directory of /etc/alternatives/one
        /etc/alternatives/one -> /usr/share/one  SYS       link on the way to /usr/share/one
        /srv/                                    SYS       data:1
        /srv/one -> /etc/alternatives/one        SYS       data:1
        /srv/two -> ../usr/share/two             SYS       data:1
        /usr/                                              parent directory of /usr/share/one
        /usr/share/                                        parent directory of /usr/share/one
        /usr/share/one                           SYS 0644  target of the link /srv/one
        /usr/share/two                           SYS 0755  target of the link /srv/two
        ",
    );
}

#[test]
fn the_target_of_a_link_in_a_moved_directory_lands_where_the_link_points() {
    check(
        "data: [\"SYS/opt/app:/app\"]",
        &[(
            "SYS",
            "
            /opt/app/rel    -> ../shared/rel
            /opt/app/abs    -> /opt/shared/abs
            /opt/app/own    -> /opt/app/file
            /opt/app/file   \"f\"
            /opt/shared/rel \"r\"
            /opt/shared/abs \"a\"
            ",
        )],
        "
        /app/                        SYS/opt/app              data:1
        /app/abs -> /opt/shared/abs  SYS/opt/app/abs          data:1
        /app/file                    SYS/opt/app/file 0644    data:1
        /app/own -> /opt/app/file    SYS/opt/app/own          data:1
        /app/rel -> ../shared/rel    SYS/opt/app/rel          data:1
        /opt/                                                 parent directory of /opt/app/file
        /opt/app/                                             parent directory of /opt/app/file
        /opt/app/file                SYS 0644                 target of the link /app/own
        /opt/shared/                                          parent directory of /opt/shared/abs
        /opt/shared/abs              SYS 0644                 target of the link /app/abs
        /shared/                                              parent directory of /shared/rel
        /shared/rel                  SYS/opt/shared/rel 0644  target of the link /app/rel
        ",
    );
}

#[test]
fn links_to_directories_and_to_nothing_are_told() {
    check_findings(
        "data: [SYS/srv]",
        &[(
            "SYS",
            "
            /srv/dir      -> /usr/share
            /srv/gone     -> nowhere
            /srv/loop     -> loop
            /srv/queue    -> /var/queue
            /var/queue    fifo
            /usr/share/a  \"a\"
            ",
        )],
        "
        1: warning: `/srv/dir` points at `SYS/usr/share`, a directory, which is not in the image
        1: warning: `/srv/gone` points at `nowhere`, which is not there
        1: warning: `/srv/loop` points at `loop`, which is not there
        1: warning: `/srv/queue` points at `SYS/var/queue`, a FIFO, which is not in the image
        ",
    );
}

#[test]
fn what_a_runtime_mounts_is_never_brought_by_a_link() {
    let input = [(
        "SYS",
        "
        /etc/mtab         -> ../proc/self/mounts
        /etc/resolv.conf  -> ../run/resolv.conf
        /etc/log          -> /dev/stdout
        /proc/self/mounts \"secret of the host\"
        /run/resolv.conf  \"nameserver 10.0.0.1\"
        /dev/stdout       fifo
        ",
    )];
    check(
        "data: [SYS/etc]",
        &input,
        "
        /etc/                                   SYS  data:1
        /etc/log -> /dev/stdout                 SYS  data:1
        /etc/mtab -> ../proc/self/mounts        SYS  data:1
        /etc/resolv.conf -> ../run/resolv.conf  SYS  data:1
        ",
    );
    check_findings("data: [SYS/etc]", &input, "");
}

#[test]
fn the_privilege_bits_of_a_link_target_are_dropped_with_a_notice() {
    check_findings(
        "data: [SYS/srv]",
        &[("SYS", "/srv/su -> /bin/su\n/bin/su mode=4755 \"x\"")],
        "
        1: notice: the setuid bit of `SYS/bin/su` was dropped; `mode` can keep it
        ",
    );
}

#[test]
fn a_link_to_a_directory_that_another_declaration_brings_is_fine() {
    let input = [("SYS", "/srv/dir -> /usr/share\n/usr/share/a \"a\"")];
    check_findings("data: [SYS/srv, SYS/usr/share/a]", &input, "");
}

#[test]
fn a_link_to_a_directory_that_another_link_fills_is_fine() {
    let input = [("SYS", "/srv/a -> /usr/share\n/srv/b -> /usr/share/x\n/usr/share/x \"\"")];
    check_findings("data: [SYS/srv]", &input, "");
}

#[test]
fn the_target_of_a_link_may_lie_behind_links() {
    check(
        "data: [SYS/srv]",
        &[("SYS", "/srv/a -> /lib/x\n/lib -> usr/lib\n/usr/lib/x \"\"")],
        "
        /lib -> usr/lib   SYS       link on the way to /usr/lib/x
        /srv/             SYS       data:1
        /srv/a -> /lib/x  SYS       data:1
        /usr/                       parent directory of /usr/lib/x
        /usr/lib/                   parent directory of /usr/lib/x
        /usr/lib/x        SYS 0644  target of the link /srv/a
        ",
    );
}

#[test]
fn an_absolute_link_beside_the_manifest_means_the_root_of_the_image() {
    let inputs = [
        ("SYS", "/usr/bin/python3 elf x86_64 static"),
        (
            crate::support::MANIFEST,
            "
            /venv/bin/python  -> /usr/bin/python3
            /venv/bin/gone    -> /usr/bin/gone
            /venv/bin/py      -> ../../shared/py
            /shared/py        \"py\"
            /usr/bin/gone     \"of the machine that builds\"
            ",
        ),
    ];
    check(
        "data: [\"./venv:/venv\"]",
        &inputs,
        "
        /shared/                                             parent directory of /shared/py
        /shared/py                            manifest 0644  target of the link /venv/bin/py
        /usr/                                                parent directory of /usr/bin/python3
        /usr/bin/                                            parent directory of /usr/bin/python3
        /usr/bin/python3                      SYS 0755       target of the link /venv/bin/python
        /venv/                                manifest       data:1
        /venv/bin/                            manifest       data:1
        /venv/bin/gone -> /usr/bin/gone       manifest       data:1
        /venv/bin/py -> ../../shared/py       manifest       data:1
        /venv/bin/python -> /usr/bin/python3  manifest       data:1
        ",
    );
    check_findings(
        "data: [\"./venv:/venv\"]",
        &inputs,
        "
        1: warning: `/venv/bin/gone` points at `/usr/bin/gone`, which is not there
        ",
    );
}
