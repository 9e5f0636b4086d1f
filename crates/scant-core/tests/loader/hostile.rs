//! Hostile files: whatever the bytes, the readers answer, soon, and with little memory.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use scant_core::formats::elf::{Elf, Header};
use scant_core::formats::ld_so_cache;
use scant_core::rules::View;
use scant_core::rules::loader::{
    CandidateFault, Environment, InputFiles, LoaderFacts, Missing, Session, Spot, close,
};
use scant_core::words::{ByteOrder, InputName};
use scant_testkit::Listing;

use crate::support::{Bytes, MemoryInput};

/// An unoptimised build on a busy machine is given this much for one file.
const MOST_TIME: Duration = Duration::from_secs(10);

/// More text than this is never kept of one file.
const MOST_TEXT: usize = 17 << 20;

/// Files with everything that is read, in several classes and byte orders.
fn seeds() -> Vec<Vec<u8>> {
    let rich = "interp=/ld.so needed=liba.so.1,libb.so soname=app runpath=$ORIGIN/../lib rpath=/x \
                audit=liba.so auxiliary=libx.so filter=libf.so imports=dlopen exports=stdin@V_1 \
                verdef=V_1,V_2 verneed=liba.so.1:A_1,A_2 verneed-weak=libb.so:B_1 \
                build-id=0102030405060708 dlopen=\"[{\\\"soname\\\":[\\\"libq.so\\\"]}]\"";
    let mut lines: Vec<String> = ["x86_64", "i386", "s390x", "mips"]
        .iter()
        .flat_map(|machine| {
            [
                format!("/{machine} elf {machine} {rich}"),
                format!("/{machine}-gnu elf {machine} {rich} gnu-hash separate-notes"),
            ]
        })
        .collect();
    lines.push(format!("/level elf x86_64 level=3 {rich}"));
    lines.push("/glibc loader glibc x86_64 debian".into());
    lines.push("/musl loader musl x86_64".into());
    for format in ["new", "old", "compat"] {
        lines.push(format!(
            "/{format} cache {format} x86_64 liba.so.1=>/lib/liba.so.1 libb.so@x86-64-v2=>/b/libb.so"
        ));
    }
    let listing = Listing::new(&lines.join("\n"));
    lines
        .iter()
        .map(|line| line.split(' ').next().expect("a line has a path"))
        .map(|path| listing.bytes(path).expect("it was listed").to_vec())
        .collect()
}

/// Reads the bytes as everything that hostile bytes may be read as.
fn read(bytes: &[u8]) {
    let start = Instant::now();
    let file = Bytes(bytes.to_vec());
    if let Ok(elf) = Elf::parse(&file) {
        let needed: usize = elf.needed().map(|(_, name)| name.len()).sum();
        let versions = elf.dynamic.iter().flat_map(|dynamic| &dynamic.version_needs);
        let versions: usize = versions.map(|need| need.file.len() + need.version.len()).sum();
        assert!(needed + versions <= MOST_TEXT, "{needed} bytes of names, {versions} of versions");
    }
    let _ = Elf::defines(&file, &[b"__libc_start_main", b"stdin"]);
    if let Ok(header) = Header::parse(bytes) {
        LoaderFacts::read(bytes, &header);
    }
    for order in [ByteOrder::Little, ByteOrder::Big] {
        if let Some(cache) = ld_so_cache::parse(bytes, order) {
            let text: usize = cache.entries().iter().map(|e| e.name.len() + e.path.len()).sum();
            assert!(text <= 8 * bytes.len(), "{text} bytes of text of {}", bytes.len());
            cache.find(b"liba.so.1", &[0x303], &[]);
        }
    }
    assert!(start.elapsed() < MOST_TIME, "{:?} for {} bytes", start.elapsed(), bytes.len());
}

