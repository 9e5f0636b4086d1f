//! With a cache a layer has the same bytes as without, whatever happened to the files and to the
//! cache since.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use scant_core::formats::manifest;
use scant_core::plan::{self, Request};
use scant_core::rules::View;
use scant_core::words::{Digest, Time};
use scant_io::blobs::Store;
use scant_io::cache::Cache;
use scant_io::inputs::open_inputs;
use scant_io::layer::{self, Options, Slot};

#[path = "cache/builds.rs"]
mod builds;

/// Numbers that look random, the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn bytes(&mut self) -> Vec<u8> {
        let size = [0, 10, 5_000, 300_000, 900_000, 2_500_000][self.below(6) as usize];
        let (word, noise) = (self.below(1 << 30).to_string(), self.below(200));
        (0..size)
            .map(|at| word.as_bytes()[at % word.len()] ^ ((at as u64 / 97 % (noise + 1)) as u8))
            .collect()
    }
}

/// Files, a cache, and a place for blobs.
struct Workshop {
    place: tempfile::TempDir,
}

impl Workshop {
    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// The layer of all files as it would be published: its digests, and those of its bytes.
    fn build(&self, cache: Option<Time>, compression: &str) -> Result<[String; 3], String> {
        let text = "input: {backend: sysroot, path: root}\ndata: [SYSROOT/:/]\n";
        let manifest = manifest::parse(text).map_err(|faults| format!("{faults:?}"))?;
        let platform = "linux/amd64".parse().unwrap();
        let opened = open_inputs(&manifest, self.place.path(), Some(platform)).unwrap();
        let views = opened.inputs.iter().map(|(name, input)| (name.clone(), View::new(input)));
        let views = views.collect();
        let request =
            Request { manifest: &manifest, platform, inputs: &views, base: opened.base.clone() };
        let plan = plan::plan(&request);
        assert!(plan.faults.is_empty(), "{:?}", plan.faults);
        let slot = cache.map(|started| {
            let cache = Arc::new(Cache::new(&self.path("cache"), started));
            Slot { cache, name: "test".into() }
        });
        let build = || {
            let options = Options {
                compression: compression.parse().unwrap(),
                threads: 3,
                mtime: 0,
                progress: &|_| {},
                slot: slot.as_ref(),
            };
            let store = Store::temporary(&self.path("store")).unwrap();
            let layer = layer::write(&plan.tree, &opened.inputs, &store, &options).unwrap();
            let mut bytes = Vec::new();
            layer.blob.open().and_then(|mut blob| blob.read_to_end(&mut bytes)).map(|_| {
                let [diff_id, size] = [layer.diff_id.to_string(), layer.tar_size.to_string()];
                assert_eq!(layer.descriptor.digest, Digest::of(&bytes));
                assert_eq!(layer.descriptor.size, bytes.len() as u64);
                [diff_id, Digest::of(&bytes).to_string(), size]
            })
        };
        build().or_else(|error| {
            // A piece that the record names is gone: the command forgets the layer, and so do we.
            assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{error}");
            let slot = slot.as_ref().ok_or_else(|| error.to_string())?;
            slot.forget(compression.parse().unwrap());
            build().map_err(|error| error.to_string())
        })
    }

