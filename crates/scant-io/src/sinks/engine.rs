//! A Docker engine, reached over its socket by as much of HTTP/1.1 as one upload takes.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use super::SinkError;

/// Why a Docker engine does not take an image.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A value of `DOCKER_HOST` that is not understood.
    #[error(
        "`{host}` is not the address of a Docker engine that scant can reach: \
         `unix:///path/to/socket` or `tcp://host:port` was expected"
    )]
    Host {
        /// What was given.
        host: String,
    },
    /// No socket.
    #[error(
        "no Docker engine at `{host}`: there is no such socket. Is Docker installed and running? \
         Set `DOCKER_HOST` if it listens elsewhere, or write `docker-archive:FILE` and run \
         `docker load -i FILE`"
    )]
    Missing {
        /// The address.
        host: String,
    },
    /// Nobody listens.
    #[error("no Docker engine answers at `{host}`: connection refused. Is it running?")]
    Refused {
        /// The address.
        host: String,
    },
    /// Not allowed.
    #[error(
        "not allowed to talk to the Docker engine at `{host}`: permission denied. Members of the \
         socket's group (usually `docker`) may"
    )]
    Permission {
        /// The address.
        host: String,
    },
    /// The connection ends too early, or any other failure of it.
    #[error("the connection to the Docker engine at `{host}` failed while {doing}: {source}")]
    Connection {
        /// The address.
        host: String,
        /// What was going on.
        doing: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// It neither reads nor says anything.
    #[error(
        "the Docker engine at `{host}` has been silent for {} s while {doing}. Is it stuck? \
         `docker-archive:FILE` writes the image without it",
        patience.as_secs()
    )]
    Silent {
        /// The address.
        host: String,
        /// What was going on.
        doing: &'static str,
        /// How long it was waited for.
        patience: Duration,
    },
    /// Something that is no engine.
    #[error("what answers at `{host}` is no Docker engine: its answer is not HTTP")]
    NoEngine {
        /// The address.
        host: String,
    },
    /// It answers that something is wrong.
    #[error("the Docker engine at `{host}` refused the image: {message}")]
    Answer {
        /// The address.
        host: String,
        /// Its words.
        message: String,
    },
}

/// Uploads an archive to `POST /images/load`. Returns what the engine says it loaded.
/// [Docker Engine API](https://docs.docker.com/reference/api/engine/version/v1.43/#tag/Image/operation/ImageLoad).
pub(super) fn load(
    host: Option<&str>,
    write: &dyn Fn(&mut dyn Write) -> Result<(), SinkError>,
) -> Result<Vec<String>, SinkError> {
    load_within(host, PATIENCE, write)
}

/// [`load`], where the engine may be silent for so long.
pub(super) fn load_within(
    host: Option<&str>,
    patience: Duration,
    write: &dyn Fn(&mut dyn Write) -> Result<(), SinkError>,
) -> Result<Vec<String>, SinkError> {
    let host = host.filter(|host| !host.is_empty()).unwrap_or(DEFAULT_HOST);
    let mut connection = connect(host, patience)?;
    let lost = |doing| move |source| connection_error(host, doing, patience, source);
    let head = format!(
        "POST /images/load?quiet=1 HTTP/1.1\r\nHost: docker\r\nUser-Agent: scant/{}\r\n\
         Content-Type: application/x-tar\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
        env!("CARGO_PKG_VERSION")
    );
    let uploaded = connection
        .write_all(head.as_bytes())
        .map_err(|source| SinkError::Write { path: PathBuf::new(), source })
        .and_then(|()| {
            let mut chunks = Chunks { connection: &mut connection, buffer: Vec::new() };
            write(&mut chunks)?;
            chunks.end().map_err(|source| SinkError::Write { path: PathBuf::new(), source })
        });
    let uploaded = match uploaded {
        Err(SinkError::Write { source, .. }) => Err(source),
        Err(error) => return Err(error),
        Ok(()) => Ok(()),
    };
    // An engine that refuses may answer and hang up before it has read everything.
    let mut answer = Vec::new();
    let is_silent = |error: &io::Error| error.kind() == io::ErrorKind::WouldBlock;
    let read = match &uploaded {
        // It has been waited for long enough.
        Err(error) if is_silent(error) => Ok(0),
        _ => (&mut connection).take(MOST_ANSWER).read_to_end(&mut answer),
    };
    match (uploaded, response(&answer)) {
        (_, Some(response)) => Ok(judge(host, response)?),
        _ if !answer.is_empty() && !answer.starts_with(b"HTTP/1.") => {
            Err(EngineError::NoEngine { host: host.to_string() }.into())
        }
        (Err(source), None) => Err(lost("uploading the image")(source).into()),
        (Ok(()), None) => {
            let early =
                || io::Error::new(io::ErrorKind::UnexpectedEof, "it ended without an answer");
            Err(lost("waiting for its answer")(read.err().unwrap_or_else(early)).into())
        }
    }
}

