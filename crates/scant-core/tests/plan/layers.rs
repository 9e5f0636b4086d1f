//! How a planned tree is divided into layers, and what is found about that.

use std::fmt::Write as _;

use scant_core::formats::manifest::Manifest;
use scant_core::plan::{NamedLayer, split};
use scant_core::words::{NodeKind, TreePath};

use crate::memory::MemoryInput;
use crate::support::{check_findings, compare, planned_for, prepare};

const SYS: &str = "
    /bin/app          elf x86_64 static
    /lib/libc.so.6    elf x86_64 soname=libc.so.6
    /lib/libz.so.1    -> libz.so.1.3
    /lib/libz.so.1.3  elf x86_64 soname=libz.so.1
    /usr/share/doc/a  \"one\"
    /usr/share/doc/b  \"three\"
    /usr/share/empty/
";
const APP: &str = "
    /srv/app/main     elf x86_64 static
    /srv/app/data     \"data\"
";

const HEAD: &str = "
inputs:
  SYS: {backend: sysroot, path: .}
  APP: {backend: sysroot, path: .}
data:
  - {from: SYS/lib/, elf: ignore}
  - SYS/usr/share/
  - APP/srv/
  - ./motd:/etc/motd
directories:
  - {path: /var/log/app, owner: 7:7}
  - {path: /srv, mode: \"0750\"}
symlinks: [/srv/app/main:/init]
hardlinks: [/srv/app/data:/etc/data]
accounts: {users: [{name: x, uid: 7}]}
";

/// The layers as text: a line with the name, then the paths.
fn shown(layers: &[NamedLayer<'_>]) -> String {
    let mut text = String::new();
    for NamedLayer { name, tree } in layers {
        writeln!(text, "{name}:").unwrap();
        for (path, node) in tree.iter() {
            match &node.kind {
                NodeKind::Directory => writeln!(text, "{path}/").unwrap(),
                _ => writeln!(text, "{path}").unwrap(),
            }
        }
    }
    text
}

#[track_caller]
fn check_of(rest: &str, packages: &[(&str, &str)], expected: &str) {
    let inputs = [("SYS", SYS), ("APP", APP), ("manifest", "/motd \"hello\"")];
    let (manifest, mut opened) = prepare(&format!("{HEAD}{rest}"), &inputs);
    for (path, package) in packages {
        for input in opened.values_mut() {
            input.own(path, package);
        }
    }
    compare(&shown(&layers(&manifest, &opened)), expected);
}

#[track_caller]
fn check(rest: &str, expected: &str) {
    check_of(rest, &[], expected);
}

fn layers(
    manifest: &Manifest,
    opened: &std::collections::BTreeMap<scant_core::words::InputName, MemoryInput>,
) -> Vec<NamedLayer<'static>> {
    let plan = planned_for(manifest, opened, "linux/amd64".parse().unwrap());
    assert!(plan.faults.is_empty(), "{:?}", plan.faults);
    let own = |layer: NamedLayer<'_>| NamedLayer {
        name: layer.name,
        tree: std::borrow::Cow::Owned(layer.tree.into_owned()),
    };
    split(&plan.tree, manifest).into_iter().map(own).collect()
}

#[test]
fn by_input_in_the_order_of_the_manifest_and_last_what_is_of_none() {
    check(
        "layers: by-input\n",
        "
        SYS:
        /lib/
        /lib/libc.so.6
        /lib/libz.so.1
        /lib/libz.so.1.3
        /usr/
        /usr/share/
        /usr/share/doc/
        /usr/share/doc/a
        /usr/share/doc/b
        /usr/share/empty/
        APP:
        /etc/
        /etc/data
        /srv/
        /srv/app/
        /srv/app/data
        /srv/app/main
        rest:
        /etc/
        /etc/group
        /etc/motd
        /etc/passwd
        /init
        /var/
        /var/log/
        /var/log/app/
        ",
    );
}

