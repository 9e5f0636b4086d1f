//! What a registry answers.

use std::io;
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use super::http::{Answer, Exchange, decoded};
use super::{Auth, Fault, State, digest, lock};

/// Answers a request to the registry; whether the connection goes on.
pub(super) fn registry(state: &Arc<Mutex<State>>, exchange: &mut Exchange) -> io::Result<bool> {
    let fault = {
        let mut state = lock(state);
        let at = state.log.len();
        state.log.push(format!("{} {}", exchange.method, exchange.path));
        let fault = state.faults.remove(&at);
        if fault == Some(Fault::Forgotten) {
            state.tokens += 1;
        }
        fault
    };
    match fault {
        Some(Fault::Status(status)) => {
            let echo = exchange.header("authorization").unwrap_or_default().to_string();
            let said = json!({"errors": [{"code": "UNKNOWN", "message": format!("told {echo}")}]});
            exchange.send(&Answer::new(status).body(said.to_string().as_bytes()), false)?;
            return Ok(true);
        }
        Some(Fault::TooMany) => {
            exchange.send(&Answer::new(429).with("retry-after", 3600), false)?;
            return Ok(true);
        }
        Some(Fault::Hangup) => {
            let half = exchange.body(true)?;
            let mut state = lock(state);
            if state.uploads.contains_key(&exchange.path) {
                state.received += half.len() as u64;
            }
            if let Some(upload) = state.uploads.get_mut(&exchange.path) {
                upload.extend(half);
            }
            return exchange.hang_up();
        }
        Some(Fault::Slow) => sleep(Duration::from_millis(50)),
        _ => {}
    }
    let body = exchange.body(false)?;
    let mut answer = answer(&mut lock(state), exchange, body);
    match fault {
        Some(Fault::Silence) => return exchange.hang_up(),
        Some(Fault::Truncated) if !answer.body.is_empty() => {
            exchange.send(&answer, true)?;
            return exchange.hang_up();
        }
        Some(Fault::Flipped) => {
            let middle = answer.body.len() / 2;
            if let Some(byte) = answer.body.get_mut(middle) {
                *byte ^= 1;
            }
        }
        Some(Fault::WrongDigest) => {
            answer.headers.retain(|(name, _)| *name != "docker-content-digest");
            answer.headers.push(("docker-content-digest", digest(b"another")));
        }
        _ => {}
    }
    exchange.send(&answer, false)?;
    Ok(true)
}

/// Answers a request to where blobs are.
pub(super) fn storage(state: &Arc<Mutex<State>>, exchange: &mut Exchange) -> io::Result<bool> {
    let answer = {
        let mut state = lock(state);
        if exchange.header("authorization").is_some() {
            state.strayed += 1;
        }
        let (repository, digest) = exchange.path[1..].rsplit_once('/').unwrap_or_default();
        let key = (repository.to_string(), decoded(digest));
        let blob = state.blobs.get(&key).cloned();
        blob_answer(&mut state, blob, exchange.header("range"))
    };
    exchange.send(&answer, false)?;
    Ok(true)
}

fn answer(state: &mut State, exchange: &Exchange, body: Vec<u8>) -> Answer {
    if exchange.path == "/token" {
        return token(state, exchange, &body);
    }
    if let Some(refused) = refused(state, exchange) {
        return refused;
    }
    let Some(path) = exchange.path.strip_prefix("/v2/") else { return Answer::new(404) };
    if path.is_empty() {
        return Answer::new(200).with("docker-distribution-api-version", "registry/2.0");
    }
    let parts = ["/blobs/uploads/", "/blobs/", "/manifests/", "/referrers/"];
    let found = parts.iter().find_map(|kind| {
        path.split_once(kind).map(|(repository, rest)| (*kind, repository, decoded(rest)))
    });
    match found {
        Some(("/blobs/uploads/", repository, id)) => {
            uploads(state, exchange, repository, &id, body)
        }
        Some(("/blobs/", repository, digest)) => blobs(state, exchange, repository, digest),
        Some(("/manifests/", repository, reference)) => {
            manifests(state, exchange, repository, reference, body)
        }
        Some((_, repository, subject)) => referrers(state, repository, &subject),
        None => Answer::new(404),
    }
}

