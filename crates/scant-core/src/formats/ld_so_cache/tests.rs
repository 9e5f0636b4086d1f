//! Tests of the cache: read, written, and in what order.

use super::*;
use crate::words::ByteOrder;
use alloc::format;
use alloc::string::String;
use core::cmp::Ordering;

fn entry(name: &str, hwcaps: Option<&str>, path: &str) -> Entry {
    let bytes = |text: &str| Box::from(text.as_bytes());
    Entry { name: bytes(name), flags: 0x303, hwcaps: hwcaps.map(bytes), path: bytes(path) }
}

fn sample() -> Cache {
    Cache::new(alloc::vec![
        entry("liba.so.1", None, "/opt/liba.so.1"),
        entry("liba.so.1", Some("x86-64-v2"), "/opt/glibc-hwcaps/x86-64-v2/liba.so.1"),
        entry("liba.so.1", Some("x86-64-v3"), "/opt/glibc-hwcaps/x86-64-v3/liba.so.1"),
        entry("liba.so.10", None, "/opt/liba.so.10"),
        entry("libb.so.1", None, "/opt/libb.so.1"),
    ])
}

fn found(cache: &Cache, name: &str, levels: &[&str]) -> String {
    let levels: Vec<Box<[u8]>> = levels.iter().map(|l| Box::from(l.as_bytes())).collect();
    let found = cache.find(name.as_bytes(), &[0x303], &levels);
    found.map_or_else(String::new, |e| String::from_utf8_lossy(&e.path).into_owned())
}

#[test]
fn what_is_written_is_read_back_in_both_byte_orders() {
    for order in [ByteOrder::Little, ByteOrder::Big] {
        let read = parse(&encode(&sample(), order), order).unwrap();
        let sorted = |cache: &Cache| {
            let mut entries = cache.entries().to_vec();
            entries.sort();
            entries
        };
        assert_eq!(sorted(&read), sorted(&sample()));
        assert_eq!(found(&read, "liba.so.1", &[]), "/opt/liba.so.1");
        let levels = ["x86-64-v3", "x86-64-v2"];
        assert_eq!(found(&read, "liba.so.1", &levels), "/opt/glibc-hwcaps/x86-64-v3/liba.so.1");
        assert_eq!(found(&read, "libc.so.6", &levels), "");
    }
}

#[test]
fn the_order_of_entries_does_not_change_the_bytes() {
    let mut entries = sample().entries;
    entries.reverse();
    let order = ByteOrder::Little;
    assert_eq!(encode(&sample(), order), encode(&Cache::new(entries), order));
}

#[test]
fn a_cache_for_the_other_byte_order_is_ignored() {
    assert_eq!(parse(&encode(&sample(), ByteOrder::Big), ByteOrder::Little), None);
}

#[test]
fn a_cache_that_ends_inside_its_entries_is_ignored() {
    let bytes = encode(&Cache::new(sample().entries()[..1].to_vec()), ByteOrder::Little);
    for length in 0..NEW_HEADER + NEW_ENTRY {
        assert_eq!(parse(&bytes[..length], ByteOrder::Little), None, "{length} bytes");
    }
}

#[test]
fn an_entry_whose_strings_are_cut_off_is_no_entry() {
    let bytes = encode(&Cache::new(sample().entries()[..1].to_vec()), ByteOrder::Little);
    for length in NEW_HEADER + NEW_ENTRY..bytes.len() {
        let cache = parse(&bytes[..length], ByteOrder::Little);
        assert_eq!(cache, Some(Cache::default()), "{length} bytes");
    }
}

#[test]
fn numbers_in_names_compare_by_value() {
    for (left, right, expected) in [
        ("libx.so.9", "libx.so.10", Ordering::Less),
        ("libx.so.1", "libx.so.1", Ordering::Equal),
        ("libx.so.01", "libx.so.1", Ordering::Equal),
        ("libx.so", "libx.so.1", Ordering::Less),
        ("libx1", "libxa", Ordering::Greater),
        ("liba", "libb", Ordering::Less),
    ] {
        let (left_bytes, right_bytes) = (left.as_bytes(), right.as_bytes());
        assert_eq!(compare_names(left_bytes, right_bytes), expected, "{left} {right}");
        assert_eq!(compare_names(right_bytes, left_bytes), expected.reverse(), "{right} {left}");
    }
}

#[test]
fn the_old_format_alone_is_read() {
    let mut bytes = b"ld.so-1.7.0\0".to_vec();
    bytes.extend(1u32.to_le_bytes());
    for value in [3u32, 0, 10] {
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend(b"liba.so.1\0/l/liba.so.1\0");
    let cache = parse(&bytes, ByteOrder::Little).unwrap();
    assert_eq!(format!("{}", crate::words::Escaped(&cache.entries[0].path)), "/l/liba.so.1");
}

#[test]
fn numbers_that_are_far_apart_are_in_one_order() {
    // By the difference in a C int each would come before the next, and the last before the first.
    let names = ["lib0", "lib1500000000", "lib3000000000"];
    let before = |a: &str, b: &str| compare_names(a.as_bytes(), b.as_bytes()).is_lt();
    assert!(before(names[0], names[1]) && before(names[2], names[0]) && before(names[2], names[1]));
    let cache = Cache::new(names.map(|name| entry(name, None, &format!("/{name}"))).to_vec());
    for name in names {
        assert_eq!(found(&cache, name, &[]), format!("/{name}"));
    }
}
