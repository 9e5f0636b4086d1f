//! `scant check` on images that scant did not make: a whole distribution without a false alarm,
//! and images that are broken on purpose.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::debian_tree;
use crate::run::run;
use crate::scant::scant;
use crate::tools::{require, require_ok};

/// The root file system of a whole distribution, as an archive that is made once and kept below
/// `target/`. An error is a reason to skip the test.
fn distribution() -> Result<PathBuf, String> {
    let at = Path::new(env!("CARGO_TARGET_TMPDIR")).join("distribution.tar");
    if at.is_file() {
        return Ok(at);
    }
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    let name = name.ok_or("this is not Debian")?;
    let scratch = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("target/ is ours");
    let made = scratch.path().join("made.tar");
    let made_by = run("mmdebstrap").words("--quiet --variant=essential").arg(name).arg(&made);
    let ran = sources().into_iter().fold(made_by, |run, list| run.arg(list)).end();
    if ran.code != Some(0) {
        return Err(format!("mmdebstrap cannot: {}", ran.stderr.lines().last().unwrap_or("")));
    }
    fs::rename(&made, &at).expect("target/ is ours");
    Ok(at)
}

/// Where the machine gets the packages of its distribution; of others it may have lists as well.
fn sources() -> Vec<PathBuf> {
    let lists = ["/etc/apt/sources.list", "/etc/apt/sources.list.d/debian.sources"];
    let is_used =
        |list: &PathBuf| fs::read_to_string(list).is_ok_and(|text| !text.trim().is_empty());
    lists.map(PathBuf::from).into_iter().filter(is_used).collect()
}

/// An image of umoci's with these files.
struct Image(TempDir);

impl Image {
    /// The files of `root`, run as `config` says.
    #[track_caller]
    fn new(root: &Path, config: &[&str]) -> Self {
        let image = Self(tempfile::tempdir().expect("a place for temporary files"));
        let umoci = || run("umoci").directory(image.0.path());
        umoci().words("init --layout layout").ok();
        umoci().words("new --image layout:a").ok();
        umoci().words("insert --rootless --image layout:a").arg(root).arg("/").ok();
        let config =
            config.iter().fold(umoci().words("config --image layout:a"), |run, word| run.arg(word));
        config.ok();
        image
    }

    /// What `scant check` finds that is an error.
    #[track_caller]
    fn errors(&self, options: &str) -> String {
        let line = format!("check oci:layout:a --level error {options}");
        let ran = scant(self.0.path(), &line).end();
        assert_eq!(ran.code, Some(i32::from(!ran.stdout.is_empty())), "{}", ran.stderr);
        ran.stdout
    }
}

#[test]
fn a_whole_distribution_has_no_errors() {
    require!(MMDEBSTRAP, TAR, UMOCI);
    let archive = require_ok!(distribution());
    let place = tempfile::tempdir().expect("a place for temporary files");
    let said = scant(place.path(), "check --symbols").arg(&archive).end().expect(0);
    assert!(said.stderr.contains("0 errors"), "{}", said.stderr);
    assert!(said.stderr.contains("glibc: "), "{}", said.stderr);
    // Everything that distributions are known to be warned about; nothing is missing.
    for line in said.stdout.lines().filter(|line| line.starts_with("warning")) {
        let known = ["warning: privileged", "warning: name-service", "warning: dangling-link"];
        assert!(known.iter().any(|start| line.starts_with(start)), "{line}");
    }
    let root = place.path().join("root");
    fs::create_dir(&root).expect("the place is ours");
    run("tar").arg("-xf").arg(&archive).arg("-C").arg(&root).words("--exclude=./dev/*").ok();
    let image = Image::new(&root, &["--config.entrypoint=bash", "--config.user=nobody"]);
    assert_eq!(image.errors(""), "");
}

/// A program that needs a library, whose versions are those that were named, and their root.
struct Greeting(TempDir);

impl Greeting {
    /// Built against the new library, with the old one in the root, in place of the new one.
    #[track_caller]
    fn new(old: &str, new: &str) -> Self {
        let place = Self(tempfile::tempdir().expect("a place for temporary files"));
        let write = |name: &str, text: &str| {
            fs::write(place.0.path().join(name), text).expect("the place is ours");
        };
        write(
            "app.c",
            "int greet(void); int wave(void); int main(void) { return greet() + wave(); }",
        );
        write("new.c", "int greet(void) { return 0; } int wave(void) { return 0; }");
        write("old.c", "int greet(void) { return 0; }");
        write("new.map", new);
        write("old.map", old);
        let cc = |words: &str| run("cc").directory(place.0.path()).words(words).ok();
        for version in ["old", "new"] {
            fs::create_dir(place.0.path().join(version)).expect("the place is ours");
            let is_empty = if version == "old" { old.is_empty() } else { new.is_empty() };
            let map = if is_empty {
                String::new()
            } else {
                format!("-Wl,--version-script={version}.map")
            };
            cc(&format!(
                "-shared -fPIC -Wl,-soname,libgreet.so.1 {map} -o {version}/libgreet.so.1 {version}.c"
            ));
        }
        cc("-o app app.c new/libgreet.so.1 -Wl,-rpath,/opt");
        write(
            "app.yaml",
            "inputs: {HOST: {backend: host}, NEW: {backend: sysroot, path: new}}\n\
             binaries: [\"app:/opt/app\"]\ndata: [\"NEW/libgreet.so.1:/opt/libgreet.so.1\"]\n\
             image: {entrypoint: [/opt/app]}\n",
        );
        scant(place.0.path(), "build app.yaml -q -o rootfs:root").ok();
        place.copy("old/libgreet.so.1", "root/opt/libgreet.so.1");
        place
    }

