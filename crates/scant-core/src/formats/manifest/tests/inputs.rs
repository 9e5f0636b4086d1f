//! `input`, `inputs`, and references into them.

use super::check;

#[test]
fn a_single_input_is_named_by_its_backend() {
    check(
        "input: {backend: host}\nbinaries: [HOST/bin/a]",
        "\
1:8 input HOST Host /
2:12 binary HOST/bin/a -> /bin/a
",
    );
    check(
        "input: {backend: sysroot, path: s}\nbinaries: [SYSROOT/bin/a]",
        "\
1:8 input SYSROOT Sysroot s
2:12 binary SYSROOT/bin/a -> /bin/a
",
    );
    check(
        "input: {backend: buildroot, mode: target, path: s}\ndata: [BUILDROOT/]",
        "\
1:8 input BUILDROOT Buildroot { mode: Target } s
2:8 data BUILDROOT/ -> /
",
    );
}

#[test]
fn a_path_may_differ_between_platforms() {
    check(
        "inputs:\n  A: {backend: sysroot, path: {linux/amd64: ./x, linux/arm64/v8: y}}\n",
        "2:6 input A Sysroot linux/amd64: ./x, linux/arm64: y",
    );
    check(
        "\
inputs:
  A:
    backend: sysroot
    path: {linux/arm64: x, linux/arm64/v8: y, plan9/mips: z}
  B: {backend: sysroot, path: {}}
  C: {backend: sysroot, path: ''}
  D: {backend: sysroot, path: 5}
  E: {backend: sysroot, path: [x]}
",
        "\
4:28: the platform `linux/arm64` is there twice (4:12: first here)
4:47: `plan9/mips` is not a platform that scant knows: linux/amd64, linux/arm64, linux/arm/v7, linux/arm/v6, linux/arm/v5, linux/386, linux/loong64, linux/mips, linux/mipsle, linux/mips64, linux/mips64le, linux/ppc64, linux/ppc64le, linux/riscv64, linux/s390x
5:31: no platform has a path here
6:31: the path is empty
7:31: expected a string or a mapping, found a number (help: quote it: \"5\")
8:31: expected a string or a mapping, found a list
",
    );
}

#[test]
fn input_and_inputs_exclude_each_other() {
    check(
        "inputs: {A: {backend: host}}\ninput: {backend: host}\n",
        "2:8: `input` and `inputs` cannot both be given (help: name all of them under `inputs`) (1:9: the other one)",
    );
}

#[test]
fn names_of_inputs_are_capitals() {
    check(
        "inputs: {sysroot: {backend: host}}\nbinaries: [SYSROOT/a]",
        "1:10: `sysroot` cannot name an input (help: write capitals, digits, `_` and `-`, beginning with a letter, such as SYSROOT)",
    );
}

#[test]
fn mode_belongs_to_buildroot_and_path_to_all_but_host() {
    check(
        "\
inputs:
  A: {backend: host, mode: staging}
  B: {backend: sysroot}
  C: {backend: buildroot}
  D: {backend: buildroot, path: x, mode: stagin}
  E: {path: x}
  F: {backend: host, path: ./root}
",
        "\
2:28: an input with backend `host` has no `mode` (help: leave it out; it belongs to `buildroot`)
3:6: an input with backend `sysroot` needs a `path`
4:6: an input with backend `buildroot` needs a `path`
5:42: expected one of `staging`, `target`, found `stagin` (help: did you mean `staging`?)
6:7: `backend` is missing here
",
    );
}

#[test]
fn references_name_declared_inputs_or_lie_beside_the_manifest() {
    check(
        "\
inputs: {SYSROOT: {backend: host}, TOOLS_2: {backend: host}}
data:
  - SYSROT/a
  - LICENSE:/l
  - ./LICENSE:/l
  - ../up/x.txt:/x
  - 2024/x:/x
  - Sysroot/x:/x
  - TOOLS_2/a
  - SYSROOT
  - SYSROOT/../etc
  - /etc/passwd:/etc/passwd
  - ''
  - :/x
",
        "\
3:5: `SYSROT` is not a declared input (help: did you mean `SYSROOT`? declared inputs: `SYSROOT`, `TOOLS_2`; a file beside the manifest is written `./SYSROT/a`)
4:5: `LICENSE` is not a declared input (help: declared inputs: `SYSROOT`, `TOOLS_2`; a file beside the manifest is written `./LICENSE`)
11:5: `/../etc` contains `..`
12:5: `/etc/passwd` says no input (help: declare an input with `backend: host` and write `HOST/etc/passwd`)
13:5: the name of a file is missing
14:5: the name of a file is missing
",
    );
    check(
        "data: [HOST/a]",
        "1:8: `HOST` is not a declared input (help: no input is declared; a file beside the manifest is written `./HOST/a`)",
    );
}

#[test]
fn an_input_with_a_fault_does_not_make_references_to_it_wrong() {
    check("inputs: {A: 5}\nbinaries: [A/x, ./y]\n", "\
1:13: expected a mapping, found a number (help: as in {backend: ...}; known keys here: `backend`, `mode`, `path`, `url`, `sha256`, `image`, `strip-components`, `name`, `executable`, `packages`, `sources`, `recommends`, `pins`, `allow-unsigned`, `repositories`, `keys`, `install-if`)
2:17: a file beside the manifest needs a destination (help: write `FROM:/path/in/the/image`, or `to` in the long form)
");
}
