//! `scant build` of what was built before: the same is said, nothing is written.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::process::Output;
use std::time::Duration;

use crate::place::Place;

const LINE: &str = "build app.yaml -o oci:layout -o docker-archive:app.tar --cache-dir cache";

/// The usual place, with a manifest that leads to findings, when its files are old enough to be
/// recognised.
fn place() -> Place {
    let manifest = "input: {backend: sysroot, path: root}\ndata: [SYSROOT/etc/:/etc/]\n";
    let place = Place::new(crate::place::ROOT).file("app.yaml", manifest);
    std::thread::sleep(Duration::from_millis(120));
    place
}

/// Whether a build wrote: an index is always put in its place anew.
fn writes(place: &Place, build: impl FnOnce() -> Output) -> (bool, Output) {
    let number =
        || fs::metadata(place.path().join("layout/index.json")).map(|file| file.ino()).ok();
    let before = number();
    let output = build();
    (number() != before, output)
}

#[test]
fn the_second_build_says_the_same_and_writes_nothing() {
    let place = place();
    let (_, first) = writes(&place, || place.run(LINE));
    assert!(first.status.success() && !first.stderr.is_empty(), "{first:?}");
    assert_eq!(writes(&place, || place.run(LINE)), (false, first));
    // Nor does it matter what of it is wanted.
    let json = format!("{LINE} --json --quiet --threads 3");
    let (is_new, second) = writes(&place, || place.run(&json));
    let (_, all_anew) =
        writes(&place, || place.run(&json.replace("--cache-dir cache", "--no-cache")));
    assert_eq!((is_new, second), (false, all_anew));
    // That one put an archive in the place of the one that is known.
    assert!(writes(&place, || place.run(LINE)).0);
    assert!(!writes(&place, || place.run(LINE)).0);
    // A file of the same size, with its time set back.
    let file = place.path().join("root/etc/app.conf");
    let modified = fs::metadata(&file).unwrap().modified().unwrap();
    fs::write(&file, "listen 81\n").unwrap();
    fs::File::options().write(true).open(&file).unwrap().set_modified(modified).unwrap();
    let (is_new, changed) = writes(&place, || place.run(LINE));
    assert!(is_new);
    assert_eq!(changed, place.run(&LINE.replace("--cache-dir cache", "--no-cache")));
}

#[test]
fn another_build_is_not_the_same() {
    let place = place();
    place.run(LINE);
    let is_other = |case: &str, build: &dyn Fn() -> Output| {
        assert!(writes(&place, build).0, "{case}");
        place.run(LINE);
        assert!(!writes(&place, || place.run(LINE)).0, "after {case}");
    };
    is_other("a name", &|| place.run(&format!("{LINE} -t app:1")));
    is_other("a compression", &|| place.run(&format!("{LINE} --compression zstd")));
    is_other("a platform", &|| place.run(&format!("{LINE} --platform linux/amd64")));
    is_other("an output more", &|| place.run(&format!("{LINE} -o tar:app.rootfs.tar")));
    is_other("no cache", &|| place.run(&LINE.replace("--cache-dir cache", "--no-cache")));
    is_other("a date", &|| {
        let mut scant = place.scant(LINE.split_whitespace());
        scant.env("SOURCE_DATE_EPOCH", "1").output().unwrap()
    });
    is_other("an output that is gone", &|| {
        fs::remove_file(place.path().join("app.tar")).unwrap();
        place.run(LINE)
    });
    let manifest = place.path().join("app.yaml");
    let text = fs::read_to_string(&manifest).unwrap();
    is_other("a manifest", &|| {
        fs::write(&manifest, format!("{text}image: {{labels: {{a: b}}}}\n")).unwrap();
        place.run(LINE)
    });
}

#[test]
fn what_is_wrong_is_told_by_the_second_build_as_well() {
    let place = place();
    assert!(place.run(LINE).status.success());
    // All is there, unchanged: by a link into what is only read.
    let (layout, inside) = (place.path().join("layout"), place.path().join("root/layout"));
    fs::rename(&layout, &inside).unwrap();
    symlink(&inside, &layout).unwrap();
    let second = place.run(LINE);
    assert_eq!(second.status.code(), Some(4), "{second:?}");
    assert_eq!(second, place.run(&LINE.replace("--cache-dir cache", "--no-cache")));
}

#[test]
fn an_output_beside_what_is_taken_does_not_make_each_build_a_new_one() {
    let manifest = "data: [{from: ./, to: /here/, elf: ignore, exclude: [layout, cache]}]\n";
    let place = place().file("app.yaml", manifest);
    std::thread::sleep(Duration::from_millis(120));
    let line = "build app.yaml -o oci:layout --cache-dir cache";
    let builds = || writes(&place, || place.run(line));
    let (is_new, first) = builds();
    assert!(is_new && first.status.success(), "{first:?}");
    // The layout is a name that was not there before. It stays.
    assert_eq!(builds(), (true, first.clone()));
    assert_eq!(builds(), (false, first));
}
