//! What a program is given: arguments, environment, user, directories, mounts, network.

use std::fs;
use std::net::TcpListener;

use super::place::{Place, Who, sandbox};
use crate::tools::{require, require_ok};

#[test]
fn arguments_are_the_images_or_those_that_are_given() {
    require!(BUSYBOX, SETPRIV);
    let place = Place::new();
    require_ok!(sandbox(&place));
    let case = |words: &str, expected: &str| {
        for who in [Who::Tester, Who::Nobody] {
            assert_eq!(place.run(who, words).ok(), expected, "{words}");
        }
    };
    case("oci:image", "entrypoint from cmd\n");
    case("oci:image -- other words", "entrypoint other words\n");
    case("oci:image --entrypoint echo", "\n");
    case("oci:image --entrypoint echo -- --other", "--other\n");
    case("image.yaml", "entrypoint from cmd\n");
}

#[test]
fn the_environment_is_the_images_with_changes() {
    require!(BUSYBOX, SETPRIV);
    let place = Place::new();
    require_ok!(sandbox(&place));
    place.says(
        "",
        "busybox env | busybox grep -v SHLVL | busybox sort",
        "\
GREETING=hello\nHOME=/\nHOSTNAME=scant\nPATH=/bin\nPWD=/srv\n",
    );
    place.says("--env GREETING=bye --env=NEW=", "echo $GREETING ${NEW-unset}", "bye\n");
    place.says("--workdir /bin", "pwd", "/bin\n");
    place.says("", "busybox hostname", "scant\n");
}

#[test]
fn users_are_names_of_the_image_or_numbers() {
    require!(BUSYBOX, SETPRIV);
    let place = Place::new();
    require_ok!(sandbox(&place));
    place.says("", "busybox id -u; busybox id -g", "0\n0\n");
    place.says("--user alice", "busybox id -u; busybox id -g", "1000\n1000\n");
    place.says("--user 5:6", "busybox id -u; busybox id -g", "5\n6\n");
}

#[test]
fn what_is_not_to_be_written_cannot_be_and_the_rest_is_forgotten() {
    require!(BUSYBOX, SETPRIV);
    let place = Place::new();
    require_ok!(sandbox(&place));
    let write = "echo x 2>/dev/null >/srv/new && echo written || echo refused";
    place.says("", write, "refused\n");
    place.says("--writable", write, "written\n");
    let volume = "cat data/file; echo changed > data/file && cat data/file";
    // Twice: nothing of it is left.
    place.says("", volume, "of the image\nchanged\n");
    place.says("", volume, "of the image\nchanged\n");
    place.says("", "echo x > /tmp/x && echo x > /run/x && echo x > /dev/shm/x && echo ok", "ok\n");
}

#[test]
fn what_the_image_has_for_running_programs_is_there() {
    require!(BUSYBOX, SETPRIV);
    let place = Place::new();
    require_ok!(sandbox(&place));
    let show = "for path in /run /tmp; do busybox stat -c '%a %n' $path $path/*; done";
    place.says("", show, "755 /run\n750 /run/alice\n1777 /tmp\n755 /tmp/of-the-image\n");
    // Twice: nothing of it is left.
    let write = "echo x > /run/alice/x && echo x > /tmp/of-the-image/x && busybox ls /run/alice";
    place.says("", write, "x\n");
    place.says("", write, "x\n");
    place.says("--user alice", "echo x > /run/alice/x && echo x > /tmp/x && echo ok", "ok\n");
}

#[test]
fn what_is_written_to_memory_has_a_limit() {
    require!(BUSYBOX, SETPRIV);
    let place = Place::new();
    require_ok!(sandbox(&place));
    let write = |path: &str| {
        format!("busybox dd if=/dev/zero of={path}/x bs=1k count=4096 2>/dev/null && echo all")
    };
    for path in ["/tmp", "/run", "/dev/shm", "/srv", "/srv/data"] {
        for who in [Who::Tester, Who::Nobody] {
            let ran = place.script(who, "--writable --tmpfs-size 2m", &write(path));
            assert_eq!(ran.expect(1).stdout, "", "{path}");
        }
        place.says("--writable --tmpfs-size 8m", &write(path), "all\n");
    }
}

#[test]
fn processes_have_a_limit() {
    require!(BUSYBOX, SETPRIV);
    let place = Place::new();
    require_ok!(sandbox(&place));
    // So many at most, if nothing limits them.
    let script =
        "i=0; while [ $i -lt 1000 ]; do busybox sleep 600 & i=$((i+1)); done 2>/dev/null; echo all";
    for who in [Who::Tester, Who::Nobody] {
        for user in ["", "--user 1000"] {
            let ran = place.script(who, &format!("--pids-limit 301 {user}"), script);
            if ran.code == Some(125) && ran.stderr.contains("it takes Linux 6.14") {
                crate::tools::skip(&ran.stderr);
                continue;
            }
            assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{}", ran.stderr);
        }
    }
}

#[test]
fn mounts_can_be_written_to_unless_they_are_read_only() {
    require!(BUSYBOX, SETPRIV);
    let place = Place::new();
    require_ok!(sandbox(&place));
    let shared = place.path().join("shared");
    fs::create_dir(&shared).expect("the directory is ours");
    crate::run::run("chmod").arg("0777").arg(&shared).ok();
    place.write("shared/here", "of the host\n");
    let write = "cat /new/dir/here; echo x 2>/dev/null >/new/dir/x && echo written || echo refused";
    place.says("--mount shared:/new/dir:ro", write, "of the host\nrefused\n");
    assert!(!shared.join("x").exists());
    let case = |who| {
        let ran = place.script(who, "--mount shared:/new/dir", write).expect(0);
        assert_eq!(ran.stdout, "of the host\nwritten\n");
        fs::remove_file(shared.join("x")).expect("it was written");
    };
    case(Who::Tester);
    case(Who::Nobody);
    place.says("--mount file:/srv/not-executable:ro", "cat /srv/not-executable", "of the image\n");
}

#[test]
fn the_network_is_the_hosts_only_when_asked_for() {
    require!(BUSYBOX, SETPRIV);
    let place = Place::new();
    require_ok!(sandbox(&place));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    let connect = format!(
        "busybox nc -w 5 127.0.0.1 {port} -e /bin/busybox true 2>/dev/null && echo yes || echo no"
    );
    place.says("", &connect, "no\n");
    place.says("--net host", &connect, "yes\n");
}

#[test]
fn standard_input_is_passed_through() {
    require!(BUSYBOX, SETPRIV, BASH);
    let place = Place::new();
    require_ok!(sandbox(&place));
    let words = "echo from outside | ./scant run oci:image --entrypoint /bin/cat";
    for who in [Who::Tester, Who::Nobody] {
        assert_eq!(place.any(who, "bash").arg("-c").arg(words).ok(), "from outside\n");
    }
}

#[test]
fn a_directory_of_files_is_not_changed() {
    require!(BUSYBOX, SETPRIV, TAR);
    let place = Place::new();
    require_ok!(sandbox(&place));
    place.any(Who::Tester, "./scant").words("build image.yaml -q -o rootfs:root").ok();
    let listed = || place.any(Who::Tester, "find").words("root -printf %p:%M:%s:%T@:%C@\\n").ok();
    let before = listed();
    for option in ["", "--writable"] {
        let words = format!("rootfs:root {option} -- /bin/sh -c");
        let script = "echo x > /srv/data/file; echo x > /new; echo done";
        for who in [Who::Tester, Who::Nobody] {
            assert_eq!(place.run(who, &words).arg(script).ok(), "done\n");
        }
    }
    assert_eq!(before, listed());
}
