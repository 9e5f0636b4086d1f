//! Several processes with one store, some of which are killed.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use scant_core::words::Digest;
use scant_io::cache::{Download, Downloads};

use crate::server::{Server, file};
use crate::support::{client, download, files};

/// Half a megabyte of bytes that differ.
fn content() -> Vec<u8> {
    (0..500_000_u32)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
        .take(500_000)
        .collect()
}

fn asked(url: &str) -> Download {
    let content = content();
    Download {
        digest: Some(Digest::of(&content)),
        size: Some(content.len() as u64),
        ..download(url.parse().unwrap())
    }
}

/// What a process does that such a test starts.
#[test]
#[ignore = "is started by the other tests of this module"]
fn loads() {
    let (cache, url) = (std::env::var("CACHE").unwrap(), std::env::var("URL").unwrap());
    Downloads::new(Path::new(&cache)).fetch(&client(), &asked(&url), &|_| {}).unwrap();
}

fn start(cache: &Path, server: &Server) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["processes::loads", "--exact", "--ignored"])
        .env("CACHE", cache)
        .env("URL", server.url("/a").to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// A server that takes about a tenth of a second for it all.
fn slow() -> Server {
    let content = content();
    let act = move |head: &str, _: usize| file(head, &content, "\"1\"");
    Server::start("http", Arc::new(act), Slow)
}

struct Slow(TcpStream);

impl std::io::Read for Slow {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer)
    }
}

impl std::io::Write for Slow {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        std::thread::sleep(Duration::from_millis(1));
        self.0.write(&buffer[..buffer.len().min(5_000)])
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

#[test]
fn one_loads_and_the_others_wait_for_it() {
    let (cache, server) = (tempfile::tempdir().unwrap(), slow());
    let children: Vec<_> = (0..4).map(|_| start(cache.path(), &server)).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(server.count(), 1);
    assert_eq!(files(cache.path()), "downloads/lock downloads/sha256/HEX downloads/used/HEX");
}

#[test]
fn a_process_may_be_killed_at_any_moment() {
    let (cache, server) = (tempfile::tempdir().unwrap(), slow());
    let digest = Digest::of(&content());
    let kept = cache.path().join("downloads/sha256").join(digest.hex());
    let mut moment = 7_u64;
    for _ in 0..30 {
        let mut child = start(cache.path(), &server);
        moment = (moment * 31 + 17) % 101;
        std::thread::sleep(Duration::from_millis(moment));
        child.kill().unwrap();
        child.wait().unwrap();
        if kept.exists() {
            assert_eq!(Digest::of(&std::fs::read(&kept).unwrap()), digest);
            std::fs::remove_file(&kept).unwrap();
        }
    }
    assert!(start(cache.path(), &server).wait().unwrap().success());
    assert_eq!(Digest::of(&std::fs::read(&kept).unwrap()), digest);
    assert_eq!(files(cache.path()), "downloads/lock downloads/sha256/HEX downloads/used/HEX");
}
