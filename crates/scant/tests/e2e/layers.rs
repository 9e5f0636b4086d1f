//! Images of several layers, read by those who will get them: one file system, the same as without
//! layers.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use scant_testkit::{check_archive, check_layout};
use serde_json::Value;

use crate::consumers::{modes_are_kept, tree};
use crate::docker::{Docker, docker};
use crate::example::Example;
use crate::run::run;
use crate::scant::{everything_is_explained, paths, scant};
use crate::tools::{require, require_ok, skip};

const RULES: [&str; 3] = [
    "by-input",
    "by-package",
    "\n  - {name: libc, packages: [libc6]}\n  - {name: home, paths: [\"/home/**\", \"/usr/bin/*\"]}\n  \
     - {name: shell, inputs: [HOST]}",
];

/// The example with the shell under a second name, as `single.yml`, and divided by a rule, as
/// `layered.yml`.
fn example(rule: &str) -> Example {
    let example = Example::copy("bash");
    let manifest = fs::read_to_string(example.file("bash.yml")).expect("it is the example");
    let single = format!("{manifest}\nhardlinks: [/usr/bin/bash:/opt/sh]\n");
    let layered = format!("{single}layers: {rule}\n");
    for (name, text) in [("single.yml", single), ("layered.yml", layered)] {
        fs::write(example.file(name), text).expect("the copy is ours");
    }
    example
}

/// Builds a manifest of the example, and gives the diff IDs.
#[track_caller]
fn built(example: &Example, manifest: &str, outputs: &str) -> Vec<String> {
    let line = format!("build {manifest} --json --force {outputs} -t bash:layers");
    let built: Value = serde_json::from_str(&scant(example.path(), &line).ok()).expect("JSON");
    let layers = built["platforms"][0]["layers"].as_array().expect("a list").iter();
    layers.map(|layer| layer["diff_id"].as_str().expect("a text").to_string()).collect()
}

/// The layers that Docker has of an image.
#[track_caller]
fn loaded(docker: &Docker, image: &str) -> Vec<String> {
    let said = docker.run("image inspect").arg("--format={{json .RootFS.Layers}}").arg(image).ok();
    serde_json::from_str(&said).expect("docker prints JSON")
}

#[test]
fn docker_runs_them_as_one_file_system() {
    require!(BASH, TAR);
    let docker = require_ok!(docker());
    for (number, rule) in RULES.iter().enumerate() {
        let example = example(rule);
        let outputs = format!("-o docker-archive:layers.tar:bash:layers-{number} -o tar:files.tar");
        let diff_ids = built(&example, "layered.yml", &outputs);
        assert!(diff_ids.len() > 1, "{rule}: {diff_ids:?}");
        assert_eq!(check_archive(example.file("layers.tar")), Vec::<String>::new());
        docker.run("load --input").arg(example.file("layers.tar")).ok();
        let image = format!("bash:layers-{number}");
        assert_eq!(loaded(docker, &image), diff_ids);
        let words = format!("run --rm --network none --user alice {image} -c");
        let said = docker.run(&words).arg("id -un; cd ~ && pwd").ok();
        assert_eq!(said, "alice\n/home/alice\n");
        let words = format!("run --rm --network none --entrypoint /opt/sh {image} -c");
        let said = docker.run(&words).arg("[ /opt/sh -ef /usr/bin/bash ] && echo one file").ok();
        assert_eq!(said, "one file\n");

        let single = built(&example, "single.yml", "-o tar:single.tar");
        assert!(single.len() == 1 && !diff_ids.contains(&single[0]), "{single:?}");
        let list = |file: &str| -> BTreeSet<String> {
            let tar = run("tar").words("--numeric-owner -tvf").arg(example.file(file));
            tar.ok().lines().map(str::to_string).collect()
        };
        assert_eq!(list("files.tar"), list("single.tar"), "{rule}");
    }
}

#[test]
fn skopeo_copies_and_umoci_unpacks_them() {
    require!(BASH, SKOPEO, UMOCI);
    for rule in RULES {
        let example = example(rule);
        let here = example.path();
        let diff_ids = built(&example, "layered.yml", "-o oci:layout -o oci-archive:archive.tar");
        assert_eq!(check_layout(example.file("layout")), Vec::<String>::new());
        assert_eq!(check_archive(example.file("archive.tar")), Vec::<String>::new());
        everything_is_explained(here, "oci:layout");
        let skopeo = || run("skopeo").directory(here).words("--insecure-policy");
        for image in ["oci:layout:layers", "oci-archive:archive.tar:layers"] {
            let inspected = skopeo().words("inspect").arg(image).ok();
            let inspected: Value = serde_json::from_str(&inspected).expect("skopeo prints JSON");
            assert_eq!(inspected["Layers"].as_array().map(Vec::len), Some(diff_ids.len()));
            let directory = format!("dir:copy-{}", image.len());
            skopeo().words("copy").arg(image).arg(directory).ok();
        }
        skopeo().words("copy oci:layout:layers docker-archive:copy.tar").ok();

        built(&example, "single.yml", "-o oci:single");
        let single: BTreeSet<String> = paths(here, "oci:single").into_iter().collect();
        let listed: BTreeSet<String> = paths(here, "oci:layout").into_iter().collect();
        assert_eq!(listed, single, "{rule}");
        let unpack = run("umoci").directory(here).words("unpack --image layout:layers bundle");
        let ran = unpack.end();
        if ran.stderr.contains("operation not permitted") {
            return skip("umoci needs root to set owners");
        }
        ran.expect(0);
        let root = example.file("bundle").join("rootfs");
        modes_are_kept(&root);
        assert_eq!(tree(&root), single, "{rule}");
    }
}

#[test]
fn docker_runs_as_many_layers_as_are_allowed() {
    require!(BASH);
    let docker = require_ok!(docker());
    let example = example("");
    let most = scant_core::formats::manifest::Layers::MOST;
    let mut data = String::from("data:\n");
    let mut layers = String::from("layers:\n");
    for number in 1..most {
        fs::write(example.file(&format!("{number}")), format!("{number}\n")).expect("it is ours");
        writeln!(data, "  - ./{number}:/srv/{number}").expect("a text takes all");
        writeln!(layers, "  - {{name: l{number}, paths: [/srv/{number}]}}").expect("likewise");
    }
    let manifest = fs::read_to_string(example.file("bash.yml")).expect("it is the example");
    fs::write(example.file("many.yml"), format!("{manifest}\n{data}{layers}")).expect("ours");
    let diff_ids = built(&example, "many.yml", "-o docker-archive:many.tar:bash:many");
    assert_eq!(diff_ids.len(), most);
    docker.run("load --input").arg(example.file("many.tar")).ok();
    assert_eq!(loaded(docker, "bash:many"), diff_ids);
    let words = "run --rm --network none bash:many -c";
    let said = docker.run(words).arg("cd /srv; files=(*); echo ${#files[@]} $(</srv/7)").ok();
    assert_eq!(said, format!("{} 7\n", most - 1));
}
