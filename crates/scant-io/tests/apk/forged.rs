//! Repositories that somebody has tampered with, as a build meets them.

use scant_testkit::alpine::{Apk, KEY, signature};
use scant_testkit::{AlpineRepository, RawTar};

use crate::machine::Machine;

/// A repository with one small package.
fn small() -> AlpineRepository {
    let mut repository = AlpineRepository::default();
    repository.add(INFO, "a b");
    repository
}

const INFO: &str = "pkgname = a\npkgver = 1-r0\narch = x86_64\n";
const INDEX: &str = "packages/x86_64/APKINDEX.tar.gz";
const PACKAGE: &str = "packages/x86_64/a-1-r0.apk";

/// Where the first member of gzip ends, which is that of the signature.
fn end_of_signature(bytes: &[u8]) -> usize {
    let mut decoder = flate2::bufread::GzDecoder::new(bytes);
    std::io::copy(&mut decoder, &mut std::io::sink()).unwrap();
    bytes.len() - decoder.into_inner().len()
}

/// Changes a file at every byte, and says what comes of it: what is signed is refused; what only
/// holds a signature may change nothing.
fn changed_anywhere(path: &str) {
    let machine = Machine::local(&small());
    let good = machine.choose("a").unwrap();
    let (file, hints) = (machine.path(path), machine.path("cache/downloads/hints"));
    let bytes = std::fs::read(&file).unwrap();
    let signed_from = end_of_signature(&bytes);
    for at in 0..bytes.len() {
        // What was found before does not stand in for what is there.
        let _ = std::fs::remove_dir_all(&hints);
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        std::fs::write(&file, changed).unwrap();
        match machine.choose("a") {
            Err(_) => {}
            Ok(choice) => {
                assert!(at < signed_from, "byte {at} of {path} was changed and nobody saw it");
                let names = |choice: &scant_io::packages::Choice| {
                    choice.packages.iter().map(|one| one.name.clone()).collect::<Vec<_>>()
                };
                assert_eq!(names(&choice), names(&good));
            }
        }
    }
    let _ = std::fs::remove_dir_all(&hints);
    for end in 0..bytes.len() {
        std::fs::write(&file, &bytes[..end]).unwrap();
        assert!(machine.choose("a").is_err(), "{path} was cut off at byte {end}");
    }
    std::fs::write(&file, [&bytes[..], b"\0"].concat()).unwrap();
    assert!(machine.choose("a").is_err(), "something follows after {path}");
    std::fs::write(&file, &bytes).unwrap();
    assert_eq!(machine.choose("a").unwrap(), good);
}

#[test]
fn an_index_that_was_changed_at_any_byte_is_refused() {
    changed_anywhere(INDEX);
}

#[test]
fn a_package_that_was_changed_at_any_byte_is_refused() {
    changed_anywhere(PACKAGE);
}

#[test]
fn another_package_of_the_same_name_is_refused() {
    let machine = Machine::local(&small());
    let other = Apk::new(INFO, &[], &RawTar::of_lines("a c")).signed();
    let listed = std::fs::metadata(machine.path(PACKAGE)).unwrap().len() as usize;
    std::fs::write(machine.path(PACKAGE), &other).unwrap();
    let told = machine.chosen("a");
    match other.len() == listed {
        true => assert!(told.contains("the SHA-1 of its control data is"), "{told}"),
        false => assert!(told.contains("and the index says"), "{told}"),
    }
}

#[test]
fn a_wrong_signature_of_a_package_is_refused_though_the_index_lists_it() {
    // As long as the good one: the name of the key is.
    let mut repository = AlpineRepository::default();
    let apk = Apk::new(INFO, &[], &RawTar::of_lines("a b"));
    let wrong = [signature("RSA256", KEY, b"something else"), apk.bytes()].concat();
    repository.add_apk(INFO, &apk);
    let mut padded = wrong;
    let machine = Machine::local(&repository);
    let listed = std::fs::metadata(machine.path(PACKAGE)).unwrap().len() as usize;
    // Signatures do not compress, but not all to the same size: one that fits is looked for.
    for round in 0..1000 {
        if padded.len() == listed {
            break;
        }
        let other = signature("RSA256", KEY, format!("something else {round}").as_bytes());
        padded = [other, apk.bytes()].concat();
    }
    assert_eq!(padded.len(), listed);
    std::fs::write(machine.path(PACKAGE), padded).unwrap();
    let told = machine.chosen("a");
    assert!(told.contains("the signature of `test-1.rsa.pub` is of something else"), "{told}");
}

#[test]
fn an_older_index_is_believed_for_nothing_in_it_says_when_it_was_made() {
    let machine = Machine::local(&small());
    let old = std::fs::read(machine.path(INDEX)).unwrap();
    let mut newer = small();
    newer.add(&INFO.replace("1-r0", "2-r0"), "a c").write_to(&machine.path("packages"));
    assert_eq!(machine.chosen("a"), "a 2-r0 x86_64");
    std::fs::write(machine.path(INDEX), old).unwrap();
    assert_eq!(machine.chosen("a"), "a 1-r0 x86_64");
}

#[test]
fn packages_that_reach_out_of_their_root_are_refused() {
    for (files, why) in [
        ("../up x", "`/../up` contains `..`"),
        ("a/../../up x", "`/a/../../up` contains `..`"),
        ("x = ../../etc/passwd", "contains `..`"),
    ] {
        let mut repository = AlpineRepository::default();
        repository.add(INFO, files);
        let machine = Machine::local(&repository);
        let told = machine.chosen("a");
        assert!(told.contains(why) && told.starts_with("the package"), "{files}: {told}");
    }
}
