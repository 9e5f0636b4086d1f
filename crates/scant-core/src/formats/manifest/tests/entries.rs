//! What is put into the tree.

use super::check;

#[test]
fn the_last_colon_before_a_slash_divides_source_and_destination() {
    check(
        "input: {backend: host}\ndata: ['HOST/usr/lib/a:b:/c:d', 'HOST/x:y', './a:/b:/c']",
        "\
1:8 input HOST Host /
2:8 data HOST/usr/lib/a:b -> /c:d
2:33 data HOST/x:y -> /x:y
2:45 data beside ./a:/b -> /c
",
    );
}

#[test]
fn a_slash_at_the_end_means_into() {
    check(
        "data: [./a:/b/, {from: ./a, to: /}]\nbinaries: [./a:/b]",
        "\
2:12 binary beside ./a -> /b
1:8 data beside ./a -> /b (into)
1:17 data beside ./a -> / (into)
",
    );
}

#[test]
fn a_file_beside_the_manifest_needs_a_destination() {
    check("data: [./a, './a:b', {from: ./a}]\nbinaries: [{from: a}]", "\
1:8: a file beside the manifest needs a destination (help: write `FROM:/path/in/the/image`, or `to` in the long form)
1:13: a file beside the manifest needs a destination (help: destinations are absolute: `./a:/b`)
1:29: a file beside the manifest needs a destination (help: write `FROM:/path/in/the/image`, or `to` in the long form)
2:19: a file beside the manifest needs a destination (help: write `FROM:/path/in/the/image`, or `to` in the long form)
");
}

#[test]
fn destinations_are_absolute() {
    check(
        "data: [{from: ./a, to: b}, {from: ./a, to: /a/../b}, {from: /x, to: y}]",
        "\
1:24: `b` does not start with `/`
1:44: `/a/../b` contains `..`
1:61: `/x` says no input (help: declare an input with `backend: host` and write `HOST/x`)
1:69: `y` does not start with `/`
",
    );
}

#[test]
fn modes_are_quoted_octal_digits() {
    check(
        "\
binaries:
  - {from: a, to: /a, mode: '4755'}
data:
  - {from: a, to: /a, mode: 0755, directory-mode: 755}
  - {from: a, to: /a, mode: '0999', directory-mode: rwx}
  - {from: a, to: /a, mode: [7]}
  - {from: a, to: /a, mode: true}
directories:
  - {path: /a, mode: '77777'}
",
        "\
4:29: expected a string of octal digits, found a number (help: quote it: \"0755\")
4:51: expected a string of octal digits, found a number (help: quote it: \"755\")
5:29: `0999` is not a mode: one to four octal digits were expected, such as \"0755\"
5:53: `rwx` is not a mode: one to four octal digits were expected, such as \"0755\"
6:29: expected a string of octal digits, found a list
7:29: expected a string of octal digits, found a boolean (help: quote it: \"true\")
9:22: `77777` is not a mode: one to four octal digits were expected, such as \"0755\"
",
    );
    check(
        "data: [{from: a, to: /a, mode: '640', directory-mode: '0o750'}]",
        "1:8 data beside a -> /a mode=0640 directory-mode=0750",
    );
}

#[test]
fn globs_are_checked() {
    check(
        "data:\n- {from: a, to: /a, include: ['x/**', '{a,b'], exclude: ['[x', '/y', 'a\\']}\n",
        "\
2:39: `{a,b` is not a glob: the `{` is never closed, at byte 1
2:58: `[x` is not a glob: the `[` is never closed, at byte 1
2:64: `/y` matches nothing (help: globs are relative to `from`: leave out the slash at the beginning)
2:70: `a\\\\` is not a glob: the `\\` escapes nothing, at byte 2
",
    );
}

#[test]
fn attributes_of_data() {
    check(
        "\
data:
  - from: a
    to: /a
    owner: 5
    capabilities: [cap_chown=p]
    xattrs: {user.a: b, user.n: 5, security.capability: x, nonsense: y, user.: z}
    elf: ignore
",
        "\
6:36: `security.capability` is written by scant (help: use `capabilities`)
6:60: `nonsense` is not the name of an extended attribute (help: names start with `user.`, `trusted.`, `security.` or `system.`)
6:73: `user.` is not the name of an extended attribute (help: names start with `user.`, `trusted.`, `security.` or `system.`)
",
    );
    check(
        "data: [{from: a, to: /a, xattrs: {user.n: 1.10}, elf: ignore, why: so}]",
        "1:8 data beside a -> /a xattrs:user.n=1.10 elf=ignore why=so",
    );
}

#[test]
fn names_of_libraries_are_not_empty() {
    check(
        "binaries: [{from: a, to: /a, libraries: ['', 5, liba.so], capabilities: ['']}]",
        "\
1:42: the library has no name
1:46: expected a string, found a number (help: quote it: \"5\")
1:74: the capability has no name
",
    );
}

#[test]
fn links_have_a_target_and_a_path() {
    check(
        "\
symlinks:
  - ../lib/x:/usr/x
  - a:b
  - ':/x'
  - /a:/
  - {target: '', link: x}
  - {target: a:/b, link: /x, owner: 7:8, why: because}
hardlinks:
  - /bin/busybox:/bin/sh
  - busybox:/bin/ls
  - {target: /a, link: b}
  - {link: /b}
",
        "\
3:5: `a:b` is not TARGET:LINK (help: write what is pointed at, a colon, and the absolute path of the link)
4:5: the target of the link is empty
5:5: `/` is always there and a directory
6:14: the target of the link is empty
6:24: `x` does not start with `/`
10:5: `busybox` does not start with `/`
11:24: `b` does not start with `/`
12:6: `target` is missing here
",
    );
    check(
        "symlinks: ['../lib/x:/usr/x', {target: 'a:/b', link: /x, owner: 7:8, why: so}]\n\
         hardlinks: [/bin/busybox:/bin/sh, {target: /a, link: /b, why: so}]\nld-so-cache: never",
        "\
1:12 symlink /usr/x to ../lib/x
1:31 symlink /x to a:/b owner=7:8 why=so
2:13 hardlink /bin/sh to /bin/busybox
2:35 hardlink /b to /a why=so
ld-so-cache Never
",
    );
}

#[test]
fn the_root_is_not_declared() {
    check("directories: [/, /a/]\n", "1:15: `/` is always there and a directory");
}

#[test]
fn unknown_keys_are_told_with_what_was_meant() {
    check(
        "\
binarys: []
package: []
directories:
  - {path: /a, modus: '7', xyz: 1}
  - {xyz: 1}
",
        "\
1:1: unknown key `binarys` (help: did you mean `binaries`? known keys here: `input`, `inputs`, `binaries`, `data`, `packages`, `directories`, `symlinks`, `hardlinks`, `accounts`, `image`, `platforms`, `ld-so-cache`, `package-database`, `layers`, `suggestions`, `checks`, `tests`)
2:1: unknown key `package` (help: did you mean `packages`? known keys here: `input`, `inputs`, `binaries`, `data`, `packages`, `directories`, `symlinks`, `hardlinks`, `accounts`, `image`, `platforms`, `ld-so-cache`, `package-database`, `layers`, `suggestions`, `checks`, `tests`)
4:16: unknown key `modus` (help: did you mean `mode`? known keys here: `path`, `mode`, `owner`, `xattrs`, `why`)
4:28: unknown key `xyz` (help: known keys here: `path`, `mode`, `owner`, `xattrs`, `why`)
5:6: `path` is missing here
5:6: unknown key `xyz` (help: known keys here: `path`, `mode`, `owner`, `xattrs`, `why`)
",
    );
}
