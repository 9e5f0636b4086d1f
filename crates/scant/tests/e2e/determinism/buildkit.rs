//! The same tree built by Docker's BuildKit. Docker's own storage (before containerd took its
//! place) writes two things into headers that scant and containerd leave out: the type of a file
//! beside its mode, and the names of owners. All else is the same, byte for byte.

use std::fs;
use std::path::Path;

use crate::docker::{Docker, docker};
use crate::example::Example;
use crate::run::run;
use crate::tools::{require, require_ok, skip};

const MANIFEST: &str = r#"
data:
  - {from: ./tree/, to: /, exclude: [tmp, usr/second]}
directories: [{path: /tmp, mode: "1777"}]
hardlinks: ["/etc/note:/usr/second"]
platforms: [linux/amd64]
"#;

/// Files, links, a name that is not ASCII, one that is long, and modes.
const TREE: &str = r#"
set -e
umask 022
mkdir -p tree/usr/bin tree/etc/deep tree/ä context
mkdir -m 1777 tree/tmp
printf 'note\n' >tree/etc/note
printf '#!/bin/sh\n' >tree/usr/bin/run
chmod 755 tree/usr/bin/run
head -c 700000 /dev/zero >tree/etc/deep/zeros
ln -s ../etc/note tree/usr/link
ln tree/etc/note tree/usr/second
printf 'long' >tree/ä/$(printf 'long-%.0s' $(seq 40))
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C tree -cf context/tree.tar \
    etc tmp usr ä
printf 'FROM scratch\nADD tree.tar /\n' >context/Dockerfile
"#;

/// The layer that BuildKit makes. With `COPY` the directories would have the time of the build,
/// whatever the times of the files are, so the tree goes in as an archive.
fn of_buildkit(docker: &Docker, directory: &Path) -> Result<Vec<u8>, String> {
    // From version 23 on BuildKit is a plug-in of the client, which Debian's client has built in.
    let built = ["/usr/bin/docker", "docker"].into_iter().find_map(|client| {
        let build = run(client).env("DOCKER_HOST", docker.host()).env("DOCKER_BUILDKIT", "1");
        let ran = build.words("build --quiet --no-cache -t same context").directory(directory);
        let ran = ran.end();
        (ran.code == Some(0)).then_some(()).ok_or(ran.stderr).ok()
    });
    built.ok_or("the Docker client has no BuildKit (apt-get install docker.io)")?;
    docker.run("save same -o saved.tar").directory(directory).ok();
    let list = run("tar").words("-tf saved.tar").directory(directory).ok();
    let layer = list.lines().find(|name| name.ends_with("/layer.tar"));
    let layer = layer.ok_or("this Docker saves images in another form")?;
    run("tar").words("-xf saved.tar").arg(layer).directory(directory).ok();
    Ok(fs::read(directory.join(layer)).expect("it was unpacked"))
}

/// The archive without the two things; its headers get another checksum.
fn without_types_and_names(mut archive: Vec<u8>) -> Vec<u8> {
    let mut at = 0;
    while let Some(header) = archive.get_mut(at..at + 512) {
        at += 512;
        if header.iter().all(|byte| *byte == 0) {
            continue;
        }
        let mode = octal(&header[100..107]) & 0o7777;
        header[100..108].copy_from_slice(format!("{mode:07o}\0").as_bytes());
        header[265..329].fill(0);
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        at += octal(&header[124..135]).div_ceil(512) * 512;
    }
    archive
}

fn octal(digits: &[u8]) -> usize {
    let text = str::from_utf8(digits).expect("a header is of text");
    usize::from_str_radix(text, 8).expect("the digits are octal")
}

#[test]
fn a_layer_of_buildkit_is_the_same_but_for_types_and_names_of_owners() {
    require!(TAR);
    let docker = require_ok!(docker());
    let example = Example::copy("static");
    let here = example.path();
    run("sh").arg("-c").arg(TREE).directory(here).ok();
    fs::write(here.join("same.yml"), MANIFEST).expect("the copy is ours");
    crate::scant::scant(here, "build same.yml --no-cache --quiet -o tar:ours.tar").ok();
    let ours = fs::read(here.join("ours.tar")).expect("it was built");
    let theirs = match of_buildkit(docker, here) {
        Ok(layer) => layer,
        Err(reason) => return skip(&reason),
    };
    assert!(without_types_and_names(ours.clone()) == ours, "ours has none of them");
    if without_types_and_names(theirs) != ours {
        let list = |file: &Path| run("tar").words("--full-time -tvf").arg(file).ok();
        let layer = run("find").words(". -name layer.tar").directory(here).ok();
        let theirs = list(&here.join(layer.trim()));
        panic!("ours:\n{}\ntheirs:\n{theirs}", list(&here.join("ours.tar")));
    }
}
