//! Packages of Debian as inputs.

use super::check;

#[test]
fn packages_are_inputs() {
    check(
        "\
inputs:
  A: {backend: apt, packages: [nginx-light, 'curl (>= 7)']}
  B:
    backend: apt
    packages: [mta | exim4]
    recommends: true
    pins: [{package: curl, version: 7.*}]
    sources: [{uris: ['https://a.example/debian'], suites: [x], components: [main], signed-by: k.gpg}]
  C:
    backend: apt
    packages: [a1]
    sources:
      - {uris: ['https://a.example/@SNAPSHOTID@'], suites: [x/], signed-by: k, snapshot: 20260101T000000Z}
      - {uris: ['file:./debian'], suites: [x/]}
      - {files: [./debs, '../more/*.deb']}
    allow-unsigned: true
",
        "\
2:6 input A apt nginx-light, curl (>= 7)
4:5 input B apt mta | exim4 with what they recommend, curl 7.* at 990; https://a.example/debian x main signed by k.gpg
10:5 input C apt a1, unsigned; https://a.example/@SNAPSHOTID@ x/  of 20260101T000000Z signed by k; file:./debian x/ ; files ./debs ../more/*.deb
",
    );
}

#[test]
fn packages_that_make_no_sense_are_told() {
    let case = |keys: &str, expected: &str| {
        check(&alloc::format!("input: {{backend: apt, {keys}}}\n"), expected);
    };
    case(
        "path: x, packages: [a1]",
        "1:29: an input with backend `apt` has no `path` (help: leave it out; it belongs to `buildroot`, `sysroot`, `host`, `tar`)",
    );
    case("recommends: true", "1:8: an input with backend `apt` needs a list of `packages`");
    case("packages: []", "1:33: no package is asked for");
    case("packages: ['a1, b1']", "1:34: `a1, b1` is not one package (help: write one an item)");
    case(
        "packages: ['(1)']",
        "1:34: `(1)` is not a relation to a package: the name of a package was expected (help: write a name, perhaps with a version: `curl (>= 7.88)`, `curl (= 7.88.1-10)`)",
    );
    case(
        "packages: [a1], sources: []",
        "1:48: no archive is named (help: leave it out to use those of this machine)",
    );
    case(
        "packages: [a1], sources: [{uris: ['https://a'], suites: [x], components: [y]}]",
        "1:8: nothing says who must have signed the archive (help: name a file of its keys with `signed-by`, or believe anybody with `allow-unsigned: true`)",
    );
    case(
        "packages: [a1], sources: [{uris: ['ftp:/a'], suites: [../x], signed-by: k}]",
        "1:49: a suite needs `components`, such as `main`\n1:57: `ftp:/a` is not a URL: it must start with `https://` or `http://`\n1:77: `../x` is no name in an archive",
    );
    case(
        "packages: [a1], sources: [{uris: [], suites: [x/], components: [y], signed-by: k}]",
        "1:49: `uris` is empty\n1:49: a suite that ends in `/` is a directory and has no components",
    );
    case(
        "packages: [a1], sources: [{uris: ['https://a/@SNAPSHOTID@'], suites: [x/], signed-by: k}]",
        "1:57: nothing says what `@SNAPSHOTID@` stands for (help: name it with `snapshot`)",
    );
    case(
        "packages: [a1], sources: [{uris: ['https://a/'], suites: [x/], signed-by: k, snapshot: 2026-01-01}]",
        "1:110: `2026-01-01` is no snapshot (help: it is a time in UTC, such as `20260101T000000Z`)",
    );
    case(
        "packages: [a1], sources: [{files: [a], suites: [x/]}, {files: ['*/a']}]",
        "1:49: `files` are of no archive (help: write archives as an item of their own)\n1:86: `*/a` is no pattern of files (help: `*` can stand in the name of a file only)",
    );
}
