//! Where archives may be besides on the network as it is now: on this machine, in a snapshot, and
//! packages that are in no archive at all.

use scant_core::formats::debian::Source;
use scant_core::formats::lock::Place;
use scant_testkit::debian::deb;

use crate::support::{Machine, archive, list, write};

/// A machine whose archive is in its directory `repository`.
fn local() -> Machine {
    let mut machine = Machine::new(&archive());
    for (path, bytes) in archive().files() {
        write(&machine.path("repository").join(path), bytes);
    }
    machine.source.uris = vec!["file:./repository".into()];
    machine
}

#[test]
fn an_archive_is_on_this_machine() {
    let machine = local();
    let choice = machine.choose("tool").unwrap();
    assert_eq!(list(&choice.packages), "libtool1 2.1 amd64, tool 1.0-1 amd64");
    assert_eq!(machine.server.take_asked(), Vec::<String>::new());
    // The lock says what the manifest said, whatever the machine calls it.
    let places = choice.packages.iter().map(|package| &package.place);
    let places = places.chain(choice.indexes.iter().map(|index| &index.place));
    let places: Vec<_> = places.map(Place::to_string).collect();
    assert_eq!(
        places.join("\n"),
        "./repository/pool/libtool1_2.1_amd64.deb\n./repository/pool/tool_1.0-1_amd64.deb\n\
         ./repository/dists/stable/main/binary-amd64/Packages.gz"
    );
    assert_eq!(machine.with(|archives| archives.fetch(&choice.packages)).unwrap().len(), 2);
    assert_eq!(choice.notes.len(), 1, "{:?}", choice.notes);
    assert!(choice.notes[0].starts_with("nobody has signed `./repository/"), "{:?}", choice.notes);
}

#[test]
fn a_path_may_start_at_the_root() {
    for scheme in ["file:", "copy:", "file://"] {
        let mut machine = local();
        machine.source.uris = vec![format!("{scheme}{}", machine.path("repository").display())];
        assert_eq!(machine.chosen("other"), "other 1 all", "{scheme}");
    }
}

#[test]
fn what_was_changed_on_this_machine_is_refused() {
    let machine = local();
    let path = machine.path("repository/dists/stable/main/binary-amd64/Packages.gz");
    let mut list = std::fs::read(&path).unwrap();
    *list.last_mut().unwrap() ^= 1;
    write(&path, list);
    let told = machine.chosen("other");
    assert!(told.contains("Packages.gz` is not what it is said to be: expected sha256:"), "{told}");

    let machine = local();
    let choice = machine.choose("other").unwrap();
    write(&machine.path("repository/pool/other_1_all.deb"), "another");
    let told = machine.with(|archives| archives.fetch(&choice.packages)).unwrap_err().to_string();
    assert!(told.contains("is not the one that was chosen: expected sha256:"), "{told}");
}

#[test]
fn what_is_not_on_this_machine_is_told() {
    let machine = local();
    std::fs::remove_dir_all(machine.path("repository/dists")).unwrap();
    let told = machine.chosen("other");
    assert!(
        told.ends_with("dists/stable/Release`: No such file or directory (os error 2)"),
        "{told}"
    );
}

/// A machine whose archive has one version, and its snapshot of 2022-01-02 another one.
fn with_snapshot() -> Machine {
    let mut now = archive();
    now.add(
        "Package: moving\nVersion: 2\nArchitecture: all\n",
        &deb("Package: moving\nVersion: 2\nArchitecture: all\n", "./usr/x 2"),
    );
    let mut machine = Machine::new(&now);
    now.release = format!("Snapshots: {}/old/@SNAPSHOTID@/\n", machine.server.url());
    let release = now.files().remove("dists/stable/Release").unwrap();
    machine.server.put("dists/stable/Release", release);
    let mut then = archive();
    then.release = "Valid-Until: Mon, 03 Jan 2022 00:00:00 UTC\n".into();
    let fields = "Package: moving\nVersion: 1\nArchitecture: all\n";
    then.add(fields, &deb(fields, "./usr/x 1"));
    for (path, bytes) in then.files() {
        machine.server.put(&format!("old/20220102T000000Z/{path}"), bytes);
    }
    machine.source.snapshot = Some("20220102T000000Z".into());
    machine
}

