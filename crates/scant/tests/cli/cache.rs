//! `scant cache`.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use snapbox::str;

use crate::check::check;
use crate::place::Place;

const CONTENT: &str = "content\n";
/// The digest of [`CONTENT`].
const HEX: &str = "434728a410a78f56fc1b5899c3593436e61ab0c731e9072d95e96db290205e53";

/// A place with a cache of one build and two downloads, one of which broke off. No size depends on
/// how it is built.
fn cached() -> Place {
    let place = Place::with_app();
    std::fs::create_dir_all(place.path().join("cache/downloads/sha256")).unwrap();
    std::fs::create_dir_all(place.path().join("cache/downloads/partial/b")).unwrap();
    place
        .file(&format!("cache/downloads/sha256/{HEX}"), CONTENT)
        .file("cache/downloads/partial/b/content", "begun")
        .file("cache/downloads/partial/b/validator", "\"1\"")
}

fn build(place: &Place) {
    let built = place.run("build app.yaml -q -o oci:layout --cache-dir cache");
    assert!(built.status.success(), "{}", place.seen(&built));
}

fn download(place: &Place) -> PathBuf {
    place.path().join("cache/downloads/sha256").join(HEX)
}

/// Makes a file so many days older than it is.
fn age(path: PathBuf, days: u64) {
    let time = SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60 + 60);
    let file = std::fs::File::open(path).unwrap();
    file.set_times(std::fs::FileTimes::new().set_modified(time)).unwrap();
}

