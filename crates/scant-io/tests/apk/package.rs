//! Packages: a chain from the index to each file, and what is kept of them.

use scant_core::formats::alpine::Package;
use scant_core::words::{EntryKind, Input, Record, Root, TreePath};
use scant_io::packages::apk::{ApkIndex, ApkPackage, Demand, Expected, Key, Trust};

use crate::support::{
    KEY, directory, file, fixture, gzip, item, key, link, options, package, package_of, sha1,
    signed, tar,
};

fn open(bytes: &[u8], listed: Option<&Package>) -> Result<ApkPackage, String> {
    let expected = Expected { listed, keys: &[], demand: Demand::Nothing, vendor: "alpine" };
    ApkPackage::from_bytes(bytes, &expected, &options()).map_err(|error| error.to_string())
}

fn path(text: &str) -> TreePath {
    TreePath::parse(text).unwrap()
}

#[test]
fn a_package_is_an_input() {
    let files = [
        directory("usr", 0o755),
        directory("usr/bin", 0o755).owned(0, 5),
        file("usr/bin/a", 0o4755, b"program").record("SCHILY.xattr.user.x", "y").owned(1, 2),
        link("usr/bin/b", "a"),
        item("usr/bin/c", b'1', 0o644, b"usr/bin/a"),
        directory("tmp", 0o1777),
        item(".dummy", b'0', 0o644, b"not a file of it"),
    ];
    let info = "origin = src\nreplaces = b<2\n";
    let made = package("a", info, &[".post-install", ".trigger", ".melange.yaml"], &files);
    let package = open(&made.bytes(), Some(&made.listed("a", "1.0-r0"))).unwrap();
    assert_eq!(package.identity.purl, "pkg:apk/alpine/a@1.0-r0?arch=x86_64");
    assert_eq!(package.identity.source.as_deref(), Some("src"));
    let scripts: Vec<_> = package.scripts.iter().map(|script| &script.name[..]).collect();
    assert_eq!(scripts, [".post-install", ".trigger"]);
    assert!(package.checked.is_listed);
    assert_eq!(package.read(&path("/usr/bin/c"), 100).unwrap(), b"program");
    let meta = package.meta(&path("/usr/bin/a")).unwrap().unwrap();
    assert_eq!((meta.mode.bits(), meta.uid, meta.gid), (0o4755, 1, 2));
    assert_eq!(&*meta.xattrs["user.x"], b"y");
    assert_eq!(package.meta(&path("/tmp")).unwrap().unwrap().mode.bits(), 0o1777);
    assert_eq!(package.meta(&path("/usr/bin")).unwrap().unwrap().gid, 5);
    let linked = package.lookup(&path("/usr/bin/b")).unwrap().unwrap();
    assert_eq!(linked.kind, EntryKind::Symlink { target: (*b"a").into() });
    assert_eq!(package.list(&TreePath::root()).unwrap().len(), 2);
}

#[test]
fn no_byte_of_a_listed_package_can_change() {
    let made = package("a", "", &[], &[file("x", 0o644, b"content")]);
    let (whole, listed) = (made.bytes(), made.listed("a", "1.0-r0"));
    assert!(open(&whole, Some(&listed)).is_ok());
    for place in 0..whole.len() {
        let mut changed = whole.clone();
        changed[place] ^= 1 << (place % 8);
        assert!(open(&changed, Some(&listed)).is_err(), "byte {place}");
    }
    for length in 0..whole.len() {
        assert!(open(&whole[..length], Some(&listed)).is_err(), "{length}");
    }
    for more in [&b"\0"[..], b"x", &gzip(b"more"), &whole] {
        assert!(open(&[&whole, more].concat(), Some(&listed)).is_err());
    }
}

#[test]
fn a_package_that_is_not_the_listed_one_is_refused() {
    let case = |listed: Package, bytes: &[u8], expected: &str| {
        let error = open(bytes, Some(&listed)).err().unwrap();
        assert!(error.contains(expected), "{error}");
    };
    let made = package("a", "", &[], &[file("x", 0o644, b"1")]);
    let other = package("b", "", &[], &[file("x", 0o644, b"2")]);
    case(made.listed("a", "1.0-r0"), &other.bytes(), "the SHA-1 of its control data is");
    case(made.listed("c", "1.0-r0"), &made.bytes(), "its name is `a` instead of `c`");
    case(
        made.listed("a", "1.00-r0"),
        &made.bytes(),
        "its version is `1.0-r0` instead of `1.00-r0`",
    );
    // Right control data, and data of another package.
    let mixed = [&made.control[..], &other.data].concat();
    case(made.listed("a", "1.0-r0"), &mixed, "its data is not what `.PKGINFO` says");
}

