//! `scant deps` against the real loader.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::debian_tree;
use crate::run::run;
use crate::scant::scant;
use crate::tools::{require, require_ok};

/// What the loader would open for a program, from what it prints when it is asked to list it.
fn traced(text: &str, root: &str) -> BTreeSet<String> {
    let path = |line: &str| {
        let (name, address) = line.trim().rsplit_once(" (0x")?;
        assert!(address.ends_with(')'), "{line}");
        let path = name.rsplit_once(" => ").map_or(name, |(_, path)| path);
        let path = path.strip_prefix(root).unwrap_or(path);
        // The kernel's own library has no path.
        path.starts_with('/').then(|| path.to_string())
    };
    text.lines().filter_map(path).collect()
}

/// The files that `scant deps --list` has, links followed inside the root.
fn listed(root: &Path, program: &str) -> BTreeSet<PathBuf> {
    let list = scant(root, "deps --list --root").arg(root).arg(program).ok();
    // A link to a directory, such as `/lib` of a merged `/usr`, is listed as well.
    list.lines().map(|path| real(root, path)).filter(|path| !path.is_dir()).collect()
}

fn real(root: &Path, path: &str) -> PathBuf {
    root.join(path.trim_start_matches('/')).canonicalize().expect("it is in the root")
}

#[test]
fn deps_of_a_program_of_the_host_are_what_its_loader_opens() {
    require!(GDB);
    // Set by `env`, so that it reaches nothing else.
    let traced = traced(&run("env").words("LD_TRACE_LOADED_OBJECTS=1 /usr/bin/gdb").ok(), "");
    assert!(traced.len() > 20, "{traced:?}");
    let root = Path::new("/");
    let traced: BTreeSet<_> = traced.iter().map(|path| real(root, path)).collect();
    assert_eq!(listed(root, "/usr/bin/gdb"), traced);
}

#[test]
fn deps_of_a_foreign_program_are_what_its_loader_opens() {
    require!(QEMU_AARCH64);
    let tree = require_ok!(debian_tree::unbound_aarch64());
    let root = tree.to_str().expect("target/ has a name of text");
    let program = tree.join("usr/sbin/unbound");
    let qemu = run("qemu-aarch64-static").arg("-L").arg(tree);
    let text = qemu.words("-E LD_TRACE_LOADED_OBJECTS=1").arg(program).ok();
    let traced = traced(&text, root);
    assert!(traced.len() > 10, "{traced:?}");
    let traced: BTreeSet<_> = traced.iter().map(|path| real(tree, path)).collect();
    assert_eq!(listed(tree, "usr/sbin/unbound"), traced);
}
