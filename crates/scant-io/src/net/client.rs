//! One exchange with a server: a request and its answer. Redirects are not followed, and nothing is
//! tried again.

use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use scant_core::words::Url;
use ureq::http::{self, HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use ureq::tls::TlsConfig;
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, AsSendBody, BodyReader, RequestExt as _, SendBody};

use super::names::Names;
use super::{NetError, Patience, Proxies, Status, SystemRoots, roots};

/// How the network is used.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Never open a socket.
    pub is_offline: bool,
    /// Which servers are reached through which others.
    pub proxies: Proxies,
    /// Where the system keeps the certificates of authorities.
    pub system_roots: SystemRoots,
    /// Files of certificates, PEM, of authorities that are trusted besides those of the system.
    pub certificates: Vec<PathBuf>,
    /// How long is waited for others.
    pub time_limits: TimeLimits,
    /// How often failed exchanges are tried again. None of this module does; those who ask do.
    pub patience: Patience,
}

/// How long is waited for others.
#[derive(Clone, Copy, Debug)]
pub struct TimeLimits {
    /// The longest silence while something is sent or received.
    pub silence: Duration,
    /// The longest time for one answer, from its first byte to its last.
    pub answer: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self { silence: Duration::from_secs(60), answer: Duration::from_secs(60 * 60) }
    }
}

/// Asks servers. Its connections are kept and used again, by all threads.
#[derive(Debug)]
pub struct Client {
    agent: Agent,
    names: Names,
    tls: TlsConfig,
    settings: Settings,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// From whom and what.
    pub url: Url,
    /// Headers. Those that say how long the body is are added.
    pub headers: HeaderMap,
    /// Whether the server must prove who it is.
    pub verify: Verify,
}

/// Whether a server must prove who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verify {
    /// Yes, by a certificate; plain HTTP only on this machine itself.
    #[default]
    Yes,
    /// Plain HTTP is allowed, for what comes is compared with a digest or signature that is known.
    /// Certificates are verified.
    Content,
    /// Plain HTTP is allowed, certificates are believed as they are: only on the user's word.
    No,
}

/// What is sent along.
pub enum Body<'a> {
    /// Nothing.
    None,
    /// These bytes.
    Bytes(&'a [u8]),
    /// So many bytes of a reader.
    Reader(&'a mut (dyn Read + Send), u64),
}

/// An answer whose body is still to be read.
pub struct Response {
    /// Who answered what.
    pub url: Url,
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    body: BodyReader<'static>,
}

impl Request {
    /// A request without headers of its own.
    pub fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), verify: Verify::Yes }
    }

    /// With a header, which replaces one of the same name.
    ///
    /// # Panics
    /// When `name` is not the name of a header in lower case: it is a literal.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        // A value that no header can hold is not sent: the server will say what it lacks.
        if let Ok(mut value) = HeaderValue::from_str(value) {
            value.set_sensitive(name == "authorization");
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }
}

/// The longest time to find a host and connect to it.
const CONNECT: Duration = Duration::from_secs(20);
/// More of an answer that says no is not read.
const MOST_SAID: u64 = 64 << 10;

impl Client {
    /// A client with these settings.
    ///
    /// # Errors
    /// When a file of certificates cannot be used.
    pub fn new(settings: Settings) -> Result<Self, NetError> {
        let tls = TlsConfig::builder()
            .root_certs(match settings.is_offline {
                true => ureq::tls::RootCerts::WebPki,
                false => roots::roots(&settings.system_roots, &settings.certificates)?,
            })
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let TimeLimits { silence, answer } = settings.time_limits;
        let config = Agent::config_builder()
            .tls_config(tls.clone())
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("scant/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(silence * 2))
            .timeout_recv_body(Some(answer))
            .timeout_per_read(Some(silence))
            .timeout_per_write(Some(silence))
            .max_idle_connections_per_host(8);
        let names = Names::default();
        let agent = Agent::with_parts(config.build(), DefaultConnector::default(), names.clone());
        Ok(Self { agent, names, tls, settings })
    }

    /// The settings it was made with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Sends a request and waits for the head of the answer, whatever that says.
    ///
    /// # Errors
    /// When no answer comes, or offline.
    pub fn send(&self, request: &Request, body: Body<'_>) -> Result<Response, NetError> {
        let url = || request.url.clone();
        if self.settings.is_offline {
            return Err(NetError::Offline { url: url() });
        }
        let is_allowed = request.verify != Verify::Yes || request.url.is_loopback();
        if !request.url.is_https() && !is_allowed {
            return Err(NetError::Plain { url: url() });
        }
        match body {
            Body::None => self.exchange(request, (), None),
            Body::Bytes(bytes) => self.exchange(request, bytes, None),
            Body::Reader(mut reader, size) => {
                let mut source = Source { reader: &mut reader, error: None };
                let sent = self.exchange(request, SendBody::from_reader(&mut source), Some(size));
                match source.error {
                    // Why the connection was given up.
                    Some(source) => Err(NetError::Body { url: url(), source }),
                    None => sent,
                }
            }
        }
    }

    fn exchange(
        &self,
        request: &Request,
        body: impl AsSendBody,
        size: Option<u64>,
    ) -> Result<Response, NetError> {
        let failed = |error: ureq::Error| error_of(&request.url, error);
        let mut built = http::Request::builder()
            .method(request.method.clone())
            .uri(request.url.to_string())
            .body(body)
            .map_err(|error| failed(error.into()))?;
        *built.headers_mut() = request.headers.clone();
        if let Some(size) = size {
            built.headers_mut().insert(http::header::CONTENT_LENGTH, size.into());
        }
        let mut config = built.with_agent(&self.agent).configure().proxy(self.proxy(&request.url)?);
        if request.verify == Verify::No {
            config = config.tls_config(self.unverified());
        }
        let answer = config.run().map_err(|error| {
            // The host may be elsewhere by now.
            if let Ok(uri) = request.url.to_string().parse() {
                self.names.forget(&uri);
            }
            failed(error)
        })?;
        let (head, body) = answer.into_parts();
        let body = body.into_with_config().limit(u64::MAX).reader();
        Ok(Response { url: request.url.clone(), status: head.status, headers: head.headers, body })
    }

    fn unverified(&self) -> TlsConfig {
        TlsConfig::builder()
            .root_certs(self.tls.root_certs().clone())
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .disable_verification(true)
            .build()
    }

    fn proxy(&self, url: &Url) -> Result<Option<ureq::Proxy>, NetError> {
        let Some(proxy) = self.settings.proxies.of(url) else { return Ok(None) };
        ureq::Proxy::new(proxy).map(Some).map_err(|error| NetError::Proxy {
            proxy: proxy.rsplit_once('@').map_or(proxy, |(_, host)| host).to_string(),
            why: error.to_string(),
        })
    }
}

/// A reader that remembers why it failed.
struct Source<'a> {
    reader: &'a mut (dyn Read + Send),
    error: Option<io::Error>,
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer).map_err(|error| {
            let kind = error.kind();
            self.error = Some(error);
            kind.into()
        })
    }
}

