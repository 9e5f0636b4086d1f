//! An ordinary user who is granted numbers in `/etc/subuid` and `/etc/subgid`: those are other files
//! for the test alone, so that it takes root and changes nothing.

use super::place::{Place, Who, sandbox};
use crate::run::Run;
use crate::tools::{require, require_ok, skip};

/// What is run by a user with ranges, in a mount namespace where there are such.
fn granted(place: &Place, program: &str) -> Run {
    let script =
        "mount --bind grants /etc/subuid && mount --bind grants /etc/subgid && exec \"$@\"";
    let run = place.any(Who::Tester, "unshare").words("--mount sh -c").arg(script);
    run.words("sh setpriv --reuid=65534 --regid=65534 --clear-groups").arg(program)
}

/// The place, if this is root and the grants are taken for what they are.
fn place() -> Result<Place, String> {
    let place = Place::new();
    place.write("grants", "65534:300000:65536\n");
    sandbox(&place)?;
    let said = granted(&place, "cat").arg("/etc/subuid").end();
    match said.code {
        Some(0) => Ok(place),
        _ => Err(format!("no other /etc/subuid for a test: {}", said.stderr)),
    }
}

#[test]
fn all_numbers_of_the_ranges_are_there() {
    require!(BUSYBOX, SETPRIV, UNSHARE, NEWUIDMAP);
    let place = require_ok!(place());
    let case = |words: &str, script: &str, expected: &str| {
        let run = granted(&place, "./scant").words("run oci:image -q --entrypoint /bin/sh");
        let ran = run.words(words).words("-- -c").arg(script).end().expect(0);
        assert_eq!(ran.stdout, expected, "{}", ran.stderr);
    };
    let owner = "busybox stat -c %u:%g /tmp/x";
    let chown = format!("echo x > /tmp/x && busybox chown 5:65536 /tmp/x && {owner}");
    case("", &chown, "5:65536\n");
    case("--user alice", "busybox id -u; busybox id -g", "1000\n1000\n");
    // The first number is the user, the others are those of the range.
    case(
        "",
        "busybox cat /proc/self/uid_map",
        "         0      65534          1\n         1     300000      65536\n",
    );
    // A number that is not in it is the user alone.
    case(
        "--user 70000",
        "busybox id -u; busybox cat /proc/self/uid_map",
        "70000\n     70000      65534          1\n",
    );
}

#[test]
fn bundles_have_them_too() {
    require!(BUSYBOX, SETPRIV, UNSHARE, NEWUIDMAP, RUNC);
    let place = require_ok!(place());
    std::fs::create_dir(place.path().join("state")).expect("the directory is ours");
    crate::run::run("chmod").arg("0777").arg(place.path().join("state")).ok();
    let words = "run oci:image --user alice --bundle bundle --entrypoint /bin/sh -- -c";
    let written = granted(&place, "./scant").words(words).arg("busybox id -u; exit 7");
    let written = written.end().expect(0);
    // The files could not be given to others than the user.
    assert!(!written.stderr.contains("the program runs as user 0"), "{}", written.stderr);
    let name = format!("scant-users-{}", std::process::id());
    let runc = granted(&place, "runc").words("--root state run --bundle bundle").arg(name).end();
    if runc.code == Some(1) && runc.stderr.contains("cgroup") {
        return skip(&runc.stderr);
    }
    assert_eq!(runc.expect(7).stdout, "1000\n");
}

#[test]
fn root_of_a_namespace_that_has_no_other_groups_runs_programs() {
    require!(BUSYBOX, SETPRIV, UNSHARE);
    let place = Place::new();
    require_ok!(sandbox(&place));
    for who in [Who::Tester, Who::Nobody] {
        let run = place.any(who, "unshare").words("--user --map-root-user ./scant run oci:image");
        assert_eq!(run.ok(), "entrypoint from cmd\n");
    }
}
