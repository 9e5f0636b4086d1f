//! The story that began it: unbound for an aarch64 device, from a tree that was built for it. The
//! machine that builds the image cannot run it, and need not.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use scant_testkit::check_archive;

use crate::docker::docker;
use crate::example::Example;
use crate::net::{free_port, resolve, wait_for};
use crate::run::run;
use crate::scant::{everything_is_explained, scant};
use crate::tools::{require, require_ok};
use crate::{debian_tree, tools};

/// The number of the machine in the header of an ELF file for aarch64.
const EM_AARCH64: u8 = 183;

/// The example, with the tree in the place that its manifest names.
fn example() -> Result<Example, String> {
    let tree = debian_tree::unbound_aarch64()?;
    let example = Example::copy("unbound");
    fs::create_dir(example.file("output")).expect("the copy is ours");
    // In Buildroot's output, `staging` is a link too.
    std::os::unix::fs::symlink(tree, example.file("output/staging")).expect("the copy is ours");
    Ok(example)
}

const BUILD: &str =
    "build unbound.yml -o rootfs:my_root_fs -o oci-archive:unbound.tar -t unbound:minimal";

#[test]
fn the_root_holds_what_was_declared_and_what_it_needs() {
    let example = require_ok!(example());
    scant(example.path(), BUILD).ok();

    let gcc = "/usr/lib/aarch64-linux-gnu/libgcc_s.so.1";
    let declared = ["/etc/motd", "/etc/unbound/unbound.conf", "/usr/sbin/unbound", "/lib", gcc];
    let list = scant(example.path(), "deps --list --root output/staging usr/sbin/unbound").ok();
    // The manifest makes `/lib` a link to `/usr/lib`, and what is found there goes there.
    let placed = |path: &str| match path.strip_prefix("/lib/") {
        Some(rest) => format!("/usr/lib/{rest}"),
        None => path.to_string(),
    };
    let mut expected: BTreeSet<String> = list.lines().map(placed).collect();
    expected.extend(declared.map(ToString::to_string));
    let root = example.file("my_root_fs");
    assert_eq!(files(&root), expected);

    let mut size = 0;
    for path in &expected {
        let file = root.join(&path[1..]);
        if file.is_symlink() {
            assert!(root.join(file.strip_prefix(&root).expect("below")).exists() || path == "/lib");
            continue;
        }
        let bytes = fs::read(&file).expect("it is a file");
        size += bytes.len();
        let is_elf = bytes.starts_with(b"\x7fELF");
        assert!(!is_elf || bytes[18] == EM_AARCH64, "{path} is not for aarch64");
        assert!(is_elf || path.starts_with("/etc/"), "{path} is neither program nor declared");
    }
    // 13 MB, and 8 MB of Python, which Debian's unbound is linked with.
    println!("unbound's root file system has {size} bytes");
    assert!((10_000_000..24_000_000).contains(&size), "{size}");
    assert_eq!(check_archive(example.file("unbound.tar")), Vec::<String>::new());
}

#[test]
fn every_path_of_it_has_a_reason() {
    let example = require_ok!(example());
    scant(example.path(), BUILD).ok();
    everything_is_explained(example.path(), "oci-archive:unbound.tar");
}

#[test]
fn why_tells_the_chain_from_a_library_to_the_line_of_the_manifest() {
    let example = require_ok!(example());
    scant(example.path(), BUILD).ok();
    let manifest = fs::read_to_string(example.file("unbound.yml")).expect("the example has it");
    let line = manifest.lines().position(|line| line.contains("- BUILDROOT/usr/sbin/unbound"));
    let line = line.expect("the program is declared") + 1;
    for image in ["unbound.tar", "oci-archive:unbound.tar", "unbound.yml"] {
        let library = "/lib/aarch64-linux-gnu/libcrypto.so.3";
        let chain = scant(example.path(), &format!("why {image} {library}")).ok();
        for part in ["libcrypto.so.3", "/usr/sbin/unbound", &format!("line {line}")] {
            assert!(chain.contains(part), "{part} is not in\n{chain}");
        }
    }
    scant(example.path(), "why unbound.tar /usr/bin/absent").end().expect(1);
}

#[test]
fn in_docker_it_answers_a_query() {
    require!(SKOPEO, QEMU_AARCH64);
    let example = require_ok!(example());
    let docker = require_ok!(docker());
    let port = free_port();
    example.replace("unbound.conf", "port: 53", &format!("port: {port}"));
    example.replace("unbound.conf", "interface: 0.0.0.0", "interface: 127.0.0.1");
    scant(example.path(), BUILD).ok();
    run("skopeo")
        .directory(example.path())
        .words("--insecure-policy copy --dest-daemon-host")
        .arg(docker.host())
        .words("oci-archive:unbound.tar:minimal docker-daemon:unbound:minimal")
        .ok();
    let architecture = "image inspect unbound:minimal --format {{.Architecture}}";
    assert_eq!(docker.run(architecture).ok().trim(), "arm64");

    // The image holds no emulator and the machine may know none: it comes in from outside.
    let qemu = tools::find("qemu-aarch64-static").expect("it was required");
    let options = format!("--volume {}:/qemu:ro --entrypoint /qemu", qemu.display());
    let command = "unbound:minimal /usr/sbin/unbound -d -p -c /etc/unbound/unbound.conf";
    let options = format!("--platform linux/arm64 {options}");
    let server = docker.start("scant-unbound", &options, command);
    let address = wait_for(|| resolve(port, "router.lan"));
    let address = address.unwrap_or_else(|| panic!("no answer: {}", server.log()));
    assert_eq!(address.to_string(), "192.168.1.1");
}

/// All paths below a root that are not directories.
fn files(root: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![root.to_path_buf()];
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(&directory).expect("it is a directory") {
            let path = entry.expect("the directory can be listed").path();
            if path.is_dir() && !path.is_symlink() {
                waiting.push(path);
                continue;
            }
            let inside = path.strip_prefix(root).expect("it was found below");
            found.insert(format!("/{}", inside.display()));
        }
    }
    found
}
