//! A server that answers as a test says: any bytes, then the end of the connection.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use scant_core::words::Url;

/// A server on a port of its own. It lives as long as the process.
pub(crate) struct Server {
    pub(crate) port: u16,
    scheme: &'static str,
    asked: Arc<Mutex<Vec<String>>>,
}

/// What it does with a request, and with how many came before.
pub(crate) type Act = dyn Fn(&str, usize) -> Vec<u8> + Send + Sync;

impl Server {
    /// One that answers by a function.
    pub(crate) fn new(act: impl Fn(&str, usize) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::start("http", Arc::new(act), |stream| stream)
    }

    /// One whose connections are wrapped, in TLS for example.
    pub(crate) fn start<S: Read + Write>(
        scheme: &'static str,
        act: Arc<Act>,
        wrap: impl Fn(TcpStream) -> S + Clone + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let notes = asked.clone();
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let (act, notes, wrap) = (act.clone(), notes.clone(), wrap.clone());
                thread::spawn(move || {
                    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
                    serve(&mut wrap(stream), &notes, &*act);
                });
            }
        });
        Self { port, scheme, asked }
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        format!("{}://localhost:{}{path}", self.scheme, self.port).parse().unwrap()
    }

    /// What it was asked, each by its head.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// How often it was asked.
    pub(crate) fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

fn serve(stream: &mut (impl Read + Write), notes: &Mutex<Vec<String>>, act: &Act) {
    let Some(head) = head(stream) else { return };
    let number = {
        let mut notes = notes.lock().unwrap();
        notes.push(head.clone());
        notes.len() - 1
    };
    // A client that has heard enough is gone.
    for part in act(&head, number).chunks(64 << 10) {
        if stream.write_all(part).is_err() {
            return;
        }
    }
    let _ = stream.flush();
}

/// The head of a request; none if the client is gone.
pub(crate) fn head(stream: &mut impl Read) -> Option<String> {
    let (mut bytes, mut byte) = (Vec::new(), [0]);
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes).ok()
}

/// An answer.
pub(crate) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// The value of a header of a request.
pub(crate) fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// A file as servers give it, from where the request says.
pub(crate) fn file(head: &str, content: &[u8], tag: &str) -> Vec<u8> {
    let tagged = format!("etag: {tag}\r\n");
    let from = || header(head, "range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok();
    match from().filter(|_| header(head, "if-range") == Some(tag)) {
        None => answer("200 OK", &tagged, content),
        Some(from) if from >= content.len() => answer("416 Range Not Satisfiable", "", b""),
        Some(from) => {
            let (last, size) = (content.len() - 1, content.len());
            let range = format!("{tagged}content-range: bytes {from}-{last}/{size}\r\n");
            answer("206 Partial Content", &range, &content[from..])
        }
    }
}

/// The start of something.
pub(crate) fn cut(mut bytes: Vec<u8>, at: usize) -> Vec<u8> {
    bytes.truncate(at);
    bytes
}