    fn root(&self) -> PathBuf {
        self.0.path().join("root")
    }

    fn copy(&self, from: &str, to: &str) {
        fs::copy(self.0.path().join(from), self.0.path().join(to)).expect("the place is ours");
    }

    fn image(&self, config: &[&str]) -> Image {
        Image::new(&self.root(), &[&["--config.entrypoint=/opt/app"], config].concat())
    }
}

const ONE: &str = "GREET_1.0 { global: greet; local: *; };";
const TWO: &str = "GREET_1.0 { global: greet; local: *; }; GREET_2.0 { global: wave; } GREET_1.0;";

#[test]
fn a_library_that_is_too_old_is_found_by_its_versions() {
    require!(CC, UMOCI);
    let found = Greeting::new(ONE, TWO).image(&[]).errors("");
    let expected = "error: missing-version: symbol version `GREET_2.0` is wanted, and \
                    `/opt/libgreet.so.1` has nothing newer than `GREET_1.0`\n    \
                    wanted by /opt/app\n";
    assert!(found.starts_with(expected), "{found}");
    assert!(found.contains("help: take `libgreet.so.1` from the system"), "{found}");
}

#[test]
fn a_library_that_is_too_old_is_found_by_its_symbols() {
    require!(CC, UMOCI);
    let image = Greeting::new("", "").image(&[]);
    assert_eq!(image.errors(""), "");
    let found = image.errors("--symbols");
    let expected = "error: missing-symbol: nothing that is loaded with `/opt/app` defines `wave`\n";
    assert!(found.starts_with(expected), "{found}");
}

#[test]
fn a_program_without_its_loader() {
    require!(CC, UMOCI);
    let greeting = Greeting::new(ONE, ONE_WITH_ALL);
    let ls = scant(greeting.0.path(), "ls rootfs:root").ok();
    let loader =
        ls.lines().filter_map(|line| line.split_whitespace().find(|w| w.contains("/ld-linux")));
    for path in loader {
        let _ = fs::remove_file(greeting.root().join(path.trim_start_matches('/')));
    }
    let found = greeting.image(&[]).errors("");
    assert!(found.contains("error: missing-interpreter: `/lib"), "{found}");
    assert!(found.contains("named by /opt/app"), "{found}");
}

/// A program is built against this, which versions nothing.
const ONE_WITH_ALL: &str = "GREET_1.0 { global: greet; wave; local: *; };";

#[test]
fn a_user_who_may_not_enter_the_directory() {
    require!(CC, UMOCI);
    let greeting = Greeting::new(TWO, TWO);
    greeting.copy("new/libgreet.so.1", "root/opt/libgreet.so.1");
    let user = "--config.user=1000:1000";
    assert_eq!(greeting.image(&[user]).errors(""), "");
    fs::set_permissions(greeting.root().join("opt"), fs::Permissions::from_mode(0o700))
        .expect("the place is ours");
    let found = greeting.image(&[user]).errors("");
    let expected = "error: not-permitted: user 1000 (group 1000) may not execute `/opt/app`, the \
                    entrypoint: the directory `/opt` has mode 0700 and owner 0:0\n";
    assert!(found.starts_with(expected), "{found}");
    assert_eq!(greeting.image(&[]).errors(""), "");
}

#[test]
fn a_program_and_a_library_of_another_machine() {
    require!(CC, UMOCI);
    let tree = require_ok!(debian_tree::unbound_aarch64());
    let greeting = Greeting::new(TWO, TWO);
    fs::copy(tree.join("usr/sbin/unbound"), greeting.root().join("opt/unbound"))
        .expect("the place is ours");
    let image = Image::new(&greeting.root(), &["--config.entrypoint=/opt/unbound"]);
    let found = image.errors("");
    let expected = "error: foreign-machine: `/opt/unbound` is made for 64-bit ARM, and the image is \
                    for linux/amd64\n";
    assert!(found.starts_with(expected), "{found}");
    // A library of another machine is passed over, as if it were not there.
    let library = greeting.root().join("opt/libgreet.so.1");
    fs::copy(tree.join("usr/sbin/unbound"), library).expect("the place is ours");
    let found = greeting.image(&[]).errors("");
    assert!(found.contains("error: missing-library: `libgreet.so.1`"), "{found}");
    assert!(found.contains("made for another machine"), "{found}");
}

#[test]
fn what_scant_builds_for_stories_is_clean() {
    require!(BASH);
    let example = crate::example::Example::copy("bash");
    scant(example.path(), "build bash.yml -q -o oci:layout:a").ok();
    let said = scant(example.path(), "check oci:layout:a --symbols").end().expect(0);
    assert!(said.stderr.contains("0 errors, 0 warnings"), "{}\n{}", said.stdout, said.stderr);
}
