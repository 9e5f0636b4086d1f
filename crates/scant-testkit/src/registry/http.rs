//! As much of HTTP/1.1 as clients of registries speak.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;

/// A request, and the way back.
pub(super) struct Exchange {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: BTreeMap<String, String>,
    pub(super) headers: BTreeMap<String, String>,
    length: usize,
    stream: TcpStream,
}

/// An answer.
#[derive(Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn new(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    pub(super) fn body(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }
}

impl Exchange {
    /// The next request of a connection, without its body; none at its end.
    pub(super) fn read(stream: &TcpStream) -> io::Result<Option<Self>> {
        let mut stream = stream.try_clone()?;
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() > 1 << 16 || stream.read(&mut byte)? == 0 {
                return Ok(None);
            }
            // What begins an encrypted connection is no request.
            if head.is_empty() && !byte[0].is_ascii_uppercase() {
                return Ok(None);
            }
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let mut lines = head.lines();
        let mut first = lines.next().unwrap_or_default().split(' ');
        let (method, target) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let pair = |text: &str| {
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            (name.to_string(), decoded(value))
        };
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_string()))
        };
        let headers: BTreeMap<_, _> = lines.filter_map(header).collect();
        let length = headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
        let query = query.split('&').filter(|text| !text.is_empty()).map(pair).collect();
        let (method, path) = (method.to_string(), path.to_string());
        Ok(Some(Self { method, path, query, headers, length, stream }))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The body; a half of it, if that is all that is wanted.
    pub(super) fn body(&mut self, is_half: bool) -> io::Result<Vec<u8>> {
        let mut body = vec![0; if is_half { self.length / 2 } else { self.length }];
        self.length = 0;
        self.stream.read_exact(&mut body)?;
        Ok(body)
    }

    /// Sends the answer; of its body a half, if that is all that is wanted.
    pub(super) fn send(&mut self, answer: &Answer, is_half: bool) -> io::Result<()> {
        // What was not looked at is in the way of the next request.
        self.body(false)?;
        let mut head = format!("HTTP/1.1 {} X\r\n", answer.status);
        for (name, value) in &answer.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("content-length: {}\r\n\r\n", answer.body.len());
        self.stream.write_all(head.as_bytes())?;
        if self.method != "HEAD" {
            let end = if is_half { answer.body.len() / 2 } else { answer.body.len() };
            self.stream.write_all(&answer.body[..end])?;
        }
        self.stream.flush()
    }

    /// Ends the connection.
    pub(super) fn hang_up(&self) -> io::Result<bool> {
        self.stream.shutdown(std::net::Shutdown::Both)?;
        Ok(false)
    }
}

/// `%3A` and the like as what they stand for.
pub(super) fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((&first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let code = code.and_then(|two| u8::from_str_radix(two, 16).ok());
        match (first, code) {
            (b'%', Some(code)) => {
                bytes.push(code);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