fn basic(name: &str, password: &str) -> String {
    // The names and passwords of the tests, written out: this needs no encoder.
    match (name, password) {
        ("alice", "opensesame") => "Basic YWxpY2U6b3BlbnNlc2FtZQ==".to_string(),
        _ => panic!("the tests have one name and one password"),
    }
}

fn refused(state: &State, exchange: &Exchange) -> Option<Answer> {
    let (expected, challenge) = match state.manners.auth.as_ref()? {
        Auth::Basic(name, password) => (basic(name, password), "Basic realm=\"a, \\\"b\\\"\""),
        Auth::Bearer(_, _, challenge) => (format!("Bearer token-{}", state.tokens), *challenge),
        Auth::Anonymous => (format!("Bearer token-{}", state.tokens), "Bearer realm=\"REALM\""),
    };
    if exchange.header("authorization") == Some(&expected) {
        return None;
    }
    let realm = format!("http://{}/token", state.host);
    let challenge = challenge.replace("REALM", &realm);
    let said = br#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#;
    Some(Answer::new(401).with("www-authenticate", challenge).body(said))
}

fn token(state: &State, exchange: &Exchange, body: &[u8]) -> Answer {
    let given = json!({ "access_token": format!("token-{}", state.tokens), "expires_in": 60 });
    let given = Answer::new(200).body(given.to_string().as_bytes());
    match &state.manners.auth {
        Some(Auth::Anonymous) => given,
        Some(Auth::Bearer(name, password, _)) => {
            let form = String::from_utf8_lossy(body);
            let has_identity = exchange.method == "POST"
                && form.contains("grant_type=refresh_token")
                && form.contains("refresh_token=identity");
            let is_known = exchange.header("authorization") == Some(&basic(name, password));
            if is_known || has_identity { given } else { Answer::new(401) }
        }
        _ => Answer::new(404),
    }
}

fn blobs(state: &mut State, exchange: &Exchange, repository: &str, name: String) -> Answer {
    let key = (repository.to_string(), name);
    let Some(blob) = state.blobs.get(&key).cloned() else { return Answer::new(404) };
    if exchange.method == "HEAD" {
        return Answer::new(200).body(&blob);
    }
    if state.manners.redirects {
        let place = format!("http://{}/{}/{}", state.storage, key.0, key.1);
        return Answer::new(307).with("location", place);
    }
    blob_answer(state, Some(blob), exchange.header("range"))
}

fn blob_answer(state: &mut State, blob: Option<Vec<u8>>, range: Option<&str>) -> Answer {
    let Some(blob) = blob else { return Answer::new(404) };
    let from = range.and_then(|text| text.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    let answer = match from {
        Some(from) if from < blob.len() => Answer::new(206)
            .with("content-range", format!("bytes {from}-{}/{}", blob.len() - 1, blob.len()))
            .body(&blob[from..]),
        Some(_) => Answer::new(416),
        None => Answer::new(200).body(&blob),
    };
    state.sent += answer.body.len() as u64;
    answer
}

fn manifests(
    state: &mut State,
    exchange: &Exchange,
    repository: &str,
    reference: String,
    body: Vec<u8>,
) -> Answer {
    let key = (repository.to_string(), reference);
    if exchange.method == "PUT" {
        return put_manifest(state, exchange, key, body);
    }
    let Some((kind, bytes)) = state.manifests.get(&key) else { return Answer::new(404) };
    let answer = Answer::new(200).with("content-type", kind).body(bytes);
    answer.with("docker-content-digest", digest(bytes))
}

fn put_manifest(
    state: &mut State,
    exchange: &Exchange,
    (repository, reference): (String, String),
    body: Vec<u8>,
) -> Answer {
    let Ok(value) = serde_json::from_slice::<Value>(&body) else { return Answer::new(400) };
    let of = |value: &Value| value["digest"].as_str().map(str::to_string);
    let list = |name: &str| value[name].as_array().cloned().unwrap_or_default();
    let has_blob = |digest: String| state.blobs.contains_key(&(repository.clone(), digest));
    let is_index = !list("manifests").is_empty();
    let is_tag_of_referrers = reference.starts_with("sha256-");
    let blobs = list("layers").into_iter().chain(Some(value["config"].clone()));
    let has_children = list("manifests").iter().filter_map(of).all(|digest| {
        state.manifests.contains_key(&(repository.clone(), digest)) || is_tag_of_referrers
    });
    let has_blobs = is_index || blobs.filter_map(|blob| of(&blob)).all(has_blob);
    if !has_blobs || !has_children {
        let said = json!({"errors": [{"code": "MANIFEST_BLOB_UNKNOWN"}]});
        return Answer::new(400).body(said.to_string().as_bytes());
    }
    let found = digest(&body);
    let kind = exchange.header("content-type").unwrap_or_default().to_string();
    for reference in [reference, found.clone()] {
        state.manifests.insert((repository.clone(), reference), (kind.clone(), body.clone()));
    }
    let answer = Answer::new(201).with("docker-content-digest", found);
    match of(&value["subject"]).filter(|_| state.manners.has_referrers) {
        Some(subject) => answer.with("oci-subject", subject),
        None => answer,
    }
}

fn referrers(state: &State, repository: &str, subject: &str) -> Answer {
    if !state.manners.has_referrers && !state.manners.has_silent_referrers {
        return Answer::new(404);
    }
    let all = state
        .manifests
        .iter()
        .filter(|((of, reference), _)| of == repository && reference.starts_with("sha256:"));
    let found: Vec<Value> = all
        .filter_map(|((_, digest), (kind, bytes))| {
            let value: Value = serde_json::from_slice(bytes).ok()?;
            (value["subject"]["digest"].as_str() == Some(subject)).then(|| {
                json!({
                    "mediaType": kind, "digest": digest, "size": bytes.len(),
                    "artifactType": value["artifactType"],
                })
            })
        })
        .collect();
    let index = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": found,
    });
    Answer::new(200).body(index.to_string().as_bytes())
}

