//! A Docker engine that a thread of the test plays.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;

use super::*;

/// Publishes to an engine that reads the request and sends `answer`; or, if there is none, hangs up
/// after the first bytes. Returns what it was sent, and what came of it.
fn load(answer: Option<&'static str>) -> (Vec<u8>, String) {
    let place = tempfile::tempdir().unwrap();
    let socket = place.path().join("s");
    let listener = UnixListener::bind(&socket).unwrap();
    let engine = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        serve(stream, answer)
    });
    let shown = published(&place.path().join("store"), &format!("unix://{}", socket.display()));
    let shown = shown.replace(&socket.display().to_string(), "SOCKET");
    (engine.join().unwrap(), shown)
}

fn published(store: &Path, host: &str) -> String {
    let store = Store::beside(store).unwrap();
    let reference = "docker-daemon:x:1".parse().unwrap();
    let output = Output {
        reference: &reference,
        name: None,
        mtime: 0,
        existing: Existing::Refuse,
        cache: None,
        docker_host: Some(host),
        registries: None,
    };
    match publish(&image(&store, "/a"), &output) {
        Ok(published) => published.notes.join("; "),
        Err(error) => format!("error: {error}"),
    }
}

fn serve(mut stream: UnixStream, answer: Option<&str>) -> Vec<u8> {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert_eq!(line, "POST /images/load?quiet=1 HTTP/1.1\r\n");
    let Some(answer) = answer else { return Vec::new() };
    while line != "\r\n" {
        line.clear();
        reader.read_line(&mut line).unwrap();
    }
    let mut body = Vec::new();
    loop {
        line.clear();
        reader.read_line(&mut line).unwrap();
        let size = u64::from_str_radix(line.trim(), 16).unwrap();
        (&mut reader).take(size).read_to_end(&mut body).unwrap();
        reader.read_line(&mut line).unwrap();
        if size == 0 {
            break;
        }
    }
    stream.write_all(answer.as_bytes()).unwrap();
    body
}

#[test]
fn an_engine_is_sent_an_archive_that_it_can_load() {
    let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                  20\r\n{\"stream\":\"Loaded image: x:1\\n\"}\r\n0\r\n\r\n";
    let (body, shown) = load(Some(answer));
    assert_eq!(shown, "Loaded image: x:1");
    let place = tempfile::tempdir().unwrap();
    let archive = place.path().join("a.tar");
    fs::write(&archive, body).unwrap();
    let opened = open(&format!("docker-archive:{}:x:1", archive.display())).unwrap();
    assert_eq!(text(&files(&opened).list().unwrap()), LISTING);
}

#[test]
fn what_an_engine_says_is_passed_on() {
    let case = |answer, expected: &str| assert_eq!(load(answer).1, expected);
    case(
        Some(
            "HTTP/1.1 200 OK\r\n\r\n{\"progress\":1}\n\
             {\"errorDetail\":{\"message\":\"no space\"},\"error\":\"no space\"}\n",
        ),
        "error: the Docker engine at `unix://SOCKET` refused the image: no space",
    );
    case(
        Some("HTTP/1.1 500 No\r\nContent-Length: 23\r\n\r\n{\"message\":\"bad layer\"}"),
        "error: the Docker engine at `unix://SOCKET` refused the image: bad layer (status 500)",
    );
    case(
        Some("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1f\r\n{\"str"),
        "error: the connection to the Docker engine at `unix://SOCKET` failed while waiting for \
         its answer: it ended without an answer",
    );
}

#[test]
fn an_engine_that_hangs_up_is_an_error() {
    let (_, shown) = load(None);
    let expected = "error: the connection to the Docker engine at `unix://SOCKET` failed while ";
    assert!(shown.starts_with(expected), "{shown}");
}

#[test]
fn an_engine_that_is_not_there_is_an_error_with_what_to_do() {
    let place = tempfile::tempdir().unwrap();
    let shown = |host: &str| published(&place.path().join("store"), host);
    let socket: PathBuf = place.path().join("s");
    let host = format!("unix://{}", socket.display());
    assert_eq!(
        shown(&host),
        format!(
            "error: no Docker engine at `{host}`: there is no such socket. Is Docker installed \
             and running? Set `DOCKER_HOST` if it listens elsewhere, or write \
             `docker-archive:FILE` and run `docker load -i FILE`"
        )
    );
    drop(UnixListener::bind(&socket).unwrap());
    assert_eq!(
        shown(&host),
        format!("error: no Docker engine answers at `{host}`: connection refused. Is it running?")
    );
    assert_eq!(
        shown("ssh://host"),
        "error: `ssh://host` is not the address of a Docker engine that scant can reach: \
         `unix:///path/to/socket` or `tcp://host:port` was expected"
    );
}

/// What a small upload comes to when the engine may be silent for a moment only.
fn impatient(engine: impl FnOnce(UnixStream) + Send, size: usize) -> String {
    let place = tempfile::tempdir().unwrap();
    let socket = place.path().join("s");
    let listener = UnixListener::bind(&socket).unwrap();
    let host = format!("unix://{}", socket.display());
    let patience = std::time::Duration::from_secs(1);
    let upload = |out: &mut dyn Write| {
        let written = out.write_all(&vec![b'x'; size]).and_then(|()| out.flush());
        written.map_err(|source| SinkError::Write { path: PathBuf::new(), source })
    };
    std::thread::scope(|scope| {
        scope.spawn(|| engine(listener.accept().unwrap().0));
        let error = crate::sinks::engine::load_within(Some(&host), patience, &upload).unwrap_err();
        error.to_string().replace(&host, "HOST")
    })
}

/// Reads until the other end hangs up.
fn drain(stream: &mut UnixStream) {
    // It may hang up in any way.
    let _ = io::copy(stream, &mut io::sink());
}

#[test]
fn an_engine_that_never_answers_is_not_waited_for_for_ever() {
    assert_eq!(
        impatient(|mut stream| drain(&mut stream), 100),
        "the Docker engine at `HOST` has been silent for 1 s while waiting for its answer. Is it \
         stuck? `docker-archive:FILE` writes the image without it"
    );
}

#[test]
fn an_engine_that_reads_nothing_is_not_waited_for_for_ever() {
    let (done, wait) = std::sync::mpsc::channel::<()>();
    let shown = impatient(
        move |stream| {
            // Until the client has given up: longer than its patience twice over.
            let _ = wait.recv_timeout(std::time::Duration::from_secs(4));
            drop(stream);
        },
        8 << 20,
    );
    drop(done);
    assert_eq!(
        shown,
        "the Docker engine at `HOST` has been silent for 1 s while uploading the image. Is it \
         stuck? `docker-archive:FILE` writes the image without it"
    );
}

#[test]
fn what_is_no_engine_is_told() {
    let shown = impatient(
        |mut stream| {
            stream.write_all(b"SSH-2.0-x\r\n").unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            drain(&mut stream);
        },
        100,
    );
    assert_eq!(shown, "what answers at `HOST` is no Docker engine: its answer is not HTTP");
}