#[test]
fn every_digest_of_a_file_is_compared() {
    let wrong = |item: crate::support::Item, expected: &str| {
        let made = package("a", "", &[], &[item]);
        let error = open(&made.bytes(), None).err().unwrap();
        assert!(error.starts_with(expected), "{error}");
    };
    let digest = "0000000000000000000000000000000000000000";
    let record = "APK-TOOLS.checksum.SHA1";
    wrong(
        item("x", b'0', 0o644, b"1").record(record, digest),
        "`x` is not what its entry says: SHA-1 356a192b7913b04c54574d18c28d46e6395428ab instead of",
    );
    wrong(item("x", b'2', 0o777, b"y").record(record, digest), "`x` is not what its entry says");
    wrong(item("x", b'0', 0o644, b"1").record(record, "?"), "`x` is not what its entry says");
    // As old tools wrote it.
    let old = item("x", b'0', 0o644, b"1").record(record, "Q1NWoZK3kTsExUV00Ywo1G5jlUKKs=");
    let package_ = open(&package("a", "", &[], &[old]).bytes(), None).unwrap();
    assert_eq!(package_.checked.without_digest, 0);
    // Without: the digest of the data covers it.
    let none = package("a", "", &[], &[item("x", b'0', 0o644, b"1")]);
    assert_eq!(open(&none.bytes(), None).unwrap().checked.without_digest, 1);
}

#[test]
fn data_of_several_members_is_one_archive() {
    let archive = tar(&[file("x", 0o644, &[7; 5000])], true);
    let data = [gzip(&archive[..600]), gzip(&archive[600..1024]), gzip(&archive[1024..])].concat();
    let package = open(&package_of("a", "", &[], data).bytes(), None).unwrap();
    assert_eq!(package.read(&path("/x"), 5000).unwrap(), [7; 5000]);
}

#[test]
fn signatures_of_packages_are_verified() {
    let made = package("a", "", &[], &[file("x", 0o644, b"1")]);
    let whole = [signed(made.control.clone()), made.data.clone()].concat();
    let open = |bytes: &[u8], keys: &[Key], demand| {
        let expected = Expected { listed: None, keys, demand, vendor: "alpine" };
        ApkPackage::from_bytes(bytes, &expected, &options())
            .map(|package| package.checked.signature)
    };
    let trust = open(&whole, &[key(KEY)], Demand::Signature).unwrap();
    assert!(matches!(trust, Trust::Signed { .. }), "{trust:?}");
    let error = open(&made.bytes(), &[key(KEY)], Demand::Signature).unwrap_err();
    assert_eq!(error.to_string(), "it is not signed");
    let error = open(&whole, &[key("other.rsa.pub")], Demand::Signature).unwrap_err();
    assert!(error.to_string().starts_with("it is signed by `test-1.rsa.pub` only"), "{error}");
    let wrong = [signed(b"else".to_vec()), made.bytes()].concat();
    assert!(open(&wrong, &[key(KEY)], Demand::Nothing).is_err());
    assert!(matches!(open(&whole, &[], Demand::Nothing), Ok(Trust::Unsigned(_))));
}

#[test]
fn what_no_package_holds_is_refused() {
    let case = |files: &[crate::support::Item], expected: &str| {
        let error = open(&package("a", "", &[], files).bytes(), None).err().unwrap();
        assert!(error.contains(expected), "{error}");
    };
    case(&[file("../x", 0o644, b"")], "contains `..`");
    case(&[file("x", 0o644, b"1"), file("x", 0o644, b"1")], "it is there twice");
    case(
        &[file("x", 0o644, b""), file("x/y", 0o644, b"")],
        "`/x/y` lies below `/x`, which is a file",
    );
    let two = package_of("a", "pkgname = b\n", &[], gzip(&tar(&[], true)));
    let error = open(&two.bytes(), None).err().unwrap();
    assert_eq!(error, "`.PKGINFO`: line 5: `pkgname` is there twice");
    let mut small = options();
    small.limits.max_bytes = 1 << 20;
    let bomb = package("a", "", &[], &[item("x", b'0', 0o644, &vec![0; 2 << 20])]);
    let expected = Expected { listed: None, keys: &[], demand: Demand::Nothing, vendor: "" };
    let error = ApkPackage::from_bytes(&bomb.bytes(), &expected, &small).err().unwrap();
    assert!(error.to_string().contains("raise `max_bytes`"), "{error}");
}

