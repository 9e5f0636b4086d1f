//! `tests`.

use super::check;

#[test]
fn tests_are_files_or_stand_in_the_manifest() {
    check(
        "\
tests:
  - tests/smoke.yaml
  - commandTests:
      - {name: version, command: app, args: [--version], expectedOutput: ['^1']}
    fileExistenceTests:
      - {name: no shell, path: /bin/sh, shouldExist: false}
  - schemaVersion: 2.0.0
    metadataTest: {user: '33:33'}
",
        "\
2:5 tests in tests/smoke.yaml
tests command@4:9 \"version\" file@6:9 \"no shell\"
tests metadata@8:19 \"\"
",
    );
}

#[test]
fn faults_of_tests_are_faults_of_the_manifest() {
    check(
        "\
tests:
  - ''
  - commandTests: [{name: a, command: [b]}]
  - schemaVersion: 1.0.0
  - commandTests: [{name: a, command: b, expectedOutput: ['[']}]
  - commandTest: []
  - 5
",
        "\
2:5: a file of tests is named here
3:39: in schema 2.0.0 `command` is the program alone (help: write the arguments as the list `args`)
4:20: tests in a manifest are of schema 2.0.0, not 1.0.0 (help: put them into a file, and name it here)
5:59: `[` is not a regular expression: a `[` is never closed
6:5: unknown key `commandTest` (help: did you mean `commandTests`? known keys here: `schemaVersion`, `globalEnvVars`, `commandTests`, `fileExistenceTests`, `fileContentTests`, `metadataTest`, `licenseTests`, `containerRunOptions`)
7:5: expected a string or a mapping, found a number (help: quote it: \"5\")
",
    );
}
