//! `layers`.

use alloc::format;
use alloc::string::String;

use super::{check, render};

#[test]
fn a_rule_or_named_groups() {
    check("layers: single", "");
    check("layers: []", "");
    check("layers:", "");
    check("layers: by-input", "layers by input");
    check("layers: by-package", "1:9 layers by package");
    check(
        "\
inputs: {APP: {backend: host}}
layers:
  - {name: runtime, packages: [libc6, \"libssl*\"]}
  - {name: assets-2.x, paths: [\"/usr/share/**\", \"**/*.map\", \"{/opt,/srv}/**\", \"!/usr/**\"]}
  - name: app
    inputs: [APP]
    paths: [/srv]
",
        "\
1:15 input APP Host /
3:5 layer runtime Package(\"libc6\")@3:32 Package(\"libssl*\")@3:39
4:5 layer assets-2.x Path(\"/usr/share/**\")@4:32 Path(\"**/*.map\")@4:49 Path(\"{/opt,/srv}/**\")@4:61 Path(\"!/usr/**\")@4:79
5:5 layer app Path(\"/srv\")@7:13 Input(APP)@6:14
",
    );
}

#[test]
fn other_words_and_values_are_refused() {
    check(
        "layers: by-packages",
        "1:9: expected one of `single`, `by-input`, `by-package`, or a list of layers, found `by-packages` (help: did you mean `by-package`?)",
    );
    check(
        "layers: {name: a}",
        "1:9: expected one of `single`, `by-input`, `by-package`, or a list of layers, found a mapping",
    );
    check(
        "layers: 3",
        "1:9: expected one of `single`, `by-input`, `by-package`, or a list of layers, found a number",
    );
    check(
        "layers: [by-input, {name: a, path: [/x]}, {paths: [/x]}]",
        "\
1:10: expected a mapping, found a string
1:30: unknown key `path` (help: did you mean `paths`? known keys here: `name`, `packages`, `paths`, `inputs`)
1:44: `name` is missing here
",
    );
}

#[test]
fn names_are_words_and_stand_once() {
    check(
        "\
layers:
  - {name: a, paths: [/a]}
  - {name: b c, paths: [/a]}
  - {name: \"\", paths: [/a]}
  - {name: rest, paths: [/a]}
  - {name: a, paths: [/b]}
",
        "\
3:12: `b c` cannot name a layer (help: write letters, digits, `.`, `_` and `-`, beginning with a letter or digit, at most 64 of them)
4:12: `` cannot name a layer (help: write letters, digits, `.`, `_` and `-`, beginning with a letter or digit, at most 64 of them)
5:12: `rest` is the name of the last layer (help: it takes what no other layer takes and need not be listed)
6:12: the layer `a` is there twice (2:12: first here)
",
    );
}

#[test]
fn what_a_layer_takes_must_be_possible() {
    check(
        "\
inputs: {SYSROOT: {backend: host}}
layers:
  - {name: a, packages: [\"lib[\", \"\"], paths: [\"/usr/{a\", usr/share, \"*.so\"]}
  - {name: b, inputs: [SYSROT, manifest]}
  - {name: c}
  - {name: d, paths: []}
",
        "\
3:26: `lib[` is not a glob: the `[` is never closed, at byte 4
3:47: `/usr/{a` is not a glob: the `{` is never closed, at byte 6
3:58: `usr/share` matches nothing (help: paths of the image begin with a slash)
3:69: `*.so` matches nothing (help: paths of the image begin with a slash)
4:24: `SYSROT` is not a declared input (help: did you mean `SYSROOT`? declared inputs: `SYSROOT`)
4:32: `manifest` is not a declared input (help: declared inputs: `SYSROOT`)
5:5: the layer `c` takes nothing (help: say what goes into it by `packages`, `paths` or `inputs`)
6:5: the layer `d` takes nothing (help: say what goes into it by `packages`, `paths` or `inputs`)
",
    );
}

#[test]
fn there_are_not_more_layers_than_engines_take() {
    let groups = |count: usize| -> String {
        (0..count).map(|number| format!("  - {{name: l{number}, paths: [/{number}]}}\n")).collect()
    };
    let found = render::outcome(&format!("layers:\n{}", groups(124)));
    assert_eq!(found.lines().count(), 124, "{found}");
    check(
        &format!("layers:\n{}", groups(125)),
        "2:3: 126 layers are more than engines take (help: at most 125, the last one for the rest included)",
    );
    let inputs = (0..125).map(|number| format!("  I{number}: {{backend: host}}\n"));
    check(
        &format!("layers: by-input\ninputs:\n{}", inputs.collect::<String>()),
        "1:9: 126 layers are more than engines take (help: at most 125, the last one for the rest included)",
    );
}
