//! A server of files for the tests, on the loopback interface. It answers every `GET` by the path
//! and knows nothing else of HTTP; the one of registries is another program.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Files by their paths, and what was asked for.
#[derive(Default)]
struct State {
    files: Mutex<BTreeMap<String, Vec<u8>>>,
    /// The heads of all requests.
    heads: Mutex<Vec<String>>,
    /// What a request must have in its head to be answered.
    demanded: Option<String>,
    has_ended: AtomicBool,
}

/// A running server. It ends with the value.
pub(crate) struct Server {
    port: u16,
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts one that serves everybody.
    pub(crate) fn start() -> Self {
        Self::of(None)
    }

    /// Starts one that serves those whose requests have this header.
    pub(crate) fn demanding(header: &str) -> Self {
        Self::of(Some(header.to_string()))
    }

    fn of(demanded: Option<String>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there are free ports");
        let port = listener.local_addr().expect("it is bound").port();
        let state = Arc::new(State { demanded, ..State::default() });
        let served = state.clone();
        let thread = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if served.has_ended.load(Ordering::SeqCst) {
                    return;
                }
                // Whoever goes away is not answered.
                let _ = served.answer(&stream);
            }
        });
        Self { port, state, thread: Some(thread) }
    }

    /// Serves a file, or another in its place.
    pub(crate) fn put(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        lock(&self.state.files).insert(path.to_string(), bytes.into());
    }

    /// Where a path is.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The heads of the requests until now.
    pub(crate) fn heads(&self) -> Vec<String> {
        lock(&self.state.heads).clone()
    }

    /// Ends it: nobody listens at its port afterwards.
    pub(crate) fn stop(&mut self) {
        self.state.has_ended.store(true, Ordering::SeqCst);
        // The thread waits for a connection.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

impl State {
    fn answer(&self, stream: &TcpStream) -> std::io::Result<()> {
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        let (mut head, mut reader) = (String::new(), BufReader::new(stream));
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head)? == 0 {
                return Ok(());
            }
        }
        let path = head.split(' ').nth(1).unwrap_or_default();
        let found = lock(&self.files).get(path).cloned();
        let is_welcome = self.demanded.as_ref().is_none_or(|header| {
            head.lines()
                .any(|line| line.eq_ignore_ascii_case(header) && line.ends_with(tail(header)))
        });
        lock(&self.heads).push(head.clone());
        let (status, body) = match found {
            _ if !is_welcome => ("401 Unauthorized", Vec::new()),
            Some(body) => ("200 OK", body),
            None => ("404 Not Found", Vec::new()),
        };
        let mut stream = stream;
        let size = body.len();
        write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n")?;
        stream.write_all(&body)
    }
}

/// The value of a header, in which capitals count.
fn tail(header: &str) -> &str {
    header.split_once(": ").map_or(header, |(_, value)| value)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
