//! A cache is believed only where it can be.

use super::*;

fn cache(directory: &Path) -> Cache {
    Cache::new(directory, Time { seconds: 1_000, nanoseconds: 500_000_000 })
}

#[test]
fn a_stamp_is_trusted_when_its_tick_has_passed() {
    let place = tempfile::tempdir().unwrap();
    let cache = cache(place.path());
    let case = |seconds, nanoseconds, expected| {
        let changed = Time { seconds, nanoseconds };
        let stamp = Stamp { changed, ..Stamp::default() };
        assert_eq!(cache.can_trust(&stamp), expected, "{changed:?}");
    };
    case(1_000, 400_000_000, true);
    case(1_000, 400_000_001, false);
    case(1_001, 1, false);
    // Whole seconds: an image of a file system that was made with this time tells no change.
    case(1, 0, false);
}

#[test]
fn damaged_pieces_count_as_missing() {
    let place = tempfile::tempdir().unwrap();
    let cache = cache(place.path());
    let key = Digest::of(b"key");
    let mut packed = Vec::new();
    assert!(!cache.piece(&key, &mut packed));
    cache.keep_piece(&key, b"packed");
    assert!(cache.piece(&key, &mut packed) && packed == b"packed");
    for damage in [&b""[..], b"abc", b"packeD\x01\x02\x03\x04"] {
        fs::write(cache.path("pieces", &key.hex()), damage).unwrap();
        assert!(!cache.piece(&key, &mut packed), "{damage:?}");
    }
    assert_eq!(cache.trouble(), None);
}

#[test]
fn a_cache_that_cannot_be_written_to_says_so_once_and_is_left_alone() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    fs::write(&file, "").unwrap();
    let cache = cache(&file.join("cache"));
    cache.keep_piece(&Digest::of(b"a"), b"a");
    let expected = format!(
        "the cache in `{}` cannot be written to: not a directory",
        file.join("cache").join(env!("CARGO_PKG_VERSION")).display()
    );
    assert_eq!(cache.trouble(), Some(expected));
}

#[test]
fn an_output_is_known_until_it_is_touched() {
    let place = tempfile::tempdir().unwrap();
    let cache = cache(&place.path().join("cache"));
    let (file, content) = (place.path().join("out"), Digest::of(b"content"));
    fs::write(&file, "content").unwrap();
    assert!(!cache.is_published(&file, &content));
    cache.keep_published(&PublishedFile::new(&file, content).unwrap());
    assert!(cache.is_published(&file, &content));
    assert!(!cache.is_published(&file, &Digest::of(b"other")));
    // The same size, and the time set back.
    let modified = file.metadata().unwrap().modified().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(20));
    fs::write(&file, "CONTENT").unwrap();
    fs::File::options().write(true).open(&file).unwrap().set_modified(modified).unwrap();
    assert!(!cache.is_published(&file, &content));
    // What is not there any more when it is to be remembered is not.
    let published = PublishedFile::new(&file, content).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(20));
    fs::write(&file, "others'").unwrap();
    cache.keep_published(&published);
    assert!(!cache.is_published(&file, &content));
}

#[test]
fn the_oldest_layers_are_forgotten_first_with_the_pieces_that_only_they_have() {
    let place = tempfile::tempdir().unwrap();
    let old = Cache::new(place.path(), Time { seconds: 1_000_000, nanoseconds: 0 });
    let now = Cache::new(place.path(), Time { seconds: 2_000_000, nanoseconds: 0 });
    let key = |name: &str| Digest::of(name.as_bytes());
    let record = |pieces: &[&str]| Record {
        pieces: pieces
            .iter()
            .map(|name| Remembered {
                recipe: None,
                key: key(name),
                checksum: 0,
                plain: 0,
                packed: 10_000,
                archive: scant_core::words::Hasher::default().save(),
                blob: scant_core::words::Hasher::default().save(),
            })
            .collect(),
        diff_id: scant_core::words::DiffId(key("")),
        digest: key(""),
        size: 0,
        tar_size: 0,
        tail: Vec::new(),
    };
    for name in ["shared", "first", "second", "nobody's", "fresh"] {
        now.keep_piece(&key(name), name.as_bytes());
        let path = now.path("pieces", &key(name).hex());
        let time = if name == "fresh" { now.started_time() } else { old.started_time() };
        fs::File::open(path).unwrap().set_modified(time).unwrap();
    }
    now.keep_record("a", &record(&["shared", "first"]));
    now.keep_record("b", &record(&["shared", "second"]));
    old.touch_record("a");
    now.touch_record("b");
    now.sweep_to(25_000);
    assert!(now.record("a").is_none() && now.record("b").is_some());
    let there = |name| now.piece(&key(name), &mut Vec::new());
    let kept = ["shared", "first", "second", "nobody's", "fresh"].map(there);
    assert_eq!(kept, [true, false, true, false, true]);
}

#[test]
fn the_oldest_builds_are_forgotten_first() {
    let place = tempfile::tempdir().unwrap();
    let at = |seconds| Cache::new(place.path(), Time { seconds, nanoseconds: 0 });
    let now = at(10_000_000);
    let name = |name: &str| Digest::of(name.as_bytes()).hex();
    let ages = [("unused", 7_000_000), ("old", 9_000_000), ("new", 9_900_000), ("now", 10_000_000)];
    for (build, time) in ages {
        now.put("builds", &name(build), &[&[0; 100]]);
        at(time).touch("builds", &name(build));
    }
    let left = || ages.map(|(build, _)| now.path("builds", &name(build)).exists());
    now.sweep_builds();
    assert_eq!(left(), [false, true, true, true]);
    now.sweep_builds_to(200);
    assert_eq!(left(), [false, false, true, true]);
}
