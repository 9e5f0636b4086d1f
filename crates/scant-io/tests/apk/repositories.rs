//! Repositories: what is chosen from them, and what is refused.

use scant_core::formats::manifest::{ApkKeyPlace, ApkKeys, ApkPlace, ApkRepository};
use scant_core::words::{Architecture, Digest, Platform};
use scant_io::cache::{Prune, prune};
use scant_testkit::AlpineRepository;
use scant_testkit::alpine::{KEY, KEY_PEM};

use crate::machine::{Machine, repository};
use crate::support::{key, pem};

#[test]
fn packages_come_with_what_they_need() {
    let machine = Machine::new(&repository());
    assert_eq!(machine.chosen("tool"), "libtool 2.1-r3 x86_64, tool 1.0-r0 x86_64");
    assert_eq!(
        machine.chosen("tool other !nothing"),
        "libtool 2.1-r3 x86_64, other 1-r0 noarch, tool 1.0-r0 x86_64"
    );
    let choice = machine.choose("other").unwrap();
    let files = repository().files();
    let url = |path: &str| format!("{}/x86_64/{path}", machine.server.url());
    assert_eq!(choice.packages[0].place.to_string(), url("other-1-r0.apk"));
    assert_eq!(choice.packages[0].digest, Digest::of(&files["x86_64/other-1-r0.apk"]));
    assert_eq!(choice.indexes[0].place.to_string(), url("APKINDEX.tar.gz"));
}

#[test]
fn what_was_loaded_is_not_loaded_again() {
    let mut machine = Machine::new(&repository());
    let choice = machine.choose("tool").unwrap();
    assert_eq!(machine.server.take_asked().len(), 3);
    machine.choose("tool").unwrap();
    assert_eq!(machine.server.take_asked(), ["x86_64/APKINDEX.tar.gz"]);
    // What is locked needs nobody.
    machine.is_offline = true;
    let files = machine.with(|repositories| repositories.fetch(&choice.packages)).unwrap();
    assert_eq!(files.len(), 2);
    assert_eq!(machine.server.take_asked(), Vec::<String>::new());
    assert_eq!(
        machine.chosen("tool"),
        "the index `SERVER/x86_64/APKINDEX.tar.gz` is asked for in each run without a lock, and \
         this is an offline run: with what `scant lock` has written no index is needed"
    );
    // A file that was lost is loaded again, wherever a hint leads.
    machine.is_offline = false;
    std::fs::remove_dir_all(machine.path("cache/downloads/sha256")).unwrap();
    machine.choose("tool").unwrap();
    assert_eq!(machine.server.take_asked().len(), 3);
}

#[test]
fn a_hint_that_leads_to_another_file_is_no_way_in() {
    let machine = Machine::new(&repository());
    let choice = machine.choose("tool").unwrap();
    let [libtool, tool] = &choice.packages[..] else { panic!() };
    for hint in std::fs::read_dir(machine.path("cache/downloads/hints")).unwrap() {
        let path = hint.unwrap().path();
        if std::fs::read_to_string(&path).unwrap() == tool.digest.hex() {
            std::fs::write(&path, libtool.digest.hex()).unwrap();
        }
    }
    let told = machine.chosen("tool");
    assert!(
        told.starts_with("libtool") || told.contains("is not the package that the index lists"),
        "{told}"
    );
}

#[test]
fn each_platform_has_its_own() {
    let mut machine = Machine::new(&repository());
    machine.platform = Platform::linux(Architecture::Arm64);
    assert_eq!(machine.chosen("other"), "other 1-r0 noarch");
    assert_eq!(machine.chosen("tool"), "no repository has `tool` for linux/arm64");
    machine.platform = Platform::linux(Architecture::ArmV7);
    assert_eq!(
        machine.chosen("other"),
        "the repository `SERVER/` has nothing for linux/arm/v7, which Alpine calls armv7: \
         `SERVER/armv7/APKINDEX.tar.gz` answers 404"
    );
    machine.platform = Platform::linux(Architecture::ArmV5);
    assert_eq!(machine.chosen("other"), "Alpine and its kin have no packages for linux/arm/v5");
}

