//! What `scant test` writes for programs.

use snapbox::str;

use crate::check::{check, same};
use crate::test::place;

#[test]
fn as_json() {
    check(
        &place(),
        "test image -c good.yaml -c bad.json --json --filter program",
        str![[r#"
exit 1
--- stdout
{
  "failed": 1,
  "ok": false,
  "passed": 1,
  "tests": [
    {
      "exit_code": null,
      "file": "good.yaml",
      "kind": "file",
      "line": 3,
      "name": "program",
      "ok": true,
      "platform": "linux/amd64",
      "seconds": null,
      "stderr": null,
      "stdout": null,
      "timed_out": false,
      "wrong": []
    },
    {
      "exit_code": null,
      "file": "bad.json",
      "kind": "file",
      "line": 5,
      "name": "program",
      "ok": false,
      "platform": "linux/amd64",
      "seconds": null,
      "stderr": null,
      "stdout": null,
      "timed_out": false,
      "wrong": [
        "`/usr/bin/app` is a file, not a directory",
        "the permissions of `/usr/bin/app` are `-rwxr-xr-x`, not `drwxr-xr-x`"
      ]
    }
  ]
}
--- stderr
1 of 2 tests failed

"#]],
    );
}

#[test]
fn as_junit() {
    check(
        &place(),
        "test image -c good.yaml -c bad.json --format junit",
        str![[r#"
exit 1
--- stdout
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="scant test" tests="9" failures="4" time="0.000">
  <testsuite name="good.yaml (linux/amd64)" tests="5" failures="0" time="0.000">
    <testcase name="program" classname="file" file="good.yaml" line="3" time="0.000"></testcase>
    <testcase name="library" classname="file" file="good.yaml" line="4" time="0.000"></testcase>
    <testcase name="no shell" classname="file" file="good.yaml" line="5" time="0.000"></testcase>
    <testcase name="port" classname="content" file="good.yaml" line="7" time="0.000"></testcase>
    <testcase name="metadata" classname="metadata" file="good.yaml" line="9" time="0.000"></testcase>
  </testsuite>
  <testsuite name="bad.json (linux/amd64)" tests="4" failures="4" time="0.000">
    <testcase name="no�[31m configuration" classname="file" file="bad.json" line="4" time="0.000">
      <failure message="`/etc/app.conf` should not be there, but is a file">`/etc/app.conf` should not be there, but is a file</failure>
    </testcase>
    <testcase name="program" classname="file" file="bad.json" line="5" time="0.000">
      <failure message="`/usr/bin/app` is a file, not a directory">`/usr/bin/app` is a file, not a directory&#10;the permissions of `/usr/bin/app` are `-rwxr-xr-x`, not `drwxr-xr-x`</failure>
    </testcase>
    <testcase name="&lt;port&gt; &amp; &quot;host&quot;" classname="content" file="bad.json" line="8" time="0.000">
      <failure message="`/etc/app.conf` does not match `^listen 443$`">`/etc/app.conf` does not match `^listen 443$`&#10;`/etc/app.conf`:&#10;  | listen 80</failure>
    </testcase>
    <testcase name="license" classname="license" file="bad.json" line="10" time="0.000">
      <failure message="`/usr/share/doc` cannot be read: no such file or directory">`/usr/share/doc` cannot be read: no such file or directory</failure>
    </testcase>
  </testsuite>
</testsuites>
--- stderr
4 of 9 tests failed

"#]],
    );
}

#[test]
fn into_files() {
    let place = place();
    check(
        &place,
        "test image -c good.yaml --filter shell --output out.json --format json --junit out.xml",
        str![[r#"
exit 0
--- stderr
1 test passed

"#]],
    );
    let text = |name: &str| std::fs::read_to_string(place.path().join(name)).unwrap();
    same(
        &text("out.json"),
        str![[r#"
{
  "failed": 0,
  "ok": true,
  "passed": 1,
  "tests": [
    {
      "exit_code": null,
      "file": "good.yaml",
      "kind": "file",
      "line": 5,
      "name": "no shell",
      "ok": true,
      "platform": "linux/amd64",
      "seconds": null,
      "stderr": null,
      "stdout": null,
      "timed_out": false,
      "wrong": []
    }
  ]
}

"#]],
    );
    same(
        &text("out.xml"),
        str![[r#"
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="scant test" tests="1" failures="0" time="0.000">
  <testsuite name="good.yaml (linux/amd64)" tests="1" failures="0" time="0.000">
    <testcase name="no shell" classname="file" file="good.yaml" line="5" time="0.000"></testcase>
  </testsuite>
</testsuites>

"#]],
    );
    check(
        &place,
        "test image -c good.yaml --output none/out.txt",
        str![[r#"
exit 4
--- stderr
error: `none/out.txt` cannot be written: No such file or directory (os error 2)

"#]],
    );
}