/// Saves an image of the engine into a file, as `docker save` does. By HTTP/1.0: what is sent then is
/// the archive itself, up to the end of the connection. That it is whole, its readers see.
/// [Docker Engine API](https://docs.docker.com/reference/api/engine/version/v1.43/#tag/Image/operation/ImageGet).
pub(crate) fn save(
    host: Option<&str>,
    name: &str,
    file: &mut std::fs::File,
) -> Result<(), EngineError> {
    let host = host.filter(|host| !host.is_empty()).unwrap_or(DEFAULT_HOST);
    let mut connection = connect(host, PATIENCE)?;
    let doing = "reading the image";
    let lost = |source| connection_error(host, doing, PATIENCE, source);
    let head = format!(
        "GET /images/{name}/get HTTP/1.0\r\nHost: docker\r\nUser-Agent: scant/{}\r\n\r\n",
        env!("CARGO_PKG_VERSION")
    );
    connection.write_all(head.as_bytes()).map_err(lost)?;
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && head.len() < 1 << 16 {
        if connection.read(&mut byte).map_err(lost)? == 0 {
            break;
        }
        head.push(byte[0]);
    }
    let (status, _) =
        response(&head).ok_or_else(|| EngineError::NoEngine { host: host.to_string() })?;
    if status != 200 {
        let mut body = Vec::new();
        // What it says as far as it comes.
        let _ = connection.take(MOST_ANSWER).read_to_end(&mut body);
        return judge(host, (status, body)).map(drop);
    }
    io::copy(&mut connection, file).map(drop).map_err(lost)
}

/// What the engine said, or what is wrong.
pub(crate) fn judge(
    host: &str,
    (status, body): (u16, Vec<u8>),
) -> Result<Vec<String>, EngineError> {
    let refused = |message: &str| EngineError::Answer {
        host: host.to_string(),
        message: message.trim().to_string(),
    };
    if status != 200 {
        let message = serde_json::from_slice::<Value>(&body).ok();
        let message = message.as_ref().and_then(|v| v["message"].as_str().map(ToString::to_string));
        let text = message.unwrap_or_else(|| String::from_utf8_lossy(&body).into_owned());
        return Err(refused(&format!("{text} (status {status})")));
    }
    let mut said = Vec::new();
    for line in serde_json::Deserializer::from_slice(&body).into_iter::<Value>() {
        let line = line.map_err(|error| EngineError::Connection {
            host: host.to_string(),
            doing: "reading its answer",
            source: error.into(),
        })?;
        let error = line["errorDetail"]["message"].as_str().or_else(|| line["error"].as_str());
        if let Some(error) = error {
            return Err(refused(error));
        }
        said.extend(line["stream"].as_str().map(|text| text.trim().to_string()));
    }
    said.retain(|line| !line.is_empty());
    Ok(said)
}

/// Status and body of a complete response; none if it is cut off.
pub(crate) fn response(answer: &[u8]) -> Option<(u16, Vec<u8>)> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let mut body = &answer[end + 4..];
    let status = head.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()?;
    let header = |name: &str| {
        let lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
        let mut named = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.trim())
    };
    if header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        let mut whole = Vec::new();
        loop {
            let line = body.windows(2).position(|window| window == b"\r\n")?;
            let size = std::str::from_utf8(&body[..line]).ok()?.split(';').next()?.trim();
            let size = usize::from_str_radix(size, 16).ok()?;
            body = body.get(line + 2..)?;
            if size == 0 {
                return Some((status, whole));
            }
            whole.extend_from_slice(body.get(..size)?);
            body = body.get(size.checked_add(2)?..)?;
        }
    }
    if let Some(length) = header("content-length") {
        body = body.get(..length.parse().ok()?)?;
    }
    Some((status, body.to_vec()))
}

