//! A build that is taken to be done already has left what a build from the beginning makes, and says
//! the same, whatever happened to inputs, outputs and the cache since.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use scant_core::formats::manifest;
use scant_core::formats::oci::RunConfig;
use scant_core::plan::assemble::{self, Recipe};
use scant_core::plan::{self, Request};
use scant_core::rules::View;
use scant_core::words::Platform;
use scant_io::blobs::Store;
use scant_io::cache::{BuildKey, Cache};
use scant_io::image::{Image, PlatformImage};
use scant_io::inputs::{Inputs, Journal, MadeFiles, OpenedInputs, open_inputs_noted};
use scant_io::layer::{self, Options, Slot};
use scant_io::sinks::{self, Existing, Output};
use scant_testkit::listing::Listing;

use super::{Numbers, each, later, rewrite, soon};

const MANIFEST: &str = "
inputs:
  ROOT: {backend: sysroot, path: root}
  MADE: {backend: buildroot, mode: target, path: made}
binaries: [ROOT/usr/bin/app]
data:
  - ROOT/data/:/data/
  - MADE/etc/:/etc/
  - ./beside/file:/beside
";

const ROOT: &str = r##"
/lib64                           -> usr/lib64
/usr/lib64/ld-linux-x86-64.so.2  loader glibc x86_64 dirs=/lib64/,/usr/lib64/ soname=ld-linux-x86-64.so.2
/usr/lib64/libc.so.6             elf x86_64 soname=libc.so.6
/usr/lib64/libz.so.1             elf x86_64 soname=libz.so.1 needed=libc.so.6
/usr/bin/app                     elf x86_64 interp=/lib64/ld-linux-x86-64.so.2 needed=libz.so.1,libc.so.6 runpath=/opt/lib:/usr/local/lib
/opt/other.so                    elf x86_64 soname=libz.so.1 needed=libc.so.6 runpath=/other
/data/a/one                      "one one\n"
/data/a/two                      "two two\n"
/data/a/link                     -> one
/data/b/one                      "three three\n"
/data/b/c/deep                   "deep deep\n"
/var/lib/dpkg/info/app.list      "/usr/bin/app\n/usr/lib64/libz.so.1\n/data/a/one\n"
/var/lib/dpkg/info/data.list     "/data/a/two\n/data/b/one\n"
/lib/apk/db/installed            ""
"##;

struct Project {
    place: tempfile::TempDir,
}

/// What a build says of itself.
type Said = Result<Vec<String>, String>;

impl Project {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        Listing::new(ROOT).write_to(path("root"));
        Listing::new("/etc/motd \"hello\\n\"\n/etc/rc \"start\\n\"\n")
            .write_to(path("made/target"));
        fs::create_dir(path("made/build")).unwrap();
        fs::write(path("made/build/packages-file-list.txt"), "busy,./etc/motd\n").unwrap();
        for directory in ["beside", "store"] {
            fs::create_dir(path(directory)).unwrap();
        }
        fs::write(path("beside/file"), "beside\n").unwrap();
        Self { place }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// Builds to `out`; whether that was done already.
    fn build(&self, out: &str, cache: Option<Arc<Cache>>) -> (bool, Said) {
        let manifest = manifest::parse(MANIFEST).unwrap();
        let key = BuildKey::new(&[out], &[MANIFEST]).unwrap();
        if let Some(cache) = &cache
            && let Some(said) = cache.recall(&key, (&manifest, self.place.path()), 2)
        {
            return (true, Ok(said));
        }
        let platform: Platform = "linux/amd64".parse().unwrap();
        let journal = Journal::default();
        let opened = open_inputs_noted(&manifest, self.place.path(), Some(platform), &journal);
        let OpenedInputs { mut inputs, base } = opened.unwrap();
        let request =
            Request { manifest: &manifest, platform, inputs: &views(&inputs), base: base.clone() };
        let plan = plan::plan(&request);
        let asked = cache.as_ref().and_then(|cache| cache.asked(journal));
        if !plan.faults.is_empty() {
            let faults: Vec<_> = plan.faults.iter().map(|fault| fault.kind.to_string()).collect();
            return (false, Err(faults.join("\n")));
        }
        inputs.insert(
            scant_core::words::InputName::scant(),
            Box::new(MadeFiles::new(plan.made.clone())),
        );
        let slot = cache.clone().map(|cache| Slot { cache, name: "test".into() });
        let options = Options {
            compression: "gzip:1".parse().unwrap(),
            threads: 2,
            mtime: 0,
            progress: &|_| {},
            slot: slot.as_ref(),
        };
        let make = || {
            let store = Store::temporary(&self.path("store")).unwrap();
            let layer = layer::write(&plan.tree, &inputs, &store, &options).unwrap();
            let recipe = Recipe {
                platform,
                layers: &[layer.to_layer("test")],
                config: &RunConfig::default(),
                annotations: &BTreeMap::new(),
                epoch: 0,
            };
            let layers = plan::split(&plan.tree, &manifest);
            let document = plan::document(&plan.tree, platform, &layers).encode();
            let image = PlatformImage::new(assemble::image(&recipe), vec![layer], Some(document));
            Image { platforms: vec![image], index: None, others: Vec::new() }
        };
        let publish = |image: &Image| {
            let to = |kind: &str, name: &str| {
                let reference = format!("{kind}:{}", self.path(&format!("{out}{name}")).display());
                let output = Output {
                    reference: &reference.parse().unwrap(),
                    name: None,
                    mtime: 0,
                    existing: Existing::Refuse,
                    docker_host: None,
                    registries: None,
                    cache: cache.as_deref(),
                };
                sinks::publish(image, &output)
            };
            Ok(vec![to("oci", "")?, to("docker-archive", ".tar")?])
        };
        let published = publish(&make()).or_else(|error: sinks::SinkError| {
            // A piece that the record names is gone.
            let Some(slot) = slot.as_ref().filter(|_| error.is_lost()) else { return Err(error) };
            slot.forget(options.compression);
            publish(&make())
        });
        let published = published.map_err(|error| error.to_string());
        let published = match published {
            Ok(published) => published,
            Err(error) => return (false, Err(error)),
        };
        let findings = plan.findings.iter().map(|finding| finding.text.clone());
        let digests = published.iter().map(|published| published.digest.to_string());
        let said: Vec<String> = findings.chain(digests).collect();
        if let Some(cache) = &cache {
            published.iter().for_each(|published| published.remember(cache));
            if let Some(asked) = asked {
                cache.keep_build(&key, asked, &published, said.clone());
            }
        }
        (false, Ok(said))
    }

