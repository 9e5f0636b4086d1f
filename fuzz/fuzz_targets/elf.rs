//! ELF files, and the strings that are read from loaders.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scant_core::formats::elf::{Elf, Header, strings_holding};
use scant_core::rules::loader::LoaderFacts;
use scant_fuzz::{Bytes, assert_plain};

/// The names of one file, each counted as often as it is referred to.
const MOST_TEXT: usize = 16 << 20;

fuzz_target!(|bytes: &[u8]| {
    let file = Bytes(bytes.to_vec());
    match Elf::parse(&file) {
        Ok(elf) => check(&elf, bytes),
        Err(error) => assert_plain(&error.to_string()),
    }
    if let Ok(found) = Elf::defines(&file, &[b"__libc_start_main", b"stdin"]) {
        assert_eq!(found.len(), 2);
    }
    if let Ok(symbols) = Elf::symbols(&file) {
        let names = symbols.wanted.iter().map(|wanted| wanted.name.len()).sum::<usize>();
        assert!(names <= MOST_TEXT, "{names} bytes of wanted names");
    }
    if let Ok(header) = Header::parse(bytes) {
        let facts = LoaderFacts::read(bytes, &header);
        assert!(!facts.directories.is_empty());
    }
    let mut last = 0;
    for (at, string) in strings_holding(bytes, b'/', b':') {
        assert!(at >= last && bytes[at + string.len()] == 0);
        assert_eq!(&bytes[at..at + string.len()], string);
        last = at + string.len();
    }
});

fn check(elf: &Elf, bytes: &[u8]) {
    let interpreter = elf.interpreter.as_deref().unwrap_or_default();
    assert!(interpreter.len() < 4096 && !interpreter.contains(&0));
    let mut text = 0;
    for (_, name) in elf.needed() {
        assert!(!name.contains(&0) && name.len() < bytes.len());
        text += name.len();
    }
    for need in elf.dynamic.iter().flat_map(|dynamic| &dynamic.version_needs) {
        text += need.file.len() + need.version.len();
    }
    assert!(text <= MOST_TEXT, "{text} bytes of names");
    assert!(elf.x86_isa_level.is_none_or(|level| (1..=4).contains(&level)));
}
