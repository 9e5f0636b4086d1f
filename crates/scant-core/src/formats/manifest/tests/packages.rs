//! Packages that are taken whole.

use super::check;

#[test]
fn a_package_has_a_short_and_a_long_form() {
    check(
        "\
input: {backend: host}
packages:
  - HOST/tzdata
  - {from: 'HOST/lib*', include: [/usr/**, etc/x], exclude: [/usr/share/man/], elf: ignore, why: w}",
        "\
1:8 input HOST Host /
3:5 package tzdata of HOST
4:5 package lib* of HOST include=usr/**@4:35 include=etc/x@4:44 exclude=usr/share/man/@4:62 elf=ignore why=w
",
    );
}

#[test]
fn what_names_no_package() {
    check(
        "\
input: {backend: host}
packages: [HOST, HOST/, HOST/a/b, ./tzdata, HORST/x, 'HOST/[', {from: HOST/x, include: ['{']}]
",
        "\
2:12: `HOST` is no name of a package (help: write the input, a slash, and the package's name: `DEBIAN/tzdata`)
2:18: `HOST/` is no name of a package (help: write the input, a slash, and the package's name: `DEBIAN/tzdata`)
2:25: `HOST/a/b` is no name of a package (help: write the input, a slash, and the package's name: `DEBIAN/tzdata`)
2:35: `./tzdata` is no package of an input (help: write the input, a slash, and the package's name: `DEBIAN/tzdata`)
2:45: `HORST` is not a declared input (help: did you mean `HOST`? declared inputs: `HOST`; a file beside the manifest is written `./HORST/x`)
2:54: `[` is not a glob: the `[` is never closed, at byte 1
2:89: `{` is not a glob: the `{` is never closed, at byte 1
",
    );
}

#[test]
fn a_user_may_be_that_of_a_package() {
    check(
        "input: {backend: host}\npackages: [HOST/redis]\nimage: {user: redis}",
        "\
1:8 input HOST Host /
2:12 package redis of HOST
3:15 user redis
",
    );
    check(
        "input: {backend: host}\npackages: [HOST/redis]\nimage: {user: 'redis:redis'}",
        "\
1:8 input HOST Host /
2:12 package redis of HOST
3:15 user redis:redis
",
    );
}

#[test]
fn a_version_may_be_forbidden() {
    check(
        "input: {backend: apt, packages: [a1], pins: [{package: a1, version: '1', priority: -1}]}",
        "1:8 input APT apt a1, a1 1 at -1\n",
    );
    check(
        "input: {backend: apt, packages: [a1], pins: [{package: a1, version: '1', priority: 1.5}]}",
        "1:84: expected a whole number, found a number\n",
    );
}
