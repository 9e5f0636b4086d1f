//! The client against servers of this machine that answer what a test says.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use ureq::http::Method;

use super::*;

/// A server that gives each connection the next answer and notes what it was asked.
struct Server {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn new(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let notes = asked.clone();
        thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                notes.lock().unwrap().push(head(&mut stream));
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        Self { address, asked }
    }

    fn url(&self, path: &str) -> scant_core::words::Url {
        format!("{}{path}", self.address).parse().unwrap()
    }

    /// The headers of all requests that hold `word`.
    fn asked(&self, word: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|head| head.contains(word)).count()
    }
}

fn head(stream: &mut TcpStream) -> String {
    let (mut bytes, mut byte) = (Vec::new(), [0]);
    while !bytes.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes).unwrap()
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

fn client() -> Client {
    Client::new(Settings::default()).unwrap()
}

fn get(url: scant_core::words::Url) -> Request {
    Request::new(Method::GET, url).with("authorization", "Basic c2VjcmV0")
}

#[test]
fn credentials_stay_with_the_server_they_are_for() {
    let storage = Server::new(vec![answer("200 OK", "", "content")]);
    let elsewhere = format!("location: {}/blob?key=secret\r\n", storage.address);
    let registry = Server::new(vec![
        answer("302 Found", "location: /moved\r\n", ""),
        answer("307 Temporary Redirect", &elsewhere, ""),
    ]);
    let got = follow(&client(), &get(registry.url("/here"))).unwrap();
    assert_eq!(got.read(100).unwrap(), b"content");
    assert_eq!(registry.asked("authorization: Basic"), 2);
    assert_eq!(storage.asked("authorization"), 0);
    assert_eq!(storage.asked("GET /blob?key=secret "), 1);
}

#[test]
fn redirects_end() {
    let server = Server::new(vec![answer("302 Found", "location: /\r\n", ""); 20]);
    let error = follow(&client(), &get(server.url("/?key=secret"))).err().unwrap().to_string();
    assert_eq!(error, format!("`{}/` redirects more than 10 times", server.address));
}

#[test]
fn what_fails_for_a_while_is_tried_again() {
    let patience = Patience {
        tries: 3,
        first_wait: std::time::Duration::from_millis(1),
        longest_wait: std::time::Duration::from_millis(2),
    };
    let case = |answers: Vec<String>, expected: &str| {
        let server = Server::new(answers);
        let got = retry(&patience, |_| follow(&client(), &get(server.url("/x")))?.read(100));
        let shown = match got {
            Ok(bytes) => String::from_utf8(bytes).unwrap(),
            Err(error) => error.to_string().replace(&server.address, "SERVER"),
        };
        let tries = server.asked("GET");
        assert_eq!(format!("{tries} {shown}"), expected);
    };
    let good = || answer("200 OK", "", "good");
    let busy = || answer("429 Too Many Requests", "retry-after: 3600\r\n", "");
    let gone = || answer("404 Not Found", "", r#"{"errors":[{"code":"X","message":"y\nz"}]}"#);
    let bad = || answer("502 Bad Gateway", "", "<html>");
    let short = || "HTTP/1.1 200 OK\r\ncontent-length: 9\r\nconnection: close\r\n\r\nx".to_string();
    case(vec![good()], "1 good");
    case(vec![busy(), bad(), good()], "3 good");
    case(vec![short(), good()], "2 good");
    case(vec![bad(), bad(), bad(), good()], "3 `SERVER/x` answers 502");
    case(vec![gone(), good()], "1 `SERVER/x` answers 404: X: y z");
}

#[test]
fn what_is_not_allowed_is_not_asked() {
    let offline = Client::new(Settings { is_offline: true, ..Settings::default() }).unwrap();
    let url = |text: &str| text.parse().unwrap();
    let case = |client: &Client, request: Request, expected: &str| {
        assert_eq!(client.send(&request, Body::None).err().unwrap().to_string(), expected);
    };
    case(
        &offline,
        get(url("https://example.com/x?key=secret")),
        "`https://example.com/x` is not asked for: this is an offline run",
    );
    case(
        &client(),
        get(url("http://example.com/")),
        "`http://example.com/` is not encrypted, which was not allowed",
    );
}

#[test]
fn a_reader_is_sent_with_its_size() {
    let server = Server::new(vec![answer("201 Created", "", "")]);
    let mut body = &b"12345"[..];
    let request = Request::new(Method::PUT, server.url("/x"));
    let done = client().send(&request, Body::Reader(&mut body, 5)).unwrap();
    assert_eq!(done.status.as_u16(), 201);
    assert_eq!(server.asked("content-length: 5"), 1);
}
