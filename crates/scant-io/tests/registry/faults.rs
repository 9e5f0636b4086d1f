//! One thing goes wrong, at every request there is: what is there afterwards is complete, and the next
//! run does what is left and no more.

use std::fs;

use scant_testkit::registry::{Auth, Fault, Manners};

use crate::place::{Place, image, same};

const SIZES: [usize; 2] = [60_000, 50_000];
const BEARER: Auth = Auth::Bearer("alice", "opensesame", r#"Bearer realm="REALM",service="s""#);
const KEY: &str = r#"{"auths": {"HOST": {"auth": "YWxpY2U6b3BlbnNlc2FtZQ=="}}}"#;

fn manners() -> [Manners; 3] {
    let plain = Manners { auth: Some(BEARER), ..Manners::default() };
    [
        Manners { redirects: true, ..plain.clone() },
        Manners { has_referrers: true, ..plain.clone() },
        Manners { parts: Some(4096), ..plain },
    ]
}

/// Requests that a run without faults makes, and one more.
fn count(place: &Place, run: impl Fn(&Place)) -> usize {
    run(place);
    place.registry.take_log().len() + 1
}

#[test]
fn a_push_is_completed_by_the_next_one() {
    let pushed = image(&["linux/amd64"], &SIZES);
    let whole: u64 = pushed.blobs().values().map(scant_io::blobs::Blob::size).sum();
    for manners in manners() {
        let new = |tries| {
            let mut place = Place::new(manners.clone());
            place.tries = tries;
            place.auth(KEY);
            place
        };
        let requests = count(&new(1), |place| {
            place.push(&pushed, "app:1").unwrap();
        });
        for (fault, at) in
            Fault::ALL.iter().flat_map(|fault| (0..requests).map(move |at| (fault, at)))
        {
            // Alternately: who gives up at once leaves most behind.

            let tries = if at % 2 == 0 { 1 } else { 4 };
            let (place, what) = (new(tries), format!("{fault:?} at {at}, {tries} tries"));
            place.registry.fail(at, *fault);
            let first = place.push(&pushed, "app:1");
            let missing = place.registry.missing("app", "1");
            assert_eq!(missing, Vec::<String>::new(), "{what}");
            let said = first.as_ref().err().map(ToString::to_string).unwrap_or_default();
            let shown = format!("{said} {first:?}");
            assert!(!shown.contains("opensesame") && !shown.contains("YWxpY2U6"), "{shown}");
            assert!(!shown.contains("token-"), "{shown}");
            place.registry.take_log();
            let stored = place.registry.stored("app");
            place.push(&pushed, "app:1").unwrap_or_else(|error| panic!("{what}: {error}"));
            let (received, _) = place.registry.moved();
            assert!(received + stored <= whole, "{what}: {received} after {stored}");
            assert!(place.registry.manifest("app", "1").is_some(), "{what}");
            same(&pushed, &place.pull("app:1").unwrap());
            assert_eq!(place.registry.strayed(), 0);
        }
    }
}

#[test]
fn a_pull_is_completed_by_the_next_one() {
    let pushed = image(&["linux/amd64"], &SIZES);
    let whole: u64 = pushed.blobs().values().map(scant_io::blobs::Blob::size).sum();
    for manners in manners() {
        let mut place = Place::new(manners);
        place.auth(KEY);
        place.push(&pushed, "app:1").unwrap();
        let forget = |place: &Place| drop(fs::remove_dir_all(place.file("cache/downloads")));
        place.registry.take_log();
        let requests = count(&place, |place| drop(place.pull("app:1").unwrap()));
        for (fault, at) in
            Fault::ALL.iter().flat_map(|fault| (0..requests).map(move |at| (fault, at)))
        {
            let tries = if at % 2 == 0 { 4 } else { 1 };
            let what = format!("{fault:?} at {at}, {tries} tries");
            forget(&place);
            place.tries = tries;
            place.registry.take_log();
            place.registry.fail(at, *fault);
            if let Ok(pulled) = place.pull("app:1") {
                // Who cannot be asked for provenance has none.
                assert_eq!(pulled.top().bytes, pushed.top().bytes, "{what}");
            }
            for entry in
                fs::read_dir(place.file("cache/downloads/sha256")).into_iter().flatten().flatten()
            {
                let content = fs::read(entry.path()).unwrap();
                let digest = scant_core::words::Digest::of(&content).hex();
                assert_eq!(entry.file_name().to_string_lossy(), digest.to_string(), "{what}");
            }
            place.registry.take_log();
            same(&pushed, &place.pull("app:1").unwrap());
            let (_, sent) = place.registry.moved();
            assert!(sent <= whole, "{what}: {sent} bytes");
            place.registry.take_log();
            place.pull("app:1").unwrap();
            assert_eq!(place.registry.moved(), (0, 0), "{what}");
        }
    }
}

#[test]
fn a_broken_download_goes_on_where_it_was() {
    let pushed = image(&["linux/amd64"], &[100_000]);
    let mut place = Place::new(Manners::default());
    place.push(&pushed, "app:1").unwrap();
    place.registry.take_log();
    place.pull("app:1").unwrap();
    let layer = pushed.platforms[0].layers[0].blob.digest().to_string();
    let is_layer = |line: &String| line.ends_with(&layer);
    let at = place.registry.take_log().iter().position(is_layer).unwrap();
    for tries in [1, 2] {
        fs::remove_dir_all(place.file("cache/downloads")).unwrap();
        place.tries = tries;
        place.registry.fail(at, Fault::Truncated);
        assert_eq!(place.pull("app:1").is_ok(), tries > 1);
        place.registry.take_log();
        same(&pushed, &place.pull("app:1").unwrap());
        let (_, sent) = place.registry.moved();
        assert_eq!(sent, if tries == 1 { 50_000 } else { 0 });
        place.registry.take_log();
    }
    // What another had left is not what it should be: the whole comes again.
    let blobs = place.file("cache/downloads");
    let hex = layer.trim_start_matches("sha256:");
    fs::remove_dir_all(&blobs).unwrap();
    place.tries = 1;
    place.registry.fail(at, Fault::Truncated);
    assert!(place.pull("app:1").is_err());
    let left: Vec<_> = fs::read_dir(blobs.join("partial")).unwrap().flatten().collect();
    assert_eq!(left.len(), 1);
    fs::write(left[0].path().join("content"), vec![b'x'; 5000]).unwrap();
    same(&pushed, &place.pull("app:1").unwrap());
    // And what was complete and is damaged now.
    fs::write(blobs.join("sha256").join(hex), vec![b'x'; 100_000]).unwrap();
    same(&pushed, &place.pull("app:1").unwrap());
}

#[test]
fn a_broken_upload_goes_on_where_it_was() {
    let pushed = image(&["linux/amd64"], &[100_000]);
    let place = Place::new(Manners::default());
    place.push(&pushed, "other:1").unwrap();
    let log = place.registry.take_log();
    let is_upload = |line: &&String| line.starts_with("PUT") && line.contains("uploads");
    let uploads = log.iter().filter(is_upload).count();
    let first = log.iter().position(|line| is_upload(&line)).unwrap();
    let mut has_resumed = false;
    for at in first..first + 2 * uploads {
        place.registry.take_log();
        place.registry.fail(at, Fault::Hangup);
        let to = format!("app{at}");
        place.push(&pushed, &format!("{to}:1")).unwrap();
        assert_eq!(place.registry.missing(&to, "1"), Vec::<String>::new());
        let (received, _) = place.registry.moved();
        assert!(received < 110_000, "{received} bytes");
        has_resumed |= place.registry.take_log().iter().any(|line| line.starts_with("PATCH"));
    }
    assert!(has_resumed);
}
