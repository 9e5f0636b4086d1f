//! What broke off goes on where it ended, if it still is the same.

use scant_io::cache::{Download, Downloads};

use crate::server::{Server, answer, cut, file, header};
use crate::support::{CONTENT, download, fetch, files, shown, store};

/// The ranges that were asked for.
fn ranges(server: &Server) -> Vec<String> {
    let range = |head: &String| header(head, "range").unwrap_or("all").to_string();
    server.asked().iter().map(range).collect()
}

/// Answers of which each but the last ends with so many bytes of the body.
fn broken(bodies: &'static [usize], whole: fn(&str) -> Vec<u8>) -> Server {
    Server::new(move |head, number| {
        let whole = whole(head);
        let start = whole.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        match bodies.get(number) {
            Some(length) => cut(whole, start + length),
            None => whole,
        }
    })
}

#[test]
fn within_one_call() {
    let server = broken(&[10, 5], |head| file(head, CONTENT, "\"1\""));
    for digest in [download(server.url("/a")).digest, None] {
        let (_cache, downloads) = store();
        let asked = Download { digest, ..download(server.url("/a")) };
        assert_eq!(shown(&server, fetch(&downloads, &asked)).as_bytes(), CONTENT);
    }
    assert_eq!(ranges(&server), ["all", "bytes=10-", "bytes=15-", "all"]);
    assert!(server.asked().iter().all(|head| header(head, "accept-encoding") == Some("identity")));
}

#[test]
fn in_the_next_process() {
    let (cache, _) = store();
    let server = broken(&[10, 0, 0, 5, 0, 0], |head| file(head, CONTENT, "\"1\""));
    let asked = download(server.url("/a?key=secret"));
    for _ in 0..2 {
        let error = fetch(&Downloads::new(cache.path()), &asked).unwrap_err();
        assert!(error.to_string().contains("`: the connection broke: "), "{error}");
        assert_eq!(
            files(cache.path()),
            "downloads/partial/HEX/content downloads/partial/HEX/validator"
        );
    }
    assert!(fetch(&Downloads::new(cache.path()), &asked).is_ok());
    let ten = "bytes=10-";
    assert_eq!(ranges(&server), ["all", ten, ten, ten, "bytes=15-", "bytes=15-", "bytes=15-"]);
    assert!(!files(cache.path()).contains("partial"));
}

#[test]
fn not_without_a_digest() {
    let (cache, _) = store();
    let server = broken(&[10, 0, 0], |head| file(head, CONTENT, "\"1\""));
    let asked = Download { digest: None, size: None, ..download(server.url("/a")) };
    assert!(fetch(&Downloads::new(cache.path()), &asked).is_err());
    assert!(fetch(&Downloads::new(cache.path()), &asked).is_ok());
    assert_eq!(ranges(&server), ["all", "bytes=10-", "bytes=10-", "all"]);
}

#[test]
fn from_the_start_where_it_cannot_go_on() {
    let case = |whole: fn(&str) -> Vec<u8>, expected: &[&str]| {
        let (server, (_cache, downloads)) = (broken(&[10], whole), store());
        let got = shown(&server, fetch(&downloads, &download(server.url("/a"))));
        assert_eq!(got.as_bytes(), CONTENT);
        assert_eq!(ranges(&server), expected);
    };
    // Nothing tells whether it is the same.
    case(|_| answer("200 OK", "", CONTENT), &["all", "all"]);
    case(|head| file(head, CONTENT, "W/\"1\""), &["all", "all"]);
    // It does not know of ranges.
    case(|_| answer("200 OK", "etag: \"1\"\r\n", CONTENT), &["all", "bytes=10-"]);
    // It does not want to go on from there.
    let refuses = |head: &str| match header(head, "range") {
        Some(_) => answer("416 Range Not Satisfiable", "", b""),
        None => file(head, CONTENT, "\"1\""),
    };
    case(refuses, &["all", "bytes=10-", "all"]);
    // It goes on elsewhere.
    let elsewhere = |head: &str| match header(head, "range") {
        Some(_) => {
            let range = "content-range: bytes 9-44/45\r\n";
            answer("206 Partial Content", range, &CONTENT[9..])
        }
        None => file(head, CONTENT, "\"1\""),
    };
    case(elsewhere, &["all", "bytes=10-", "all"]);
    // A date is enough where there is a digest.
    let dated = |head: &str| match header(head, "if-range") {
        Some("Sat, 01 Jan 2000 00:00:00 GMT") => {
            let range = "content-range: bytes 10-44/45\r\n";
            answer("206 Partial Content", range, &CONTENT[10..])
        }
        _ => answer("200 OK", "last-modified: Sat, 01 Jan 2000 00:00:00 GMT\r\n", CONTENT),
    };
    case(dated, &["all", "bytes=10-"]);
}

#[test]
fn another_file_than_the_one_that_was_begun() {
    const OLD: &[u8] = b"This was something else before it was replaced";
    // The server says so.
    let told = Server::new(|head, number| match number {
        0 => cut(file(head, OLD, "\"old\""), 110),
        _ => file(head, CONTENT, "\"new\""),
    });
    let (_cache, downloads) = store();
    let asked = Download { size: None, ..download(told.url("/a")) };
    assert_eq!(shown(&told, fetch(&downloads, &asked)).as_bytes(), CONTENT);
    assert_eq!(told.count(), 2);
    // The server does not say so: the digest does.
    let untold = Server::new(|head, number| match number {
        0 => cut(file(head, OLD, "\"same\""), 110),
        _ => file(head, CONTENT, "\"same\""),
    });
    let (_cache, downloads) = store();
    let asked = Download { size: None, ..download(untold.url("/a")) };
    assert_eq!(shown(&untold, fetch(&downloads, &asked)).as_bytes(), CONTENT);
    assert_eq!(untold.count(), 3);
}

#[test]
fn a_partial_file_that_is_damaged() {
    let (cache, _) = store();
    let server = broken(&[20, 0, 0], |head| file(head, CONTENT, "\"1\""));
    let asked = download(server.url("/a"));
    assert!(fetch(&Downloads::new(cache.path()), &asked).is_err());
    let partial = std::fs::read_dir(cache.path().join("downloads/partial")).unwrap();
    let content = partial.map(|entry| entry.unwrap().path().join("content")).next().unwrap();
    std::fs::write(&content, [0; 20]).unwrap();
    assert!(fetch(&Downloads::new(cache.path()), &asked).is_ok());
    // One that has too much.
    let server = broken(&[20, 0, 0], |head| file(head, CONTENT, "\"1\""));
    let asked = download(server.url("/a"));
    let (cache, _) = store();
    assert!(fetch(&Downloads::new(cache.path()), &asked).is_err());
    let partial = std::fs::read_dir(cache.path().join("downloads/partial")).unwrap();
    let content = partial.map(|entry| entry.unwrap().path().join("content")).next().unwrap();
    std::fs::write(&content, [0; 100]).unwrap();
    assert!(fetch(&Downloads::new(cache.path()), &asked).is_ok());
}
