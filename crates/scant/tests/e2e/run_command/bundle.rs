//! Bundles, run by runc as they are.

use std::fs;

use super::place::{Place, Who};
use crate::run::Ran;
use crate::tools::{require, skip};

/// What runc says of a bundle. `number` tells containers of this machine apart.
fn runc(place: &Place, who: Who, bundle: &str, number: usize) -> Ran {
    let state = place.path().join("state");
    let runc = place.any(who, "runc").arg("--root").arg(state.join(number.to_string()));
    let name = format!("scant-bundle-{}-{number}", std::process::id());
    runc.words(&format!("run --bundle {bundle}")).arg(name).end()
}

/// A script in a bundle made with these options prints this and ends with 7.
#[track_caller]
fn check(options: &str, script: &str, expected: &str) {
    let place = Place::new();
    fs::create_dir(place.path().join("state")).expect("the directory is ours");
    crate::run::run("chmod").arg("0777").arg(place.path().join("state")).ok();
    for (number, who) in [Who::Tester, Who::Nobody].into_iter().enumerate() {
        let bundle = format!("bundle{number}");
        let words = format!("--bundle {bundle} oci:image --entrypoint /bin/sh {options} -- -c");
        let written = place.run(who, &words).arg(format!("{script}; exit 7")).end().expect(0);
        assert_eq!(written.stdout, "");
        let ran = runc(&place, who, &bundle, number);
        if ran.code == Some(1) && ran.stderr.contains("cgroup") {
            return skip(&ran.stderr);
        }
        let ran = ran.expect(7);
        assert_eq!(ran.stdout, expected, "{}", ran.stderr);
    }
}

/// crun, which looks at the cgroups before it is told to leave them alone, and ends where those of
/// both versions have controllers: it gets a view of them without the second then.
fn crun(place: &Place, who: Who, bundle: &str, number: usize) -> Ran {
    let state = place.path().join("state").join(format!("crun-{number}"));
    fs::create_dir(&state).expect("the directory is ours");
    crate::run::run("chmod").arg("0777").arg(&state).ok();
    let name = format!("scant-bundle-{}-{number}", std::process::id());
    let run = |crun: crate::run::Run| {
        let crun = crun.env("XDG_RUNTIME_DIR", &state).arg("--root").arg(&state);
        crun.words(&format!("--cgroup-manager=disabled run --bundle {bundle}")).arg(&name).end()
    };
    let ran = run(place.any(who, "crun"));
    if !ran.stderr.contains("hybrid") {
        return ran;
    }
    let script = "umount /sys/fs/cgroup/unified && exec \"$@\"";
    let view = place.any(Who::Tester, "unshare").words("--mount sh -c").arg(script).arg("sh");
    run(match who {
        Who::Tester => view.arg("crun"),
        Who::Nobody => view.words("setpriv --reuid=65534 --regid=65534 --clear-groups crun"),
    })
}

#[test]
fn crun_runs_them_where_it_leaves_cgroups_alone() {
    require!(BUSYBOX, CRUN, SETPRIV, UNSHARE);
    let place = Place::new();
    fs::create_dir(place.path().join("state")).expect("the directory is ours");
    let script = "echo $GREETING; pwd; cat data/file; echo x 2>/dev/null >/new || echo refused; \
                  busybox wc -c < /proc/timer_list; exit 7";
    for (number, who) in [Who::Tester, Who::Nobody].into_iter().enumerate() {
        let bundle = format!("bundle{number}");
        let words = format!("--bundle {bundle} oci:image --entrypoint /bin/sh -- -c");
        place.run(who, &words).arg(script).end().expect(0);
        let ran = crun(&place, who, &bundle, number);
        if ran.code == Some(1) && ran.stderr.contains("cgroup") {
            return skip(&ran.stderr);
        }
        let ran = ran.expect(7);
        assert_eq!(ran.stdout, "hello\n/srv\nof the image\nrefused\n0\n", "{}", ran.stderr);
    }
}

#[test]
fn the_process_is_that_of_the_sandbox() {
    require!(BUSYBOX, RUNC, SETPRIV);
    check(
        "--env NEW=1",
        "echo $GREETING $NEW $HOME; pwd; busybox id -u; busybox hostname; busybox ls /proc/1/exe",
        "hello 1 /\n/srv\n0\nscant\n/proc/1/exe\n",
    );
}

#[test]
fn the_root_is_read_only_and_volumes_are_not() {
    require!(BUSYBOX, RUNC, SETPRIV);
    check(
        "",
        "echo x 2>/dev/null >/new || echo refused; cat data/file; echo new > data/file; \
         cat data/file; echo x > /tmp/x && echo x > /run/x && echo ok",
        "refused\nof the image\nnew\nok\n",
    );
}

#[test]
fn options_are_those_of_a_run() {
    require!(BUSYBOX, RUNC, SETPRIV);
    check(
        "--writable --net host --mount ./file:/from/host:ro --workdir /",
        "echo x > /new && cat /new /from/host; pwd",
        "x\nof the image\n/\n",
    );
}

#[test]
fn a_directory_with_files_is_refused_and_not_touched() {
    require!(BUSYBOX);
    let place = Place::new();
    let ran = place.run(Who::Tester, "oci:image --bundle image").end().expect(4);
    let path = place.path().join("image");
    let expected = format!("error: `{}` is there already and is not empty\n", path.display());
    assert_eq!(ran.stderr, expected);
    assert!(!path.join("config.json").exists());
}

#[test]
fn nothing_is_left_of_a_bundle_that_cannot_be_made() {
    require!(BUSYBOX);
    let place = Place::new();
    place.run(Who::Tester, "oci:image --bundle b --user gone").end().expect(2);
    let names = fs::read_dir(place.path()).expect("the directory is ours");
    let mut names: Vec<_> = names.flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    assert_eq!(names, ["file", "image", "image.yaml", "scant"]);
}
