//! Builds from what Alpine and Wolfi have made, as far as there is some.

use scant_core::formats::manifest::{ApkKeyPlace, ApkKeys};
use scant_core::words::{Architecture, Input, Platform, TreePath};
use scant_io::packages::{Union, apk};
use scant_testkit::AlpineRepository;

use crate::machine::Machine;
use crate::support::{fixture, options};

/// A machine that knows these keys of Alpine.
fn with_keys(mut machine: Machine, names: &[&str]) -> Option<Machine> {
    for name in names {
        std::fs::write(machine.path(name), fixture(&format!("keys/{name}"))?).unwrap();
        let place = ApkKeyPlace::Files(name.to_string());
        machine.apk.keys.push(ApkKeys { place, fingerprint: None });
    }
    Some(machine)
}

const X86_64: &str = "alpine-devel@lists.alpinelinux.org-6165ee59.rsa.pub";
const AARCH64: &str = "alpine-devel@lists.alpinelinux.org-616ae350.rsa.pub";

#[test]
fn an_index_of_alpine_is_believed_and_chosen_from() {
    let Some(index) = fixture("alpine-316/APKINDEX.tar.gz") else { return };
    let machine = Machine::local(&AlpineRepository::default());
    std::fs::create_dir_all(machine.path("packages/x86_64")).unwrap();
    std::fs::write(machine.path("packages/x86_64/APKINDEX.tar.gz"), index).unwrap();
    // Its key is not among those that are given.
    let told = machine.chosen("nginx");
    assert!(told.contains("it is signed by `alpine-devel@"), "{told}");
    let Some(machine) = with_keys(machine, &[X86_64]) else { return };
    // There are no packages beside it: all that would be needed are told.
    let told = machine.chosen("nginx curl>=7 !bash");
    for name in ["nginx", "curl", "libcurl", "musl", "pcre", "libssl1.1", "ca-certificates"] {
        assert!(told.contains(&format!("the package `HERE/packages/x86_64/{name}-")), "{told}");
    }
    let told = machine.chosen("ngnix");
    assert_eq!(told, "no repository has `ngnix` for linux/amd64; did you mean `nginx`?");
}

/// The part of a package that an index has a digest of, and its `.PKGINFO`.
fn control(bytes: &[u8]) -> (&[u8], String) {
    let mut rest = bytes;
    loop {
        let mut decoder = flate2::bufread::GzDecoder::new(rest);
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut decoder, &mut content).unwrap();
        let (member, after) = rest.split_at(rest.len() - decoder.into_inner().len());
        let mut archive = tar::Archive::new(&content[..]);
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            if entry.path_bytes().as_ref() == b".PKGINFO" {
                let mut info = String::new();
                std::io::Read::read_to_string(&mut entry, &mut info).unwrap();
                return (member, info);
            }
        }
        rest = after;
    }
}

/// The root of what is asked for.
fn root(machine: &Machine, packages: &str) -> Union {
    let choice = machine.choose(packages).unwrap();
    let files = machine.with(|repositories| repositories.fetch(&choice.packages)).unwrap();
    apk::root(&files, "unknown", &options()).unwrap()
}

fn shown(union: &Union, path: &str) -> String {
    let path = TreePath::parse(path).unwrap();
    let entry = union.lookup(&path).unwrap().unwrap();
    format!("{:o} {}", entry.mode, union.package_of(&path).unwrap())
}

#[test]
fn packages_of_alpine_and_wolfi_are_one_root() {
    let Some(hello) = fixture("hello-wolfi-2.12.1-r0.apk") else { return };
    let Some(base) = fixture("alpine-316/alpine-baselayout-3.2.0-r23.apk") else { return };
    let mut repository = AlpineRepository::default();
    for bytes in [&hello, &base] {
        let (control, info) = control(bytes);
        repository.add_bytes(&info, control, bytes);
    }
    repository.add(
        "pkgname = glibc\npkgver = 2.40-r1\narch = x86_64\nprovides = so:libc.so.6=6\n\
         provides = so:ld-linux-x86-64.so.2=1\n",
        "usr/lib/os-release ID=wolfi",
    );
    repository.add(
        "pkgname = rest\npkgver = 3.2.0-r23\narch = aarch64\nprovides = so:libc.musl-aarch64.so.1=1\n\
         provides = alpine-baselayout-data=3.2.0-r23\nprovides = /bin/sh\n",
        "etc/os-release ID=alpine",
    );
    let Some(mut machine) = with_keys(Machine::local(&repository), &[AARCH64]) else { return };
    let wolfi = root(&machine, "cmd:hello");
    assert_eq!(shown(&wolfi, "/usr/bin/hello"), "755 hello-wolfi");
    let purls = |union: &Union| {
        let all = union.packaged().unwrap().all().iter();
        all.map(|package| package.identity.purl.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        purls(&wolfi),
        [
            "pkg:apk/wolfi/glibc@2.40-r1?arch=x86_64",
            "pkg:apk/wolfi/hello-wolfi@2.12.1-r0?arch=x86_64"
        ]
    );
    machine.platform = Platform::linux(Architecture::Arm64);
    let alpine = root(&machine, "alpine-baselayout");
    assert_eq!(shown(&alpine, "/tmp"), "1777 alpine-baselayout");
    assert!(purls(&alpine)[0].starts_with("pkg:apk/alpine/alpine-baselayout@3.2.0-r23"));
    // The signature in the package of Alpine is by a key that is given: it counts.
    let path = machine.path("packages/aarch64/alpine-baselayout-3.2.0-r23.apk");
    std::fs::remove_dir_all(machine.path("cache")).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[300] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert!(machine.choose("alpine-baselayout").is_err());
}
