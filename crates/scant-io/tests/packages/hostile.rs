//! Packages that want to be unpacked elsewhere, or never to end. An archive that is believed may have
//! them all the same.

use std::path::PathBuf;

use scant_core::words::{EntryKind, Input, TreePath};
use scant_io::inputs::{ArchiveOptions, Limits};
use scant_io::packages::deb;
use scant_testkit::RawTar;
use scant_testkit::debian::{ar, deb_of};

const CONTROL: &str = "Package: evil\nVersion: 1\nArchitecture: all\n";

fn options(max_bytes: u64) -> ArchiveOptions {
    ArchiveOptions {
        strip_components: 0,
        limits: Limits { max_bytes, ..Limits::default() },
        temporary: std::env::temp_dir(),
    }
}

fn written(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("evil.deb");
    std::fs::write(&path, bytes).unwrap();
    (directory, path)
}

/// Why a package is refused; empty if it is not.
fn refused(bytes: &[u8], max_bytes: u64) -> String {
    let (_directory, path) = written(bytes);
    let root = deb::root(&[path], &options(max_bytes));
    root.err().map_or(String::new(), |error| error.to_string())
}

#[test]
fn names_do_not_lead_out() {
    let case = |entries: &[(&str, u8, &str)]| {
        let mut tar = RawTar::default();
        for (name, flag, link) in entries {
            tar.entry(name, *flag, link, if *flag == b'0' { "x" } else { "" });
        }
        let told = refused(&deb_of(CONTROL, &tar.end()), 1 << 30);
        assert!(told.starts_with("the package `"), "{entries:?}: {told:?}");
    };
    case(&[("../x", b'0', "")]);
    case(&[("./usr/../../x", b'0', "")]);
    case(&[("/../x", b'0', "")]);
    case(&[("./x", b'1', "../../etc/passwd")]);
    case(&[("./x", b'1', "/etc/passwd")]);
    case(&[("./x", b'1', "./none")]);
    case(&[("./x", b'1', "./x")]);
}

#[test]
fn links_lead_nowhere_else_than_in_the_root() {
    let (outside, _) = written(b"secret");
    let outside = outside.path().to_string_lossy().into_owned();
    let mut tar = RawTar::default();
    tar.entry("./usr/absolute", b'2', &outside, "");
    tar.entry("./usr/relative", b'2', format!("../../../../../../../..{outside}"), "");
    let (_directory, path) = written(&deb_of(CONTROL, &tar.end()));
    let root = deb::root(&[path], &options(1 << 30)).unwrap();
    let path = |text: &str| TreePath::parse(text).unwrap();
    for link in ["/usr/absolute", "/usr/relative"] {
        let entry = root.lookup(&path(link)).unwrap().unwrap();
        assert!(matches!(entry.kind, EntryKind::Symlink { .. }), "{link}");
        // A link is text; what it names is looked up in the root, where it is not.
        assert!(root.lookup(&path(&format!("{link}/evil.deb"))).is_ok_and(|found| found.is_none()));
    }
    assert!(root.lookup(&path(&format!("{outside}/evil.deb"))).unwrap().is_none());
}

#[test]
fn what_is_below_a_link_is_where_it_leads_in_the_root() {
    let mut tar = RawTar::default();
    tar.entry("./usr/x", b'2', "/etc", "").entry(
        "./usr/x/passwd",
        b'0',
        "",
        "root::0:0::/:/bin/sh",
    );
    let (_directory, path) = written(&deb_of(CONTROL, &tar.end()));
    let root = deb::root(&[path], &options(1 << 30)).unwrap();
    let kind = |path: &str| root.lookup(&TreePath::parse(path).unwrap()).unwrap().map(|e| e.kind);
    assert!(matches!(kind("/usr/x"), Some(EntryKind::Symlink { .. })));
    assert!(matches!(kind("/etc/passwd"), Some(EntryKind::File { size: 20 })), "as dpkg has it");
}

#[test]
fn bombs_are_small_things_that_are_refused() {
    let zeros = vec![0; 8 << 20];
    let mut tar = RawTar::default();
    tar.entry("./x", b'0', "", "");
    let tar = tar.end();
    let binary = ("debian-binary", &b"2.0\n"[..]);
    let mut control = RawTar::default();
    control.entry("./control", b'0', "", CONTROL);
    let control = control.end();
    let bomb = zstd::encode_all(&zeros[..], 1).unwrap();
    assert!(bomb.len() < 10_000);

    // Files that are more than is accepted.
    let members = [binary, ("control.tar", &control), ("data.tar.zst", &bomb)];
    let told = refused(&ar(&members), 1 << 20);
    assert!(told.contains("data.tar: "), "{told}");
    // The same of what is said about it: there is a limit of its own.
    let zeros = vec![0; (64 << 20) + 1];
    let bomb = zstd::encode_all(&zeros[..], 1).unwrap();
    let members = [binary, ("control.tar.zst", &bomb), ("data.tar", &tar)];
    let told = refused(&ar(&members), 1 << 30);
    assert!(told.contains("control.tar: "), "{told}");
    // A member that says that it is larger than all.
    let mut lying = ar(&[binary, ("control.tar", &control), ("data.tar", &tar)]);
    let place = lying.len() - tar.len() - 12;
    lying[place..place + 10].copy_from_slice(b"9999999999");
    assert!(refused(&lying, 1 << 30).contains("it ends in `data.tar`"));
}

#[test]
fn a_package_that_ends_early_is_refused_wherever_that_is() {
    let mut tar = RawTar::default();
    tar.entry("./usr/x", b'0', "", "content");
    let whole = deb_of(CONTROL, &tar.end());
    assert_eq!(refused(&whole, 1 << 30), "");
    for end in 0..whole.len() {
        assert!(!refused(&whole[..end], 1 << 30).is_empty(), "{end} of {} bytes", whole.len());
    }
}

#[test]
fn a_package_that_was_changed_anywhere_is_read_or_refused() {
    let mut tar = RawTar::default();
    tar.entry("./usr/x", b'0', "", "content").entry("./usr/y", b'1', "./usr/x", "");
    let whole = deb_of(CONTROL, &tar.end());
    let (_directory, path) = written(&whole);
    for place in 0..whole.len() {
        let mut changed = whole.clone();
        changed[place] ^= [0x01, 0x20, 0x80][place % 3];
        std::fs::write(&path, changed).unwrap();
        if let Ok(root) = deb::root(std::slice::from_ref(&path), &options(1 << 20)) {
            assert!(root.list(&TreePath::root()).is_ok(), "byte {place}");
        }
    }
}

#[test]
fn what_a_package_says_does_not_reach_the_terminal_as_it_is() {
    let control = format!("{CONTROL}Depends: bb \u{1b}[2J\0\n");
    let told = refused(&deb_of(&control, &RawTar::of_lines("./usr/x y")), 1 << 30);
    assert!(told.contains("its control file: "), "{told:?}");
    assert!(!told.contains(char::is_control), "{told:?}");
}