    /// One of the things that happen to files and caches.
    fn change(&self, numbers: &mut Numbers) -> String {
        let name = format!("root/d{}/f{}", numbers.below(3), numbers.below(12));
        let file = self.path(&name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let what = numbers.below(40);
        match what {
            0..=10 => fs::write(&file, numbers.bytes()).unwrap(),
            11 | 12 => drop(fs::remove_file(&file)),
            13..=25 => rewrite(&file, |bytes| bytes.iter_mut().for_each(|byte| *byte ^= 1)),
            26..=30 => rewrite(&file, |_| ()),
            31..=36 => {
                // Another file of the same bytes takes its place.
                let (new, bytes) = (self.path("new"), fs::read(&file).unwrap_or_default());
                fs::write(&new, bytes).unwrap();
                fs::rename(&new, &file).unwrap();
            }
            37 => each(&self.path("cache"), numbers, |file| fs::remove_file(file).unwrap()),
            38 => each(&self.path("cache"), numbers, |file| {
                let mut bytes = fs::read(file).unwrap();
                let middle = bytes.len() / 2;
                bytes[middle..].iter_mut().take(1).for_each(|byte| *byte ^= 4);
                fs::write(file, bytes).unwrap();
            }),
            _ => each(&self.path("cache"), numbers, |file| {
                let size = file.metadata().unwrap().len();
                File::options().write(true).open(file).unwrap().set_len(size / 2).unwrap();
            }),
        }
        format!("{what} {name}")
    }
}

/// Changes the bytes of a file and sets its time back.
fn rewrite(file: &Path, change: impl Fn(&mut Vec<u8>)) {
    let Ok(mut bytes) = fs::read(file) else { return };
    let modified = file.metadata().and_then(|metadata| metadata.modified()).unwrap();
    change(&mut bytes);
    fs::write(file, bytes).unwrap();
    File::options().write(true).open(file).unwrap().set_modified(modified).unwrap();
}

/// Does something to a few files below a directory.
fn each(directory: &Path, numbers: &mut Numbers, act: impl Fn(&Path)) {
    let mut waiting = vec![directory.to_path_buf()];
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            match entry.file_type().unwrap().is_dir() {
                true => waiting.push(entry.path()),
                false if numbers.below(4) == 0 => act(&entry.path()),
                false => {}
            }
        }
    }
}

/// A time so much later than now that all files are trusted but those that are written meanwhile.
fn soon() -> Time {
    later(Duration::from_millis(101))
}

#[expect(clippy::disallowed_methods, reason = "the times of files are compared with the clock")]
fn later(by: Duration) -> Time {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let later = now + by;
    Time { seconds: later.as_secs() as i64, nanoseconds: later.subsec_nanos() }
}

#[test]
fn a_cache_never_changes_a_byte() {
    let workshop = Workshop { place: tempfile::tempdir().unwrap() };
    fs::create_dir(workshop.path("root")).unwrap();
    fs::create_dir(workshop.path("store")).unwrap();
    let mut numbers = Numbers(7);
    let mut history = Vec::new();
    for round in 0..120 {
        for _ in 0..numbers.below(3) {
            history.push(workshop.change(&mut numbers));
        }
        // The clock of the file system moves on, so that stamps tell of what comes.
        std::thread::sleep(Duration::from_millis(12));
        let compression = if numbers.below(4) == 0 { "zstd:1" } else { "gzip:1" };
        let expected = workshop.build(None, compression);
        let last = &history[history.len().saturating_sub(6)..];
        for _ in 0..2 {
            let found = workshop.build(Some(soon()), compression);
            assert_eq!(found, expected, "round {round}, {compression}, after {last:?}");
        }
        std::thread::sleep(Duration::from_millis(12));
    }
}

#[test]
fn what_is_unchanged_is_not_compressed_again() {
    let workshop = Workshop { place: tempfile::tempdir().unwrap() };
    fs::create_dir(workshop.path("root")).unwrap();
    fs::create_dir(workshop.path("store")).unwrap();
    for name in ["a", "b", "c"] {
        fs::write(workshop.path("root").join(name), vec![name.as_bytes()[0]; 1_500_000]).unwrap();
    }
    std::thread::sleep(Duration::from_millis(12));
    let first = workshop.build(Some(soon()), "gzip").unwrap();
    let pieces = fs::read_dir(workshop.path("cache")).unwrap().next().unwrap().unwrap().path();
    let pieces = pieces.join("pieces");
    let count = || fs::read_dir(&pieces).unwrap().count();
    let before = count();
    assert_eq!(workshop.build(Some(soon()), "gzip").unwrap(), first);
    assert_eq!(count(), before);
    fs::write(workshop.path("root/c"), vec![b'd'; 1_500_000]).unwrap();
    std::thread::sleep(Duration::from_millis(12));
    let second = workshop.build(Some(soon()), "gzip").unwrap();
    assert_ne!(second, first);
    // A file of 1.5 MB is two pieces, of which the second also ends the archive.
    assert_eq!(count(), before + 2);
}
