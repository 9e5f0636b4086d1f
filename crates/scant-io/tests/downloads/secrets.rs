//! What proves who asks goes to the server it is for, and nowhere else: no other server, no error, no
//! file.

use scant_io::cache::{Authorization, Download};
use scant_io::net::Credentials;

use crate::server::{Server, answer, header};
use crate::support::{CONTENT, download, fetch, files, store};

#[test]
fn it_stays_with_its_server() {
    let storage = Server::new(|_, _| answer("200 OK", "etag: \"1\"\r\n", CONTENT));
    let moved = format!("location: {}\r\n", storage.url("/blob?signature=hidden"));
    let server = Server::new(move |_, _| answer("307 Temporary Redirect", &moved, b""));
    let (_cache, downloads) = store();
    let authorization = Some(Authorization("Bearer hidden".into()));
    let asked = Download { authorization, ..download(server.url("/a?key=hidden")) };
    let got = fetch(&downloads, &asked).unwrap();
    assert_eq!(got.url, storage.url("/blob?signature=hidden"));
    assert_eq!(header(&server.asked()[0], "authorization"), Some("Bearer hidden"));
    assert_eq!(header(&storage.asked()[0], "authorization"), None);
    assert!(!format!("{asked:?} {got:?}").contains("hidden"));
}

#[test]
fn it_is_neither_told_nor_kept() {
    let server = Server::new(|_, number| match number {
        0 => answer("401 Unauthorized", "", b""),
        _ => [answer("200 OK", "etag: \"1\"\r\n", CONTENT)].concat()[..100].to_vec(),
    });
    let (cache, downloads) = store();
    let authorization = Some(Authorization("Bearer hidden".into()));
    let asked = Download { authorization, ..download(server.url("/a?key=hidden")) };
    for _ in 0..2 {
        let error = fetch(&downloads, &asked).unwrap_err();
        let hint = error.hint().unwrap_or_default();
        assert!(!format!("{error} {error:?} {hint}").contains("hidden"));
    }
    assert!(files(cache.path()).contains("partial"));
    let mut rest = vec![cache.path().to_path_buf()];
    while let Some(path) = rest.pop() {
        assert!(!path.to_str().unwrap().contains("hidden"));
        match path.is_dir() {
            true => rest.extend(std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path())),
            false => {
                let content = std::fs::read(path).unwrap();
                assert!(!String::from_utf8_lossy(&content).contains("hidden"));
            }
        }
    }
}

#[test]
fn a_token_is_better_than_a_password() {
    let netrc = "machine a login l password p machine b login l password p";
    let credentials = Credentials {
        netrc: scant_core::formats::netrc::Netrc::parse(netrc).unwrap(),
        tokens: [("b".to_string(), "t".to_string())].into(),
    };
    let case = |url: &str, expected: Option<&str>| {
        assert_eq!(credentials.authorization(&url.parse().unwrap()).as_deref(), expected);
    };
    case("https://a/x", Some("Basic bDpw"));
    case("https://A:444/x", Some("Basic bDpw"));
    case("https://b/x", Some("Bearer t"));
    case("https://c/x", None);
    assert_eq!(format!("{credentials:?}"), "Credentials(***)");
}
