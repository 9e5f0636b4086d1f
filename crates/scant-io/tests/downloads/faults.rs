//! Servers that fail, lie, or never come to an end. Nothing of what they say is kept.

use std::time::Duration;

use scant_io::cache::Download;
use scant_io::net::{Client, Settings, TimeLimits};

use crate::server::{Server, answer, cut, file};
use crate::support::{CONTENT, client, download, fetch, files, settings, shown, store};

#[test]
fn a_connection_that_ends_at_any_byte() {
    let whole = file("", CONTENT, "\"1\"").len();
    for tag in ["\"1\"", "W/\"1\""] {
        let server = Server::new(move |head, number| match number % 2 {
            0 => cut(file(head, CONTENT, tag), number / 2),
            _ => file(head, CONTENT, tag),
        });
        for at in 0..whole {
            let (_cache, downloads) = store();
            let got = shown(&server, fetch(&downloads, &download(server.url("/a"))));
            assert_eq!(got.as_bytes(), CONTENT, "cut at {at}");
            assert_eq!(server.count(), 2 * (at + 1), "cut at {at}");
        }
    }
}

/// What comes of one kind of answer, how often it was asked for, and that nothing is kept.
#[track_caller]
fn case(change: fn(Download) -> Download, reply: fn(usize) -> Vec<u8>, expected: &str) {
    let server = Server::new(move |_, number| reply(number));
    let (cache, downloads) = store();
    let result = fetch(&downloads, &change(download(server.url("/a?key=secret"))));
    let is_kept = result.is_ok();
    assert_eq!(format!("{} {}", server.count(), shown(&server, result)), expected);
    let files = files(cache.path());
    assert_eq!(files.contains("sha256"), is_kept, "{files}");
    assert!(!files.contains("partial"), "{files}");
}

fn same(download: Download) -> Download {
    download
}

fn without_size(download: Download) -> Download {
    Download { size: None, ..download }
}

#[test]
fn servers_that_fail_are_asked_again() {
    let good = "The quick brown fox jumps over the lazy dog.\n";
    fn busy(number: usize) -> Vec<u8> {
        match number {
            0 => answer("429 Too Many Requests", "retry-after: 0\r\n", b""),
            1 => answer("503 Service Unavailable", "", b""),
            _ => answer("200 OK", "", CONTENT),
        }
    }
    case(same, busy, &format!("3 {good}"));
    let broken = |_| answer("500 Internal Server Error", "", b"out of disk");
    case(same, broken, "3 `http://localhost/a` answers 500: out of disk");
    let gone = |_| answer("404 Not Found", "", b"<html>");
    case(same, gone, "1 `http://localhost/a` answers 404");
    let server = Server::new(|_, _| Vec::new());
    let (_cache, downloads) = store();
    assert!(fetch(&downloads, &download(server.url("/a"))).is_err());
    assert_eq!(server.count(), 3);
}

