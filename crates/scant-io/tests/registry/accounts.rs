//! Who asks: files, helpers, logins. Nothing of it is shown.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use scant_core::formats::auth_file::Secret;
use scant_io::registry::{login, logout};
use scant_testkit::registry::{Auth, Manners};

use crate::place::{Place, image, same};

const BEARER: Auth = Auth::Bearer("alice", "opensesame", r#"Bearer realm="REALM""#);

fn place(auth: Auth) -> Place {
    let mut place = Place::new(Manners { auth: Some(auth), ..Manners::default() });
    place.tries = 1;
    place
}

/// Puts a credential helper into `PATH`.
fn helper(place: &Place, name: &str, script: &str) {
    let path = place.file(&format!("docker-credential-{name}"));
    fs::write(&path, format!("#!/bin/sh\nread input\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn credentials_are_found_or_missed() {
    let pushed = image(&["linux/amd64"], &[10]);
    let case = |auth: Auth, file: &str, expected: &str| {
        let place = place(auth);
        helper(&place, "good", r#"echo '{"Username":"alice","Secret":"opensesame"}'"#);
        helper(&place, "token", r#"echo '{"Username":"<token>","Secret":"identity"}'"#);
        helper(&place, "none", "echo credentials not found in native keychain; exit 1");
        helper(&place, "broken", "echo opensesame; exit 1");
        helper(&place, "odd", "echo opensesame");
        place.auth(file);
        let shown = match place.push(&pushed, "team/app:1") {
            Ok(_) => "yes".to_string(),
            Err(error) => {
                let debug = format!("{error:?}");
                assert!(!debug.contains("opensesame") && !debug.contains("YWxpY2U6"), "{debug}");
                place.shown(&error)
            }
        };
        assert_eq!(shown, expected, "{file}");
    };
    let basic = || Auth::Basic("alice", "opensesame");
    let key = "YWxpY2U6b3BlbnNlc2FtZQ==";
    case(basic(), &format!(r#"{{"auths": {{"HOST": {{"auth": "{key}"}}}}}}"#), "yes");
    case(basic(), &format!(r#"{{"auths": {{"http://HOST/v1/": {{"auth": "{key}"}}}}}}"#), "yes");
    case(BEARER, &format!(r#"{{"auths": {{"HOST/team": {{"auth": "{key}"}}}}}}"#), "yes");
    case(BEARER, r#"{"credHelpers": {"HOST": "good"}}"#, "yes");
    case(basic(), r#"{"credsStore": "good"}"#, "yes");
    case(BEARER, r#"{"credHelpers": {"HOST": "token"}}"#, "yes");
    case(BEARER, r#"{"auths": {"HOST": {"identitytoken": "identity"}}}"#, "yes");
    case(BEARER, r#"{"auths": {"HOST": {"registrytoken": "token-0"}}}"#, "yes");
    let none = "there are no credentials for it (`scant login` makes some)";
    let denied = format!("`HOST/team/app` is refused: `http://HOST/token` answers 401; {none}");
    case(BEARER, "", &denied);
    case(BEARER, r#"{"credHelpers": {"HOST": "none"}}"#, &denied);
    case(BEARER, r#"{"credsStore": "not-installed"}"#, &denied);
    case(BEARER, &format!(r#"{{"auths": {{"HOST/other": {{"auth": "{key}"}}}}}}"#), &denied);
    case(
        BEARER,
        r#"{"auths": {"HOST": {"identitytoken": "stale"}}}"#,
        "`HOST/team/app` is refused: `http://HOST/token` answers 401; credentials are those of \
         a token from `DIR/auth.json`",
    );
    let refused = "`docker-credential-NAME`, which `DIR/auth.json` names, ";
    for (name, why) in [
        ("broken", "fails"),
        ("odd", "does not answer as a helper does"),
        ("gone", "is not in any directory of `PATH`"),
        ("../x", "is not in any directory of `PATH`"),
    ] {
        let file = format!(r#"{{"credHelpers": {{"HOST": "{name}"}}}}"#);
        case(BEARER, &file, &format!("{}{why}", refused.replace("NAME", name)));
    }
}

#[test]
fn a_login_is_tried_and_kept() {
    let secret = |text: &str| Secret::from(text.to_string());
    for auth in [BEARER, Auth::Basic("alice", "opensesame")] {
        let place = place(auth);
        place.auth(r#"{"auths": {"other.example.com": {"auth": "YTox"}}, "HttpHeaders": {}}"#);
        let (host, file) = (place.registry.host.clone(), place.file("auth.json"));
        let before = fs::read(&file).unwrap();
        let error =
            login(&place.run(), &host, ("alice", &secret("wrong-word")), &file).unwrap_err();
        let shown = place.shown(&error);
        assert!(shown.starts_with("`HOST` is refused: "), "{shown}");
        assert!(!format!("{shown} {error:?}").contains("wrong-word"));
        assert_eq!(fs::read(&file).unwrap(), before);

        let done = login(&place.run(), &host, ("alice", &secret("opensesame")), &file).unwrap();
        assert!(done.is_checked && done.helper.is_none());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains("other.example.com") && text.contains("HttpHeaders"), "{text}");
        let pushed = image(&["linux/amd64"], &[10]);
        place.push(&pushed, "app:1").unwrap();
        same(&pushed, &place.pull("app:1").unwrap());

        assert_eq!(logout(&place.run(), &host).unwrap(), [file]);
        assert_eq!(logout(&place.run(), &host).unwrap(), Vec::<std::path::PathBuf>::new());
        assert!(place.push(&pushed, "app:1").is_err());
    }
}

#[test]
fn a_helper_keeps_a_login() {
    let place = place(BEARER);
    let kept = place.file("kept");
    let script = format!(
        "case $1 in store) echo \"$input\" > {0};; erase) rm {0};; get) echo '{{\"Username\":\"alice\",\"Secret\":\"opensesame\"}}';; esac",
        kept.display()
    );
    helper(&place, "file", &script);
    place.auth(r#"{"credsStore": "file"}"#);
    let (host, file) = (place.registry.host.clone(), place.file("auth.json"));
    let password = Secret::from("opensesame".to_string());
    let done = login(&place.run(), &host, ("alice", &password), &file).unwrap();
    assert_eq!(done.helper.as_deref(), Some("file"));
    let expected = format!(r#"{{"Secret":"opensesame","ServerURL":"{host}","Username":"alice"}}"#);
    assert_eq!(fs::read_to_string(&kept).unwrap().trim(), expected);
    assert!(!fs::read_to_string(&file).unwrap().contains("YWxpY2U6"));
    assert_eq!(logout(&place.run(), &host).unwrap(), [file]);
    assert!(!kept.exists());
}

#[test]
fn nothing_that_is_kept_holds_a_credential() {
    let place = place(BEARER);
    place.auth(r#"{"auths": {"HOST": {"auth": "YWxpY2U6b3BlbnNlc2FtZQ=="}}}"#);
    let pushed = image(&["linux/amd64"], &[10]);
    place.push(&pushed, "app:1").unwrap();
    place.pull("app:1").unwrap();
    let mut waiting = vec![place.file("cache/downloads")];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let content = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        for secret in ["opensesame", "YWxpY2U6", "token-"] {
            assert!(!content.contains(secret), "{}", path.display());
        }
    }
    assert!(!format!("{:?}", place.run()).contains("opensesame"));
    assert!(!format!("{:?}", place.run()).contains("YWxpY2U6"));
}