    /// What was built, but for what older builds left in the layout.
    fn built(
        &self,
        out: &str,
        expected: &BTreeMap<PathBuf, Vec<u8>>,
    ) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = files(&self.path(out));
        files.retain(|path, _| expected.contains_key(path));
        files.insert("archive".into(), fs::read(self.path(&format!("{out}.tar"))).unwrap());
        files
    }

    /// One of the things that happen. Each may be undone by another one.
    fn change(&self, numbers: &mut Numbers) -> String {
        let file = ["root/data/a/one", "root/data/a/two", "root/data/b/one", "root/data/b/c/deep"]
            [numbers.below(4) as usize];
        let file = &self.path(file);
        let flip = |bytes: &mut Vec<u8>| bytes.iter_mut().take(1).for_each(|byte| *byte ^= 1);
        let what = numbers.below(26);
        match what {
            0 | 1 => rewrite(file, flip),
            2 => rewrite(file, |bytes| bytes.push(b'x')),
            3 | 4 => {
                let mode = if numbers.below(2) == 0 { 0o644 } else { 0o755 };
                let _ = fs::set_permissions(file, fs::Permissions::from_mode(mode));
            }
            5 | 6 => {
                // The text of a link, of the same length.
                let (link, text) = (self.path("root/data/a/link"), ["one", "two"]);
                let _ = fs::remove_file(&link);
                let _ = symlink(text[numbers.below(2) as usize], link);
            }
            7 | 8 => toggle(&self.path("root/data/b/new"), |path| fs::write(path, "new\n")),
            9 => toggle(&self.path("root/data/b/directory"), |path| fs::create_dir(path)),
            10 | 11 => {
                // A directory becomes a link to another one, and back.
                let (here, aside) = (self.path("root/data/b"), self.path("root/data/b-aside"));
                match aside.exists() {
                    true => fs::remove_file(&here).and_then(|()| fs::rename(aside, here)).unwrap(),
                    false => {
                        fs::rename(&here, aside).and_then(|()| symlink("a", here)).unwrap();
                    }
                }
            }
            12 | 13 => {
                let (from, to) = (self.path("root/data/b/c"), self.path("root/data/b/d"));
                let _ = fs::rename(&from, &to).or_else(|_| fs::rename(&to, &from));
            }
            14 | 15 => rewrite(&self.path("root/var/lib/dpkg/info/app.list"), |list| {
                let at = list.iter().position(|byte| *byte == b'/').unwrap();
                list[at] = b'#';
                list.rotate_left(20);
                list.iter_mut().filter(|byte| **byte == b'#').for_each(|byte| *byte = b'/');
            }),
            16 => {
                let info = self.path("root/var/lib/dpkg/info");
                let (from, to) = (info.join("app.list"), info.join("ppa.list"));
                fs::rename(&from, &to).or_else(|_| fs::rename(&to, &from)).unwrap();
                if !from.exists() {
                    // Other rounds change it under its usual name.
                    fs::copy(&to, &from).unwrap();
                }
            }
            17 => rewrite(&self.path("made/build/packages-file-list.txt"), |list| list.swap(0, 1)),
            18 => rewrite(&self.path("beside/file"), flip),
            19 | 20 => {
                // A library that is found before the one that was.
                let directory =
                    self.path(["root/opt/lib", "root/usr/local/lib"][numbers.below(2) as usize]);
                toggle(&directory, |directory| {
                    fs::create_dir_all(directory)?;
                    fs::copy(self.path("root/opt/other.so"), directory.join("libz.so.1")).map(drop)
                });
            }
            21 => each(&self.path("out"), numbers, |file| rewrite(file, flip)),
            22 => each(&self.path("out"), numbers, |file| fs::remove_file(file).unwrap()),
            23 => rewrite(&self.path("out.tar"), flip),
            24 => each(&self.path("cache"), numbers, |file| {
                rewrite(file, |bytes| {
                    let middle = bytes.len() / 2;
                    flip(&mut bytes.split_off(middle));
                })
            }),
            _ => each(&self.path("cache"), numbers, |file| fs::remove_file(file).unwrap()),
        }
        what.to_string()
    }
}

