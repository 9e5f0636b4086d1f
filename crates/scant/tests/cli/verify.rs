//! `scant verify`.

use std::path::PathBuf;

use snapbox::str;

use crate::check::{check, same};
use crate::place::Place;

fn built(outputs: &str) -> Place {
    let place = Place::with_app();
    let built = place.run(&format!("build app.yaml -q {outputs}"));
    assert!(built.status.success(), "{}", place.seen(&built));
    place
}

/// The blob of `image` that starts with these bytes.
fn blob(place: &Place, start: &[u8]) -> PathBuf {
    let blobs = std::fs::read_dir(place.path().join("image/blobs/sha256")).unwrap();
    let mut paths = blobs.map(|entry| entry.unwrap().path());
    paths.find(|path| std::fs::read(path).unwrap().starts_with(start)).unwrap()
}

#[test]
fn a_good_image_in_every_form() {
    let place = built("-o oci:image:1 -o oci-archive:o.tar -o docker-archive:d.tar -t app:1");
    let line = str![[r#"
exit 0
--- stdout
linux/amd64: manifest sha256:[DIGEST], image ID sha256:[DIGEST], 1 layer of 995 B, 11.3 kB as tar, 11 paths with provenance

"#]];
    for image in [
        "oci:image",
        "oci:image:1",
        "image",
        "oci-archive:o.tar",
        "o.tar",
        "docker-archive:d.tar",
        "docker-archive:d.tar:app:1",
        "d.tar",
        "oci-archive:d.tar",
    ] {
        check(&place, &format!("verify {image}"), line.clone());
    }
}

#[test]
fn the_platforms_of_one_image() {
    let place = Place::new("/").file(
        "app.yaml",
        "directories: [/tmp]\nplatforms: [linux/amd64, linux/arm64]\nimage: {cmd: [/tmp]}\n",
    );
    assert!(place.run("build app.yaml -q --no-check -o oci:image").status.success());
    check(
        &place,
        "verify image",
        str![[r#"
exit 0
--- stdout
linux/amd64: manifest sha256:[DIGEST], image ID sha256:[DIGEST], 1 layer of 86 B, 1.5 kB as tar, 1 path with provenance
linux/arm64: manifest sha256:[DIGEST], image ID sha256:[DIGEST], 1 layer of 86 B, 1.5 kB as tar, 1 path with provenance

"#]],
    );
}

#[test]
fn all_images_of_a_layout() {
    let place = built("-o oci:image:1").file(
        "other.yaml",
        "directories: [/tmp]\nplatforms: [linux/amd64]\nimage: {cmd: [/tmp]}\n",
    );
    assert!(place.run("build other.yaml -q --no-check -o oci:image:2").status.success());
    check(
        &place,
        "verify oci:image",
        str![[r#"
exit 0
--- stdout
1 linux/amd64: manifest sha256:[DIGEST], image ID sha256:[DIGEST], 1 layer of 995 B, 11.3 kB as tar, 11 paths with provenance
2 linux/amd64: manifest sha256:[DIGEST], image ID sha256:[DIGEST], 1 layer of 86 B, 1.5 kB as tar, 1 path with provenance

"#]],
    );
    check(
        &place,
        "verify oci:image:2",
        str![[r#"
exit 0
--- stdout
linux/amd64: manifest sha256:[DIGEST], image ID sha256:[DIGEST], 1 layer of 86 B, 1.5 kB as tar, 1 path with provenance
--- stderr
note: 5 blobs in blobs/sha256 that nothing verified here names

"#]],
    );
}

#[test]
fn an_image_of_zstd_and_one_that_is_not_compressed() {
    check(
        &built("-o oci:image --compression zstd"),
        "verify image",
        str![[r#"
exit 0
--- stdout
linux/amd64: manifest sha256:[DIGEST], image ID sha256:[DIGEST], 1 layer of 997 B, 11.3 kB as tar, 11 paths with provenance

"#]],
    );
    check(
        &built("-o oci:image --compression none"),
        "verify image",
        str![[r#"
exit 0
--- stdout
linux/amd64: manifest sha256:[DIGEST], image ID sha256:[DIGEST], 1 layer of 11.3 kB, 11.3 kB as tar, 11 paths with provenance

"#]],
    );
}

#[test]
fn a_truncated_layer() {
    let place = built("-o oci:image:1");
    let layer = blob(&place, &[0x1f, 0x8b]);
    std::fs::write(&layer, &std::fs::read(&layer).unwrap()[..100]).unwrap();
    check(
        &place,
        "verify oci:image",
        str![[r#"
exit 1
--- stdout
layer sha256:[DIGEST]: size: expected 995, found 100
--- stderr
note: provenance sha256:[DIGEST]: not compared with the files, since a layer is damaged
1 mismatch

"#]],
    );
}

#[test]
fn mismatches_as_json() {
    let place = built("-o oci:image:1");
    let layer = blob(&place, &[0x1f, 0x8b]);
    std::fs::remove_file(&layer).unwrap();
    check(
        &place,
        "verify oci:image --json",
        str![[r#"
exit 1
--- stdout
{
  "mismatches": [
    {
      "expected": "a blob of 995 bytes",
      "found": "nothing",
      "kind": "blob-missing",
      "text": "layer sha256:[DIGEST]: expected a blob of 995 bytes, found nothing",
      "where": "layer sha256:[DIGEST]"
    }
  ],
  "notes": [
    "provenance sha256:[DIGEST]: not compared with the files, since a layer is damaged"
  ],
  "ok": false,
  "platforms": [
    {
      "image_id": "sha256:[DIGEST]",
      "layers": [],
      "manifest": "sha256:[DIGEST]",
      "paths": null,
      "platform": "linux/amd64",
      "provenance": true,
      "tag": "1",
      "tags": [
        "1"
      ]
    }
  ]
}

"#]],
    );
}

#[test]
fn a_good_image_as_json() {
    check(
        &built("-o oci:image:1"),
        "verify oci:image --json",
        str![[r#"
exit 0
--- stdout
{
  "mismatches": [],
  "notes": [],
  "ok": true,
  "platforms": [
    {
      "image_id": "sha256:[DIGEST]",
      "layers": [
        {
          "diff_id": "sha256:[DIGEST]",
          "digest": "sha256:[DIGEST]",
          "size": 995,
          "tar_size": 11264
        }
      ],
      "manifest": "sha256:[DIGEST]",
      "paths": 11,
      "platform": "linux/amd64",
      "provenance": true,
      "tag": "1",
      "tags": [
        "1"
      ]
    }
  ]
}

"#]],
    );
}

#[test]
fn several_things_at_once() {
    let place = built("-o oci:image:1");
    std::fs::write(place.path().join("image/oci-layout"), "{}").unwrap();
    let config = blob(&place, b"{\"architecture");
    let text = std::fs::read_to_string(&config).unwrap().replace("amd64", "amd46");
    std::fs::write(&config, text).unwrap();
    std::fs::write(place.path().join("image/blobs/sha256/stray"), "").unwrap();
    check(
        &place,
        "verify oci:image",
        str![[r#"
exit 1
--- stdout
blobs/sha256/stray: expected a name of 64 lower-case hexadecimal digits, found stray
config sha256:[DIGEST]: digest: expected sha256:[DIGEST], found sha256:[DIGEST]
oci-layout: imageLayoutVersion: expected "1.0.0", found nothing
--- stderr
3 mismatches

"#]],
    );
}

#[test]
fn files_without_an_image() {
    let place = built("-o rootfs:files -o tar:files.tar");
    for (argument, expected) in [
        (
            "rootfs:files",
            str![[r#"
exit 2
--- stderr
error: `rootfs:files` names files, which say nothing to verify them by
hint: images are oci:DIR, oci-archive:FILE and docker-archive:FILE

"#]],
        ),
        (
            "tar:files.tar",
            str![[r#"
exit 2
--- stderr
error: `tar:files.tar` names files, which say nothing to verify them by
hint: images are oci:DIR, oci-archive:FILE and docker-archive:FILE

"#]],
        ),
        (
            "files",
            str![[r#"
exit 3
--- stderr
error: `files` is not an OCI image layout: it has no `oci-layout`, and no `index.json` beside `blobs`

"#]],
        ),
        (
            "files.tar",
            str![[r#"
exit 3
--- stderr
error: `files.tar` is not an image: it has neither `index.json` nor `manifest.json`

"#]],
        ),
    ] {
        check(&place, &format!("verify {argument}"), expected);
    }
}

#[test]
fn what_is_not_there() {
    let place = built("-o oci:image:1");
    for (argument, expected) in [
        (
            "oci:nothing",
            str![[r#"
exit 3
--- stderr
error: cannot read `nothing`: No such file or directory (os error 2)

"#]],
        ),
        (
            "nothing.tar",
            str![[r#"
exit 3
--- stderr
error: cannot read `nothing.tar`: No such file or directory (os error 2)

"#]],
        ),
        (
            "oci:image:2",
            str![[r#"
exit 3
--- stderr
error: `image` has no image tagged `2`; there is: 1

"#]],
        ),
        (
            "app.yaml",
            str![[r#"
exit 2
--- stderr
error: `app.yaml` is a manifest
hint: `scant plan` checks it without building

"#]],
        ),
        (
            "docker://127.0.0.1:1/app:1",
            str![[r#"
exit 2
--- stderr
error: `docker://127.0.0.1:1/app:1` is in a registry, and files are what is verified
hint: copy it first: `scant copy docker://127.0.0.1:1/app:1 oci-archive:FILE`

"#]],
        ),
    ] {
        check(&place, &format!("verify {argument}"), expected);
    }
}

#[test]
fn the_result_survives_a_reader_that_is_gone() {
    let place = built("-o oci:image:1");
    for line in ["verify image", "verify image --json"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = place.scant(line.split(' ')).stdout(writer).output().unwrap();
        same(&place.seen(&output), "exit 0\n");
    }
}

#[test]
fn all_tags_of_one_image_are_named() {
    let place = built("-o oci:image:1");
    for tag in ["3", "2"] {
        assert!(place.run(&format!("build app.yaml -q -o oci:image:{tag}")).status.success());
    }
    check(
        &place,
        "verify oci:image",
        str![[r#"
exit 0
--- stdout
1, 2, 3 linux/amd64: manifest sha256:[DIGEST], image ID sha256:[DIGEST], 1 layer of 995 B, 11.3 kB as tar, 11 paths with provenance

"#]],
    );
    check(
        &place,
        "verify oci:image:2",
        str![[r#"
exit 0
--- stdout
linux/amd64: manifest sha256:[DIGEST], image ID sha256:[DIGEST], 1 layer of 995 B, 11.3 kB as tar, 11 paths with provenance

"#]],
    );
}
