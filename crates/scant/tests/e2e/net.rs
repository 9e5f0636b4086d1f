//! The client's side of what images serve: a free port, a DNS query, an HTTP request.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a server may take until it answers, emulated ones included.
const PATIENCE: Duration = Duration::from_secs(60);

/// A port of the loopback interface that nobody listens on.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there are free ports");
    listener.local_addr().expect("it is bound").port()
}

/// Asks until there is an answer; none when patience has run out.
pub(crate) fn wait_for<T>(ask: impl Fn() -> io::Result<T>) -> Option<T> {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if let Ok(answer) = ask() {
            return Some(answer);
        }
        sleep(Duration::from_millis(200));
    }
    None
}

/// The body of a page.
pub(crate) fn get(port: u16, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (_, body) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::InvalidData)?;
    Ok(body.to_string())
}

/// The address of a name, asked of a server on this port (RFC 1035, section 4).
pub(crate) fn resolve(port: u16, name: &str) -> io::Result<Ipv4Addr> {
    // An id, one question, recursion desired; type A, class IN.
    let mut query = vec![0x5c, 0xa7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        query.push(u8::try_from(label.len()).expect("labels are short"));
        query.extend(label.as_bytes());
    }
    query.extend([0, 0, 1, 0, 1]);
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_read_timeout(Some(Duration::from_secs(5)))?;
    socket.connect((Ipv4Addr::LOCALHOST, port))?;
    socket.send(&query)?;
    let mut answer = [0; 512];
    let size = socket.recv(&mut answer)?;
    // One answer, whose last four bytes are the address: more records would come after it.
    let (answer, records) = (&answer[..size], &answer[6..12]);
    if answer[..2] != query[..2] || records != [0, 1, 0, 0, 0, 0] {
        return Err(io::Error::other(format!("not the answer: {answer:?}")));
    }
    let address = answer.last_chunk::<4>().ok_or(io::ErrorKind::InvalidData)?;
    Ok(Ipv4Addr::from(*address))
}
