//! Indexes: who vouches for them.

use scant_core::words::Digest;
use scant_io::packages::apk::{Algorithm, ApkIndex, Demand, Key, KeyFault, Trust, Untrusted};

use crate::support::{KEY, fixture, gzip, index, item, key, pem, signature, signed, tar};

const TEXT: &str = "C:Q1ZX+on7zBgcokTctj4tLSmx7q5O4=\nP:a\nV:1-r0\nA:x86_64\nS:12\n";

fn refused(bytes: &[u8], keys: &[Key], demand: Demand) -> String {
    match ApkIndex::read(bytes, keys, demand) {
        Ok(index) => panic!("it was read: {:?}", index.trust),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_signed_index_is_read() {
    let index = ApkIndex::read(&signed(index(TEXT)), &[key(KEY)], Demand::Signature).unwrap();
    assert_eq!((index.packages.len(), &index.description[..]), (1, "a repository"));
    let Trust::Signed { key: name, fingerprint, algorithm } = index.trust else { panic!() };
    assert_eq!((&name[..], fingerprint), (KEY, key(KEY).fingerprint));
    assert_eq!(algorithm, Algorithm::RsaSha256);
}

#[test]
fn what_nobody_vouches_for_is_refused() {
    let plain = index(TEXT);
    let case = |bytes: &[u8], keys: &[Key], expected: &str| {
        assert_eq!(refused(bytes, keys, Demand::Signature), expected);
    };
    case(&plain, &[key(KEY)], "it is not signed");
    let ours = signed(plain.clone());
    case(&ours, &[], "it is signed by `test-1.rsa.pub` only, and no key is given");
    case(
        &ours,
        &[key("other.rsa.pub")],
        "it is signed by `test-1.rsa.pub` only, and the keys given are `other.rsa.pub`",
    );
    let strange = [signature("DSA", KEY, &plain), plain.clone()].concat();
    case(&strange, &[key(KEY)], "its signatures are of kinds that are not known: `DSA`");
    // A signature over SHA-256 that says it is one over SHA-1.
    let other = [signature("RSA", KEY, &plain), plain.clone()].concat();
    let wrong =
        "the signature of `test-1.rsa.pub` is of something else: it was changed or is damaged";
    case(&other, &[key(KEY)], wrong);
    case(&[signature("RSA256", KEY, b"else"), plain].concat(), &[key(KEY)], wrong);
}

#[test]
fn the_caller_may_do_without_a_signature_and_gets_told() {
    let plain = index(TEXT);
    let trust =
        |bytes: &[u8], keys: &[Key]| ApkIndex::read(bytes, keys, Demand::Nothing).unwrap().trust;
    assert_eq!(trust(&plain, &[]), Trust::Unsigned(Untrusted::NoSignature));
    let unknown = trust(&signed(plain.clone()), &[key("other.rsa.pub")]);
    assert!(matches!(unknown, Trust::Unsigned(Untrusted::UnknownKey { .. })), "{unknown:?}");
    assert!(matches!(trust(&signed(plain.clone()), &[key(KEY)]), Trust::Signed { .. }));
    // But not with a wrong one.
    let wrong = [signature("RSA256", KEY, b"else"), plain].concat();
    let text = refused(&wrong, &[key(KEY)], Demand::Nothing);
    assert!(text.contains("is of something else"), "{text}");
}

#[test]
fn one_of_several_signatures_is_enough() {
    let plain = index(TEXT);
    let unknown = signature("RSA256", "unknown.rsa.pub", b"else");
    let all = [unknown, signature("RSA256", KEY, &plain), plain.clone()].concat();
    assert!(ApkIndex::read(&all, &[key(KEY)], Demand::Signature).is_ok());
    // A mirror calls the key something else.
    let renamed = [signature("RSA256", "mirror.rsa.pub", &plain), plain].concat();
    assert!(ApkIndex::read(&renamed, &[key(KEY)], Demand::Signature).is_ok());
}

#[test]
fn a_weaker_signature_does_not_stand_in_for_a_wrong_one() {
    let plain = index(TEXT);
    // The strongest of a known key counts, wherever it stands.
    for kinds in [["RSA256", "RSA512"], ["RSA512", "RSA256"]] {
        let [first, second] = kinds.map(|kind| signature(kind, KEY, &plain));
        let text =
            refused(&[first, second, plain.clone()].concat(), &[key(KEY)], Demand::Signature);
        assert!(text.contains("is of something else"), "{text}");
    }
}

#[test]
fn no_byte_of_what_is_signed_can_change() {
    let plain = index(TEXT);
    let whole = signed(plain.clone());
    let start = whole.len() - plain.len();
    let good = ApkIndex::read(&whole, &[key(KEY)], Demand::Signature).unwrap().packages;
    for place in 0..whole.len() {
        let mut changed = whole.clone();
        changed[place] ^= 1 << (place % 8);
        match ApkIndex::read(&changed, &[key(KEY)], Demand::Signature) {
            Err(_) => {}
            // What is about the signature, such as the time in a header of gzip.
            Ok(index) => assert!(place < start && index.packages == good, "byte {place}"),
        }
    }
    for length in 0..whole.len() {
        let cut = ApkIndex::read(&whole[..length], &[key(KEY)], Demand::Signature);
        assert!(cut.is_err(), "{length}");
    }
    for more in [&b"\0"[..], b"x", &gzip(b"more"), &plain] {
        let text = refused(&[&whole, more].concat(), &[key(KEY)], Demand::Signature);
        assert!(text.contains("is of something else"), "{text}");
    }
}

#[test]
fn what_is_no_index_is_refused() {
    let case = |bytes: &[u8], expected: &str| {
        assert_eq!(refused(bytes, &[], Demand::Nothing), expected);
    };
    case(b"", "damaged: the part at byte 0 is not whole: the file ends before it");
    case(b"ADBd0000", "it is of version 3 of apk's form, which is not read; version 2 is");
    case(b"x", "damaged: the part at byte 0 is not whole: the file ends within it");
    case(&gzip(&tar(&[], true)), "it has 0 entries `APKINDEX`, one is expected");
    let twice = [item("APKINDEX", b'0', 0o644, b""), item("APKINDEX", b'0', 0o644, b"")];
    case(&gzip(&tar(&twice, true)), "it has 2 entries `APKINDEX`, one is expected");
    case(&index("P:a\n"), "`APKINDEX`: line 1: a package without a version (V)");
    let plain = index(TEXT);
    let text = refused(&[&plain[..], b"trailing"].concat(), &[], Demand::Nothing);
    assert!(text.starts_with(&format!("damaged: the part at byte {}", plain.len())), "{text}");
}

#[test]
fn keys_are_pinned_by_fingerprint() {
    let fingerprint = key(KEY).fingerprint;
    assert!(Key::pinned("any", pem(KEY), &[fingerprint]).is_ok());
    let error = Key::pinned("any", pem("other.rsa.pub"), &[fingerprint]).unwrap_err();
    let found = key("other.rsa.pub").fingerprint;
    let expected = format!(
        "`any` is not the key that is pinned: its fingerprint is {found}, which is none of {fingerprint}"
    );
    assert_eq!(error.to_string(), expected);
    assert!(matches!(Key::parse("k", b"none"), Err(KeyFault::NotPem { .. })));
    assert!(matches!(Key::parse("k", pem("elliptic.pub")), Err(KeyFault::NotRsa { .. })));
    assert_ne!(found, Digest::of(pem("other.rsa.pub")));
}

#[test]
fn indexes_of_real_repositories() {
    let case = |index: &str, keys: &[&str], count: usize, expected: Algorithm| {
        let Some(bytes) = fixture(index) else { return };
        let key = |path: &&str| {
            let name = path.rsplit('/').next().unwrap();
            fixture(path).map(|pem| Key::parse(name, &pem).unwrap())
        };
        let keys: Vec<_> = keys.iter().filter_map(key).collect();
        for one in &keys {
            let read =
                ApkIndex::read(&bytes, std::slice::from_ref(one), Demand::Signature).unwrap();
            let Trust::Signed { algorithm, .. } = read.trust else { panic!() };
            assert_eq!((algorithm, read.packages.len()), (expected, count), "{index} {}", one.name);
        }
        let mut changed = bytes.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(ApkIndex::read(&changed, &keys, Demand::Signature).is_err());
    };
    let alpine = ["keys/alpine-devel@lists.alpinelinux.org-6165ee59.rsa.pub"];
    case("alpine-316/APKINDEX.tar.gz", &alpine, 4929, Algorithm::RsaSha1);
    let test = ["rsa256-signed/test-rsa256.rsa.pub"];
    case("rsa256-signed/APKINDEX.tar.gz", &test, 1, Algorithm::RsaSha256);
    let chainguard = [
        "signing/keys/chainguard-0106f58bac88057c2ff5c2829850df492717a876ed700443550353c7ab23f5a0.rsa.pub",
        "signing/keys/chainguard-60912bbc46bfc8ed6bda0b50db3a8a5f3c4344d6bc8549ec9b84d96140b475d1.rsa.pub",
        "signing/keys/chainguard-61cb6bccd1f584b007db7be51ebce2b0530a54cc5a94e7650b570d113d537cf3.rsa.pub",
    ];
    case("signing/APKINDEX.tar.gz", &chainguard, 16, Algorithm::RsaSha256);
}