#[test]
fn a_real_package_follows_from_its_index() {
    let Some(index) = fixture("alpine-316/APKINDEX.tar.gz") else { return };
    let Some(bytes) = fixture("alpine-316/alpine-baselayout-3.2.0-r23.apk") else { return };
    let keys: Vec<_> = ["6165ee59", "616ae350"]
        .iter()
        .map(|number| {
            let name = format!("alpine-devel@lists.alpinelinux.org-{number}.rsa.pub");
            Key::parse(&name, &fixture(&format!("keys/{name}")).unwrap()).unwrap()
        })
        .collect();
    let index = ApkIndex::read(&index, &keys[..1], Demand::Signature).unwrap();
    let is_it = |package: &&Package| &*package.name == "alpine-baselayout";
    let listed = index.packages.iter().find(is_it).unwrap();
    // The index is for another architecture.
    let expected =
        |listed| Expected { listed, keys: &keys, demand: Demand::Signature, vendor: "alpine" };
    let other = ApkPackage::from_bytes(&bytes, &expected(Some(listed)), &options());
    let error = other.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains("the SHA-1 of its control data is"), "{error}");
    let package = ApkPackage::from_bytes(&bytes, &expected(None), &options()).unwrap();
    assert_eq!(package.identity.name, "alpine-baselayout");
    assert!(matches!(package.checked.signature, Trust::Signed { .. }));
    assert_eq!(package.scripts.len(), 4);
    assert_eq!(package.meta(&path("/tmp")).unwrap().unwrap().mode.bits(), 0o1777);
    let hello = fixture("hello-wolfi-2.12.1-r0.apk").unwrap();
    let unsigned = Expected { demand: Demand::Nothing, ..expected(None) };
    let hello = ApkPackage::from_bytes(&hello, &unsigned, &options()).unwrap();
    assert!(matches!(hello.checked.signature, Trust::Unsigned(_)));
    assert!(hello.lookup(&path("/usr/bin/hello")).unwrap().is_some());
}

#[test]
fn a_real_package_is_told_as_apk_writes_it_down() {
    let Some(bytes) = fixture("alpine-316/alpine-baselayout-3.2.0-r23.apk") else { return };
    let expected = Expected { listed: None, keys: &[], demand: Demand::Nothing, vendor: "alpine" };
    let package = ApkPackage::from_bytes(&bytes, &expected, &options()).unwrap();
    let Record::Alpine { fields, checksums } = &package.record else {
        panic!("{:?}", package.record)
    };
    let (first, rest) = fields.split_once('\n').unwrap();
    assert!(first.starts_with("C:Q1") && first.len() == 32, "{first}");
    assert_eq!(
        rest,
        format!(
            "P:alpine-baselayout\nV:3.2.0-r23\nA:aarch64\nS:{}\nI:339968\n\
             T:Alpine base dir structure and init scripts\n\
             U:https://git.alpinelinux.org/cgit/aports/tree/main/alpine-baselayout\n\
             L:GPL-2.0-only\no:alpine-baselayout\nm:Natanael Copa <ncopa@alpinelinux.org>\n\
             t:1662926906\nc:348653a9ba0701e8e968b3344e72313a9ef334e4\n\
             D:alpine-baselayout-data=3.2.0-r23 /bin/sh so:libc.musl-aarch64.so.1\n\
             p:cmd:mkmntdirs=3.2.0-r23\n",
            bytes.len()
        )
    );
    assert!(checksums.len() > 5, "{checksums:?}");
    for (path, checksum) in checksums {
        let entry = package.lookup(path).unwrap().unwrap();
        let content = match entry.link_target() {
            Some(target) => target.to_vec(),
            None => package.read(path, 1 << 20).unwrap(),
        };
        assert_eq!(checksum[..], sha1(&content), "{path}");
    }
}
