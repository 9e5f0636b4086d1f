//! A program of the machine, straight into a Docker engine, and into a directory for `chroot`.

use crate::docker::docker;
use crate::example::Example;
use crate::run::run;
use crate::scant::{everything_is_explained, scant};
use crate::tools::{require, require_ok, skip};

#[test]
fn docker_runs_what_was_built_into_its_daemon() {
    require!(RG);
    let example = Example::copy("ripgrep");
    let docker = require_ok!(docker());
    let build = "build ripgrep.yml -o docker-daemon:myrg:latest -o oci-archive:rg.tar";
    scant(example.path(), build).env("DOCKER_HOST", docker.host()).ok();
    let said = docker.run("run --rm --network none myrg --version").ok();
    assert_eq!(said, run("rg").arg("--version").ok());
    everything_is_explained(example.path(), "oci-archive:rg.tar");
}

#[test]
fn chroot_runs_it_as_root_and_as_a_user_without_a_name() {
    require!(RG, CHROOT);
    if run("chroot").words("/ true").end().code != Some(0) {
        return skip("chroot needs root");
    }
    let example = Example::copy("ripgrep");
    scant(example.path(), "build ripgrep.yml -o rootfs:root").ok();
    let root = example.file("root");
    let version = run("rg").arg("--version").ok();
    let chroot = |options: &str| run("chroot").words(options).arg(&root);
    assert_eq!(chroot("").words("/usr/bin/rg --version").ok(), version);
    assert_eq!(chroot("--userspec=1000:1000").words("/usr/bin/rg --version").ok(), version);
}
