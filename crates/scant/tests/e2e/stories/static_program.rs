//! Programs that need nothing: the image holds them, and their parents.

use std::fs;
use std::path::Path;

use scant_testkit::check_archive;
use serde_json::Value;

use crate::docker::docker;
use crate::example::Example;
use crate::run::run;
use crate::scant::{everything_is_explained, paths, scant};
use crate::tools::{require, require_ok};

const HELLO: &str = "hello from an empty file system\n";

/// Builds the example, whose `hello` is there, runs it in Docker, and gives the layer's size.
#[track_caller]
fn layer_size(example: &Example) -> Result<u64, String> {
    let docker = docker()?;
    let build = "build static.yml -o oci-archive:hello.tar -o docker-archive:docker.tar \
                 -o oci:layout -t hello:latest";
    scant(example.path(), build).ok();
    for archive in ["hello.tar", "docker.tar"] {
        assert_eq!(check_archive(example.file(archive)), Vec::<String>::new(), "{archive}");
    }
    assert_eq!(paths(example.path(), "oci-archive:hello.tar"), ["/hello"]);
    everything_is_explained(example.path(), "oci-archive:hello.tar");
    docker.run("load --input").arg(example.file("docker.tar")).ok();
    assert_eq!(docker.run("run --rm --network none hello:latest").ok(), HELLO);

    let index = document(&example.file("layout/index.json"));
    let manifest = blob(&example.file("layout"), &index["manifests"][0]["digest"]);
    Ok(manifest["layers"][0]["size"].as_u64().expect("a layer has a size"))
}

fn document(file: &Path) -> Value {
    let text = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_slice(&text).expect("it is JSON")
}

fn blob(layout: &Path, digest: &Value) -> Value {
    let hex = digest.as_str().and_then(|digest| digest.strip_prefix("sha256:"));
    document(&layout.join("blobs/sha256").join(hex.expect("it is a digest")))
}

#[test]
fn a_static_program_is_alone_in_its_image() {
    require!(MUSL_GCC);
    let example = Example::copy("static");
    run("musl-gcc").directory(example.path()).words("-static -Os -s -o hello hello.c").ok();
    let size = require_ok!(layer_size(&example));
    let program = fs::metadata(example.file("hello")).expect("it was made").len();
    assert!(size < program, "{size} bytes for {program}");
}

#[test]
#[cfg(target_arch = "x86_64")]
fn the_smallest_program_makes_a_layer_of_a_few_hundred_bytes() {
    require!(CC);
    let example = Example::copy("static");
    let options = "-nostdlib -static -s -Wl,-n,--build-id=none -o hello hello.s";
    run("cc").directory(example.path()).words(options).ok();
    let size = require_ok!(layer_size(&example));
    assert!(size < 400, "{size}");
}
