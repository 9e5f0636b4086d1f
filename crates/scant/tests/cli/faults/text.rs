//! Manifests that are hostile or damaged as texts, or no files at all.

use std::fs::{self, File};
use std::os::unix::net::UnixListener;

use snapbox::str;

use super::needs::{as_nobody, make_fifo};
use crate::check::{check, check_manifest, same};
use crate::place::Place;

#[track_caller]
fn check_bytes(manifest: &[u8], expected: impl snapbox::IntoData) {
    let place = Place::new("");
    fs::write(place.path().join("app.yaml"), manifest).unwrap();
    check(&place, "plan app.yaml", expected);
}

#[test]
fn more_than_a_manifest_can_be() {
    let place = Place::new("");
    File::create(place.path().join("app.yaml")).unwrap().set_len(100 << 20).unwrap();
    check(
        &place,
        "plan app.yaml",
        str![[r#"
exit 2
--- stderr
error: `app.yaml`, 104857600 bytes, is too large to be a manifest: at most 4 MiB are read
hint: a directory under `data` takes all that is in it with one line

"#]],
    );
}

#[test]
fn more_on_standard_input_than_a_manifest_can_be() {
    let place = Place::new("");
    let mut scant = place.scant(["plan", "-"]);
    scant.stdin(File::open("/dev/zero").unwrap());
    same(
        &place.seen(&scant.output().unwrap()),
        str![[r#"
exit 2
--- stderr
error: `standard input` is too large to be a manifest: at most 4 MiB are read
hint: a directory under `data` takes all that is in it with one line

"#]],
    );
}

#[test]
fn a_little_more_than_a_manifest_can_be_in_many_lines() {
    check_bytes(
        &b"# comment\n".repeat(420_000),
        str![[r#"
exit 2
--- stderr
error: `app.yaml`, 4200000 bytes, is too large to be a manifest: at most 4 MiB are read
hint: a directory under `data` takes all that is in it with one line

"#]],
    );
}

#[test]
fn aliases_of_aliases() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for n in 1..12 {
        let before = format!("*a{}", n - 1);
        text += &format!("a{n}: &a{n} [{}]\n", [&*before; 10].join(", "));
    }
    check_bytes(
        text.as_bytes(),
        str![[r#"
exit 2
--- stderr
error: written out, the aliases in this are too much to read
 --> app.yaml:7:9
  |
7 | a6: &a6 [*a5, *a5, *a5, *a5, *a5, *a5, *a5, *a5, *a5, *a5]
  |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: use fewer aliases of aliases

"#]],
    );
}

#[test]
fn an_alias_of_itself() {
    check_bytes(
        b"data: &a [*a]\n",
        str![[r#"
exit 2
--- stderr
error: this alias stands inside what it names
 --> app.yaml:1:11
  |
1 | data: &a [*a]
  |           ^^

"#]],
    );
}

#[test]
fn lists_in_lists() {
    check_bytes(
        format!("data:\n  {}x\n", "- ".repeat(100_000)).as_bytes(),
        str![[r#"
exit 2
--- stderr
error: nested too deeply
 --> app.yaml:2:129
  |
2 |   - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - -...
  |                                                                                                                                 ^

"#]],
    );
}

#[test]
fn brackets_in_brackets() {
    let text = format!("data:\n  {}{}\n", "[\n".repeat(100_000), "]".repeat(100_000));
    check_bytes(
        text.as_bytes(),
        str![[r#"
exit 2
--- stderr
error: nested too deeply
  --> app.yaml:66:1
   |
66 | [
   | ^

"#]],
    );
}

#[test]
fn a_key_of_ten_megabytes() {
    check_bytes(
        format!("{}: 1\n", "k".repeat(10 << 20)).as_bytes(),
        str![[r#"
exit 2
--- stderr
error: `app.yaml`, 10485764 bytes, is too large to be a manifest: at most 4 MiB are read
hint: a directory under `data` takes all that is in it with one line

"#]],
    );
}

#[test]
fn a_key_of_three_megabytes() {
    check_bytes(
        format!("? {}\n: 1\n", "k".repeat(3 << 20)).as_bytes(),
        str![[r#"
exit 2
--- stderr
error: unknown key `kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk…`
 --> app.yaml:1:3
  |
1 | ? kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk...kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk
  |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^...^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: known keys here: `input`, `inputs`, `binaries`, `data`, `packages`, `directories`, `symlinks`, `hardlinks`, `accounts`, `image`, `platforms`, `ld-so-cache`, `package-database`, `layers`, `suggestions`, `checks`, `tests`

"#]],
    );
}

#[test]
fn several_documents() {
    check_bytes(
        b"data: []\n---\ndata: []\n",
        str![[r#"
exit 2
--- stderr
error: a second document begins here
 --> app.yaml:2:1
  |
2 | ---
  | ^^^
  |
  = help: a manifest is one document: leave only one `---`, at the beginning

"#]],
    );
    check_bytes(
        "---\n".repeat(100_000).as_bytes(),
        str![[r#"
exit 2
--- stderr
error: a second document begins here
 --> app.yaml:2:1
  |
2 | ---
  | ^^^
  |
  = help: a manifest is one document: leave only one `---`, at the beginning

"#]],
    );
}

#[test]
fn no_utf_8() {
    check_bytes(
        b"data: []\nimage: {user: \"caf\xe9\"}\n",
        str![[r#"
exit 2
--- stderr
error: the manifest `app.yaml` is not UTF-8: byte 0xe9 in line 2
hint: save it as UTF-8

"#]],
    );
}

#[test]
fn utf_16() {
    check_bytes(
        b"\xff\xfed\0a\0t\0a\0",
        str![[r#"
exit 2
--- stderr
error: the manifest `app.yaml` is not UTF-8: byte 0xff in line 1
hint: save it as UTF-8

"#]],
    );
}

#[test]
fn a_nul() {
    check_bytes(
        b"data: [a\0b]\n",
        str![[r#"
exit 2
--- stderr
error: a plain text cannot start with `\u{0}`
 --> app.yaml:1:9
  |
1 | data: [a␀b]
  |         ^
  |
  = help: quote the text

"#]],
    );
    check_bytes(
        b"data: [\"./a\\0b:/b\"]\n",
        str![[r#"
exit 2
--- stderr
error: `./a\u{0}b` contains a NUL byte
 --> app.yaml:1:8
  |
1 | data: ["./a\0b:/b"]
  |        ^^^^^^^^^^^

"#]],
    );
}

#[test]
fn a_byte_order_mark_and_carriage_returns_change_nothing() {
    check_bytes(
        b"\xef\xbb\xbfdata: []\r\nbinary: []\r\n",
        str![[r#"
exit 2
--- stderr
error: unknown key `binary`
 --> app.yaml:2:1
  |
2 | binary: []
  | ^^^^^^
  |
  = help: known keys here: `input`, `inputs`, `binaries`, `data`, `packages`, `directories`, `symlinks`, `hardlinks`, `accounts`, `image`, `platforms`, `ld-so-cache`, `package-database`, `layers`, `suggestions`, `checks`, `tests`

"#]],
    );
}

#[test]
fn tabs() {
    check_bytes(
        b"image:\n\tuser: 0\n",
        str![[r#"
exit 2
--- stderr
error: a tab cannot indent
 --> app.yaml:2:2
  |
2 |     user: 0
  |     ^
  |
  = help: indent with spaces

"#]],
    );
    check_bytes(
        b"data:\n  -\t./a:/a\n\t- ./b:/b\n",
        str![[r#"
exit 2
--- stderr
error: not YAML: while scanning a plain scalar, found a tab
 --> app.yaml:2:5
  |
2 |   -    ./a:/a
  |        ^

"#]],
    );
}

#[test]
fn nothing_in_it() {
    check_bytes(
        b"",
        str![[r#"
exit 2
--- stderr
error: the manifest is empty
 --> app.yaml:1:1
  |
1 |
  | ^

"#]],
    );
    check_bytes(
        b"# only a comment\n",
        str![[r#"
exit 2
--- stderr
error: the manifest is empty
 --> app.yaml:1:1
  |
1 | # only a comment
  | ^

"#]],
    );
}

#[test]
fn no_such_file() {
    check(
        &Place::new(""),
        "plan nothing.yaml",
        str![[r#"
exit 2
--- stderr
error: the manifest `nothing.yaml` cannot be read: No such file or directory (os error 2)

"#]],
    );
    check(
        &Place::new(""),
        "plan nowhere/app.yaml",
        str![[r#"
exit 2
--- stderr
error: the manifest `nowhere/app.yaml` cannot be read: No such file or directory (os error 2)

"#]],
    );
}

#[test]
fn a_directory() {
    check(
        &Place::with_app(),
        "plan root",
        str![[r#"
exit 2
--- stderr
error: the manifest `root` cannot be read: it is a directory
hint: a manifest is a file, or `-` for standard input

"#]],
    );
}

#[test]
fn a_fifo_is_not_waited_for() {
    let place = Place::new("");
    make_fifo(&place.path().join("fifo"));
    check(
        &place,
        "plan fifo",
        str![[r#"
exit 2
--- stderr
error: the manifest `fifo` cannot be read: it is a FIFO
hint: a manifest is a file, or `-` for standard input

"#]],
    );
}

#[test]
fn a_device_or_socket() {
    let place = Place::new("");
    check(
        &place,
        "plan /dev/zero",
        str![[r#"
exit 2
--- stderr
error: the manifest `/dev/zero` cannot be read: it is a device
hint: a manifest is a file, or `-` for standard input

"#]],
    );
    let _listener = UnixListener::bind(place.path().join("socket")).unwrap();
    check(
        &place,
        "plan socket",
        str![[r#"
exit 2
--- stderr
error: the manifest `socket` cannot be read: it is a socket
hint: a manifest is a file, or `-` for standard input

"#]],
    );
}

#[test]
fn a_manifest_of_somebody_else() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new("").file("app.yaml", "data: []\n");
    let file = place.path().join("app.yaml");
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    if let Some(seen) = as_nobody(&place, "plan app.yaml") {
        same(
            &seen,
            str![[r#"
exit 2
--- stderr
error: the manifest `app.yaml` cannot be read: Permission denied (os error 13)

"#]],
        );
    }
}

#[test]
fn a_destination_that_is_relative() {
    let head = "inputs:\n  ROOT: {backend: sysroot, path: root}\n";
    check_manifest(
        "plan app.yaml",
        &format!("{head}data: [ROOT/etc/app.conf:etc/x]\n"),
        str![[r#"
exit 3
--- stderr
error: input ROOT has no `/etc/app.conf:etc/x`: nothing is at `/etc/app.conf:etc`
 --> app.yaml:3:8
  |
3 | data: [ROOT/etc/app.conf:etc/x]
  |        ^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: all of `/etc/app.conf:etc/x` was read as one name; a destination is absolute, as in `/etc/app.conf:/etc/x`

"#]],
    );
    check_manifest(
        "plan app.yaml",
        "data: [./app.yaml:etc/x]\n",
        str![[r#"
exit 2
--- stderr
error: a file beside the manifest needs a destination
 --> app.yaml:1:8
  |
1 | data: [./app.yaml:etc/x]
  |        ^^^^^^^^^^^^^^^^
  |
  = help: destinations are absolute: `./app.yaml:/etc/x`

"#]],
    );
}
