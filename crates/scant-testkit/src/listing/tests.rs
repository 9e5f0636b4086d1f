//! Tests of listings.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use super::*;
use crate::elf::{Elf, Machine};

fn kind(text: &str) -> ItemKind {
    Listing::parse(text).pop().expect("a listing has an entry").kind
}

#[test]
fn every_kind_of_entry() {
    let items = Listing::parse(
        r##"
        # comment
        /bin      -> usr/bin
        /tmp/     mode=1777
        /etc/motd "hello\n\x07"
        /usr/sh   mode=0755 "#!/bin/sh -e\n"
        /usr/sh2  hardlink /usr/sh
        "##,
    );
    let shown: Vec<String> =
        items.iter().map(|item| format!("{} {:?}", item.path.escape_ascii(), item.kind)).collect();
    assert_eq!(
        shown,
        [
            "/ Directory(0755)",
            "/bin Symlink(\"usr/bin\")",
            "/etc Directory(0755)",
            "/etc/motd File(\"hello\\n\\x07\", 0644)",
            "/tmp Directory(1777)",
            "/usr Directory(0755)",
            "/usr/sh File(\"#!/bin/sh -e\\n\", 0755)",
            "/usr/sh2 HardLink(\"/usr/sh\")",
        ]
    );
}

#[test]
fn elf_words_are_calls_of_the_builder() {
    let bytes = Elf::program(Machine::S390x)
        .interpreter("/lib/ld64.so.1")
        .needed("a.so")
        .rpath("/x:/y")
        .needed("b c.so")
        .dlopen_note(r#"[{"soname":["d.so"]}]"#)
        .build();
    let line = r#"/app elf s390x interp=/lib/ld64.so.1 needed=a.so rpath=/x:/y needed="b c.so" dlopen="[{\"soname\":[\"d.so\"]}]""#;
    assert_eq!(kind(line), ItemKind::File { bytes, mode: 0o755 });
}

#[test]
fn a_loader_may_have_other_directories() {
    let bytes = Elf::glibc_loader(Machine::X86_64, &["/a/", "/b/"]).build();
    assert_eq!(
        kind("/ld.so loader glibc x86_64 dirs=/a/,/b/"),
        ItemKind::File { bytes, mode: 0o755 }
    );
}

#[test]
#[should_panic(
    expected = "`nedded` says nothing about an ELF file in the line `/a elf x86_64 nedded=b`"
)]
fn an_unknown_word_is_named() {
    Listing::parse("/a elf x86_64 nedded=b");
}

#[test]
fn a_listing_on_disk_has_its_modes_and_links() {
    let root = std::env::temp_dir().join(format!("scant-testkit-{}", std::process::id()));
    Listing::new("/a/ mode=0500\n/a/f mode=0640 \"x\"\n/a/g hardlink /a/f\n/l -> a/f")
        .write_to(&root);
    let meta = |path: &str| std::fs::metadata(root.join(path)).expect("it was made");
    assert_eq!(meta("a").permissions().mode() & 0o7777, 0o500);
    assert_eq!(meta("l").permissions().mode() & 0o7777, 0o640);
    assert_eq!(meta("a/f").ino(), meta("a/g").ino());
    std::fs::set_permissions(root.join("a"), std::fs::Permissions::from_mode(0o700)).expect("ours");
    std::fs::remove_dir_all(&root).expect("ours to remove");
}
