//! `scant trace`, with logs as the source.

mod results;

use snapbox::str;

use crate::check::{check, same};
use crate::place::Place;

pub(super) const MANIFEST: &str = "\
# The site.
inputs:
  ROOT: {backend: sysroot, path: root}

binaries:
  - ROOT/usr/bin/app # serves

image:
  entrypoint: [/usr/bin/app]
";

/// A program that opens a library by a composed name, a file, a secret, and writes.
pub(super) const LOG: &str = r#"7 execve("/usr/bin/app", ["app"], 0x7ffe /* 9 vars */) = 0
7 openat(AT_FDCWD, "/lib64/libplug.so", O_RDONLY|O_CLOEXEC) = -1 ENOENT (No such file or directory)
7 openat(AT_FDCWD, "/usr/lib64/libplug.so", O_RDONLY|O_CLOEXEC) = -1 ENOENT (No such file or directory)
7 openat(AT_FDCWD, "/etc/app.conf", O_RDONLY) = -1 ENOENT (No such file or directory)
7 openat(AT_FDCWD, "/etc/gone.conf", O_RDONLY) = -1 ENOENT (No such file or directory)
7 openat(AT_FDCWD, "/etc/ssl/private/site.key", O_RDONLY) = -1 EACCES (Permission denied)
7 openat(AT_FDCWD, "/tmp/app.1234", O_RDWR|O_CREAT|O_EXCL, 0600) = 3
7 openat(AT_FDCWD, "/usr/share/very/lo"..., O_RDONLY) = 4
7 +++ exited with 1 +++
"#;

pub(super) fn place() -> Place {
    let listing = format!(
        "{}\n/usr/lib64/libplug.so elf x86_64 soname=libplug.so\n/etc/ssl/private/site.key \"k\"\n",
        crate::place::ROOT
    );
    Place::new(&listing).file("app.yaml", MANIFEST).file("app.log", LOG)
}

