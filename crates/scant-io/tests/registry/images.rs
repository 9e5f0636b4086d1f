//! What goes right: every kind of registry, and no request that is not needed.

use scant_io::cache;
use scant_testkit::registry::{Auth, Manners};

use crate::place::{Place, image, same};

const BOTH: [&str; 2] = ["linux/amd64", "linux/arm64"];

#[test]
fn what_was_pushed_is_pulled() {
    let case = |manners: Manners| {
        let shown = format!("{manners:?}");
        let place = Place::new(manners);
        place.auth(r#"{"auths": {"HOST": {"auth": "YWxpY2U6b3BlbnNlc2FtZQ=="}}}"#);
        for (tag, platforms) in [("one", &BOTH[..1]), ("two", &BOTH)] {
            let pushed = image(platforms, &[100_000, 0, 70_000, 1]);
            place
                .push(&pushed, &format!("team/app:{tag}"))
                .unwrap_or_else(|error| panic!("{shown}: {error}"));
            assert_eq!(place.registry.missing("team/app", tag), Vec::<String>::new(), "{shown}");
            same(&pushed, &place.pull(&format!("team/app:{tag}")).unwrap());
            let digest = pushed.top().descriptor.digest;
            same(&pushed, &place.pull(&format!("team/app@{digest}")).unwrap());
        }
        assert_eq!(place.registry.strayed(), 0, "{shown}");
    };
    let plain = Manners::default;
    case(plain());
    case(Manners { has_referrers: true, ..plain() });
    case(Manners { has_silent_referrers: true, ..plain() });
    case(Manners { redirects: true, ..plain() });
    case(Manners { parts: Some(4096), ..plain() });
    case(Manners { auth: Some(Auth::Basic("alice", "opensesame")), redirects: true, ..plain() });
    case(Manners { auth: Some(Auth::Anonymous), ..plain() });
    let challenges = [
        r#"Bearer realm="REALM",service="s",scope="repository:x:pull""#,
        r#"Negotiate, bearer Realm="REALM", error="invalid_token""#,
        r#"Bearer realm=REALM"#,
        r#"Basic realm="x", Bearer realm="/token""#,
    ];
    for challenge in challenges {
        let auth = Some(Auth::Bearer("alice", "opensesame", challenge));
        case(Manners { auth, has_referrers: true, ..plain() });
    }
}

#[test]
fn what_is_there_is_not_sent_again() {
    let place = Place::new(Manners { has_referrers: true, ..Manners::default() });
    let first = image(&BOTH[..1], &[1000]);
    place.push(&first, "app:1").unwrap();
    place.registry.take_log();
    let pushed = place.push(&first, "app:1").unwrap();
    assert_eq!((pushed.sent, pushed.present), (0, 6));
    let provenance = first.platforms[0].provenance.as_ref().unwrap();
    let provenance = provenance.manifest.descriptor.digest;
    let expected = [
        "GET /v2/".to_string(),
        "HEAD /v2/app/manifests/1".to_string(),
        format!("HEAD /v2/app/manifests/{provenance}"),
    ];
    assert_eq!(place.registry.take_log(), expected);
    // Under another tag nothing but documents.
    let pushed = place.push(&first, "app:2").unwrap();
    assert_eq!((pushed.sent, pushed.present), (0, 4));
}

#[test]
fn blobs_of_the_same_registry_are_mounted_unread() {
    let case = |manners: Manners, expected: (usize, u64)| {
        let place = Place::new(manners);
        let first = image(&BOTH, &[100_000]);
        place.push(&first, "a:1").unwrap();
        place.registry.take_log();
        let pushed = place.push(&place.open("a:1").unwrap(), "b:1").unwrap();
        let (_, sent) = place.registry.moved();
        assert_eq!((pushed.mounted, sent / 100_000), expected);
        assert_eq!(place.registry.missing("b", "1"), Vec::<String>::new());
        std::fs::remove_dir_all(place.file("cache/downloads")).unwrap();
        same(&first, &place.pull("b:1").unwrap());
    };
    case(Manners::default(), (2, 0));
    case(Manners { refuses_mounts: true, ..Manners::default() }, (0, 2));
}

#[test]
fn one_platform_is_read_alone() {
    let place = Place::new(Manners::default());
    place.push(&image(&BOTH, &[100_000]), "a:1").unwrap();
    place.registry.take_log();
    let one = place.open_for("a:1", Some("linux/arm64")).unwrap();
    assert_eq!(one.platforms.len(), 1);
    assert_eq!(one.platforms[0].platform(), "linux/arm64");
    let error = place.open_for("a:1", Some("linux/riscv64")).unwrap_err();
    let expected = "the image is not made for linux/riscv64; there is: linux/amd64, linux/arm64";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn what_is_wrong_with_an_image_is_said() {
    let place = Place::new(Manners::default());
    let case = |from: &str, expected: &str| {
        let error = place.pull(from).unwrap_err();
        assert_eq!(place.shown(&error), expected);
    };
    let pushed = image(&BOTH, &[1000]);
    place.push(&pushed, "a:1").unwrap();
    let child = pushed.platforms[1].manifest.descriptor.digest.to_string();
    place.registry.remove("a", &child);
    case("a:2", "`docker://HOST/a:2` is not there: there is no tag `2`");
    case("a:1", &format!("`docker://HOST/a:1` is not there: there is no {child}"));
    let layer = pushed.platforms[0].layers[0].blob.digest().to_string();
    place.push(&image(&BOTH[..1], &[1000]), "b:1").unwrap();
    place.registry.remove("b", &layer);
    case("b:1", &format!("`http://HOST/v2/b/blobs/{layer}` answers 404"));
    let old = br#"{"schemaVersion": 1, "fsLayers": []}"#;
    place.registry.put_manifest("c", "1", "application/json", old);
    case(
        "c:1",
        "`HOST/c:1` cannot be read: it is of Docker's first format, which nothing can be verified in",
    );
    let large = vec![b' '; (4 << 20) + 1];
    place.registry.put_manifest("c", "2", "application/json", &large);
    case(
        "c:2",
        "`http://HOST/v2/c/manifests/2`: the answer makes no sense: it has more than 4194304 bytes",
    );
}

#[test]
fn mirrors_are_asked_first_and_may_fail() {
    let place = Place::new(Manners::default());
    let pushed = image(&BOTH[..1], &[1000]);
    place.push(&pushed, "real/app:1").unwrap();
    place.push(&pushed, "mirror/app:1").unwrap();
    place.push(&pushed, "real/other:1").unwrap();
    let conf = "
        unqualified-search-registries = ['docker.io']
        [[registry]]
        prefix = 'HOST/team'
        location = 'HOST/real'
        [[registry.mirror]]
        location = 'HOST/mirror'
        [[registry]]
        location = 'HOST/blocked'
        blocked = true
    ";
    let conf = conf.replace("HOST", &place.registry.host);
    std::fs::write(place.file("registries.conf"), conf).unwrap();
    place.registry.take_log();
    same(&pushed, &place.pull("team/app:1").unwrap());
    assert!(place.registry.take_log().iter().all(|line| !line.contains("/real/")));
    same(&pushed, &place.pull("team/other:1").unwrap());
    assert!(place.registry.take_log().iter().any(|line| line.contains("/real/")));
    let error = place.pull("blocked/app:1").unwrap_err();
    assert_eq!(place.shown(&error), "`HOST/blocked` is blocked by registries.conf");
    // Pushed to the registry itself.
    place.push(&pushed, "team/new:1").unwrap();
    assert!(place.registry.manifest("real/new", "1").is_some());
}

#[test]
fn what_is_too_large_at_once_is_sent_in_parts() {
    let place = Place::new(Manners { most: Some(17 << 20), ..Manners::default() });
    place.push(&image(&BOTH[..1], &[20 << 20]), "app:1").unwrap();
    assert_eq!(place.registry.missing("app", "1"), Vec::<String>::new());
    assert!(place.registry.manifest("app", "1").is_some());
    let log = place.registry.take_log();
    assert_eq!(log.iter().filter(|line| line.starts_with("PATCH")).count(), 2, "{log:?}");
}

#[test]
fn blobs_that_are_in_use_are_not_pruned() {
    let place = Place::new(Manners::default());
    place.push(&image(&["linux/amd64"], &[100]), "app:1").unwrap();
    let prune = || {
        let all = cache::Prune { all: true, ..cache::Prune::default() };
        cache::prune(&place.file("cache"), &all);
    };
    let kept = || std::fs::read_dir(place.file("cache/downloads/sha256")).unwrap().count();
    let pulled = place.pull("app:1").unwrap();
    let count = kept();
    assert!(count >= 3, "{count}: a manifest, a configuration, a layer");
    prune();
    assert_eq!(kept(), count);
    same(&pulled, &pulled);
    drop(pulled);
    prune();
    assert_eq!(kept(), 0);
}
