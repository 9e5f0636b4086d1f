//! Servers that prove who they are, directly and through proxies.

use std::io::{Read as _, Write as _, copy};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use scant_io::cache::Downloads;
use scant_io::net::{Client, Proxies, Settings, SystemRoots};

use crate::server::{Server, file, head};
use crate::support::{CONTENT, download, settings, shown, store};

/// A file of the authority that was made for these tests. It has signed one certificate, and its key
/// is gone.
fn certificate(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/downloads/ca").join(name)
}

fn server() -> Server {
    let chain = CertificateDer::pem_file_iter(certificate("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(certificate("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.map(Result::unwrap).collect(), key)
        .unwrap();
    let config = Arc::new(config);
    Server::start("https", Arc::new(|head: &str, _| file(head, CONTENT, "\"1\"")), move |stream| {
        StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream)
    })
}

fn trusting() -> Settings {
    Settings { certificates: vec![certificate("ca.pem")], ..settings() }
}

fn load(settings: Settings, server: &Server, url: &str) -> String {
    let (_cache, downloads) = store();
    let result = Client::new(settings)
        .map(|client| downloads.fetch(&client, &download(url.parse().unwrap()), &|_| {}));
    match result {
        Ok(result) => shown(server, result),
        Err(error) => error.to_string(),
    }
}

#[test]
fn an_authority_is_trusted_when_it_is_named() {
    let server = server();
    let url = server.url("/a").to_string();
    let good = str::from_utf8(CONTENT).unwrap();
    assert_eq!(load(trusting(), &server, &url), good);
    let file = Some(certificate("ca.pem"));
    let system_roots = SystemRoots { file, directory: None };
    assert_eq!(load(Settings { system_roots, ..settings() }, &server, &url), good);
    let unknown = load(settings(), &server, &url);
    assert!(unknown.starts_with("`https://localhost/a`: no encrypted connection: "), "{unknown}");
    // Another name of the certificate.
    assert_eq!(load(trusting(), &server, &url.replace("localhost", "127.0.0.1")), good);
    let certificates = vec![certificate("server.key")];
    let none = load(Settings { certificates, ..settings() }, &server, &url);
    assert!(none.ends_with("there is none: `-----BEGIN CERTIFICATE-----` was expected"), "{none}");
}

/// A proxy that connects to one server, whatever host it is asked for. It notes what it is asked.
fn proxy(to: u16) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
    let notes = Arc::new(Mutex::new(Vec::new()));
    let asked = notes.clone();
    std::thread::spawn(move || {
        while let Ok((mut client, _)) = listener.accept() {
            asked.lock().unwrap().push(head(&mut client).unwrap());
            let server = TcpStream::connect(("127.0.0.1", to)).unwrap();
            client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
            let (mut a, mut b) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || {
                let _ = copy(&mut a, &mut b);
                let _ = b.shutdown(Shutdown::Write);
            });
            let (mut a, mut b) = (client, server);
            std::thread::spawn(move || {
                let _ = copy(&mut b, &mut a);
                let _ = a.shutdown(Shutdown::Both);
            });
        }
    });
    (address, notes)
}

#[test]
fn a_proxy_is_asked_to_connect() {
    let server = server();
    let (address, notes) = proxy(server.port);
    let ask = |proxy: &str, host: &str| {
        let proxies = Proxies { http: None, https: Some(proxy.into()), none: String::new() };
        load(Settings { proxies, ..trusting() }, &server, &format!("https://{host}/a"))
    };
    let through = |proxy: &str| ask(proxy, "files.example.com");
    assert_eq!(through(&format!("http://{address}")).as_bytes(), CONTENT);
    let first = notes.lock().unwrap()[0].to_ascii_lowercase();
    assert!(first.starts_with("connect files.example.com:443 http/1.1\r\n"), "{first}");
    assert_eq!(through(&format!("http://user:hidden@{address}")).as_bytes(), CONTENT);
    let second = notes.lock().unwrap()[1].to_ascii_lowercase();
    assert!(second.contains("proxy-authorization: basic dxnlcjpoawrkzw4="), "{second}");
    // Whoever answers for another host than the certificate is for.
    let other = ask(&format!("http://{address}"), "other.example.com");
    assert!(other.contains("no encrypted connection"), "{other}");
    let broken = through("http://user:hidden@127.0.0.1:1");
    assert!(!broken.contains("hidden") && !broken.contains("quick"), "{broken}");
    let nonsense = through("nonsense://user:hidden@127.0.0.1:1");
    assert!(!nonsense.contains("hidden") && !nonsense.contains("quick"), "{nonsense}");
}

#[test]
fn offline_nobody_is_connected_to() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let proxy = Some(format!("http://{address}"));
    let proxies = Proxies { http: proxy.clone(), https: proxy, none: String::new() };
    let client = Client::new(Settings { is_offline: true, proxies, ..settings() }).unwrap();
    let cache = tempfile::tempdir().unwrap();
    let downloads = Downloads::new(cache.path());
    for url in [format!("http://{address}/a"), "https://files.example.com/a".into()] {
        let asked = download(url.parse().unwrap());
        assert!(downloads.fetch(&client, &asked, &|_| {}).is_err());
    }
    let mut accepted = listener.accept();
    assert!(accepted.as_mut().map(|(stream, _)| stream.read(&mut [0])).is_err());
}