#[test]
fn a_directory_is_a_repository() {
    let mut machine = Machine::local(&repository());
    let choice = machine.choose("other").unwrap();
    assert_eq!(choice.packages[0].place.to_string(), "./packages/x86_64/other-1-r0.apk");
    assert_eq!(choice.indexes[0].place.to_string(), "./packages/x86_64/APKINDEX.tar.gz");
    assert_eq!(machine.server.take_asked(), Vec::<String>::new());
    machine.platform = Platform::linux(Architecture::S390x);
    assert_eq!(
        machine.chosen("other"),
        "the repository `./packages` has nothing for linux/s390x, which Alpine calls s390x: there \
         is no `s390x/APKINDEX.tar.gz` in it; there are aarch64, x86_64"
    );
    machine.apk.repositories[0].place = ApkPlace::Directory("./packages/x86_64".into());
    let told = machine.chosen("other");
    assert!(told.ends_with("it belongs into a directory s390x"), "{told}");
    machine.apk.repositories[0].place = ApkPlace::Directory("absent".into());
    assert_eq!(
        machine.chosen("other"),
        "cannot read `HERE/absent`: No such file or directory (os error 2)"
    );
}

#[test]
fn a_locked_package_of_this_machine_is_the_one_that_it_was() {
    let machine = Machine::local(&repository());
    let choice = machine.choose("other").unwrap();
    let file = machine.path("packages/x86_64/other-1-r0.apk");
    let fetched = || {
        let fetched = machine.with(|repositories| repositories.fetch(&choice.packages));
        fetched.map_err(|error| error.to_string())
    };
    // It is in the store.
    std::fs::remove_file(&file).unwrap();
    assert_eq!(fetched().unwrap().len(), 1);
    std::fs::remove_dir_all(machine.path("cache")).unwrap();
    assert!(fetched().unwrap_err().contains("cannot be read: No such file"));
    std::fs::write(&file, "other").unwrap();
    assert!(fetched().unwrap_err().contains("is not the one that was chosen: expected sha256:"));
    std::fs::write(&file, &repository().files()["x86_64/other-1-r0.apk"]).unwrap();
    assert_eq!(fetched().unwrap().len(), 1);
}

#[test]
fn keys_are_files_globs_or_pinned() {
    let mut machine = Machine::new(&repository());
    let keys = |place: &str, fingerprint| {
        let place = match place.parse() {
            Ok(url) => ApkKeyPlace::Url(url),
            Err(_) => ApkKeyPlace::Files(place.into()),
        };
        vec![ApkKeys { place, fingerprint }]
    };
    std::fs::create_dir(machine.path("keys")).unwrap();
    std::fs::write(machine.path("keys/a.rsa.pub"), pem("other.rsa.pub")).unwrap();
    let unknown = "the index `SERVER/x86_64/APKINDEX.tar.gz`: it is signed by `test-1.rsa.pub` \
                   only, and the keys given are `a.rsa.pub`; name the file of its key with `keys`";
    machine.apk.keys = keys("keys/*.pub", None);
    assert_eq!(machine.chosen("other"), unknown);
    std::fs::write(machine.path("keys/b.rsa.pub"), KEY_PEM).unwrap();
    assert_eq!(machine.chosen("other"), "other 1-r0 noarch");
    machine.apk.keys = keys("keys/*.pem", None);
    assert_eq!(machine.chosen("other"), "no file of keys is named like `keys/*.pem`");
    machine.apk.keys = keys("keys/c", None);
    assert_eq!(
        machine.chosen("other"),
        "cannot read `HERE/keys/c`: No such file or directory (os error 2)"
    );
    std::fs::write(machine.path("keys/c"), "no key").unwrap();
    assert_eq!(
        machine.chosen("other"),
        "the key in `HERE/keys/c`: `c` is no public key: a PEM block `PUBLIC KEY` is expected"
    );
    machine.server.put(KEY, KEY_PEM.to_vec());
    let url = format!("{}/{KEY}", machine.server.url());
    machine.apk.keys = keys(&url, Some(key(KEY).fingerprint));
    assert_eq!(machine.chosen("other"), "other 1-r0 noarch");
    machine.server.put(KEY, pem("other.rsa.pub").to_vec());
    let told = machine.chosen("other");
    assert!(told.contains("is not the key that is pinned"), "{told}");
}

#[test]
fn nobody_is_believed_unasked() {
    let mut unsigned = repository();
    unsigned.is_unsigned = true;
    let mut machine = Machine::local(&unsigned);
    assert_eq!(
        machine.chosen("other"),
        "the index `./packages/x86_64/APKINDEX.tar.gz`: it is not signed; `abuild-sign` and \
         `melange sign-index` sign one, and {url: ..., allow-unsigned: true} believes it as it is"
    );
    machine.apk.repositories[0].allow_unsigned = true;
    assert_eq!(machine.chosen("other"), "other 1-r0 noarch");
    machine.apk.repositories[0].allow_unsigned = false;
    machine.apk.allow_unsigned = true;
    assert_eq!(machine.chosen("other"), "other 1-r0 noarch");
}

