//! `ld.so.cache`: what is read can be written and read again, and takes little more than its file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scant_core::formats::ld_so_cache::{Cache, Entry, compare_names, encode, parse};
use scant_core::words::ByteOrder;

fuzz_target!(|bytes: &[u8]| {
    for order in [ByteOrder::Little, ByteOrder::Big] {
        let Some(cache) = parse(bytes, order) else { continue };
        // Names of levels are shared, and 4096 bytes at the most.
        let text = text(&cache);
        let levels = cache.entries().iter().filter(|entry| entry.hwcaps.is_some()).count();
        assert!(text <= 8 * bytes.len() + 4096 * levels, "{text} bytes of {}", bytes.len());
        for pair in cache.entries().windows(2) {
            assert!(compare_names(&pair[0].name, &pair[1].name).is_le());
        }
        again(&cache, order);
        for entry in cache.entries().iter().take(8) {
            let flags = [entry.flags];
            assert!(cache.find_all(&entry.name, &flags).any(|found| found == entry));
        }
    }
});

/// All that is kept of a cache, each string as often as it is referred to.
fn text(cache: &Cache) -> usize {
    let of = |entry: &Entry| entry.name.len() + entry.path.len() + level(entry);
    cache.entries().iter().map(of).sum()
}

fn level(entry: &Entry) -> usize {
    entry.hwcaps.as_ref().map_or(0, |name| name.len())
}

/// What is written is a cache of the same entries, and is written the same again.
fn again(cache: &Cache, order: ByteOrder) {
    let written = encode(cache, order);
    // Many entries with one long string are not all read: what a cache may hold goes by its size.
    if text(cache) > 8 * written.len() {
        return;
    }
    let read = parse(&written, order).expect("what is written is a cache");
    let sorted = |cache: &Cache| {
        let mut entries = cache.entries().to_vec();
        entries.sort();
        entries.dedup();
        entries
    };
    assert_eq!(sorted(&read), sorted(cache));
    assert_eq!(encode(&read, order), written);
}
