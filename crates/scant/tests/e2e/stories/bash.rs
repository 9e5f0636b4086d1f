//! A shell of the machine: from `scant init` alone, and as a user of the image's own accounts.

use std::fs;

use scant_testkit::{check_archive, check_layout};

use crate::docker::docker;
use crate::example::Example;
use crate::run::run;
use crate::scant::{everything_is_explained, scant};
use crate::tools::{require, require_ok};

#[test]
fn init_prints_a_manifest_that_builds_and_runs() {
    require!(BASH, SKOPEO);
    let docker = require_ok!(docker());
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let here = directory.path();
    let manifest = scant(here, "init /bin/bash").ok();
    fs::write(here.join("bash.yaml"), manifest).expect("the directory is ours");
    scant(here, "build bash.yaml -o oci:bash").ok();
    assert_eq!(check_layout(here.join("bash")), Vec::<String>::new());
    everything_is_explained(here, "oci:bash");

    let skopeo = || run("skopeo").directory(here).words("--insecure-policy copy");
    skopeo().words("oci:bash dir:copy").ok();
    let copy = skopeo().words("--dest-daemon-host").arg(docker.host());
    copy.words("oci:bash docker-daemon:bash:init").ok();
    let words = "run --rm --network none --entrypoint /bin/bash bash:init -c";
    let said = docker.run(words).arg("echo \"$((6 * 7)) $BASH\"").ok();
    assert_eq!(said, "42 /bin/bash\n");
}

#[test]
fn a_shell_runs_as_a_user_of_its_accounts() {
    require!(BASH, SKOPEO);
    let example = Example::copy("bash");
    let here = example.path();
    let docker = require_ok!(docker());
    scant(here, "build bash.yml -o oci:bash:tagged -o oci-archive:bash.tar -t bash:users").ok();
    assert_eq!(check_layout(here.join("bash")), Vec::<String>::new());
    assert_eq!(check_archive(here.join("bash.tar")), Vec::<String>::new());
    everything_is_explained(here, "oci-archive:bash.tar");

    let skopeo = || run("skopeo").directory(here).words("--insecure-policy copy");
    skopeo().words("oci:bash:tagged dir:tagged").ok();
    let copy = skopeo().words("--dest-daemon-host").arg(docker.host());
    copy.words("oci:bash:tagged docker-daemon:bash:users").ok();
    let as_user = |user: &str| {
        let words = format!("run --rm --network none --user {user} bash:users -c");
        docker.run(&words).arg("id; cd ~ && pwd").ok()
    };
    let alice = "uid=1000(alice) gid=1000(alice) groups=1000(alice)\n/home/alice\n";
    assert_eq!(as_user("alice"), alice);
    assert_eq!(as_user("1000:1000"), alice);
    assert_eq!(as_user("root"), "uid=0(root) gid=0(root) groups=0(root)\n/\n");
}