#[test]
fn several_repositories_are_asked_and_all_troubles_told() {
    let mut edge = AlpineRepository::default();
    edge.add("pkgname = tool\npkgver = 9-r0\narch = x86_64\n", "usr/bin/tool edge");
    let mut machine = Machine::new(&repository());
    let directory = machine.path("edge");
    edge.write_to(&directory);
    let place = ApkPlace::Directory("edge".into());
    machine.apk.repositories.push(ApkRepository {
        place,
        tag: Some("edge".into()),
        allow_unsigned: false,
    });
    assert_eq!(machine.chosen("tool"), "libtool 2.1-r3 x86_64, tool 1.0-r0 x86_64");
    assert_eq!(machine.chosen("tool@edge"), "tool 9-r0 x86_64");
    machine.apk.repositories[1].tag = None;
    assert_eq!(machine.chosen("tool"), "tool 9-r0 x86_64");
    machine.server.remove("x86_64/APKINDEX.tar.gz");
    std::fs::remove_dir_all(directory).unwrap();
    assert_eq!(
        machine.chosen("tool"),
        "the repository `SERVER/` has nothing for linux/amd64, which Alpine calls x86_64: \
         `SERVER/x86_64/APKINDEX.tar.gz` answers 404\n\
         cannot read `HERE/edge`: No such file or directory (os error 2)"
    );
}

#[test]
fn what_cannot_be_chosen_is_explained() {
    let mut repository = repository();
    repository.add("pkgname = broken\npkgver = 1-r0\narch = x86_64\ndepend = absent>=2\n", "");
    let machine = Machine::new(&repository);
    let case = |packages: &str, expected: &str| assert_eq!(machine.chosen(packages), expected);
    case(
        "tol xyzxyz",
        "no repository has `tol` for linux/amd64; did you mean `tool`?\nno repository has `xyzxyz` for linux/amd64",
    );
    case("tool>=2", "no repository has `tool>=2` for linux/amd64; of `tool` there is `1.0-r0`");
    case(
        "so:libtool.so.1>2",
        "no repository has `so:libtool.so.1>2` for linux/amd64; of `so:libtool.so.1` there is `1.2 by libtool`",
    );
    case(
        "broken",
        "for linux/amd64, no choice of packages fulfils all that is asked for:\n\
         broken cannot be installed because there are no viable options:\n\
         └─ broken 1-r0 would require\n   └─ absent>=2, for which no candidates were found.",
    );
    let told = machine.chosen("tool !libtool");
    for part in ["`so:libtool.so.1`", "`!libtool` as asked would constrain"] {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn what_comes_by_itself_comes_unless_it_does_not_fit() {
    let mut repository = repository();
    repository
        .add("pkgname = tool-doc\npkgver = 1.0-r0\narch = x86_64\ninstall_if = tool other\n", "doc x")
        .add("pkgname = tool-x\npkgver = 1.0-r0\narch = x86_64\ndepend = absent\ninstall_if = tool\n", "");
    let mut machine = Machine::new(&repository);
    let told = machine.chosen("tool other");
    assert!(
        told.contains("tool-doc 1.0-r0 x86_64, tool-x would come by itself, but is left out:\n  "),
        "{told}"
    );
    machine.apk.has_install_if = false;
    assert_eq!(
        machine.chosen("tool other"),
        "libtool 2.1-r3 x86_64, other 1-r0 noarch, tool 1.0-r0 x86_64"
    );
}

#[test]
fn what_is_not_signed_comes_from_nobody_who_cannot_prove_who_he_is() {
    let mut machine = Machine::new(&repository());
    machine.apk.repositories[0].place = ApkPlace::Url("http://mirror.example/x".parse().unwrap());
    machine.apk.allow_unsigned = true;
    assert_eq!(
        machine.chosen("tool"),
        "`http://mirror.example/x/x86_64/APKINDEX.tar.gz` is not encrypted, which was not allowed"
    );
}

#[test]
fn hints_are_removed_with_what_they_lead_to() {
    let machine = Machine::new(&repository());
    machine.choose("tool").unwrap();
    let cache = machine.path("cache");
    let files = || scant_io::cache::kept(&cache).iter().map(|kept| kept.files).sum::<usize>();
    // Two packages, an index, and two hints.
    assert_eq!(files(), 5);
    let now = scant_core::words::Time { seconds: 1, nanoseconds: 0 };
    let all = Prune { all: true, keep_size: None, older_than: None, now };
    prune(&cache, &all);
    assert_eq!(files(), 0);
    machine.choose("tool").unwrap();
}