#[test]
fn an_empty_cache() {
    let place = Place::new("/");
    check(
        &place,
        "cache --cache-dir cache",
        str![[r#"
exit 0
--- stdout
cache: 0 B
layers         0 B  0 files
builds         0 B  0 files
downloads      0 B  0 files

"#]],
    );
    check(
        &place,
        "cache verify --cache-dir cache",
        str![[r#"
exit 0
--- stdout
0 files, all as they should be

"#]],
    );
    check(
        &place,
        "cache prune --all --cache-dir cache",
        str![[r#"
exit 0
--- stdout
0 files removed, 0 B; 0 B left

"#]],
    );
    assert!(!place.path().join("cache").exists());
    check(
        &place,
        "cache",
        str![[r#"
exit 2
--- stderr
error: there is no cache: neither XDG_CACHE_HOME nor HOME is set
hint: `--cache-dir DIR` names one

"#]],
    );
}

#[test]
fn what_there_is_is_shown_by_kind() {
    let place = cached();
    check(
        &place,
        "cache --cache-dir cache",
        str![[r#"
exit 0
--- stdout
cache: 16 B
layers         0 B  0 files
builds         0 B  0 files
downloads     16 B  2 files, all used today

"#]],
    );
    age(download(&place), 3);
    check(
        &place,
        "cache --cache-dir cache",
        str![[r#"
exit 0
--- stdout
cache: 16 B
layers         0 B  0 files
builds         0 B  0 files
downloads     16 B  2 files, the oldest unused for 3 days

"#]],
    );
    std::fs::remove_file(download(&place)).unwrap();
    std::fs::remove_dir_all(place.path().join("cache/downloads/partial")).unwrap();
    check(
        &place,
        "cache --json --cache-dir cache",
        str![[r#"
exit 0
--- stdout
{
  "directory": "cache",
  "kinds": [
    {
      "files": 0,
      "kind": "layers",
      "oldest": null,
      "size": 0
    },
    {
      "files": 0,
      "kind": "builds",
      "oldest": null,
      "size": 0
    },
    {
      "files": 0,
      "kind": "downloads",
      "oldest": null,
      "size": 0
    }
  ],
  "size": 0
}

"#]],
    );
}

#[test]
fn what_is_damaged_is_removed() {
    let place = cached();
    build(&place);
    let good = place.run("cache verify --cache-dir cache");
    assert_eq!(good.status.code(), Some(0), "{}", place.seen(&good));
    let mut damaged = 0;
    let version = std::fs::read_dir(place.path().join("cache")).unwrap();
    for version in version.map(|entry| entry.unwrap().path()) {
        for kind in ["pieces", "layers", "builds", "outputs", "sha256"] {
            let Ok(files) = std::fs::read_dir(version.join(kind)) else { continue };
            for path in files.map(|entry| entry.unwrap().path()) {
                let mut content = std::fs::read(&path).unwrap();
                content.pop();
                std::fs::write(&path, content).unwrap();
                damaged += 1;
            }
        }
    }
    let output = place.run("cache verify --cache-dir cache --json");
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(found["removed"].as_array().unwrap().len(), damaged);
    assert_eq!(found["files"], damaged);
    assert!(damaged >= 3, "{found}");
    let again = place.run("cache verify --cache-dir cache");
    assert_eq!(again.status.code(), Some(0), "{}", place.seen(&again));
    build(&place);
    let place = cached();
    std::fs::write(download(&place), "other").unwrap();
    let seen = place.seen(&place.run("cache verify --cache-dir cache")).replace(HEX, "HEX");
    crate::check::same(
        &seen,
        str![[r#"
exit 1
--- stdout
cache/downloads/sha256/HEX: damaged, and removed
1 file, 1 damaged

"#]],
    );
}

#[test]
fn what_was_not_used_for_long_goes() {
    let place = cached();
    age(download(&place), 31);
    check(
        &place,
        "cache prune --cache-dir cache --older-than 32d",
        str![[r#"
exit 0
--- stdout
0 files removed, 0 B; 16 B left

"#]],
    );
    assert!(download(&place).exists());
    check(
        &place,
        "cache prune --cache-dir cache",
        str![[r#"
exit 0
--- stdout
1 file removed, 8 B; 8 B left

"#]],
    );
    assert!(!download(&place).exists());
}

#[test]
fn the_oldest_goes_first_until_the_rest_fits() {
    let place = cached();
    age(download(&place), 1);
    check(
        &place,
        "cache prune --cache-dir cache --keep-size 16B",
        str![[r#"
exit 0
--- stdout
0 files removed, 0 B; 16 B left

"#]],
    );
    check(
        &place,
        "cache prune --cache-dir cache --keep-size 10B --json",
        str![[r#"
exit 0
--- stdout
{
  "files": 1,
  "in_use": false,
  "left": 8,
  "size": 8
}

"#]],
    );
    assert!(!download(&place).exists());
    assert!(place.path().join("cache/downloads/partial/b/content").exists());
}

#[test]
fn everything_goes_and_the_next_build_is_the_same() {
    let place = cached();
    build(&place);
    let output = place.run("cache prune --all --cache-dir cache");
    let seen = place.seen(&output);
    assert!(seen.ends_with("; 0 B left\n"), "{seen}");
    let shown = place.seen(&place.run("cache --cache-dir cache"));
    assert!(shown.contains("cache: 0 B\n"), "{shown}");
    build(&place);
}

#[test]
fn what_is_in_use_stays() {
    let place = cached();
    let lock = std::fs::File::create(place.path().join("cache/downloads/lock")).unwrap();
    lock.lock_shared().unwrap();
    let partial = std::fs::File::open(place.path().join("cache/downloads/partial/b")).unwrap();
    partial.lock().unwrap();
    check(
        &place,
        "cache prune --all --cache-dir cache",
        str![[r#"
exit 0
--- stdout
0 files removed, 0 B; 16 B left
--- stderr
note: downloads are in use by another scant, and have stayed

"#]],
    );
    drop((lock, partial));
    check(
        &place,
        "cache prune --all --cache-dir cache",
        str![[r#"
exit 0
--- stdout
2 files removed, 16 B; 0 B left

"#]],
    );
}

#[test]
fn sizes_and_times_have_units() {
    let place = Place::new("/");
    check(
        &place,
        "cache prune --keep-size many --cache-dir cache",
        str![[r#"
exit 2
--- stderr
error: invalid value 'many' for '--keep-size <SIZE>': a whole number and a unit: 500MB, 5GB, 2GiB

For more information, try '--help'.

"#]],
    );
    check(
        &place,
        "cache prune --older-than 30 --cache-dir cache",
        str![[r#"
exit 2
--- stderr
error: invalid value '30' for '--older-than <TIME>': a whole number and a unit: 12h, 30d, 2w

For more information, try '--help'.

"#]],
    );
}
