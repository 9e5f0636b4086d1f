//! Locks as text.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::*;
use crate::formats::manifest;

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A lock with everything that one may hold, in the order in which it is written.
fn whole() -> String {
    r#"{
  "inputs": {
    "APT": {
      "indexes": {
        "linux/amd64": [
          {
            "digest": "D",
            "size": 5,
            "url": "https://example.com/Packages.xz"
          }
        ]
      },
      "packages": {
        "linux/amd64": [
          {
            "architecture": "amd64",
            "digest": "D",
            "name": "libc6",
            "size": 7,
            "url": "https://example.com/libc6.deb",
            "version": "2.41-12"
          },
          {
            "architecture": "all",
            "digest": "D",
            "name": "local",
            "size": 7,
            "url": "./packages/local.deb",
            "version": "1"
          }
        ]
      }
    },
    "BASE": {
      "pins": {
        "all": {
          "asked": "docker://docker.io/library/alpine:3.20",
          "digest": "D",
          "media-type": "application/vnd.oci.image.index.v1+json",
          "size": 9218
        }
      }
    },
    "JRE": {
      "pins": {
        "linux/amd64": {
          "asked": "https://example.com/x64.tar.gz",
          "digest": "D",
          "size": 1
        },
        "linux/arm64": {
          "asked": "https://example.com/arm.tar.gz",
          "digest": "D",
          "size": 18446744073709551615
        }
      }
    },
    "SYSROOT": {
      "files": {
        "linux/amd64": {
          "/bin/s\\xff": "D",
          "/etc/ü": "D"
        }
      }
    }
  },
  "version": 1
}
"#
    .replace("\"D\"", &format!("\"{DIGEST}\""))
}

#[track_caller]
fn faults(text: &str, expected: &str) {
    let text = text.replace("\"D\"", &format!("\"{DIGEST}\""));
    let faults = parse(&text).expect_err("a fault was expected");
    let line = |fault: &crate::formats::yaml::Fault| match &fault.help {
        Some(help) => format!("{fault} (help: {help})"),
        None => fault.to_string(),
    };
    let found: Vec<_> = faults.iter().map(line).collect();
    assert_eq!(found.join("\n"), expected.trim());
}

#[test]
fn what_is_written_is_read_the_same() {
    let lock = parse(&whole()).unwrap();
    assert_eq!(lock.inputs.len(), 4);
    assert_eq!(lock.encode(), whole());
    assert_eq!(Lock::default().encode(), "{\n  \"inputs\": {},\n  \"version\": 1\n}\n");
    assert_eq!(parse(&Lock::default().encode()).unwrap(), Lock::default());
}

#[test]
fn all_texts_can_be_written() {
    let asked = "\u{0}\t\n\r\u{7f}\u{85}\u{2028}\u{feff}\u{ffff}\u{1f600}\"\\ü /".to_string();
    let pin = Pin { asked, digest: Digest::of(b""), size: 0, media_type: None };
    let input = LockedInput { pins: [(For::All, pin)].into(), ..LockedInput::default() };
    let lock = Lock { inputs: [(InputName::new("A"), input)].into() };
    assert_eq!(parse(&lock.encode()).unwrap(), lock);
}

#[test]
fn order_spaces_and_line_endings_do_not_matter() {
    let lock = parse(&whole()).unwrap();
    assert_eq!(parse(&whole().replace('\n', "\r\n")).unwrap(), lock);
    let value: serde_json::Value = serde_json::from_str(&whole()).unwrap();
    assert_eq!(parse(&value.to_string()).unwrap(), lock);
}

