//! A Docker engine that is not there, or does not do what it should. A thread of the test plays it.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;

use snapbox::str;

use super::needs::skip;
use crate::check::same;
use crate::place::Place;

/// What `build` says when the engine reads up to so many bytes, sends this, and hangs up.
#[track_caller]
fn case(most: usize, answer: &'static [u8], expected: impl snapbox::IntoData) {
    let place = Place::new("").file("app.yaml", "data: [./big:/big]\n");
    let big = fs::File::create(place.path().join("big")).unwrap();
    big.set_len(4 << 20).unwrap();
    let listener = UnixListener::bind(place.path().join("socket")).unwrap();
    let engine = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut all, mut buffer) = (0, vec![0; 1 << 16]);
        let mut end = Vec::new();
        while all < most && !end.ends_with(b"\r\n0\r\n\r\n") {
            let count = stream.read(&mut buffer).unwrap();
            assert!(count > 0, "the upload has no end");
            all += count;
            end.extend_from_slice(&buffer[..count]);
            end.drain(..end.len().saturating_sub(7));
        }
        stream.write_all(answer).unwrap();
    });
    let mut build = place.scant(["build", "-q", "app.yaml", "--compression", "none"]);
    build.args(["-o", "docker-daemon:app:1"]);
    build.env("DOCKER_HOST", format!("unix://{}/socket", place.path().display()));
    let output = build.output().unwrap();
    engine.join().unwrap();
    same(&place.seen(&output), expected);
}

#[test]
fn one_that_hangs_up_at_once() {
    case(
        0,
        b"",
        str![[r#"
exit 4
--- stderr
error: the connection to the Docker engine at `unix://[PLACE]/socket` failed while uploading the image: it closed the connection before it had answered

"#]],
    );
}

#[test]
fn one_that_hangs_up_in_the_middle() {
    case(
        1 << 20,
        b"",
        str![[r#"
exit 4
--- stderr
error: the connection to the Docker engine at `unix://[PLACE]/socket` failed while uploading the image: it closed the connection before it had answered

"#]],
    );
}

#[test]
fn one_that_hangs_up_at_the_end() {
    case(
        usize::MAX,
        b"",
        str![[r#"
exit 4
--- stderr
error: the connection to the Docker engine at `unix://[PLACE]/socket` failed while waiting for its answer: it ended without an answer

"#]],
    );
}

#[test]
fn one_that_refuses_in_the_middle() {
    let answer =
        b"HTTP/1.1 413 Too Large\r\nContent-Length: 24\r\n\r\n{\"message\": \"too large\"}";
    case(
        1 << 20,
        answer,
        str![[r#"
exit 4
--- stderr
error: the Docker engine at `unix://[PLACE]/socket` refused the image: too large (status 413)

"#]],
    );
}

#[test]
fn one_that_answers_with_an_error() {
    let answer = b"HTTP/1.1 500 No\r\nContent-Length: 23\r\n\r\n{\"message\":\"bad layer\"}";
    case(
        usize::MAX,
        answer,
        str![[r#"
exit 4
--- stderr
error: the Docker engine at `unix://[PLACE]/socket` refused the image: bad layer (status 500)

"#]],
    );
}

#[test]
fn one_that_answers_garbage() {
    case(
        usize::MAX,
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        str![[r#"
exit 4
--- stderr
error: what answers at `unix://[PLACE]/socket` is no Docker engine: its answer is not HTTP

"#]],
    );
    case(
        usize::MAX,
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<html",
        str![[r#"
exit 4
--- stderr
error: the connection to the Docker engine at `unix://[PLACE]/socket` failed while reading its answer: expected value at line 1 column 1

"#]],
    );
    case(
        usize::MAX,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        str![[r#"
exit 4
--- stderr
error: the connection to the Docker engine at `unix://[PLACE]/socket` failed while waiting for its answer: it ended without an answer

"#]],
    );
    case(
        usize::MAX,
        b"HTTP/1.1 500 No\r\nContent-Length: 8\r\n\r\n\x1b[31mred",
        str![[r#"
exit 4
--- stderr
error: the Docker engine at `unix://[PLACE]/socket` refused the image: \u{1b}[31mred (status 500)

"#]],
    );
}

#[test]
fn one_that_is_not_there() {
    let place = Place::with_app();
    let seen = |host: &str| {
        let mut build = place.scant(["build", "-q", "app.yaml", "-o", "docker-daemon:app:1"]);
        build.env("DOCKER_HOST", host.replace("HERE", place.path().to_str().unwrap()));
        place.seen(&build.output().unwrap())
    };
    same(
        &seen("unix://HERE/socket"),
        str![[r#"
exit 4
--- stderr
error: no Docker engine at `unix://[PLACE]/socket`: there is no such socket. Is Docker installed and running? Set `DOCKER_HOST` if it listens elsewhere, or write `docker-archive:FILE` and run `docker load -i FILE`

"#]],
    );
    drop(UnixListener::bind(place.path().join("socket")).unwrap());
    same(
        &seen("unix://HERE/socket"),
        str![[r#"
exit 4
--- stderr
error: no Docker engine answers at `unix://[PLACE]/socket`: connection refused. Is it running?

"#]],
    );
    same(
        &seen("unix://HERE/app.yaml"),
        str![[r#"
exit 4
--- stderr
error: no Docker engine answers at `unix://[PLACE]/app.yaml`: connection refused. Is it running?

"#]],
    );
    same(
        &seen("ssh://example.com"),
        str![[r#"
exit 4
--- stderr
error: `ssh://example.com` is not the address of a Docker engine that scant can reach: `unix:///path/to/socket` or `tcp://host:port` was expected

"#]],
    );
}

#[test]
fn one_that_others_may_use() {
    let place = Place::with_app();
    let socket = place.path().join("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let words = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
    let scant = [env!("CARGO_BIN_EXE_scant"), "build", "-q", "app.yaml", "-o", "docker-daemon:a:1"];
    let mut build = place.program("setpriv", words.into_iter().chain(scant));
    build.env("DOCKER_HOST", format!("unix://{}", socket.display()));
    match build.output() {
        Ok(output) if output.status.code() == Some(4) => {
            same(
                &place.seen(&output),
                str![[r#"
exit 4
--- stderr
error: not allowed to talk to the Docker engine at `unix://[PLACE]/socket`: permission denied. Members of the socket's group (usually `docker`) may

"#]],
            );
        }
        _ => skip("scant cannot be run as another user (setpriv, as root)"),
    }
}
