//! A server of files on a port of its own.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A server that lives as long as the process.
#[derive(Clone, Debug)]
pub struct FileServer {
    port: u16,
    files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl FileServer {
    /// A server of these files, by their paths without a slash at the start.
    ///
    /// # Panics
    /// When there is no port for it.
    pub fn new(files: BTreeMap<String, Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
        let port = listener.local_addr().expect("it is bound").port();
        let server = Self { port, files: Arc::new(Mutex::new(files)), asked: Arc::default() };
        let serving = server.clone();
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let serving = serving.clone();
                // Who goes away early is the subject of a test.
                thread::spawn(move || drop(serving.answer(&stream)));
            }
        });
        server
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Replaces a file.
    pub fn put(&self, path: &str, bytes: Vec<u8>) {
        self.files.lock().expect("nothing panics with it").insert(path.into(), bytes);
    }

    /// Removes a file.
    pub fn remove(&self, path: &str) {
        self.files.lock().expect("nothing panics with it").remove(path);
    }

    /// The paths that it was asked for since the last time.
    pub fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().expect("nothing panics with it"))
    }

    fn answer(&self, mut stream: &TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let path = line.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_string();
        let path = path.replace("%25", "%");
        while line.trim_end() != "" {
            line.clear();
            reader.read_line(&mut line)?;
        }
        self.asked.lock().expect("nothing panics with it").push(path.clone());
        let found = self.files.lock().expect("nothing panics with it").get(&path).cloned();
        let status = if found.is_some() { "200 OK" } else { "404 Not Found" };
        let body = found.unwrap_or_default();
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(&body)
    }
}
