//! What is kept, found, and thrown away.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;

use scant_core::words::Digest;
use scant_io::cache::{Downloads, Step, several};
use std::sync::Mutex;

use crate::server::{Server, answer};
use crate::support::{CONTENT, client, download, fetch, files, offline, shown, store};

const KEPT: &str = "downloads/lock downloads/sha256/HEX downloads/used/HEX";

fn good() -> Server {
    Server::new(|_, _| answer("200 OK", "", CONTENT))
}

#[test]
fn what_is_here_is_not_asked_for() {
    let (server, (cache, downloads)) = (good(), store());
    let asked = download(server.url("/a"));
    assert_eq!(downloads.find(&Digest::of(CONTENT), None), None);
    assert_eq!(files(cache.path()), "");
    let first = fetch(&downloads, &asked).unwrap();
    assert!(!first.was_there);
    assert_eq!(files(cache.path()), KEPT);
    for downloads in [&downloads, &Downloads::new(cache.path())] {
        let again = downloads.fetch(&offline(), &asked, &|_| {}).unwrap();
        assert!(again.was_there && again.path == first.path && again.size == first.size);
    }
    assert_eq!(server.count(), 1);
    let path = downloads.find(&first.digest, Some(first.size)).unwrap();
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o7777, 0o444);
    assert_eq!(downloads.find(&first.digest, Some(1)), None);
}

#[test]
fn one_without_a_digest_is_asked_for_each_time_and_tells_it() {
    let (server, (_cache, downloads)) = (good(), store());
    let asked =
        scant_io::cache::Download { digest: None, size: None, ..download(server.url("/a")) };
    for count in 1..3 {
        assert_eq!(fetch(&downloads, &asked).unwrap().digest, Digest::of(CONTENT));
        assert_eq!(server.count(), count);
    }
}

#[test]
fn offline_says_what_is_missing() {
    let (server, (cache, downloads)) = (good(), store());
    let asked = download(server.url("/a?key=secret"));
    let result = downloads.fetch(&offline(), &asked, &|_| {});
    assert_eq!(
        shown(&server, result),
        "`http://localhost/a` (b47c) is not in the cache, and this is an offline run"
    );
    assert_eq!((server.count(), files(cache.path())), (0, String::new()));
}

#[test]
fn a_damaged_file_is_not_there() {
    let (server, (cache, downloads)) = (good(), store());
    let asked = download(server.url("/a"));
    let path = fetch(&downloads, &asked).unwrap().path;
    let damage = |bytes: &[u8]| {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        std::fs::File::create(&path).unwrap().write_all(bytes).unwrap();
    };
    for (count, bytes) in [(2, &b""[..]), (3, b"The quick brown fox jumps over the lazy cat.\n")] {
        damage(bytes);
        // This process has hashed it before, and notices that it was written to.
        assert_eq!(downloads.find(&Digest::of(CONTENT), None), None);
        assert!(!path.exists());
        assert!(fetch(&downloads, &asked).is_ok());
        damage(bytes);
        assert!(fetch(&Downloads::new(cache.path()), &asked).is_ok());
        assert_eq!(server.count(), 2 * count - 1);
    }
}

#[test]
fn a_link_in_place_of_a_file_is_not_followed() {
    let (server, (cache, downloads)) = (good(), store());
    let asked = download(server.url("/a"));
    let path = fetch(&downloads, &asked).unwrap().path;
    let elsewhere = cache.path().join("elsewhere");
    std::fs::rename(&path, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
    assert_eq!(downloads.find(&Digest::of(CONTENT), None), None);
    assert!(!fetch(&downloads, &asked).unwrap().was_there);
    assert!(std::fs::symlink_metadata(&path).unwrap().is_file());
}

#[test]
fn what_is_put_in_is_found() {
    let (cache, downloads) = store();
    let digest = Digest::of(CONTENT);
    for expected in [None, Some(digest), None] {
        let stored = downloads.insert(&mut &CONTENT[..], expected).unwrap();
        assert_eq!((stored.digest, stored.size), (digest, 45));
        assert_eq!(downloads.find(&digest, None), Some(stored.path));
    }
    assert_eq!(files(cache.path()), KEPT);
    let other = downloads.insert(&mut &b"other"[..], Some(digest));
    assert!(other.unwrap_err().to_string().starts_with("expected sha256:b47c"));
    assert_eq!(files(cache.path()), KEPT);
}

#[test]
fn several_are_loaded_at_once_and_all_errors_are_told() {
    let server = Server::new(|head, _| {
        let number = head.split(['/', ' ']).nth(2).unwrap();
        match number.parse::<u32>().unwrap() % 4 {
            3 => answer("404 Not Found", "", b""),
            _ => answer("200 OK", "", number.as_bytes()),
        }
    });
    let asked = |number: u32| scant_io::cache::Download {
        digest: Some(Digest::of(number.to_string().as_bytes())),
        size: None,
        ..download(server.url(&format!("/{number}")))
    };
    let (_cache, downloads) = store();
    let good: Vec<_> = (0..40).filter(|number| number % 4 != 3).map(asked).collect();
    let received = Mutex::new(0);
    let watch = |step: Step<'_>| {
        if let Step::Received(count) = step {
            *received.lock().unwrap() += count;
        }
    };
    let client = client();
    let found = several(&good, |one| downloads.fetch(&client, one, &watch)).unwrap();
    let digests = found.iter().map(|found| Some(found.digest));
    assert!(digests.eq(good.iter().map(|asked| asked.digest)));
    assert_eq!(*received.lock().unwrap(), found.iter().map(|found| found.size).sum::<u64>());
    let all: Vec<_> = (0..12).map(asked).collect();
    let errors = several(&all, |one| downloads.fetch(&client, one, &|_| {})).unwrap_err();
    let texts = errors.into_iter().map(|error| shown(&server, Err(error)));
    let expected = [3, 7, 11].map(|n| format!("`http://localhost/{n}` answers 404"));
    assert!(texts.eq(expected));
}