fn views(inputs: &Inputs) -> BTreeMap<scant_core::words::InputName, View<'_>> {
    inputs.iter().map(|(name, input)| (name.clone(), View::new(input))).collect()
}

/// Makes something, or removes it.
fn toggle(path: &Path, make: impl FnOnce(&Path) -> std::io::Result<()>) {
    match path.symlink_metadata() {
        Ok(it) if it.is_dir() => fs::remove_dir_all(path).unwrap(),
        Ok(_) => fs::remove_file(path).unwrap(),
        // What it lies in may have become something else.
        Err(_) => drop(make(path)),
    }
}

/// All files below a directory.
fn files(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![directory.to_path_buf()];
    while let Some(at) = waiting.pop() {
        for entry in fs::read_dir(&at).into_iter().flatten().flatten() {
            match entry.file_type().unwrap().is_dir() {
                true => waiting.push(entry.path()),
                false => {
                    let path = entry.path().strip_prefix(directory).unwrap().to_path_buf();
                    found.insert(path, fs::read(entry.path()).unwrap());
                }
            }
        }
    }
    found
}

#[test]
fn a_build_that_is_done_already_is_what_a_build_makes() {
    let project = Project::new();
    let mut numbers = Numbers(11);
    let (mut history, mut skipped, mut failed) = (Vec::new(), 0, 0);
    for round in 0..120 {
        let changes = numbers.below(3);
        for _ in 0..changes {
            history.push(project.change(&mut numbers));
        }
        // The clock of the file system moves on, so that stamps tell of what comes.
        std::thread::sleep(Duration::from_millis(12));
        let _ = fs::remove_dir_all(project.path("right"));
        let (_, right) = project.build("right", None);
        failed += usize::from(right.is_err());
        for again in 0..2 {
            let cache = Arc::new(Cache::new(&project.path("cache"), soon()));
            let (is_done, mut said) = project.build("out", Some(cache.clone()));
            if said.is_err() && right.is_ok() {
                // A layout that is none any more is not added to.
                fs::remove_dir_all(project.path("out")).unwrap();
                said = project.build("out", Some(cache)).1;
            }
            let last = &history[history.len().saturating_sub(6)..];
            let when = format!("round {round}.{again}, done {is_done}, after {last:?}");
            assert_eq!(said, right, "{when}");
            skipped += usize::from(is_done);
            if right.is_ok() {
                let mut expected = files(&project.path("right"));
                expected.insert("archive".into(), fs::read(project.path("right.tar")).unwrap());
                assert!(project.built("out", &expected) == expected, "{when}");
                assert!(is_done || again == 0, "{when}: nothing has changed, and it is built");
            }
        }
        std::thread::sleep(Duration::from_millis(12));
    }
    // Most second builds, and those of rounds without a change.
    assert!(skipped > 120 && failed < 30, "{skipped} skipped, {failed} failed");
}

#[test]
fn what_was_written_to_just_before_a_build_is_not_believed_by_the_next() {
    let project = Project::new();
    let build = |started| {
        let cache = Arc::new(Cache::new(&project.path("cache"), started));
        project.build("out", Some(cache)).0
    };
    // All files are as new as that.
    let then = later(Duration::ZERO);
    assert_eq!([build(then), build(then)], [false, false]);
    assert_eq!([build(soon()), build(soon())], [false, true]);
}
