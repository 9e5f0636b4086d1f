//! What is taken from archives, and what is not believed.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use scant_core::words::{Architecture, Platform};

use crate::support::{Machine, archive, write};

#[test]
fn packages_are_chosen_and_fetched() {
    let machine = Machine::new(&archive());
    let choice = machine.choose("tool").unwrap();
    assert_eq!(crate::support::list(&choice.packages), "libtool1 2.1 amd64, tool 1.0-1 amd64");
    let urls: Vec<_> = choice.indexes.iter().map(|index| index.place.to_string()).collect();
    assert_eq!(
        machine.without_port(&urls.join(" ")),
        "SERVER/dists/stable/main/binary-amd64/Packages.gz"
    );
    let files = machine.with(|archives| archives.fetch(&choice.packages)).unwrap();
    assert_eq!(files.len(), 2);
    // They are there now, and nobody is asked again.
    machine.server.take_asked();
    assert_eq!(machine.with(|archives| archives.fetch(&choice.packages)).unwrap(), files);
    assert_eq!(machine.server.take_asked(), Vec::<String>::new());
}

#[test]
fn lists_are_under_the_names_of_their_digests() {
    let mut archive = archive();
    archive.by_hash_only = true;
    assert_eq!(Machine::new(&archive).chosen("other"), "other 1 all");
}

/// The files of the store that begin as a list of packages.
fn lists(machine: &Machine) -> Vec<PathBuf> {
    let files = fs::read_dir(machine.path("cache/downloads/sha256")).unwrap();
    let mut lists: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    lists.retain(|path| fs::read(path).unwrap().starts_with(b"Package: "));
    lists
}

#[test]
fn a_list_is_kept_in_a_compact_form() {
    let machine = Machine::new(&archive());
    let first = machine.choose("tool").unwrap();
    let [list] = &lists(&machine)[..] else { panic!("one list was read") };
    let compact = fs::read_to_string(list).unwrap();
    assert!(compact.contains("\nSHA256: ") && !compact.contains("\nMD5sum: "), "{compact}");
    assert_eq!(machine.choose("tool").unwrap(), first);
    // A damaged one is made again.
    fs::set_permissions(list, Permissions::from_mode(0o644)).unwrap();
    fs::write(list, "nonsense").unwrap();
    assert_eq!(machine.choose("tool").unwrap(), first);
    assert_eq!(lists(&machine).iter().map(fs::read_to_string).next().unwrap().unwrap(), compact);
}

#[test]
fn another_form_of_a_list_does_as_well() {
    let machine = Machine::new(&archive());
    machine.server.remove("dists/stable/main/binary-amd64/Packages.gz");
    assert_eq!(machine.chosen("other"), "other 1 all");
    // Another machine, on which it is not yet.
    let machine = Machine::new(&archive());
    machine.server.remove("dists/stable/main/binary-amd64/Packages.gz");
    machine.server.remove("dists/stable/main/binary-amd64/Packages");
    assert_eq!(
        machine.chosen("other"),
        "`SERVER/dists/stable/main/binary-amd64/Packages.gz` answers 404"
    );
}

#[test]
fn a_list_that_was_changed_is_refused() {
    let machine = Machine::new(&archive());
    let path = "dists/stable/main/binary-amd64/Packages.gz";
    let mut list = archive().files()[path].clone();
    *list.last_mut().unwrap() ^= 1;
    machine.server.put(path, list);
    let told = machine.chosen("other");
    assert!(told.contains("is not what it is said to be: expected sha256:"), "{told}");
}

#[test]
fn a_package_that_was_changed_is_refused() {
    let machine = Machine::new(&archive());
    let choice = machine.choose("other").unwrap();
    let path = "pool/other_1_all.deb";
    let mut package = archive().files()[path].clone();
    *package.last_mut().unwrap() ^= 1;
    machine.server.put(path, package);
    let told = machine.with(|archives| archives.fetch(&choice.packages)).unwrap_err().to_string();
    assert!(told.contains("is not what it is said to be: expected sha256:"), "{told}");
}

#[test]
fn a_release_that_is_over_is_refused() {
    let mut archive = archive();
    archive.release = "Valid-Until: Fri, 07 Jan 2022 00:00:00 UTC\n".into();
    let mut machine = Machine::new(&archive);
    let told = machine.chosen("other");
    assert!(
        told.starts_with("`SERVER/dists/stable/Release` counted until 1641513600 s after 1970"),
        "{told}"
    );
    machine.source.may_be_over = true;
    assert_eq!(machine.chosen("other"), "other 1 all");
}

#[test]
fn a_release_of_another_suite_is_refused() {
    let mut machine = Machine::new(&archive());
    machine.server.put("dists/older/Release", archive().files()["dists/stable/Release"].clone());
    machine.source.suites = vec!["older".into()];
    assert_eq!(
        machine.chosen("other"),
        "`SERVER/dists/older/Release` is of `tiny` (`stable`), not of `older`"
    );
}

#[test]
fn an_architecture_that_is_not_there_is_told() {
    let machine = Machine::new(&archive());
    let platform = Platform::linux(Architecture::Riscv64);
    let asked = machine.asked("other");
    let told = machine.with(|archives| archives.choose(&asked, platform)).unwrap_err().to_string();
    assert_eq!(
        machine.without_port(&told),
        "`SERVER/dists/stable/Release` has no list of packages in `main` for riscv64; its \
         architectures are amd64, arm64"
    );
    let platform = Platform::linux(Architecture::ArmV6);
    let told = machine.with(|archives| archives.choose(&asked, platform)).unwrap_err().to_string();
    assert_eq!(told, "Debian has no packages for linux/arm/v6");
}

#[test]
fn a_path_does_not_lead_out_of_the_archive() {
    let fields = "Package: evil\nVersion: 1/../../x\nArchitecture: all\n";
    let mut archive = archive();
    archive.add(fields, b"");
    // The version is refused before the path.
    let told = Machine::new(&archive).chosen("other");
    assert!(told.contains("is not a version of a Debian package"), "{told}");
}

#[test]
fn the_machine_has_lists_of_archives() {
    let machine = Machine::new(&archive());
    let mut asked = machine.asked("other");
    asked.sources = None;
    let chosen = |machine: &Machine| {
        let chosen = machine.with(|archives| archives.choose(&asked, crate::support::amd64()));
        let shown = chosen.map_or_else(
            |error| error.to_string(),
            |choice| crate::support::list(&choice.packages),
        );
        shown.replace(&machine.directory.path().display().to_string(), "DIRECTORY")
    };
    assert_eq!(
        chosen(&machine),
        "apt has no archives on this machine: none is named in `DIRECTORY/apt/sources.list` and \
         `DIRECTORY/apt/sources.list.d`; name some with `sources`"
    );
    write(&machine.path("apt/sources.list"), "deb\n");
    assert_eq!(
        chosen(&machine),
        "`DIRECTORY/apt/sources.list`, line 1: it does not say where the archive is"
    );
    write(&machine.path("apt/sources.list"), "# none\n");
    let list = format!("deb [trusted=yes] {} stable main\n", machine.server.url());
    write(&machine.path("apt/sources.list.d/a.list"), list);
    // A name that apt does not read.
    write(&machine.path("apt/sources.list.d/b.list.bak"), "nonsense");
    assert_eq!(chosen(&machine), "other 1 all");
}