/// Where an upload goes on: without the server, and with something that must be kept.
fn place(answer: Answer, path: &str) -> Answer {
    answer.with("location", format!("{path}?state=a%2Fb"))
}

fn uploads(
    state: &mut State,
    exchange: &Exchange,
    repository: &str,
    id: &str,
    body: Vec<u8>,
) -> Answer {
    if exchange.method == "POST" && id.is_empty() {
        return begin_upload(state, exchange, repository);
    }
    let path = exchange.path.clone();
    state.received += body.len() as u64;
    let least = state.manners.parts;
    let Some(upload) = state.uploads.get_mut(&path) else { return Answer::new(404) };
    let range = |count: usize| format!("0-{}", count.saturating_sub(1));
    match &*exchange.method {
        "GET" => place(Answer::new(204), &path).with("range", range(upload.len())),
        "PATCH" => {
            let from = exchange.header("content-range").and_then(|text| text.split('-').next());
            if from.is_some_and(|from| from.parse() != Ok(upload.len())) {
                return Answer::new(416);
            }
            upload.extend(body);
            let answer = place(Answer::new(202), &path).with("range", range(upload.len()));
            least.into_iter().fold(answer, |a, least| a.with("oci-chunk-min-length", least))
        }
        "PUT" => {
            if least.is_some_and(|least| body.len() as u64 > least) {
                return Answer::new(413);
            }
            let has_state = exchange.query.get("state").is_some_and(|state| state == "a/b");
            let is_form = exchange.header("content-type") != Some("application/octet-stream");
            if !has_state || is_form {
                return Answer::new(400);
            }
            // What a broken request left is not what this one sends.
            let whole = if body.is_empty() { upload.clone() } else { body };
            let found = digest(&whole);
            if exchange.query.get("digest") != Some(&found) {
                return Answer::new(400);
            }
            state.uploads.remove(&path);
            state.blobs.insert((repository.to_string(), found), whole);
            Answer::new(201)
        }
        _ => Answer::new(405),
    }
}

fn begin_upload(state: &mut State, exchange: &Exchange, repository: &str) -> Answer {
    let mount = exchange.query.get("mount").zip(exchange.query.get("from"));
    if let Some((digest, from)) = mount.filter(|_| !state.manners.refuses_mounts)
        && let Some(blob) = state.blobs.get(&(from.clone(), digest.clone())).cloned()
    {
        state.blobs.insert((repository.to_string(), digest.clone()), blob);
        return Answer::new(201);
    }
    state.next_upload += 1;
    let path = format!("/v2/{repository}/blobs/uploads/{}", state.next_upload);
    state.uploads.insert(path.clone(), Vec::new());
    let answer = place(Answer::new(202), &path);
    let least = state.manners.parts.into_iter();
    least.fold(answer, |answer, least| answer.with("oci-chunk-min-length", least))
}
