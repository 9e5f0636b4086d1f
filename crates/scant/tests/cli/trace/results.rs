//! What `scant trace` says besides the patch, and what it refuses.

use snapbox::str;

use super::{LOG, MANIFEST, place};
use crate::check::check;
use crate::place::Place;

#[test]
fn declared_files_that_no_run_touched() {
    let place = place();
    let manifest = MANIFEST
        .replace("image:", "data:\n  - ROOT/etc/app.conf\n  - ROOT/usr/bin/script\n\nimage:");
    let place = place.file("app.yaml", &manifest);
    check(
        &place,
        "trace app.yaml --import strace:app.log --unused -q",
        str![[r#"
exit 0
--- stdout
--- app.yaml
+++ app.yaml
@@ -3,11 +3,18 @@
   ROOT: {backend: sysroot, path: root}
 
 binaries:
-  - ROOT/usr/bin/app # serves
+  - from: ROOT/usr/bin/app # serves
+    libraries:
+      - libplug.so # opened by /usr/bin/app, run `app`
 
 data:
   - ROOT/etc/app.conf
   - ROOT/usr/bin/script
+
+directories:
+  - path: /tmp
+    mode: "1777"
+    why: written by /usr/bin/app, run `app`
 
 image:
   entrypoint: [/usr/bin/app]
app.yaml:10: `data`: 1 file not touched
    /usr/bin/script

"#]],
    );
}

#[test]
fn as_json() {
    check(
        &place(),
        "trace app.yaml --import strace:app.log -q --json",
        str![[r#"
exit 0
--- stdout
{
  "applied": false,
  "manifest": "app.yaml",
  "missing": [
    {
      "path": "/etc/gone.conf",
      "reason": "opened by /usr/bin/app, run `app`"
    }
  ],
  "offers": [],
  "patch": "--- app.yaml\n+++ app.yaml\n@@ -3,7 +3,18 @@\n   ROOT: {backend: sysroot, path: root}\n \n binaries:\n-  - ROOT/usr/bin/app # serves\n+  - from: ROOT/usr/bin/app # serves\n+    libraries:\n+      - libplug.so # opened by /usr/bin/app, run `app`\n+\n+data:\n+  - from: ROOT/etc/app.conf\n+    why: opened by /usr/bin/app, run `app`\n+\n+directories:\n+  - path: /tmp\n+    mode: \"1777\"\n+    why: written by /usr/bin/app, run `app`\n \n image:\n   entrypoint: [/usr/bin/app]\n",
  "proposals": [
    {
      "line": 6,
      "name": "libplug.so",
      "program": "/usr/bin/app",
      "reason": "opened by /usr/bin/app, run `app`",
      "section": "libraries"
    },
    {
      "from": "ROOT/etc/app.conf",
      "reason": "opened by /usr/bin/app, run `app`",
      "section": "data"
    },
    {
      "mode": "1777",
      "path": "/tmp",
      "reason": "written by /usr/bin/app, run `app`",
      "section": "directories"
    }
  ],
  "recorded": [
    {
      "command": [
        "strace:app.log"
      ],
      "cut": 1,
      "ended": null,
      "failed": null,
      "lost": 0,
      "name": "app",
      "requests": 7,
      "searches": 0,
      "undone": [],
      "unknownAccounts": [],
      "unplaced": 0,
      "unreadable": 0
    }
  ],
  "runs": [
    "app"
  ],
  "traceFile": "[PLACE]/app.trace.json",
  "unused": null,
  "withheld": [
    {
      "path": "/etc/ssl/private/site.key",
      "reason": "opened by /usr/bin/app, run `app`",
      "refused": "a secret"
    }
  ],
  "written": []
}

"#]],
    );
}

#[test]
fn what_cannot_be_traced() {
    let place =
        place().file("notes.txt", "nothing of strace\n").file("bad.json", "{\"version\": 9}");
    check(
        &place,
        "trace app.yaml --no-run",
        str![[r#"
exit 2
--- stderr
error: no run is recorded yet
hint: without `--no-run` the image is run; `--import strace:FILE` reads a log

"#]],
    );
    check(
        &place,
        "trace app.yaml --import strace:none.log",
        str![[r#"
exit 3
--- stderr
error: the log `none.log`: No such file or directory (os error 2)

"#]],
    );
    check(
        &place,
        "trace app.yaml --import strace:notes.txt",
        str![[r#"
exit 3
--- stderr
error: the log `notes.txt` names no file that can be used
hint: line 1 is: nothing of strace

"#]],
    );
    check(
        &place,
        "trace app.yaml --import perf:app.log",
        str![[r#"
exit 2
--- stderr
error: invalid value 'perf:app.log' for '--import <KIND:FILE>': expected `strace:FILE` or `ld-debug:FILE`

For more information, try '--help'.

"#]],
    );
    check(
        &place,
        "trace app.yaml --no-run --trace-file bad.json",
        str![[r#"
exit 3
--- stderr
error: the trace file `[PLACE]/bad.json` cannot be read:
version 9 is unknown: this scant reads 1
hint: remove it to record anew, or name another with --trace-file

"#]],
    );
    check(
        &place,
        "trace app.yaml --import strace:app.log --write --check",
        str![[r#"
exit 2
--- stderr
error: the argument '--write' cannot be used with '--check'

Usage: scant trace --import <KIND:FILE> --write <MANIFEST> [-- <ARGS>...]

For more information, try '--help'.

"#]],
    );
}

#[test]
fn entries_that_come_to_no_plan_are_not_written() {
    let listing = format!(
        "{}\n/usr/lib64/libplug.so elf x86_64 soname=libplug.so needed=libnone.so\n",
        crate::place::ROOT
    );
    let place = Place::new(&listing).file("app.yaml", MANIFEST).file("app.log", LOG);
    check(
        &place,
        "trace app.yaml --import strace:app.log -q --write",
        str![[r#"
exit 3
--- stderr
error: library `libnone.so` was not found; needed by /usr/lib64/libplug.so
 --> app.yaml:6:5
  |
6 |   - from: ROOT/usr/bin/app # serves
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: tried, in this order:
          /lib64/libnone.so (in the loader's default directory /lib64): no such file or directory
          /usr/lib64/libnone.so (in the loader's default directory /usr/lib64): no such file or directory
hint: `app.yaml` is not changed: these entries would be in it

"#]],
    );
    assert_eq!(std::fs::read_to_string(place.path().join("app.yaml")).unwrap(), MANIFEST);
}