#[test]
fn other_versions_are_refused_whatever_else_they_hold() {
    faults(
        r#"{"version": 2, "inputs": [], "new": 1}"#,
        "1:13: a lock of version 2; this scant reads version 1 (help: `scant lock --update all` writes it anew)",
    );
    faults(r#"{"inputs": {}}"#, "1:2: `version` is missing here");
    faults(
        r#"{"version": "one"}"#,
        "1:13: expected a whole number from 0 to 4294967295, found a string",
    );
    faults("", "1:1: the lock is empty (help: `scant lock --update all` writes it anew)");
    faults("[]", "1:1: expected a mapping, found a list");
}

#[test]
fn what_hands_broke_is_told_at_its_place() {
    faults(
        r#"{"version": 1, "inputs": {
"A": {"pins": {"all": {"asked": "x", "digest": "sha256:0", "size": -1}}},
"B": {"pins": {"linux/x": {"asked": "x", "digest": "D", "size": 1, "sise": 1}}},
"C": {"pins": [], "files": {"linux/amd64": {"x": "D"}}},
"C": {},
"F": 5,
"E": {"packages": {"linux/amd64": [{"name": "a", "version": "1", "architecture": "x", "url": "ftp://a/", "digest": "D", "size": 1}, {}]}}
}}"#,
        "\
2:68: expected a whole number from 0 to 18446744073709551615, found -1
3:16: `linux/x` is not a platform that scant knows
3:138: unknown key `sise` (help: did you mean `size`? known keys here: `asked`, `digest`, `size`, `media-type`)
4:15: expected a mapping, found a list
4:45: `x` is not a path that scant knows
5:1: the key `C` is there twice
6:6: expected a mapping, found a number (help: as in {pins: ...}; known keys here: `pins`, `files`, `indexes`, `packages`)
7:94: `ftp://a/` is not a URL: only `https://` and `http://` are known
7:203: `name` is missing here
",
    );
    faults(
        r#"{"version": 1, "inputs": {"A": {"pins": {"all": {"asked": "x", "digest": "sha256:0", "size": 1}}}}}"#,
        "1:74: `sha256:0` is not a digest that scant knows",
    );
}

#[test]
fn one_platform_is_not_there_twice() {
    faults(
        r#"{"version": 1, "inputs": {"A": {"pins": {
"linux/arm64": {"asked": "x", "digest": "D", "size": 1},
"linux/arm64/v8": {"asked": "x", "digest": "D", "size": 1}}}}}"#,
        "3:1: `linux/arm64/v8` is there twice",
    );
}

/// What is different, as lines.
#[track_caller]
fn differ(inputs: &str, lock: &str, expected: &str) {
    let hex = &DIGEST[7..];
    let manifest = manifest::parse(&inputs.replace("HEX", hex)).unwrap();
    let lock = parse(&format!("{{version: 1, inputs: {}}}", lock.replace("DIGEST", DIGEST)));
    let found = differences(&manifest, &lock.unwrap());
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found.join("\n").replace(DIGEST, "DIGEST"), expected);
}

#[test]
fn manifests_and_locks_are_compared() {
    let inputs = "\
inputs:
  A: {backend: tar, url: 'https://example.com/a', sha256: HEX}
  B: {backend: oci, image: {linux/amd64: docker://b, linux/arm64: 'oci:b'}}
  C: {backend: host}
";
    let pin = |asked: &str| format!("{{asked: '{asked}', digest: DIGEST, size: 1}}");
    let (a, b, c) =
        (pin("https://example.com/a"), pin("docker://docker.io/library/b"), pin("oci:b"));
    let good = format!(
        "{{A: {{pins: {{all: {a}}}}}, B: {{pins: {{linux/amd64: {b}, linux/arm64: {c}}}}}}}"
    );
    differ(inputs, &good, "");
    differ(&inputs.replace('\n', "\r\n"), &good, "");
    differ(
        inputs,
        "{}",
        "A is not locked\nB for linux/amd64 is not locked\nB for linux/arm64 is not locked",
    );
    differ(
        inputs,
        &good.replace("oci:b", "oci:c").replace("/a'", "/z'"),
        "\
A is `https://example.com/a` but `https://example.com/z` is locked
B for linux/arm64 is `oci:b` but `oci:c` is locked",
    );
    differ(
        &inputs.replace("HEX", &"a".repeat(64)),
        &good,
        &format!("A is to have sha256:{} but DIGEST is locked", "a".repeat(64)),
    );
    let more = good.replacen('{', &format!("{{Z: {{}}, C: {{pins: {{all: {a}}}}}, "), 1);
    differ(inputs, &more, "C is locked but not asked for\nZ is locked but not declared");
}