#[test]
fn something_else_than_what_is_expected() {
    let other = |_| answer("200 OK", "", b"The quick brown fox jumps over the lazy cat.\n");
    let expected = "1 `http://localhost/a` is not what it is said to be: expected b47c, found b26f";
    case(same, other, expected);
    let short = |_| answer("200 OK", "", b"short");
    let is_not = "`http://localhost/a` is not what it is said to be:";
    case(same, short, &format!("1 {is_not} expected 45 bytes, found 5"));
    let long = |_| answer("200 OK", "", &[b'x'; 50]);
    case(same, long, &format!("1 {is_not} expected 45 bytes, found 50"));
    // Without a length, the end of the connection is the end.
    let endless = |_| [&b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"[..], &[b'x'; 999]].concat();
    case(same, endless, &format!("1 {is_not} expected 45 bytes, found more"));
    let limited = |download| Download { size: None, limit: 44, ..download };
    let good = |_| answer("200 OK", "", CONTENT);
    let too_large = "1 `http://localhost/a` has more than 44 bytes, which are the most that are \
                     accepted";
    case(limited, good, too_large);
    case(limited, endless, too_large);
    let half = |_| [&b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"[..], &CONTENT[..20]].concat();
    case(same, half, "3 `http://localhost/a`: the connection broke: it ended after 20 of 45 bytes");
    case(
        without_size,
        |_| answer("204 No Content", "", b""),
        "1 `http://localhost/a`: the answer makes no sense: a whole file was asked for, and 204 came",
    );
    let part = |_| answer("206 Partial Content", "content-range: bytes 0-44/99\r\n", CONTENT);
    case(
        without_size,
        part,
        "2 `http://localhost/a`: the answer makes no sense: a whole file was asked for, and 206 came",
    );
}

#[test]
fn bytes_are_taken_as_they_are_sent() {
    let encoded = |_| answer("200 OK", "content-encoding: gzip\r\n", CONTENT);
    case(same, encoded, "1 The quick brown fox jumps over the lazy dog.\n");
    let chunked = |_| {
        let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
        [&head[..], b"14\r\n", &CONTENT[..20], b"\r\n19\r\n", &CONTENT[20..], b"\r\n0\r\n\r\n"]
            .concat()
    };
    case(same, chunked, "1 The quick brown fox jumps over the lazy dog.\n");
    let unfinished = |_| {
        let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
        [&head[..], b"14\r\n", &CONTENT[..20], b"\r\n"].concat()
    };
    let server = Server::new(move |_, _| unfinished(0));
    let (cache, downloads) = store();
    let error =
        fetch(&downloads, &Download { digest: None, size: None, ..download(server.url("/a")) });
    assert!(error.unwrap_err().to_string().contains("the connection broke"));
    assert!(!files(cache.path()).contains("sha256"));
}

#[test]
fn redirects_end() {
    let around = |_| answer("302 Found", "location: /a?key=other\r\n", b"");
    case(same, around, "11 `http://localhost/a` redirects more than 10 times");
    let file = |_| answer("302 Found", "location: file:///etc/passwd\r\n", b"");
    case(
        same,
        file,
        "1 `http://localhost/a` redirects to what is no place: `file:///etc/passwd` is not a URL: only `https://` and `http://` are known",
    );
    let plain = |_| answer("302 Found", "location: http://example.com/\r\n", b"");
    case(same, plain, "1 `http://example.com/` is not encrypted, which was not allowed");
}

#[test]
fn a_server_that_falls_silent_is_given_up() {
    let slow = |limits: TimeLimits, pause: Duration| {
        let server = Server::start(
            "http",
            std::sync::Arc::new(|_: &str, _| answer("200 OK", "", CONTENT)),
            move |stream| Slow { stream, pause },
        );
        let client = Client::new(Settings { time_limits: limits, ..settings() }).unwrap();
        let (_cache, downloads) = store();
        let result = downloads.fetch(&client, &download(server.url("/a")), &|_| {});
        (result.is_ok(), server.count())
    };
    let (short, long) = (Duration::from_millis(50), Duration::from_secs(30));
    let ms = Duration::from_millis;
    // Silence, and bytes that come one by one and never end.
    assert_eq!(slow(TimeLimits { silence: short, answer: long }, ms(1000)), (false, 3));
    assert_eq!(slow(TimeLimits { silence: long, answer: short }, ms(10)), (false, 3));
    assert_eq!(slow(TimeLimits { silence: long, answer: long }, ms(1)), (true, 1));
    assert!(client().settings().time_limits.silence > short);
}

/// A connection that sends one byte after the other.
struct Slow {
    stream: std::net::TcpStream,
    pause: Duration,
}

impl std::io::Read for Slow {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.stream.read(buffer)
    }
}

impl std::io::Write for Slow {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        // The head at once, for it is the body that never ends.
        let head = buffer.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
        if head.is_none() {
            std::thread::sleep(self.pause);
        }
        self.stream.write(&buffer[..head.unwrap_or(1).min(buffer.len())])
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.stream.flush()
    }
}