#[test]
fn what_a_run_lacked_is_a_patch() {
    check(
        &place(),
        "trace app.yaml --import strace:app.log --run start",
        str![[r#"
exit 0
--- stdout
--- app.yaml
+++ app.yaml
@@ -3,7 +3,18 @@
   ROOT: {backend: sysroot, path: root}
 
 binaries:
-  - ROOT/usr/bin/app # serves
+  - from: ROOT/usr/bin/app # serves
+    libraries:
+      - libplug.so # opened by /usr/bin/app, run `start`
+
+data:
+  - from: ROOT/etc/app.conf
+    why: opened by /usr/bin/app, run `start`
+
+directories:
+  - path: /tmp
+    mode: "1777"
+    why: written by /usr/bin/app, run `start`
 
 image:
   entrypoint: [/usr/bin/app]
--- stderr
run `start`: 8 uses of files in 7 requests
warning: not used of the log: 0 unreadable lines, 1 cut names, 0 relative names whose directory is not known
    line 8: 7 openat(AT_FDCWD, "/usr/share/very/lo"..., O_RDONLY) = 4
    `strace -s 4096` cuts no name
missing, and an input has it:
    libraries of /usr/bin/app: libplug.so
        opened by /usr/bin/app, run `start`
    data: ROOT/etc/app.conf
        opened by /usr/bin/app, run `start`
    directories: /tmp, 1777
        written by /usr/bin/app, run `start`
missing, and no input has it: 1 name (--verbose lists them)
missing, and never proposed:
    /etc/ssl/private/site.key: a secret
        opened by /usr/bin/app, run `start`

"#]],
    );
}

#[test]
fn the_patch_alone() {
    check(
        &place(),
        "trace app.yaml --import strace:app.log -q",
        str![[r#"
exit 0
--- stdout
--- app.yaml
+++ app.yaml
@@ -3,7 +3,18 @@
   ROOT: {backend: sysroot, path: root}
 
 binaries:
-  - ROOT/usr/bin/app # serves
+  - from: ROOT/usr/bin/app # serves
+    libraries:
+      - libplug.so # opened by /usr/bin/app, run `app`
+
+data:
+  - from: ROOT/etc/app.conf
+    why: opened by /usr/bin/app, run `app`
+
+directories:
+  - path: /tmp
+    mode: "1777"
+    why: written by /usr/bin/app, run `app`
 
 image:
   entrypoint: [/usr/bin/app]

"#]],
    );
}

#[test]
fn written_into_the_manifest_it_is_all_that_was_missing() {
    let place = place();
    check(
        &place,
        "trace app.yaml --import strace:app.log --run start --write",
        str![[r#"
exit 0
--- stderr
run `start`: 8 uses of files in 7 requests
warning: not used of the log: 0 unreadable lines, 1 cut names, 0 relative names whose directory is not known
    line 8: 7 openat(AT_FDCWD, "/usr/share/very/lo"..., O_RDONLY) = 4
    `strace -s 4096` cuts no name
added:
    libraries of /usr/bin/app: libplug.so
        opened by /usr/bin/app, run `start`
    data: ROOT/etc/app.conf
        opened by /usr/bin/app, run `start`
    directories: /tmp, 1777
        written by /usr/bin/app, run `start`
missing, and no input has it: 1 name (--verbose lists them)
missing, and never proposed:
    /etc/ssl/private/site.key: a secret
        opened by /usr/bin/app, run `start`

"#]],
    );
    same(
        &std::fs::read_to_string(place.path().join("app.yaml")).unwrap(),
        str![[r##"
# The site.
inputs:
  ROOT: {backend: sysroot, path: root}

binaries:
  - from: ROOT/usr/bin/app # serves
    libraries:
      - libplug.so # opened by /usr/bin/app, run `start`

data:
  - from: ROOT/etc/app.conf
    why: opened by /usr/bin/app, run `start`

directories:
  - path: /tmp
    mode: "1777"
    why: written by /usr/bin/app, run `start`

image:
  entrypoint: [/usr/bin/app]

"##]],
    );
    check(
        &place,
        "trace app.yaml --no-run --check",
        str![[r#"
exit 0
--- stderr
missing, and no input has it: 1 name (--verbose lists them)
missing, and never proposed:
    /etc/ssl/private/site.key: a secret
        opened by /usr/bin/app, run `start`
nothing that a run needs and an input has is missing

"#]],
    );
    check(
        &place,
        "build -q --no-cache app.yaml -o oci:app",
        str![[r#"
exit 0
--- stdout
oci:app:latest sha256:[DIGEST]

"#]],
    );
    same(
        &std::fs::read_to_string(place.path().join("app.trace.json")).unwrap(),
        str![[r#"
{
  "version": 1,
  "runs": {
    "start": {
      "command": ["strace:app.log"],
      "uses": [
        {"path":"/etc/app.conf","use":"opened","missing":true,"program":"/usr/bin/app"},
        {"path":"/etc/gone.conf","use":"opened","missing":true,"program":"/usr/bin/app"},
        {"path":"/etc/ssl/private/site.key","use":"opened","program":"/usr/bin/app"},
        {"path":"/lib64","use":"followed","program":"/usr/bin/app"},
        {"path":"/tmp","use":"written","missing":true,"program":"/usr/bin/app"},
        {"path":"/usr/bin/app","use":"executed"},
        {"path":"/usr/lib64/libplug.so","use":"opened","missing":true,"searched":true,"program":"/usr/bin/app"},
        {"path":"/usr/lib64/libplug.so","use":"opened","missing":true,"searched":true,"asked":"/lib64/libplug.so","program":"/usr/bin/app"}
      ]
    }
  }
}

"#]],
    );
}

#[test]
fn a_check_records_nothing_and_ends_with_1() {
    let place = place();
    check(
        &place,
        "trace app.yaml --import strace:app.log --check -q",
        str![[r#"
exit 1
--- stdout
--- app.yaml
+++ app.yaml
@@ -3,7 +3,18 @@
   ROOT: {backend: sysroot, path: root}
 
 binaries:
-  - ROOT/usr/bin/app # serves
+  - from: ROOT/usr/bin/app # serves
+    libraries:
+      - libplug.so # opened by /usr/bin/app, run `app`
+
+data:
+  - from: ROOT/etc/app.conf
+    why: opened by /usr/bin/app, run `app`
+
+directories:
+  - path: /tmp
+    mode: "1777"
+    why: written by /usr/bin/app, run `app`
 
 image:
   entrypoint: [/usr/bin/app]

"#]],
    );
    assert!(!place.path().join("app.trace.json").exists());
    assert_eq!(std::fs::read_to_string(place.path().join("app.yaml")).unwrap(), MANIFEST);
}

#[test]
fn runs_are_merged_by_name() {
    let place = place().file(
        "other.log",
        "7 execve(\"/usr/bin/app\", [\"app\"], 0x1 /* 9 vars */) = 0\n7 stat(\"/usr/bin/static\", 0x1) = -1 ENOENT (No such file)\n",
    );
    place.run("trace app.yaml --import strace:app.log --run start");
    check(
        &place,
        "trace app.yaml --import strace:other.log -q",
        str![[r#"
exit 0
--- stdout
--- app.yaml
+++ app.yaml
@@ -3,7 +3,20 @@
   ROOT: {backend: sysroot, path: root}
 
 binaries:
-  - ROOT/usr/bin/app # serves
+  - from: ROOT/usr/bin/app # serves
+    libraries:
+      - libplug.so # opened by /usr/bin/app, run `start`
+  - from: ROOT/usr/bin/static
+    why: looked at by /usr/bin/app, run `other`
+
+data:
+  - from: ROOT/etc/app.conf
+    why: opened by /usr/bin/app, run `start`
+
+directories:
+  - path: /tmp
+    mode: "1777"
+    why: written by /usr/bin/app, run `start`
 
 image:
   entrypoint: [/usr/bin/app]

"#]],
    );
    check(
        &place,
        "trace app.yaml --import strace:other.log --run start -q",
        str![[r#"
exit 0
--- stdout
--- app.yaml
+++ app.yaml
@@ -4,6 +4,8 @@
 
 binaries:
   - ROOT/usr/bin/app # serves
+  - from: ROOT/usr/bin/static
+    why: looked at by /usr/bin/app, run `other`
 
 image:
   entrypoint: [/usr/bin/app]

"#]],
    );
}

#[test]
fn the_loaders_log_says_who_asked() {
    let log = "\
     7:\tfile=libz.so.1 [0];  needed by /usr/bin/app [0]
     7:\tfind library=libz.so.1 [0]; searching
     7:\t  trying file=/lib64/libz.so.1
     7:\tfile=libz.so.1 [0];  generating link map
     7:\tinitialize program: /usr/bin/app
     7:\tfile=libplug.so [0];  dynamically loaded by /lib64/libz.so.1 [0]
     7:\tfind library=libplug.so [0]; searching
     7:\t  trying file=/lib64/libplug.so
     7:\t  trying file=/usr/lib64/libplug.so
     7:\tcalling fini: /usr/bin/app [0]
";
    check(
        &place().file("ld.log", log),
        "trace app.yaml --import ld-debug:ld.log",
        str![[r#"
exit 0
--- stdout
--- app.yaml
+++ app.yaml
@@ -3,7 +3,9 @@
   ROOT: {backend: sysroot, path: root}
 
 binaries:
-  - ROOT/usr/bin/app # serves
+  - from: ROOT/usr/bin/app # serves
+    libraries:
+      - libplug.so # loaded by /lib64/libz.so.1 in /usr/bin/app, run `ld`
 
 image:
   entrypoint: [/usr/bin/app]
--- stderr
run `ld`: 5 uses of files in 3 requests
missing, and an input has it:
    libraries of /usr/bin/app: libplug.so
        loaded by /lib64/libz.so.1 in /usr/bin/app, run `ld`

"#]],
    );
}
