//! A cache that is damaged in every way gives the bytes that no cache gives.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use super::place::{Place, contents};

/// Outputs that read the layer in different ways: linked or copied, unpacked, merged.
const OUTPUTS: &str = "-o oci:out/o -o docker-archive:out/d -o rootfs:out/r -o tar:out/t";

fn build(place: &Place, cache: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let _ = fs::remove_dir_all(place.file("out"));
    fs::create_dir(place.file("out")).expect("it is ours");
    place.scant(&format!("build app.yml {OUTPUTS} {cache}")).ok();
    contents(&place.file("out")).into_iter().collect()
}

/// The files of one kind in the cache.
fn files(place: &Place, kind: &str) -> Vec<PathBuf> {
    let directory = place.file("cache").join(env!("CARGO_PKG_VERSION")).join(kind);
    let entries = fs::read_dir(directory).expect("it is there").flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.path()).collect();
    files.sort();
    files
}

type Damage = (&'static str, fn(&Path, &Path));

/// What may happen to a file of a cache; the second path is that of another one of its kind.
const DAMAGES: [Damage; 7] = [
    ("removed", |file, _| fs::remove_file(file).expect("it is ours")),
    ("emptied", |file, _| cut(file, |_| 0)),
    ("cut", |file, _| cut(file, |size| size / 2)),
    ("cut at the end", |file, _| cut(file, |size| size - 1)),
    ("flipped in the middle", |file, _| flip(file, |size| size / 2)),
    ("flipped at the end", |file, _| flip(file, |size| size - 1)),
    ("another's", |file, other| fs::copy(other, file).map(|_| ()).expect("it is ours")),
];

fn cut(file: &Path, size: fn(u64) -> u64) {
    let file = fs::File::options().write(true).open(file).expect("it is ours");
    let length = file.metadata().expect("it is ours").len();
    file.set_len(size(length)).expect("it is ours");
}

fn flip(file: &Path, at: fn(usize) -> usize) {
    let mut bytes = fs::read(file).expect("it is ours");
    let at = at(bytes.len());
    bytes[at] ^= 0x10;
    fs::write(file, bytes).expect("it is ours");
}

#[test]
fn damage_costs_time_and_no_byte() {
    // Two layers of some pieces each.
    let place = Place::new(30, 100_000);
    place.fill("upper", 6, 100_000);
    let manifest = "data:\n  - ./files:/files\n  - ./upper:/upper\n\
                    layers:\n  - {name: upper, paths: [\"/upper/**\"]}\n";
    place.write("app.yml", manifest);
    let expected = build(&place, "--no-cache");
    // The stamps of files are trusted when they are older than a tick.
    sleep(Duration::from_millis(150));
    let same = |what: &str| {
        assert!(build(&place, "--cache-dir cache") == expected, "{what}");
    };
    same("new");
    for (kind, least) in [("pieces", 4), ("layers", 2)] {
        for (what, damage) in DAMAGES {
            // One of them, and all of them.
            for step in [least, 1] {
                let files = files(&place, kind);
                assert!(files.len() >= least, "{kind}: {}", files.len());
                for (number, file) in files.iter().enumerate().step_by(step) {
                    damage(file, &files[(number + 1) % files.len()]);
                }
                same(&format!("{kind}: {what}"));
                // What was lost is there again.
                same(&format!("{kind}: {what}, after it was noticed"));
            }
        }
    }
}

#[test]
fn a_cache_that_is_no_directory_costs_a_note() {
    let place = Place::new(5, 1000);
    let expected = build(&place, "--no-cache");
    place.write("cache", "a file");
    let ran = place.scant("build app.yml -q --cache-dir cache -o tar:out/quiet").end().expect(0);
    assert_eq!(ran.stderr, "");
    assert!(build(&place, "--cache-dir cache") == expected);
    let ran = place.scant("build app.yml --cache-dir cache -o oci:noted").end().expect(0);
    let last = place.shown(ran.stderr.lines().last().expect("a note"));
    let path = format!("[PLACE]/cache/{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(last, format!("note: the cache in `{path}` cannot be written to: not a directory"));
    assert_eq!(fs::read(place.file("cache")).expect("it is ours"), b"a file");
}

#[test]
fn a_file_that_changes_without_looking_changed_is_noticed() {
    let place = Place::new(5, 1000);
    let file = place.file("files/d1/f1");
    let same = |what: &str| {
        let expected = build(&place, "--no-cache");
        assert!(build(&place, "--cache-dir cache") == expected, "{what}");
        expected
    };
    sleep(Duration::from_millis(150));
    let mut before = same("new");
    let mut differs = |what: &str| {
        let now = same(what);
        assert!(now != before, "{what}: the test has changed nothing");
        before = now;
    };
    let modified = || fs::metadata(&file).and_then(|file| file.modified()).expect("it is ours");
    let set_back = |path: &Path, time| {
        let file = fs::File::options().write(true).open(path).expect("it is ours");
        file.set_modified(time).expect("it is ours");
    };
    let time = modified();
    fs::write(&file, [1; 1000]).expect("it is ours");
    set_back(&file, time);
    differs("rewritten, the time set back");
    let other = place.file("other");
    fs::write(&other, [2; 1000]).expect("it is ours");
    set_back(&other, time);
    fs::rename(&other, &file).expect("it is ours");
    differs("another file in its place");
    // Right after a build, again and again: within the tick in which it was read.
    for round in 3..13 {
        fs::write(&file, [round; 1000]).expect("it is ours");
        set_back(&file, time);
        differs("written right after a build");
    }
}