#[test]
fn a_release_says_where_its_snapshots_are() {
    let machine = with_snapshot();
    assert_eq!(machine.chosen("moving"), "moving 1 all");
    let choice = machine.choose("moving").unwrap();
    assert_eq!(
        machine.without_port(&choice.packages[0].place.to_string()),
        "SERVER/old/20220102T000000Z/pool/moving_1_all.deb"
    );
}

#[test]
fn an_address_says_where_a_snapshot_goes() {
    let mut machine = with_snapshot();
    machine.source.uris = vec![format!("{}/old/@SNAPSHOTID@", machine.server.url())];
    assert_eq!(machine.chosen("moving"), "moving 1 all");
    machine.source.snapshot = Some("20220103T000000Z".into());
    assert_eq!(
        machine.chosen("moving"),
        "`SERVER/old/20220103T000000Z/dists/stable/Release` answers 404"
    );
}

#[test]
fn an_archive_may_have_no_snapshots() {
    let mut machine = Machine::new(&archive());
    machine.source.snapshot = Some("20220102T000000Z".into());
    assert_eq!(
        machine.chosen("other"),
        "`SERVER/dists/stable/Release` does not say where its snapshots are; if they are somewhere, \
         write `@SNAPSHOTID@` into the `uris`"
    );
}

/// Beside the archive: packages that are in none.
fn with_files(pattern: &str) -> Machine {
    let mut machine = Machine::new(&archive());
    for (name, fields) in [
        ("own_1.deb", "Package: own\nVersion: 1\nArchitecture: amd64\nDepends: libtool1\n"),
        ("own_2.deb", "Package: own\nVersion: 2\nArchitecture: arm64\nDescription: a\n b\n"),
        (
            "tool_9.deb",
            "Package: tool\nVersion: 9\nArchitecture: all\nFilename: /etc/passwd\nSize: 1\n",
        ),
    ] {
        write(&machine.path("debs").join(name), deb(fields, "./usr/x y"));
    }
    write(&machine.path("debs/README"), "no package");
    machine.more.push(Source { files: vec![pattern.into()], ..Source::default() });
    machine
}

#[test]
fn packages_are_in_no_archive() {
    for pattern in ["debs", "./debs/", "debs/*.deb"] {
        let machine = with_files(pattern);
        let choice = machine.choose("own, tool").unwrap();
        assert_eq!(
            list(&choice.packages),
            "libtool1 2.1 amd64, own 1 amd64, tool 9 all",
            "the rest from the archive"
        );
        let directory = if pattern == "./debs/" { "./debs" } else { "debs" };
        assert_eq!(choice.packages[2].place, Place::File(format!("{directory}/tool_9.deb")));
        assert!(
            choice.notes.contains(&format!("nobody has signed `{pattern}`")),
            "{:?}",
            choice.notes
        );
        let files = machine.with(|archives| archives.fetch(&choice.packages)).unwrap();
        assert_eq!(
            std::fs::read(&files[2]).unwrap(),
            std::fs::read(machine.path("debs/tool_9.deb")).unwrap()
        );
    }
}

#[test]
fn what_is_no_package_is_told() {
    let case = |pattern: &str, expected: &str| {
        let machine = with_files(pattern);
        let told = machine.chosen("own").replace(&*machine.path("").to_string_lossy(), "DIR/");
        assert_eq!(told, expected);
    };
    case("debs/x*", "no file is called `debs/x*`");
    case(
        "debs/README",
        "the package `debs/README`: it is no Debian package: it does not begin as an archive of ar",
    );
    case(
        "debs/none.deb",
        "the package `DIR/debs/none.deb` cannot be read: No such file or directory (os error 2)",
    );
    case("none/*.deb", "cannot read `DIR/none`: No such file or directory (os error 2)");
}
