//! Images of several layers: what commands say of them, and which digests stay.

use std::collections::BTreeMap;

use scant_testkit::{check_archive, check_layout};
use serde_json::Value;
use snapbox::str;

use crate::check::{check, check_manifest};
use crate::place::{MANIFEST, Place, ROOT};

const GROUPS: &str = "\
layers:
  - {name: runtime, paths: [/lib64, \"/usr/lib64/**\"]}
  - {name: config, paths: [\"/etc/**\"]}
";

fn place() -> Place {
    Place::new(ROOT).file("app.yaml", &format!("{MANIFEST}{GROUPS}"))
}

/// The layers of a build by name: diff ID and digest.
#[track_caller]
fn layers(place: &Place, line: &str) -> BTreeMap<String, (String, String)> {
    let output = place.run(line);
    assert!(output.status.success(), "{}", place.seen(&output));
    let built: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_string();
    let layers = built["platforms"][0]["layers"].as_array().unwrap().iter();
    let layer =
        |layer: &Value| (text(&layer["name"]), (text(&layer["diff_id"]), text(&layer["digest"])));
    layers.map(layer).collect()
}

#[test]
fn a_plan_names_the_layer_of_each_file_and_link() {
    check(
        &place(),
        "plan app.yaml",
        str![[r#"
exit 0
--- stdout
0755  0:0                     /etc/                                parent directory of /etc/app.conf
0644  0:0      10 B  config   /etc/app.conf                        declared in `data` at line 7
0777  0:0            runtime  /lib64 -> usr/lib64                  link on the way to /usr/lib64/ld-linux-x86-64.so.2 (and 2 more)
0755  0:0                     /usr/                                parent directory of /usr/bin/app
0755  0:0                     /usr/bin/                            parent directory of /usr/bin/app
0755  0:0     720 B  rest     /usr/bin/app                         declared in `binaries` at line 4: serves the site
0755  0:0                     /usr/lib64/                          parent directory of /usr/lib64/ld-linux-x86-64.so.2
0755  0:0     880 B  runtime  /usr/lib64/ld-linux-x86-64.so.2      interpreter of /usr/bin/app
0755  0:0     528 B  runtime  /usr/lib64/libc.so.6                 needed by /usr/bin/app as libc.so.6, found in the loader's default directory /lib64 (and 1 more)
0777  0:0            runtime  /usr/lib64/libz.so.1 -> libz.so.1.3  link on the way to /usr/lib64/libz.so.1.3
0755  0:0     560 B  runtime  /usr/lib64/libz.so.1.3               needed by /usr/bin/app as libz.so.1, found in the loader's default directory /lib64
--- stderr
linux/amd64: 11 paths, 2.7 kB of files
    layer runtime: 7 paths, 2.0 kB of files
    layer config: 2 paths, 10 B of files
    layer rest: 3 paths, 720 B of files

"#]],
    );
}

#[test]
fn a_plan_as_json_names_it_too() {
    let place = place();
    let plan: Value = serde_json::from_slice(&place.run("plan app.yaml --json").stdout).unwrap();
    let nodes = plan[0]["nodes"].as_array().unwrap();
    let layer = |path: &str| &nodes.iter().find(|node| node["path"] == path).unwrap()["layer"];
    assert_eq!(layer("/etc/app.conf"), "config");
    assert_eq!(layer("/usr/bin/app"), "rest");
    assert_eq!(*layer("/usr"), Value::Null);
}

#[test]
fn a_build_says_how_many_layers_there_are() {
    check(
        &place(),
        "build app.yaml --json -o oci:app",
        str![[r#"
exit 0
--- stdout
{
  "digest": "sha256:[DIGEST]",
  "outputs": [
    {
      "notes": [],
      "place": "oci:app:latest"
    }
  ],
  "platforms": [
    {
      "image_id": "sha256:[DIGEST]",
      "layers": [
        {
          "diff_id": "sha256:[DIGEST]",
          "digest": "sha256:[DIGEST]",
          "name": "runtime",
          "size": 751
        },
        {
          "diff_id": "sha256:[DIGEST]",
          "digest": "sha256:[DIGEST]",
          "name": "config",
          "size": 145
        },
        {
          "diff_id": "sha256:[DIGEST]",
          "digest": "sha256:[DIGEST]",
          "name": "rest",
          "size": 373
        }
      ],
      "manifest": "sha256:[DIGEST]",
      "platform": "linux/amd64"
    }
  ]
}
--- stderr
linux/amd64: 11 paths, 2.7 kB of files, 1.3 kB in 3 layers

"#]],
    );
}

#[test]
fn an_image_names_the_layers_as_the_plan_does() {
    let place = place();
    place.run("build app.yaml -q -o oci:app");
    check(
        &place,
        "ls oci:app",
        str![[r#"
exit 0
--- stdout
0755  0:0                     /etc/                                parent directory of /etc/app.conf
0644  0:0      10 B  config   /etc/app.conf                        declared in `data` at line 7
0777  0:0            runtime  /lib64 -> usr/lib64                  link on the way to /usr/lib64/ld-linux-x86-64.so.2 (and 2 more)
0755  0:0                     /usr/                                parent directory of /usr/bin/app
0755  0:0                     /usr/bin/                            parent directory of /usr/bin/app
0755  0:0     720 B  rest     /usr/bin/app                         declared in `binaries` at line 4: serves the site
0755  0:0                     /usr/lib64/                          parent directory of /usr/lib64/ld-linux-x86-64.so.2
0755  0:0     880 B  runtime  /usr/lib64/ld-linux-x86-64.so.2      interpreter of /usr/bin/app
0755  0:0     528 B  runtime  /usr/lib64/libc.so.6                 needed by /usr/bin/app as libc.so.6, found in the loader's default directory /lib64 (and 1 more)
0777  0:0            runtime  /usr/lib64/libz.so.1 -> libz.so.1.3  link on the way to /usr/lib64/libz.so.1.3
0755  0:0     560 B  runtime  /usr/lib64/libz.so.1.3               needed by /usr/bin/app as libz.so.1, found in the loader's default directory /lib64

"#]],
    );
    check(
        &place,
        "why oci:app /lib64/libz.so.1",
        str![[r#"
exit 0
--- stdout
/lib64 (link to usr/lib64, from ROOT/lib64, layer runtime)
/usr/lib64/libz.so.1 (link to libz.so.1.3, from ROOT/usr/lib64/libz.so.1, layer runtime)
/usr/lib64/libz.so.1.3 (file, 560 B, from ROOT/usr/lib64/libz.so.1.3, layer runtime)
    needed by /usr/bin/app as libz.so.1, found in the loader's default directory /lib64
  /usr/bin/app (file, 720 B, from ROOT/usr/bin/app, layer rest)
      declared in `binaries` at line 4: serves the site

"#]],
    );
    assert_eq!(
        place.run("why oci:app /lib64/libz.so.1").stdout,
        place.run("why app.yaml /lib64/libz.so.1").stdout
    );
}

#[test]
fn the_history_has_the_names() {
    let place = place();
    place.run("build app.yaml -q -o oci:app");
    let history = |place: &Place| -> Vec<String> {
        let blobs = std::fs::read_dir(place.path().join("app/blobs/sha256")).unwrap();
        let texts = blobs.map(|blob| std::fs::read(blob.unwrap().path()).unwrap());
        let documents = texts.filter_map(|text| serde_json::from_slice::<Value>(&text).ok());
        let config = documents.filter(|document| document["history"].is_array());
        let config = config.last().unwrap();
        let history = config["history"].as_array().unwrap().iter();
        history.map(|entry| entry["created_by"].as_str().unwrap().to_string()).collect()
    };
    assert_eq!(
        history(&place),
        ["scant build: layer runtime", "scant build: layer config", "scant build: layer rest"]
    );
    let single = Place::with_app();
    single.run("build app.yaml -q -o oci:app");
    assert_eq!(history(&single), ["scant build"]);
}

#[test]
fn a_layer_whose_files_did_not_change_keeps_its_digest() {
    let place = place();
    let line = "build app.yaml --json -q -o oci:app";
    let before = layers(&place, line);
    std::fs::write(place.path().join("root/etc/app.conf"), "listen 81\n").unwrap();
    let after = layers(&place, line);
    assert_ne!(after["config"], before["config"]);
    assert_eq!(after["runtime"], before["runtime"]);
    assert_eq!(after["rest"], before["rest"]);
}

#[test]
fn layers_do_not_depend_on_what_is_above_or_below_them() {
    let place = place();
    let before = layers(&place, "build app.yaml --json -q -o oci:app");
    let turned = GROUPS.lines().skip(1).collect::<Vec<_>>();
    let turned = format!("{MANIFEST}layers:\n{}\n{}\n", turned[1], turned[0]);
    std::fs::write(place.path().join("app.yaml"), turned).unwrap();
    assert_eq!(layers(&place, "build app.yaml --json -q -o oci:turned"), before);
}

#[test]
fn every_output_holds_the_same_files_as_without_layers() {
    let place = place().file("one.yaml", MANIFEST);
    let outputs = "-o oci:DIR/l -o oci-archive:DIR/o.tar -o docker-archive:DIR/d.tar \
                   -o tar:DIR/f.tar -o rootfs:DIR/r";
    for directory in ["one", "app"] {
        std::fs::create_dir(place.path().join(directory)).unwrap();
        let outputs = outputs.replace("DIR", directory);
        let output = place.run(&format!("build {directory}.yaml -q {outputs}"));
        assert!(output.status.success(), "{}", place.seen(&output));
    }
    assert_eq!(check_layout(place.path().join("app/l")), Vec::<String>::new());
    for archive in ["app/o.tar", "app/d.tar"] {
        assert_eq!(check_archive(place.path().join(archive)), Vec::<String>::new());
    }
    // Without reasons, and so without the names of layers.
    let listing = |image: &str| {
        let output = place.run(&format!("ls {image} --json"));
        let mut nodes: Value = serde_json::from_slice(&output.stdout).unwrap();
        for node in nodes.as_array_mut().unwrap() {
            let node = node.as_object_mut().unwrap();
            for key in ["layer", "reasons", "source", "platform"] {
                node.remove(key);
            }
        }
        nodes
    };
    for image in ["oci:DIR/l", "oci-archive:DIR/o.tar", "docker-archive:DIR/d.tar", "tar:DIR/f.tar"]
    {
        let [one, several] = ["one", "app"].map(|name| listing(&image.replace("DIR", name)));
        assert_eq!(one, several, "{image}");
        assert_eq!(one, listing("oci:one/l"), "{image}");
    }
    assert_eq!(listing("rootfs:one/r"), listing("rootfs:app/r"));
}

#[test]
fn by_input_and_several_platforms() {
    let place = Place::new(
        "/amd64/bin/app elf x86_64 static\n\
         /arm64/bin/app elf aarch64 static\n\
         /common/etc/app.conf \"listen 80\\n\"\n",
    )
    .file(
        "app.yaml",
        "\
inputs:
  COMMON: {backend: sysroot, path: root/common}
  ROOT:
    backend: sysroot
    path: {linux/amd64: root/amd64, linux/arm64: root/arm64}
binaries: [ROOT/bin/app]
data: [COMMON/etc/app.conf, ./app.yaml:/etc/manifest]
layers: by-input
image: {entrypoint: [/bin/app]}
",
    );
    check(
        &place,
        "build app.yaml -o oci:app",
        str![[r#"
exit 0
--- stdout
oci:app:latest sha256:[DIGEST]
--- stderr
linux/amd64: 5 paths, 533 B of files, 658 B in 3 layers
linux/arm64: 5 paths, 536 B of files, 660 B in 3 layers

"#]],
    );
    let output = place.run("build app.yaml -q --json -o oci:app");
    let built: Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |platform: usize| &built["platforms"][platform]["layers"];
    for (number, name) in ["COMMON", "ROOT", "rest"].into_iter().enumerate() {
        assert_eq!(of(0)[number]["name"], name);
        let is_same = of(0)[number]["digest"] == of(1)[number]["digest"];
        assert_eq!(is_same, name != "ROOT", "{name}");
    }
}

#[test]
fn faults_and_findings_name_the_line() {
    let manifest = |layers: &str| format!("{MANIFEST}layers:\n{layers}");
    check_manifest(
        "build app.yaml",
        &manifest("  - {name: app, inputs: [ROTO]}\n  - {name: app, paths: [usr]}\n"),
        str![[r#"
exit 2
--- stderr
error: `ROTO` is not a declared input
  --> app.yaml:11:26
   |
11 |   - {name: app, inputs: [ROTO]}
   |                          ^^^^
   |
   = help: did you mean `ROOT`? declared inputs: `ROOT`

error: the layer `app` is there twice
  --> app.yaml:12:12
   |
11 |   - {name: app, inputs: [ROTO]}
   |            --- first here
12 |   - {name: app, paths: [usr]}
   |            ^^^

error: `usr` matches nothing
  --> app.yaml:12:25
   |
12 |   - {name: app, paths: [usr]}
   |                         ^^^
   |
   = help: paths of the image begin with a slash

"#]],
    );
    check_manifest(
        "build app.yaml -o oci:app",
        &manifest("  - {name: app, paths: [/opt/**]}\n"),
        str![[r#"
exit 0
--- stdout
oci:app:latest sha256:[DIGEST]
--- stderr
warning: the layer `app` is left out: nothing that it takes is in the image (app.yaml:11)
linux/amd64: 11 paths, 2.7 kB of files, 995 B as a layer

"#]],
    );
}
