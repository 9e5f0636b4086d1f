//! Texts of apk: versions, dependencies, indexes, what a package says of itself; and a choice of the
//! packages of an index.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scant_core::formats::alpine::{Dependency, PackageInfo, Version, index};
use scant_core::rules::packages::alpine::{Packages, Question, Repository};
use scant_fuzz::assert_plain;

fuzz_target!(|bytes: &[u8]| {
    if let Err(error) = PackageInfo::parse(bytes) {
        assert_plain(&error.to_string());
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let words: Vec<_> = text.split_whitespace().take(16).collect();
    let versions: Vec<Version> = words.iter().filter_map(|word| word.parse().ok()).collect();
    for a in &versions {
        assert!(a.is_like(a));
        for b in &versions {
            assert_eq!(a.cmp(b), b.cmp(a).reverse(), "{a} {b}");
            for c in &versions {
                assert!(!(a < b && b < c) || a < c, "{a} {b} {c}");
            }
        }
    }
    for word in words {
        if let Ok(dependency) = Dependency::parse(word) {
            assert_eq!(Dependency::parse(&dependency.to_string()), Ok(dependency));
        }
    }
    let Ok(world) = index::packages(text) else { return };
    if world.len() > 64 {
        return;
    }
    let repositories = [Repository { packages: &world, tag: None }];
    for package in world.iter().take(4) {
        let Ok(wish) = Dependency::parse(&package.name) else { continue };
        let question = Question { wishes: &[wish], has_install_if: true };
        let packages = Packages::of(&repositories, &package.architecture);
        if let Ok(choice) = packages.choose(&question) {
            assert!(choice.packages.len() <= world.len());
        }
    }
});