fn connect(host: &str, patience: Duration) -> Result<Box<dyn Connection>, EngineError> {
    let unknown = || EngineError::Host { host: host.to_string() };
    let connected = match host.split_once("://") {
        Some(("unix", path)) if !path.is_empty() => UnixStream::connect(path).and_then(|stream| {
            stream.set_read_timeout(Some(patience))?;
            stream.set_write_timeout(Some(patience))?;
            Ok(Box::new(stream) as Box<dyn Connection>)
        }),
        Some(("tcp" | "http", address)) if !address.is_empty() => {
            let address = address.trim_end_matches('/');
            let stream = match address.rsplit_once(':') {
                Some((_, port)) if port.parse::<u16>().is_ok() => reach(address, patience),
                _ => reach((address, PLAIN_PORT), patience),
            };
            stream.and_then(|stream| {
                stream.set_read_timeout(Some(patience))?;
                stream.set_write_timeout(Some(patience))?;
                Ok(Box::new(stream) as Box<dyn Connection>)
            })
        }
        _ => return Err(unknown()),
    };
    connected.map_err(|source| connection_error(host, "connecting", patience, source))
}

/// The first of the addresses that a connection can be made to.
fn reach(address: impl ToSocketAddrs, patience: Duration) -> io::Result<TcpStream> {
    let mut failed = io::ErrorKind::AddrNotAvailable.into();
    for address in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, patience.min(CONNECT)) {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

fn connection_error(
    host: &str,
    doing: &'static str,
    patience: Duration,
    source: io::Error,
) -> EngineError {
    let host = host.to_string();
    let kind = source.kind();
    // Which of these it is depends on what was on its way; to a person they are the same.
    let source = match kind {
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => {
            io::Error::new(kind, "it closed the connection before it had answered")
        }
        _ => source,
    };
    match (doing, source.kind()) {
        // What a socket says whose time is over.
        (_, io::ErrorKind::WouldBlock) => EngineError::Silent { host, doing, patience },
        ("connecting", io::ErrorKind::NotFound) => EngineError::Missing { host },
        ("connecting", io::ErrorKind::ConnectionRefused) => EngineError::Refused { host },
        ("connecting", io::ErrorKind::PermissionDenied) => EngineError::Permission { host },
        _ => EngineError::Connection { host, doing, source },
    }
}

/// The socket that Docker uses unless it is told otherwise.
const DEFAULT_HOST: &str = "unix:///var/run/docker.sock";
/// The port of an engine without TLS.
const PLAIN_PORT: u16 = 2375;
/// How long an engine may be silent. Without a word it unpacks a whole image: minutes, for a large one
/// on a slow disk.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// How long a connection over the network may take to be made.
const CONNECT: Duration = Duration::from_secs(30);
/// The most bytes of an answer that are read.
const MOST_ANSWER: u64 = 16 << 20;
/// How much is sent as one chunk.
const CHUNK: usize = 1 << 16;

/// A socket of either kind.
trait Connection: Read + Write {}

impl<T: Read + Write> Connection for T {}

/// A body of unknown length.
/// [RFC 9112, 7.1](https://www.rfc-editor.org/rfc/rfc9112#section-7.1).
struct Chunks<'a> {
    connection: &'a mut dyn Connection,
    buffer: Vec<u8>,
}

impl Chunks<'_> {
    fn send(&mut self) -> io::Result<()> {
        if !self.buffer.is_empty() {
            let head = format!("{:x}\r\n", self.buffer.len());
            self.buffer.extend_from_slice(b"\r\n");
            self.connection.write_all(head.as_bytes())?;
            self.connection.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    fn end(mut self) -> io::Result<()> {
        self.send()?;
        self.connection.write_all(b"0\r\n\r\n")
    }
}

impl Write for Chunks<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}
