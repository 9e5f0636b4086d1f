//! Every kind of output, read back by those who will get it. The image has what readers differ
//! over: links, a sticky directory, owners, a user's home that is closed to others.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use scant_testkit::{check_archive, check_layout};
use serde_json::{Value, json};

use crate::docker::docker;
use crate::example::Example;
use crate::run::{Run, run};
use crate::scant::{paths, scant};
use crate::tools::{require, require_ok, skip};

/// Builds the example with the shell into these outputs.
#[track_caller]
fn built(outputs: &str) -> Example {
    let example = Example::copy("bash");
    scant(example.path(), &format!("build bash.yml {outputs} -t bash:read")).ok();
    example
}

fn skopeo(example: &Example) -> Run {
    run("skopeo").directory(example.path()).words("--insecure-policy")
}

/// The paths below a directory, links not followed, as an image names them.
pub(crate) fn tree(root: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![root.to_path_buf()];
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(&directory).expect("it is a directory") {
            let path = entry.expect("the directory can be listed").path();
            found.insert(format!("/{}", path.strip_prefix(root).expect("below").display()));
            if path.is_dir() && !path.is_symlink() {
                waiting.push(path);
            }
        }
    }
    found
}

/// Expects the modes and owners of the manifest below a root.
#[track_caller]
pub(crate) fn modes_are_kept(root: &Path) {
    let of = |path: &str| {
        let meta = fs::symlink_metadata(root.join(path)).expect("the manifest declares it");
        (meta.permissions().mode() & 0o7777, meta.uid(), meta.gid())
    };
    assert_eq!(of("tmp"), (0o1777, 0, 0));
    assert_eq!(of("home/alice"), (0o700, 1000, 1000));
    assert_eq!(of("usr/bin/id"), (0o755, 0, 0));
    assert_eq!(of("etc/passwd"), (0o644, 0, 0));
}

#[test]
fn skopeo_reads_every_kind_of_image() {
    require!(BASH, SKOPEO);
    let example = built("-o oci:layout -o oci-archive:oci.tar -o docker-archive:docker.tar");
    assert_eq!(check_layout(example.file("layout")), Vec::<String>::new());
    assert_eq!(check_archive(example.file("oci.tar")), Vec::<String>::new());
    assert_eq!(check_archive(example.file("docker.tar")), Vec::<String>::new());
    let images = ["oci:layout:read", "oci-archive:oci.tar:read", "docker-archive:docker.tar"];
    let mut configs = BTreeSet::new();
    for (number, image) in images.into_iter().enumerate() {
        configs.insert(skopeo(&example).words("inspect --config --raw").arg(image).ok());
        let inspected = skopeo(&example).words("inspect").arg(image).ok();
        let inspected: Value = serde_json::from_str(&inspected).expect("skopeo prints JSON");
        assert_eq!(inspected["Layers"].as_array().map(Vec::len), Some(1), "{inspected}");
        let copy = skopeo(&example).words("copy").arg(image);
        copy.arg(format!("dir:copy-{number}")).ok();
        let copy = skopeo(&example).words("copy").arg(image);
        copy.arg(format!("docker-archive:copy-{number}.tar")).ok();
    }
    assert_eq!(configs.len(), 1, "one image, one config");
}

#[test]
fn docker_loads_archives_and_runs_them() {
    require!(BASH);
    let docker = require_ok!(docker());
    let example = built("-o docker-archive:docker.tar");
    let said = docker.run("load --input").arg(example.file("docker.tar")).ok();
    assert!(said.contains("bash:read"), "{said}");
    let said = docker.run("run --rm --network none --read-only bash:read -c").arg("id -u").ok();
    assert_eq!(said, "0\n");
}

#[test]
fn umoci_unpacks_and_runc_runs_the_bundle() {
    require!(BASH, UMOCI, RUNC);
    let example = built("-o oci:layout");
    let unpack = run("umoci").directory(example.path());
    let ran = unpack.words("unpack --image layout:read bundle").end();
    if ran.stderr.contains("operation not permitted") {
        return skip("umoci needs root to set owners");
    }
    ran.expect(0);
    let bundle = example.file("bundle");
    modes_are_kept(&bundle.join("rootfs"));
    let listed: BTreeSet<String> = paths(example.path(), "oci:layout").into_iter().collect();
    assert_eq!(tree(&bundle.join("rootfs")), listed);

    let file = bundle.join("config.json");
    let text = fs::read(&file).expect("a bundle has a configuration");
    let mut config: Value = serde_json::from_slice(&text).expect("it is JSON");
    config["process"]["terminal"] = json!(false);
    config["process"]["args"] = json!(["/bin/bash", "-c", "id -u; echo $PATH"]);
    fs::write(&file, config.to_string()).expect("the bundle is ours");
    let runc = run("runc").arg("--root").arg(example.file("state"));
    let runc = runc.words("run --bundle").arg(&bundle);
    let said = runc.arg(format!("scant-{}", std::process::id())).ok();
    assert_eq!(said, "0\n/usr/bin:/bin\n");
}

#[test]
fn a_root_directory_and_a_tar_hold_what_the_image_holds() {
    require!(BASH, TAR);
    let example = built("-o rootfs:root -o tar:root.tar -o oci:layout");
    let listed: BTreeSet<String> = paths(example.path(), "oci:layout").into_iter().collect();
    let root = example.file("root");
    assert_eq!(tree(&root), listed);
    let names = run("tar").words("-tf").arg(example.file("root.tar")).ok();
    let name = |name: &str| format!("/{}", name.trim_end_matches('/'));
    assert_eq!(names.lines().map(name).collect::<BTreeSet<_>>(), listed);

    let owners_can_be_set = fs::metadata(root.join("home/alice")).is_ok_and(|m| m.uid() == 1000);
    if !owners_can_be_set {
        return skip("owners are set by root only");
    }
    modes_are_kept(&root);
    // GNU tar finds no difference between the two.
    let compare =
        run("tar").words("--compare --numeric-owner --file").arg(example.file("root.tar"));
    assert_eq!(compare.arg("--directory").arg(&root).ok(), "");
}
