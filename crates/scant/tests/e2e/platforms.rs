//! One image for several platforms.

use std::fs;

use scant_testkit::{Elf, Machine, check_archive, check_layout};
use serde_json::Value;

use crate::example::Example;
use crate::run::run;
use crate::scant::{everything_is_explained, scant};
use crate::tools::require;

/// The example, with a tree for each platform.
fn example() -> Example {
    let example = Example::copy("platforms");
    for (tree, machine) in [("amd64", Machine::X86_64), ("arm64", Machine::Aarch64)] {
        let directory = example.file(tree).join("usr/bin");
        fs::create_dir_all(&directory).expect("the copy is ours");
        fs::write(directory.join("app"), Elf::static_program(machine).build())
            .expect("the copy is ours");
    }
    example
}

#[test]
fn skopeo_reads_every_platform_of_one_index() {
    require!(SKOPEO);
    let example = example();
    let here = example.path();
    scant(here, "build platforms.yml -o oci:app -o oci-archive:app.tar -t app:latest").ok();
    assert_eq!(check_layout(here.join("app")), Vec::<String>::new());
    assert_eq!(check_archive(here.join("app.tar")), Vec::<String>::new());
    for image in ["oci:app:latest", "oci-archive:app.tar:latest"] {
        let skopeo = || run("skopeo").directory(here).words("--insecure-policy");
        for architecture in ["amd64", "arm64"] {
            let inspect = skopeo().words("--override-arch").arg(architecture);
            let said = inspect.words("inspect --config").arg(image).ok();
            let config: Value = serde_json::from_str(&said).expect("skopeo prints JSON");
            assert_eq!(config["architecture"], architecture);
        }
        let directory = format!("dir:all-{}", image.len());
        skopeo().words("copy --all").arg(image).arg(directory).ok();
    }
}

#[test]
fn every_path_of_every_platform_has_a_reason() {
    let example = example();
    scant(example.path(), "build platforms.yml -o oci-archive:app.tar -t app:latest").ok();
    for platform in ["linux/amd64", "linux/arm64"] {
        let image = format!("--platform {platform} oci-archive:app.tar");
        everything_is_explained(example.path(), &image);
    }
}
