//! Builds that are killed at any moment: what they were to make is absent, as it was, or complete.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant, SystemTime};

use super::place::{Place, Random, contents};

/// So often each kind of output is killed.
const TRIES: u64 = 75;

const OUTPUTS: [&str; 4] = ["oci", "oci-archive", "rootfs", "docker-archive"];

/// Two manifests that share most of their files, so that each build takes some of the cache and
/// adds some.
fn place() -> Place {
    let place = Place::new(100, 20_000);
    place.fill("more", 10, 50_000);
    place.write("more.yml", "data:\n  - ./files:/files\n  - ./more:/more\n");
    place
}

fn build(place: &Place, manifest: &str, transport: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scant"));
    command
        .args(["build", manifest, "--quiet", "--force", "--cache-dir", "cache", "-o"])
        .arg(format!("{transport}:out/{transport}/image"))
        .current_dir(place.path())
        .env_remove("SOURCE_DATE_EPOCH")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// What is right: the content of the output of each manifest, made without a cache.
fn expected(place: &Place, transport: &str) -> [BTreeMap<PathBuf, Vec<u8>>; 2] {
    ["app.yml", "more.yml"].map(|manifest| {
        let to = format!("expected-{transport}-{manifest}");
        let words = format!("build {manifest} --no-cache -o {transport}:{to}");
        place.scant(&words).ok();
        contents(&place.file(&to))
    })
}

/// Expects that what is there is nothing, or all of one of them. A layout may hold more blobs.
#[track_caller]
fn check(image: &Path, expected: &[BTreeMap<PathBuf, Vec<u8>>; 2], what: &str) {
    let found = contents(image);
    let holds = |expected: &BTreeMap<PathBuf, Vec<u8>>| {
        let mut files = expected.iter();
        files.all(|(path, bytes)| found.get(path) == Some(bytes))
    };
    if !found.is_empty() {
        assert!(expected.iter().any(holds), "{what}: neither the old one nor the new one");
    }
}

#[test]
fn a_killed_build_leaves_the_old_output_or_the_new_one() {
    let place = place();
    let killed: u64 = scope(|scope| {
        let place = &place;
        let threads = (0..)
            .zip(OUTPUTS)
            .map(|(seed, transport)| scope.spawn(move || kill_often(place, transport, seed)));
        let threads: Vec<_> = threads.collect();
        threads.into_iter().map(|thread| thread.join().expect("its output was right")).sum()
    });
    println!("{killed} of {} builds were killed", 4 * TRIES);
    assert!(killed > 0, "every build was faster than the hand that kills it");
    for transport in OUTPUTS {
        assert_eq!(place.names(&format!("out/{transport}")), ["image"]);
    }
    nothing_stays_in_the_cache(&place);
}

/// Returns how many builds were killed before their end.
fn kill_often(place: &Place, transport: &str, seed: u64) -> u64 {
    let expected = expected(place, transport);
    fs::create_dir_all(place.file(&format!("out/{transport}"))).expect("it is ours");
    let image = place.file(&format!("out/{transport}/image"));
    // Most of them have a cache that is warm: the second build says how long one takes.
    let mut began = Instant::now();
    for manifest in ["app.yml", "more.yml"] {
        began = Instant::now();
        assert!(build(place, manifest, transport).status().expect("it was built").success());
    }
    let longest = began.elapsed().as_micros() as u64;
    let (mut random, mut killed) = (Random::new(seed), 0);
    for number in 0..TRIES {
        let manifest = ["app.yml", "more.yml"][random.below(2) as usize];
        let signal = ["KILL", "INT", "TERM"][random.below(3) as usize];
        let delay = Duration::from_micros(random.below(longest * 3 / 4));
        if random.below(4) == 0 {
            // So that there is something to compress and keep, now and then, also for the others.
            let _ = fs::remove_dir_all(place.file("cache"));
        }
        let mut child = build(place, manifest, transport).spawn().expect("it was built");
        sleep(delay);
        let mut kill = Command::new("kill");
        let kill = kill.args(["-s", signal, &child.id().to_string()]);
        // It is not reaped yet, so the number is still its own.
        assert!(kill.status().expect("kill is there").success());
        let status = child.wait().expect("it is ours");
        let what = format!("{transport}, try {number}: {signal} after {delay:?}: {status}");
        assert!(status.success() || status.code().is_none(), "{what}");
        killed += u64::from(!status.success());
        check(&image, &expected, &what);
    }
    for (manifest, expected) in ["app.yml", "more.yml"].iter().zip(&expected) {
        assert!(build(place, manifest, transport).status().expect("it was built").success());
        let mut found = contents(&image);
        // A layout keeps the blobs of the image whose tag it was.
        found.retain(|path, _| expected.contains_key(path));
        assert!(found == *expected, "{transport} of {manifest} differs");
    }
    killed
}

/// What killed builds left in the cache is gone when it is an hour old and another build adds to it.
fn nothing_stays_in_the_cache(place: &Place) {
    let cache = place.file("cache").join(env!("CARGO_PKG_VERSION"));
    let unfinished = || {
        let kinds = fs::read_dir(&cache).expect("it is there").flatten();
        let files =
            kinds.flat_map(|kind| fs::read_dir(kind.path()).into_iter().flatten().flatten());
        let paths = files.map(|file| file.path()).filter(|path| {
            path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".unfin"))
        });
        paths.collect::<Vec<_>>()
    };
    for kind in ["pieces", "layers", "outputs"] {
        fs::create_dir_all(cache.join(kind)).expect("it is ours");
        fs::write(cache.join(kind).join(".unfinished-by-hand"), "half").expect("it is ours");
    }
    println!("{} unfinished files in the cache", unfinished().len());
    let old = SystemTime::now() - Duration::from_secs(2 * 60 * 60);
    for path in unfinished() {
        fs::File::open(path).and_then(|file| file.set_modified(old)).expect("it is ours");
    }
    assert!(build(place, "app.yml", "oci-archive").status().expect("it was built").success());
    assert_eq!(unfinished(), Vec::<PathBuf>::new());
}
