//! Packages of Alpine and its kin as inputs.

use super::check;

const ASKS: &str = "write a name, perhaps with a version and the tag of a repository: `curl`, \
                    `curl>=8`, `curl~8.5@edge`; `!curl` must not be there. Operators are `=`, `<`, \
                    `<=`, `>`, `>=`, `~`, `<~` and `>~`";

#[test]
fn packages_are_inputs() {
    check(
        "\
inputs:
  A: {backend: apk, packages: [nginx], repositories: [./packages], allow-unsigned: true}
  B:
    backend: apk
    repositories:
      - https://a.example/v3.22/main
      - {url: https://a.example/edge, tag: edge}
      - {url: ../own, allow-unsigned: true}
    keys: [./keys/*.rsa.pub, {file: k.pub}]
    packages: [nginx, 'curl>=8', foo~1@edge, '!busybox']
    install-if: false
",
        "\
2:6 input A apk nginx; ./packages unsigned
4:5 input B apk nginx, curl>=8, foo~1@edge, !busybox without what comes by itself; https://a.example/v3.22/main; https://a.example/edge @edge; ../own unsigned; signed by ./keys/*.rsa.pub; signed by k.pub
",
    );
}

#[test]
fn all_that_makes_no_sense_is_told() {
    let repository = "name the directory that has one for each architecture, such as \
                      https://mirror.example.com/alpine/v3.22/main";
    check(
        "\
input:
  backend: apk
  repositories:
    - '@edge https://a.example/edge'
    - https://a.example/main?x
    - https://a.example/x86_64/APKINDEX.tar.gz
    - ftp://a.example
    - {url: a, tag: '@edge'}
    - ''
  keys: ['[', 'a*/b', {}, {file: a, url: https://a}, {url: https://a}, {file: a, fingerprint: x}]
  packages: ['curl=>8', 'curl>', 'a b', fine]
",
        &alloc::format!(
            "\
4:7: `@edge https://a.example/edge` is not a URL and no directory (help: a repository with a tag is written {{url: https://…, tag: edge}})
5:7: `https://a.example/main` has a query, which no repository has (help: {repository})
6:7: `https://a.example/x86_64/APKINDEX.tar.gz` is an index, not a repository (help: {repository})
7:7: `ftp://a.example` is not a URL: only `https://` and `http://` are known
8:21: `@edge` is not a tag (help: write a word of letters, digits, `-`, `_` and `.`, without `@`)
9:7: the path is empty
10:10: `[` is not a glob: the `[` is never closed, at byte 1
10:15: `a*/b` names no files (help: write a path; its last part may have a glob, such as ./keys/*.rsa.pub)
10:23: a key has either a `file` or a `url`
10:27: a key has either a `file` or a `url`
10:60: the `url` of a key needs a `fingerprint` (help: the SHA-256 of the key as DER; `openssl pkey -pubin -in FILE -outform DER | sha256sum` prints it of a file that you trust)
10:95: `x` is not a SHA-256 digest (help: write its 64 hexadecimal digits)
11:14: `curl=>8` does not ask for a package (help: {ASKS})
11:25: `curl>` does not ask for a package (help: {ASKS})
11:34: `a b` does not ask for a package (help: {ASKS})
"
        ),
    );
}

#[test]
fn what_is_missing_or_says_two_things_is_told() {
    let case = |keys: &str, expected: &str| {
        let expected = expected.replace("ASKS", ASKS);
        check(&alloc::format!("input: {{backend: apk, {keys}}}\n"), &expected);
    };
    case(
        "allow-unsigned: true",
        "1:8: an input with backend `apk` needs a list of `packages`\n1:8: an input with backend `apk` needs a list of `repositories`",
    );
    case(
        "packages: [], repositories: [], keys: []",
        "1:51: no repository is named\n1:61: no key is named (help: leave it out to believe unsigned repositories only)",
    );
    case("packages: ['!a'], repositories: [x], keys: [k]", "1:33: no package is asked for");
    case(
        "packages: [a], repositories: [x]",
        "1:8: nothing says who must have signed the repositories (help: name files of their keys with `keys`, or believe anybody with `allow-unsigned: true`)",
    );
    case(
        "packages: [a], repositories: [x], keys: [k], allow-unsigned: true",
        "1:84: `keys` and `allow-unsigned` cannot both be given (help: a repository without signatures says so itself: {url: ./packages, allow-unsigned: true}) (1:63: the other one)",
    );
    case(
        "packages: ['a b'], repositories: [x]",
        "1:8: nothing says who must have signed the repositories (help: name files of their keys with `keys`, or believe anybody with `allow-unsigned: true`)\n1:34: `a b` does not ask for a package (help: ASKS)",
    );
    case(
        "packages: [a@edge, b@y], repositories: [{url: x, tag: y}], keys: [k]",
        "1:34: no repository has the tag `edge` (help: the tags are `y`)",
    );
    case(
        r#"packages: ["a@\e"], repositories: [x], keys: [k]"#,
        "1:34: no repository has the tag `\\u{1b}` (help: give one of them a `tag`)",
    );
    case(
        "packages: [a@edge], repositories: [x], keys: [k]",
        "1:34: no repository has the tag `edge` (help: give one of them a `tag`)",
    );
}

#[test]
fn keys_of_other_backends_are_refused() {
    check(
        "\
inputs:
  A: {backend: apk, packages: [a], repositories: [x], keys: [k], sources: [], recommends: true, path: x}
  B: {backend: apt, packages: [a1], repositories: [x], keys: [k], install-if: false}
",
        "\
2:75: an input with backend `apk` has no `sources` (help: leave it out; it belongs to `apt`)
2:91: an input with backend `apk` has no `recommends` (help: leave it out; it belongs to `apt`)
2:103: an input with backend `apk` has no `path` (help: leave it out; it belongs to `buildroot`, `sysroot`, `host`, `tar`)
3:51: an input with backend `apt` has no `repositories` (help: leave it out; it belongs to `apk`)
3:62: an input with backend `apt` has no `keys` (help: leave it out; it belongs to `apk`)
3:79: an input with backend `apt` has no `install-if` (help: leave it out; it belongs to `apk`)
",
    );
}