#[test]
fn groups_take_what_those_before_them_leave() {
    check_of(
        "
layers:
  - {name: runtime, packages: [\"libc*\"]}
  - {name: static, paths: [\"/usr/share/**\", /lib/libz.so.1, /var/log/app/]}
  - {name: sys, inputs: [SYS]}
",
        &[("/lib/libc.so.6", "libc6"), ("/lib/libz.so.1", "libz")],
        "
        runtime:
        /lib/
        /lib/libc.so.6
        static:
        /lib/
        /lib/libz.so.1
        /usr/
        /usr/share/
        /usr/share/doc/
        /usr/share/doc/a
        /usr/share/doc/b
        /usr/share/empty/
        /var/
        /var/log/
        /var/log/app/
        sys:
        /lib/
        /lib/libz.so.1.3
        rest:
        /etc/
        /etc/data
        /etc/group
        /etc/motd
        /etc/passwd
        /init
        /srv/
        /srv/app/
        /srv/app/data
        /srv/app/main
        ",
    );
}

#[test]
fn by_package_in_the_order_of_names_and_last_what_is_of_none() {
    check_of(
        "layers: by-package\n",
        &[
            ("/lib/libc.so.6", "libc6"),
            ("/lib/libz.so.1", "libz"),
            ("/lib/libz.so.1.3", "libz"),
            ("/usr/share/doc/a", "docs"),
            ("/srv/app/data", "libz"),
        ],
        "
        APP:libz:
        /etc/
        /etc/data
        /srv/
        /srv/app/
        /srv/app/data
        SYS:docs:
        /usr/
        /usr/share/
        /usr/share/doc/
        /usr/share/doc/a
        SYS:libc6:
        /lib/
        /lib/libc.so.6
        SYS:libz:
        /lib/
        /lib/libz.so.1
        /lib/libz.so.1.3
        rest:
        /etc/
        /etc/group
        /etc/motd
        /etc/passwd
        /init
        /srv/
        /srv/app/
        /srv/app/main
        /usr/
        /usr/share/
        /usr/share/doc/
        /usr/share/doc/b
        /usr/share/empty/
        /var/
        /var/log/
        /var/log/app/
        ",
    );
}

/// Files `/NAME` of these sizes, each of the package of its name.
fn of_packages(files: &[(&str, usize)]) -> Vec<String> {
    let lines = files.iter().map(|(name, size)| format!("/d/{name} \"{}\"\n", "x".repeat(*size)));
    let (manifest, mut opened) = prepare(
        "inputs: {SYS: {backend: sysroot, path: .}}\ndata: [SYS/d/]\nlayers: by-package\n",
        &[("SYS", &lines.collect::<String>())],
    );
    for (name, _) in files {
        opened.values_mut().for_each(|input| input.own(&format!("/d/{name}"), name));
    }
    let paths = |layer: NamedLayer<'_>| {
        let directory = TreePath::literal("/d");
        let below = layer.tree.below(&directory);
        let names = below.map(|(path, _)| path.to_string().replace("/d/", ""));
        format!("{}: {}", layer.name, names.collect::<Vec<_>>().join(" "))
    };
    layers(&manifest, &opened).into_iter().map(paths).collect()
}

#[test]
fn the_largest_packages_have_their_own_layers_and_the_others_share_one() {
    let files = [
        ("a", 9),
        ("b", 8),
        ("c", 7),
        ("d", 3),
        ("e", 3),
        ("f", 3),
        ("g", 4),
        ("h", 5),
        ("i", 6),
        ("z", 10),
    ];
    // Of those of one size the first by name are taken; nine are not made eight and one.
    assert_eq!(
        of_packages(&files),
        [
            "SYS:a: a",
            "SYS:b: b",
            "SYS:c: c",
            "SYS:d: d",
            "SYS:g: g",
            "SYS:h: h",
            "SYS:i: i",
            "SYS:z: z",
            "other-packages: e f"
        ]
    );
    assert_eq!(of_packages(&files[..9]).len(), 9);
}

#[test]
fn a_package_that_grows_a_little_does_not_move_the_others() {
    let mut files = [
        ("a", 90),
        ("b", 80),
        ("c", 70),
        ("d", 30),
        ("e", 31),
        ("f", 32),
        ("g", 40),
        ("h", 50),
        ("i", 60),
        ("z", 100),
    ];
    let before = of_packages(&files);
    // Smaller becomes larger than its neighbours: the order of the layers is by name.
    files[6].1 = 55;
    assert_eq!(of_packages(&files), before);
    // One takes the place of another; all other layers are as they were.
    files[3].1 = 33;
    let after = of_packages(&files);
    let changed: Vec<_> = after.iter().filter(|layer| !before.contains(layer)).collect();
    assert_eq!(changed, ["SYS:d: d", "other-packages: e f"]);
}

#[test]
fn an_image_without_files_has_one_empty_layer() {
    let (manifest, opened) = prepare("layers: by-input\n", &[]);
    assert_eq!(shown(&layers(&manifest, &opened)), "rest:\n");
}

#[test]
fn what_takes_nothing_is_told() {
    let of = |layers: &str, expected: &str| {
        let manifest = format!("{}layers:{layers}", HEAD.trim_start());
        let inputs = [("SYS", SYS), ("APP", APP), ("manifest", "/motd \"hello\"")];
        check_findings(&manifest, &inputs, expected);
    };
    of(
        "
  - {name: one, paths: [\"/usr/share/**\", /srv, /etc/data, /etc/motd]}
  - {name: two, paths: [\"/usr/share/doc/*\"]}
  - name: three
    packages: [libc6]
  - {name: four, inputs: [SYS], packages: [libz]}
  - {name: five, inputs: [APP]}
",
        "
        16: warning: no file, link or empty directory of the image matches `/srv`
        16: warning: no file, link or empty directory of the image matches `/etc/data`
        17: warning: the layer `two` is left out: layers before it take all of that
        18: warning: the layer `three` is left out: nothing that it takes is in the image
        20: warning: no package of the image matches `libz`
        ",
    );
    of(
        " by-package\n",
        "15: warning: `by-package` makes one layer: no input knows the packages of its files",
    );
    of(" by-input\n", "");
}

#[test]
fn an_input_that_knows_no_packages_is_told() {
    let inputs = [("SYS", SYS), ("APP", APP), ("manifest", "/motd \"hello\"")];
    let (manifest, mut opened) = prepare(&format!("{HEAD}layers: by-package\n"), &inputs);
    opened.values_mut().for_each(|input| input.own("/lib/libc.so.6", "libc6"));
    let plan = planned_for(&manifest, &opened, "linux/amd64".parse().unwrap());
    let texts: Vec<_> = plan.findings.iter().map(|finding| &*finding.text).collect();
    let expected = "input APP knows no packages: `by-package` leaves its files in the layer `rest`";
    assert!(texts.contains(&expected), "{texts:?}");
}
