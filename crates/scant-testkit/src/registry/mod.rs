//! A registry for tests, on the loopback interface, in memory. It does what the distribution
//! specification asks of registries, notes what it was asked, and fails as registries do, when and
//! how a test wants.

mod http;
mod serve;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use self::http::Exchange;

/// What a registry is like.
#[derive(Clone, Debug, Default)]
pub struct Manners {
    /// Who may ask; nobody is asked if there is none.
    pub auth: Option<Auth>,
    /// Whether it lists referrers, and says so.
    pub has_referrers: bool,
    /// Whether it lists referrers, and does not say so.
    pub has_silent_referrers: bool,
    /// Whether blobs are at another port, where credentials have no business.
    pub redirects: bool,
    /// The least size of a part (`OCI-Chunk-Min-Length`); blobs as a whole are refused then.
    pub parts: Option<u64>,
    /// Whether it does not mount blobs.
    pub refuses_mounts: bool,
}

/// How a registry asks who asks.
#[derive(Clone, Debug)]
pub enum Auth {
    /// By a name and a password.
    Basic(&'static str, &'static str),
    /// By a token that `/token` gives out for a name and a password, or for the identity token
    /// `identity`; what is said of that is the challenge, with `REALM` for the URL of it.
    Bearer(&'static str, &'static str, &'static str),
    /// By a token that anybody gets.
    Anonymous,
}

/// How one request goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This status, and nothing else is done.
    Status(u16),
    /// Status 429, with a wish to wait for longer than anybody would.
    TooMany,
    /// The connection ends before there is an answer; what was asked for is done.
    Silence,
    /// The connection ends in the middle of the body that is sent; a half is kept.
    Hangup,
    /// The connection ends in the middle of the answer's body.
    Truncated,
    /// A bit of the answer's body is another.
    Flipped,
    /// The answer names another digest.
    WrongDigest,
    /// The answer takes its time.
    Slow,
    /// Who asks must say again who that is.
    Forgotten,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Status(500),
        Self::Status(503),
        Self::Status(404),
        Self::TooMany,
        Self::Silence,
        Self::Hangup,
        Self::Truncated,
        Self::Flipped,
        Self::WrongDigest,
        Self::Slow,
        Self::Forgotten,
    ];
}

/// A registry that runs as long as the test.
pub struct FakeRegistry {
    /// `127.0.0.1:PORT`.
    pub host: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    manners: Manners,
    host: String,
    storage: String,
    blobs: BTreeMap<(String, String), Vec<u8>>,
    manifests: BTreeMap<(String, String), (String, Vec<u8>)>,
    uploads: BTreeMap<String, Vec<u8>>,
    next_upload: usize,
    tokens: usize,
    log: Vec<String>,
    faults: BTreeMap<usize, Fault>,
    /// Credentials that came to the storage.
    strayed: usize,
    /// Bytes of blobs that were received and sent.
    received: u64,
    sent: u64,
}

impl FakeRegistry {
    /// Starts one.
    ///
    /// # Panics
    /// When there is no port left.
    pub fn new(manners: Manners) -> Self {
        let bind = || TcpListener::bind("127.0.0.1:0").expect("there are free ports");
        let (listener, storage) = (bind(), bind());
        let address =
            |listener: &TcpListener| listener.local_addr().expect("it is bound").to_string();
        let host = address(&listener);
        let state =
            State { manners, host: host.clone(), storage: address(&storage), ..State::default() };
        let state = Arc::new(Mutex::new(state));
        listen(listener, state.clone(), serve::registry);
        listen(storage, state.clone(), serve::storage);
        Self { host, state }
    }

    /// Lets the request after so many others go wrong, counted from now.
    pub fn fail(&self, after: usize, fault: Fault) {
        let mut state = self.lock();
        let at = state.log.len() + after;
        state.faults.insert(at, fault);
    }

    /// Forgets faults that were not come to, and what was asked. The requests until now.
    pub fn take_log(&self) -> Vec<String> {
        let mut state = self.lock();
        state.faults.clear();
        (state.received, state.sent) = (0, 0);
        std::mem::take(&mut state.log)
    }

