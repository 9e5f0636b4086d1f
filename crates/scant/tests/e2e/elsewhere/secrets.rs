//! What proves who asks is sent to the server, and is nowhere else afterwards. Offline runs have no
//! socket.

use std::fs;
use std::path::Path;

use scant_core::words::Digest;
use scant_testkit::DebianArchive;

use super::server::Server;
use crate::run::{Ran, Run, run};
use crate::scant::scant;
use crate::tools::{require, skip};

/// A name and a password of a netrc file, and how they are sent.
const NETRC: (&str, &str, &str) = ("joe", "opensesame", "am9lOm9wZW5zZXNhbWU=");
/// A token of the environment.
const TOKEN: &str = "xyzzy-plugh";

const FILE: &str = "the content of the file\n";

/// A place with a manifest that takes a file of the server, and a file that it does not have.
fn place(server: &Server) -> tempfile::TempDir {
    server.put("/private/file", FILE);
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let digest = Digest::of(FILE.as_bytes()).to_string();
    for (name, path) in [("scant.yaml", "/private/file"), ("gone.yaml", "/private/gone")] {
        let sha256 = match name {
            "scant.yaml" => digest.trim_start_matches("sha256:").to_string(),
            _ => "f".repeat(64),
        };
        let manifest = format!(
            "inputs:\n  FILE: {{backend: http, url: '{}', sha256: {sha256}, name: file}}\n\
             data: [FILE/file:/file]\n",
            server.url(path)
        );
        fs::write(place.path().join(name), manifest).expect("it is ours");
    }
    place
}

/// scant with a cache in the place.
fn scant_in(place: &Path, words: &str) -> Run {
    scant(place, words).env("XDG_CACHE_HOME", place.join("cache")).without_env("CI")
}

/// All that a user can see of a place: what was said, and the bytes of every file.
fn everything(place: &Path, said: &[Ran]) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for Ran { stdout, stderr, .. } in said {
        all.push(("stdout".to_string(), stdout.clone().into_bytes()));
        all.push(("stderr".to_string(), stderr.clone().into_bytes()));
    }
    let mut waiting = vec![place.to_path_buf()];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("it can be listed");
            waiting.extend(entries.map(|entry| entry.expect("it can be listed").path()));
        } else {
            let bytes = fs::read(&path).expect("it can be read");
            all.push((path.display().to_string(), bytes));
        }
    }
    all
}

/// Loads with `credentials`, and looks for each of `secrets` everywhere.
#[track_caller]
fn case(header: &str, credentials: impl Fn(Run) -> Run, secrets: &[&str]) {
    let server = Server::demanding(header);
    let place = place(&server);
    let refused = scant_in(place.path(), "build").end().expect(3);
    assert!(refused.stderr.contains("401"), "{}", refused.stderr);
    let lines = [
        ("lock", 0),
        ("lock --update all --json", 0),
        ("build --json --compression none -o oci:out -o rootfs:root", 0),
        ("build --no-cache --compression none -o tar:files.tar", 0),
        ("plan --json", 0),
        ("why scant.yaml /file --json", 0),
        ("why oci:out /file", 0),
        ("build gone.yaml --json", 3),
        ("plan gone.yaml", 3),
    ];
    let said: Vec<_> = lines
        .into_iter()
        .map(|(line, code)| credentials(scant_in(place.path(), line)).end().expect(code))
        .collect();
    assert!(server.heads().iter().any(|head| head.contains("/private/gone")), "nobody asked");
    let everything = everything(place.path(), &said);
    assert!(everything.iter().any(|(_, bytes)| bytes == FILE.as_bytes()), "nothing was loaded");
    for (name, bytes) in everything {
        for secret in secrets {
            let is_there = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!is_there, "`{secret}` is in {name}: {}", String::from_utf8_lossy(&bytes));
        }
    }
}

#[test]
fn passwords_of_netrc_files_are_nowhere_afterwards() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let file = directory.path().join("netrc");
    let (name, password, sent) = NETRC;
    let text = format!("machine 127.0.0.1 login {name} password {password}\n");
    fs::write(&file, text).expect("it is ours");
    let header = format!("authorization: Basic {sent}");
    case(&header, |run| run.env("NETRC", &file), &[password, sent]);
}

#[test]
fn archives_of_packages_are_asked_with_a_password() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let (name, password, sent) = NETRC;
    let netrc = place.path().join("netrc");
    let text = format!("machine 127.0.0.1 login {name} password {password}\n");
    fs::write(&netrc, text).expect("it is ours");
    let server = Server::demanding(&format!("authorization: Basic {sent}"));
    for (path, bytes) in DebianArchive::default().files() {
        server.put(&format!("/{}", path.trim_start_matches('/')), bytes);
    }
    let input = format!(
        "input:\n  backend: apt\n  packages: [absent]\n  allow-unsigned: true\n  sources: [{{uris: \
         ['{}'], suites: [stable], components: [main]}}]\nplatforms: [linux/amd64]\n",
        server.url("")
    );
    fs::write(place.path().join("scant.yaml"), input).expect("it is ours");
    let refused = scant_in(place.path(), "lock").end().expect(3).stderr;
    assert!(refused.contains("401") && refused.contains("~/.netrc"), "{refused}");
    let believed = scant_in(place.path(), "lock").env("NETRC", &netrc).end().expect(3).stderr;
    assert!(believed.contains("absent") && !believed.contains("401"), "{believed}");
}

#[test]
fn tokens_are_nowhere_afterwards() {
    let header = format!("authorization: Bearer {TOKEN}");
    case(&header, |run| run.env("SCANT_HTTP_TOKEN_127_0_0_1", TOKEN), &[TOKEN]);
}

#[test]
fn offline_there_is_no_socket() {
    require!(STRACE);
    let server = Server::start();
    let place = place(&server);
    let strace = |words: &str| {
        run("strace")
            .directory(place.path())
            .words("-f -qq -e trace=socket,connect,socketpair -o trace")
            .arg(env!("CARGO_BIN_EXE_scant"))
            .words(words)
            .env("XDG_CACHE_HOME", place.path().join("cache"))
            .without_env("CI")
    };
    let trace = || fs::read_to_string(place.path().join("trace")).unwrap_or_default();
    let online = strace("lock").end();
    if !trace().contains("socket(") {
        return skip(&format!("strace traces nothing: {}", online.stderr));
    }
    online.expect(0);
    let lines =
        ["build --locked --offline -q -o oci:out", "plan --offline", "lock --check --offline"];
    for line in lines {
        strace(line).ok();
        assert!(!trace().contains("socket"), "{line}: {}", trace());
    }
    strace("plan gone.yaml --offline").end().expect(3);
    assert!(!trace().contains("socket"), "{}", trace());
}