impl Response {
    /// A header, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// How many bytes the body has, if the server says so.
    pub fn content_length(&self) -> Option<u64> {
        self.header("content-length")?.trim().parse().ok()
    }

    /// Itself, if it says yes.
    ///
    /// # Errors
    /// What the server says otherwise.
    pub fn successful(self) -> Result<Self, NetError> {
        if self.status.is_success() { Ok(self) } else { Err(self.into_error()) }
    }

    /// The error that this answer is.
    pub fn into_error(self) -> NetError {
        let retry_after = self.header("retry-after").and_then(|text| text.trim().parse().ok());
        let (url, status) = (self.url.clone(), self.status.as_u16());
        let mut said = Vec::new();
        // A body that breaks off says as much as it says.
        let _ = self.body.take(MOST_SAID).read_to_end(&mut said);
        NetError::Status(Box::new(Status { url, status, said: summary(&said), retry_after }))
    }

    /// The whole body.
    ///
    /// # Errors
    /// When it breaks off, or is longer than `limit`.
    pub fn read(self, limit: u64) -> Result<Vec<u8>, NetError> {
        let url = self.url.clone();
        let mut bytes = Vec::new();
        self.body.take(limit + 1).read_to_end(&mut bytes).map_err(|error| broken(&url, &error))?;
        if bytes.len() as u64 > limit {
            let why = format!("it has more than {limit} bytes");
            return Err(NetError::Answer { url, why });
        }
        Ok(bytes)
    }

    /// The body, as it comes. Its errors say what is wrong with the connection.
    pub fn into_reader(self) -> impl Read + Send {
        self.body
    }
}

/// What a server says: the messages of a registry, or its first words if they are text.
fn summary(said: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Errors {
        errors: Vec<Message>,
    }
    #[derive(serde::Deserialize)]
    struct Message {
        #[serde(default)]
        code: String,
        #[serde(default)]
        message: String,
    }
    const MOST: usize = 300;
    let text = match serde_json::from_slice::<Errors>(said) {
        Ok(all) => {
            let each = |one: Message| match (&*one.code, &*one.message) {
                (code, "") => code.to_string(),
                ("", message) => message.to_string(),
                (code, message) => format!("{code}: {message}"),
            };
            all.errors.into_iter().map(each).collect::<Vec<_>>().join("; ")
        }
        Err(_) => match std::str::from_utf8(said) {
            Ok(text) if !text.trim_start().starts_with('<') => text.trim().to_string(),
            _ => String::new(),
        },
    };
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.chars().take(MOST).collect()
}

pub(crate) fn broken(url: &Url, error: &io::Error) -> NetError {
    NetError::Broken { url: url.clone(), why: error.to_string() }
}

fn error_of(url: &Url, error: ureq::Error) -> NetError {
    let (url, why) = (url.clone(), error.to_string());
    match error {
        ureq::Error::HostNotFound => {
            NetError::Unreachable { url, why: "there is no such host".into() }
        }
        ureq::Error::ConnectionFailed | ureq::Error::ConnectProxyFailed(_) => {
            NetError::Unreachable { url, why }
        }
        ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
            NetError::Unreachable { url, why }
        }
        ureq::Error::Timeout(_) => NetError::Broken { url, why },
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) | ureq::Error::Pem(_) => {
            NetError::Tls { url, why }
        }
        ureq::Error::Io(error) => match error.kind() {
            io::ErrorKind::ConnectionRefused
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::AddrNotAvailable => NetError::Unreachable { url, why },
            // The system has no kind for it.
            _ if why.contains("failed to lookup address information") => {
                NetError::Unreachable { url, why: "there is no such host".into() }
            }
            io::ErrorKind::InvalidData => NetError::Tls { url, why: error.to_string() },
            _ => NetError::Broken { url, why },
        },
        _ => NetError::Answer { url, why },
    }
}