    /// Bytes of blobs that came, and that went, since the log was taken.
    pub fn moved(&self) -> (u64, u64) {
        let state = self.lock();
        (state.received, state.sent)
    }

    /// How often credentials came to where they have no business.
    pub fn strayed(&self) -> usize {
        self.lock().strayed
    }

    /// Puts a blob into a repository, and returns its digest.
    pub fn put_blob(&self, repository: &str, bytes: &[u8]) -> String {
        let digest = digest(bytes);
        self.lock().blobs.insert((repository.to_string(), digest.clone()), bytes.to_vec());
        digest
    }

    /// Puts a manifest to its digest and to a tag, and returns the digest.
    pub fn put_manifest(&self, repository: &str, tag: &str, kind: &str, bytes: &[u8]) -> String {
        let digest = digest(bytes);
        let mut state = self.lock();
        for reference in [tag, &digest] {
            let key = (repository.to_string(), reference.to_string());
            state.manifests.insert(key, (kind.to_string(), bytes.to_vec()));
        }
        digest
    }

    /// Takes a blob or manifest out.
    pub fn remove(&self, repository: &str, reference: &str) {
        let key = (repository.to_string(), reference.to_string());
        let mut state = self.lock();
        state.blobs.remove(&key);
        state.manifests.remove(&key);
    }

    /// What is at a tag or digest.
    pub fn manifest(&self, repository: &str, reference: &str) -> Option<Vec<u8>> {
        let key = (repository.to_string(), reference.to_string());
        self.lock().manifests.get(&key).map(|(_, bytes)| bytes.clone())
    }

    /// What is missing of what a tag leads to. A tag that is not there lacks nothing.
    pub fn missing(&self, repository: &str, tag: &str) -> Vec<String> {
        let state = self.lock();
        let (mut missing, mut waiting) = (Vec::new(), vec![tag.to_string()]);
        let mut is_first = true;
        while let Some(reference) = waiting.pop() {
            let key = (repository.to_string(), reference.clone());
            let Some((_, bytes)) = state.manifests.get(&key) else {
                missing.extend(Some(reference).filter(|_| !is_first));
                is_first = false;
                continue;
            };
            is_first = false;
            let Ok(value) = serde_json::from_slice::<serde_json::Value>(bytes) else {
                missing.push(format!("{reference} is no JSON"));
                continue;
            };
            let list = |name: &str| value[name].as_array().cloned().unwrap_or_default();
            let of = |value: &serde_json::Value| value["digest"].as_str().map(str::to_string);
            waiting.extend(list("manifests").iter().filter_map(of));
            let blobs = list("layers").into_iter().chain(Some(value["config"].clone()));
            for blob in blobs.filter_map(|blob| of(&blob)) {
                match state.blobs.get(&(repository.to_string(), blob.clone())) {
                    None => missing.push(blob),
                    Some(bytes) if digest(bytes) != blob => missing.push(format!("{blob} is bad")),
                    Some(_) => {}
                }
            }
        }
        missing
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

type Serve = fn(&Arc<Mutex<State>>, &mut Exchange) -> std::io::Result<bool>;

/// Serves each connection in a thread of its own, request by request.
fn listen(listener: TcpListener, state: Arc<Mutex<State>>, serve: Serve) {
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let state = state.clone();
            thread::spawn(move || {
                let _ = stream.set_read_timeout(Some(Duration::from_secs(30)));
                // A client that goes away ends the connection.
                while let Ok(Some(mut exchange)) = Exchange::read(&stream) {
                    if !serve(&state, &mut exchange).unwrap_or(false) {
                        break;
                    }
                }
            });
        }
    });
}

/// `sha256:HEX` of some bytes.
fn digest(bytes: &[u8]) -> String {
    let mut text = "sha256:".to_string();
    for byte in Sha256::digest(bytes) {
        write!(text, "{byte:02x}").expect("a string takes all");
    }
    text
}
