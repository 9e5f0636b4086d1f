//! The programs of `examples/debian`, from the archive that this machine has its packages from: as
//! binary and closure, and as whole packages. By default some of them, `SCANT_PROGRAMS=all` for all.

use std::path::Path;

use crate::docker::{Docker, docker};
use crate::example::Example;
use crate::run::run;
use crate::scant::scant;
use crate::tools::{self, require, require_ok};

/// What is asked of a program, and what is in its answer.
struct Program {
    name: &'static str,
    /// Its path, for an emulator that is its entrypoint.
    path: &'static str,
    arguments: &'static [&'static str],
    expected: &'static str,
}

const PROGRAMS: [Program; 8] = [
    Program {
        name: "curl",
        path: "/usr/bin/curl",
        arguments: &[
            "--silent",
            "--cacert",
            "/etc/ssl/certs/ca-certificates.crt",
            "file:///etc/ssl/certs/ca-certificates.crt",
        ],
        expected: "-----BEGIN CERTIFICATE-----",
    },
    Program {
        name: "git",
        path: "/usr/bin/git",
        arguments: &["-c", "init.defaultBranch=main", "init"],
        expected: "Initialized empty Git repository in /tmp/.git/",
    },
    Program {
        name: "java",
        path: "/usr/bin/java",
        arguments: &["-version"],
        expected: "openjdk version \"17",
    },
    Program {
        name: "nginx",
        path: "/usr/sbin/nginx",
        arguments: &["-t"],
        expected: "is successful",
    },
    Program {
        name: "node",
        path: "/usr/bin/node",
        arguments: &[
            "-e",
            "console.log(require('crypto').createHash('sha256').update('a').digest('hex'))",
        ],
        expected: "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
    },
    Program {
        name: "postgresql",
        path: "/usr/lib/postgresql/15/bin/postgres",
        arguments: &["--describe-config"],
        expected: "max_connections",
    },
    Program {
        name: "python",
        path: "/usr/bin/python3",
        arguments: &[
            "-c",
            "import requests, ssl; print(len(ssl.create_default_context(cafile='/etc/ssl/certs/ca-certificates.crt').get_ca_certs()) > 100)",
        ],
        expected: "True",
    },
    Program {
        name: "redis",
        path: "/usr/bin/redis-server",
        arguments: &["--version"],
        expected: "Redis server v=7",
    },
];

/// Those that are tried when nobody asks for more.
const SOME: [&str; 2] = ["curl", "redis"];

#[test]
fn programs_of_debian_run_in_docker() {
    require!(DPKG_DEB, QEMU_AARCH64);
    require_ok!(lists());
    let docker = require_ok!(docker());
    let all = std::env::var("SCANT_PROGRAMS").is_ok_and(|programs| programs == "all");
    let example = Example::copy("debian");
    for program in &PROGRAMS {
        if all || SOME.contains(&program.name) {
            for manifest in [program.name.to_string(), format!("{}-whole", program.name)] {
                answers(docker, example.path(), program, &manifest, "amd64");
                answers(docker, example.path(), program, &manifest, "arm64");
            }
        }
    }
}

/// Whether apt has lists on this machine, without which there is no archive to ask.
fn lists() -> Result<(), String> {
    let has_lists = std::fs::read_dir("/var/lib/apt/lists").is_ok_and(|mut lists| {
        lists.any(|list| list.is_ok_and(|list| list.path().to_string_lossy().contains("_Packages")))
    });
    has_lists.then_some(()).ok_or("apt has no lists here (apt-get update)".into())
}

fn answers(docker: &Docker, directory: &Path, program: &Program, manifest: &str, platform: &str) {
    let tag = format!("debian-{manifest}:{platform}");
    let words = format!(
        "build {manifest}.yaml --no-locked --platform linux/{platform} -o docker-archive:image.tar --force -t {tag}"
    );
    scant(directory, &words).env("XDG_CACHE_HOME", directory.join("cache")).ok();
    docker.run("load --quiet --input").arg(directory.join("image.tar")).ok();
    let mut words = format!("run --rm --network none --platform linux/{platform}");
    if platform == "arm64" {
        // The image holds no emulator and the machine may know none: it comes in from outside.
        let qemu = tools::find("qemu-aarch64-static").expect("it was required");
        words += &format!(" --volume {}:/qemu:ro --entrypoint /qemu", qemu.display());
    }
    let mut run = docker.run(&format!("{words} {tag}"));
    if platform == "arm64" {
        run = run.arg(program.path);
    }
    let run = program.arguments.iter().fold(run, |run, argument| run.arg(argument));
    let end = run.end();
    let said = format!("{}{}", end.stdout, end.stderr);
    assert!(said.contains(program.expected), "{tag}: {said}");
    docker.run(&format!("image rm --force {tag}")).ok();
}

#[test]
fn a_locked_and_vendored_build_is_the_same() {
    require!(DPKG_DEB);
    require_ok!(lists());
    let example = Example::copy("debian");
    let scant = |words: &str, cache: &str| {
        scant(example.path(), words).env("XDG_CACHE_HOME", example.path().join(cache)).ok()
    };
    scant("lock curl-whole.yaml --vendor vendor", "cache");
    let first = scant("build curl-whole.yaml -o oci:image", "cache");
    run("rm").words("-rf").arg(example.path().join("cache")).ok();
    let words = "build curl-whole.yaml --locked --offline --vendor vendor --force -o oci:image";
    assert_eq!(scant(words, "another"), first);
}