/// A change to a file: where (as a part of its length), and what is written there.
fn change() -> impl Strategy<Value = (f64, Vec<u8>)> {
    let interesting = prop::sample::select(vec![
        0u64,
        1,
        2,
        4,
        7,
        0x7f,
        0x80,
        0xff,
        0xffff,
        0x7fff_ffff,
        0x8000_0000,
        0xffff_fff0,
        0xffff_ffff,
        0x1_0000_0000,
        i64::MAX as u64,
        u64::MAX - 7,
        u64::MAX,
    ]);
    let number = (interesting, prop::sample::select(vec![1usize, 2, 4, 8]), any::<bool>());
    let number = number.prop_map(|(value, size, is_big)| match is_big {
        true => value.to_be_bytes()[8 - size..].to_vec(),
        false => value.to_le_bytes()[..size].to_vec(),
    });
    let bytes = prop_oneof![3 => number, 1 => prop::collection::vec(any::<u8>(), 1..9)];
    // Headers and tables are at the ends of a file: what counts is hit more often.
    (prop_oneof![0.0..1.0, 0.0..0.1, 0.8..1.0], bytes)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_files_are_read_or_refused(
        seed in 0..seeds().len(),
        changes in prop::collection::vec(change(), 1..6),
        cut in prop::option::weighted(0.2, 0.0..1.0),
    ) {
        let mut bytes = seeds().swap_remove(seed);
        for (part, change) in changes {
            let at = (bytes.len() as f64 * part) as usize;
            let end = bytes.len().min(at + change.len());
            bytes[at..end].copy_from_slice(&change[..end - at]);
        }
        if let Some(part) = cut {
            bytes.truncate((bytes.len() as f64 * part) as usize);
        }
        read(&bytes);
    }

    #[test]
    fn random_bytes_are_read_or_refused(
        start in prop::sample::select(vec![
            &b""[..], b"\x7fELF\x02\x01\x01", b"\x7fELF\x01\x02\x01", b"ld.so-1.7.0\0",
            b"glibc-ld.so.cache1.1",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        read(&[start, &rest].concat());
    }
}

/// An ELF64 file: a header, these program headers, and a body that starts at 0x1000, mapped at the
/// same address.
fn file(segments: &[[u64; 3]], body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 0x1000];
    let mut put = |at: usize, size: usize, value: u64| {
        bytes[at..at + size].copy_from_slice(&value.to_le_bytes()[..size]);
    };
    let all: Vec<_> =
        [[1, 0, 0x1000 + body.len() as u64]].iter().chain(segments).copied().collect();
    put(16, 2, 3);
    put(18, 2, 62);
    put(20, 4, 1);
    put(32, 8, 64);
    put(54, 2, 56);
    put(56, 2, all.len() as u64);
    for (number, [kind, offset, size]) in all.iter().enumerate() {
        let at = 64 + number * 56;
        put(at, 4, *kind);
        put(at + 8, 8, *offset);
        put(at + 16, 8, *offset);
        put(at + 32, 8, *size);
    }
    bytes[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    bytes.extend_from_slice(body);
    bytes
}

fn words(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

#[test]
fn many_names_that_are_all_one_long_string() {
    // 60,000 entries of a megabyte each would be 60 GB.
    let entries = 60_000;
    let strings = 0x1000 + 16 * (entries + 1);
    let mut body = words(&[5, strings]);
    (0..entries).for_each(|_| body.extend(words(&[1, 0])));
    body.resize(body.len() + (1 << 20), b'x');
    body.push(0);
    let bytes = file(&[[2, 0x1000, 16 * (entries + 1)]], &body);
    read(&bytes);
    let error = Elf::parse(&Bytes(bytes)).expect_err("no true file is like that").to_string();
    assert_eq!(error, "damaged ELF file: its names are longer together than those of any file");
}

/// What is missing of a program at `/a`, the only file.
fn missing(bytes: &[u8]) -> Vec<Missing> {
    let mut input = MemoryInput::new("");
    input.put("/a", bytes);
    let files = InputFiles::new(InputName::new("memory"), View::new(&input));
    let session = Session::new(&files);
    let environment = Environment::default();
    close(&session, &Spot::new(*b"/a"), &[], &environment, None).expect("it is ELF").missing
}

#[test]
fn many_names_in_many_directories() {
    // 4,000 names in half a million directories, DT_RPATH and DT_RUNPATH alike.
    for tag in [15, 29] {
        let entries = 4000;
        let strings = 0x1000 + 16 * (entries + 2);
        let mut body = words(&[5, strings, tag, 5000]);
        (0..entries).for_each(|number| body.extend(words(&[1, number])));
        body.resize(body.len() + 5000 - 1, b'x');
        body.push(0);
        body.extend(b"a:".repeat(500_000));
        body.push(0);
        let bytes = file(&[[2, 0x1000, 16 * (entries + 2)]], &body);
        let missing = missing(&bytes);
        let faults: Vec<_> = missing.iter().map(|missing| missing.fatal.clone()).collect();
        let name = vec![b'x'; 4999].into_boxed_slice();
        assert_eq!(faults, [Some((name, CandidateFault::Endless))]);
        read(&bytes);
    }
}

#[test]
fn many_symbols_with_one_long_name() {
    let symbols = 100_000u64;
    let table = 0x1000 + 16 * 4;
    let hash = table + 24 * symbols;
    let strings = hash + 8;
    let mut body = words(&[6, table, 5, strings, 4, hash, 0, 0]);
    for _ in 0..symbols {
        body.extend(words(&[1 << 48, 0, 0]));
    }
    body.extend(words(&[symbols << 32]));
    body.resize(body.len() + (1 << 20), b'x');
    let bytes = file(&[[2, 0x1000, 64]], &body);
    let defined = Elf::defines(&Bytes(bytes.clone()), &[b"stdin"]);
    assert_eq!(defined, Ok(vec![false]));
    read(&bytes);
}

#[test]
fn many_note_segments_over_the_same_notes() {
    let json = br#"[{"soname":["liba.so"]}]"#;
    let mut note = Vec::new();
    for number in [4u32, json.len() as u32, 0x407c_0c0a] {
        note.extend(number.to_le_bytes());
    }
    note.extend(b"FDO\0");
    note.extend(json);
    let body = note.repeat((2 << 20) / note.len());
    // As many as fit before the body.
    let segments = vec![[4, 0x1000, body.len() as u64]; 68];
    read(&file(&segments, &body));
}

#[test]
fn versions_that_run_in_a_circle() {
    // One DT_VERNEED record that points at itself, with an entry that does so too.
    let need = 0x1000 + 16 * 4;
    let mut body = words(&[5, 0, 0x6fff_fffe, need, 0x6fff_ffff, u64::MAX, 0, 0]);
    let record = [1u16, 0xffff].map(u16::to_le_bytes).concat();
    body.extend(record);
    for number in [0u32, 16, u32::MAX] {
        body.extend(number.to_le_bytes());
    }
    for number in [0u32, 0, 0, u32::MAX] {
        body.extend(number.to_le_bytes());
    }
    read(&file(&[[2, 0x1000, 64]], &body));
}

#[test]
fn addresses_at_the_end_of_the_number_range() {
    for offset in [u64::MAX, u64::MAX - 1, u64::MAX - 0xfff, 1 << 63] {
        let body = words(&[5, 0x1000, 1, u64::MAX, 6, 0x1000, 4, 0x1000, 0, 0]);
        let mut bytes = file(&[[2, 0x1000, 80], [4, offset, 64], [3, offset, 64]], &body);
        // The PT_LOAD maps the end of the number range.
        bytes[64 + 8..64 + 16].copy_from_slice(&offset.to_le_bytes());
        read(&bytes);
    }
}

#[test]
fn a_cache_whose_entries_all_are_one_long_string() {
    let entries = 20_000u32;
    let mut bytes = b"glibc-ld.so.cache1.1".to_vec();
    for number in [entries, 0, 2, 0, 0, 0, 0] {
        bytes.extend(number.to_le_bytes());
    }
    for _ in 0..entries {
        for number in [0x303, 48 + 24 * entries, 48 + 24 * entries, 0, 0, 0] {
            bytes.extend(number.to_le_bytes());
        }
    }
    bytes.resize(bytes.len() + 4000, b'x');
    bytes.push(0);
    read(&bytes);
}
