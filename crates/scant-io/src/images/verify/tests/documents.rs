//! Documents with one member changed.

use serde_json::{Value, json};

use super::fixture::Fixture;

#[test]
fn a_good_image_has_nothing_to_say() {
    let seen = Fixture::default().seen();
    assert_eq!(seen.mismatches, Vec::<String>::new());
    assert_eq!(seen.notes, Vec::<String>::new());
    let expected =
        "Some(\"latest\") linux/amd64 <manifest> 2 layers, paths Some(6), provenance true";
    assert_eq!(seen.platforms, [expected]);
}

#[track_caller]
fn marker(text: &'static str, expected: &[&str]) {
    let files = move |files: &mut super::fixture::Files| {
        files.insert("oci-layout".into(), text.into());
    };
    Fixture { files: Box::new(files), ..Fixture::default() }.has(expected);
}

#[test]
fn the_marker_of_the_layout() {
    marker(
        r#"{"imageLayoutVersion":"2.0.0"}"#,
        &["oci-layout: imageLayoutVersion: expected \"1.0.0\", found \"2.0.0\""],
    );
    marker("{}", &["oci-layout: imageLayoutVersion: expected \"1.0.0\", found nothing"]);
    marker("[]", &["oci-layout: expected an object, found []"]);
    marker("", &["oci-layout: expected JSON, found EOF while parsing a value at line 1 column 0"]);
    let files = |files: &mut super::fixture::Files| {
        files.remove("oci-layout");
    };
    Fixture { files: Box::new(files), ..Fixture::default() }
        .has(&["oci-layout: expected the marker of a layout, found nothing"]);
}

/// Sets a member of a document, or removes it.
fn set(pointer: &'static str, value: Value) -> Box<dyn FnOnce(&mut Value)> {
    Box::new(move |document| {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match document.pointer_mut(parent).unwrap() {
            Value::Array(elements) => elements[name.parse::<usize>().unwrap()] = value,
            Value::Object(members) if value.is_null() => drop(members.remove(name)),
            parent => parent[name] = value,
        }
    })
}

#[track_caller]
fn index(pointer: &'static str, value: Value, expected: &[&str]) {
    Fixture { index: set(pointer, value), ..Fixture::default() }.has(expected);
}

#[test]
fn the_index() {
    index("/schemaVersion", json!(1), &["index.json: schemaVersion: expected 2, found 1"]);
    index("/schemaVersion", Value::Null, &["index.json: schemaVersion: expected 2, found nothing"]);
    index("/mediaType", Value::Null, &[]);
    index(
        "/mediaType",
        json!("application/json"),
        &["index.json: mediaType: expected \"application/vnd.oci.image.index.v1+json\", \
           found \"application/json\""],
    );
    index("/layers", json!([]), &["index.json: layers: expected nothing in an index, found []"]);
    index(
        "/annotations",
        json!({"a": 1}),
        &["index.json: annotations.a: expected a text, found 1"],
    );
    index("/manifests/0/size", json!(7), &["manifest <manifest>: size: expected 7, found 551"]);
    index(
        "/manifests/0/annotations",
        json!([]),
        &["index.json: manifests[0].annotations: expected an object of texts, found []"],
    );
}

#[test]
fn an_index_that_leads_nowhere() {
    // The blobs are still there, which a note says.
    index("/manifests", Value::Null, &["index.json: manifests: expected a list, found nothing"]);
    index("/manifests", json!([]), &["index.json: manifests: expected an image, found none"]);
    index(
        "/manifests/0",
        json!("x"),
        &["index.json: manifests[0]: expected an object, found \"x\""],
    );
    index(
        "/manifests/0/digest",
        json!("sha256:0"),
        &["index.json: manifests[0].digest: expected `sha256:` and 64 lower-case hexadecimal \
         digits, found \"<other>\""],
    );
    index(
        "/manifests/0/mediaType",
        json!("text/plain"),
        &[
            "index.json: manifests[0].mediaType: expected that of an image manifest or index, found \
         \"text/plain\"",
            "manifest <manifest>: mediaType: expected \"text/plain\", found \
         \"application/vnd.oci.image.manifest.v1+json\"",
        ],
    );
    index(
        "/manifests/0/mediaType",
        Value::Null,
        &["index.json: manifests[0].mediaType: expected a media type, found nothing"],
    );
}

#[test]
fn the_platform_of_a_descriptor() {
    index(
        "/manifests/0/platform/os",
        Value::Null,
        &["index.json: manifests[0].platform.os: expected a text, found nothing"],
    );
    index(
        "/manifests/0/platform/architecture",
        json!("arm64"),
        &[
            "config <config>: architecture: expected \"arm64\" of the descriptor, found \"amd64\"",
            "index.json: manifests[0]: dev.scant.provenance: expected platforms of the image, found \
         linux/amd64",
        ],
    );
    index("/manifests/0/platform", Value::Null, &[]);
}

#[track_caller]
fn manifest(pointer: &'static str, value: Value, expected: &[&str]) {
    Fixture { manifest: set(pointer, value), ..Fixture::default() }.has(expected);
}

#[test]
fn the_manifest() {
    manifest(
        "/schemaVersion",
        json!("2"),
        &["manifest <manifest>: schemaVersion: expected 2, found \"2\""],
    );
    manifest("/mediaType", Value::Null, &[]);
    manifest(
        "/mediaType",
        json!("application/vnd.docker.distribution.manifest.v2+json"),
        &[
            "manifest <manifest>: mediaType: expected \"application/vnd.oci.image.manifest.v1+json\", \
         found \"application/vnd.docker.distribution.manifest.v2+json\"",
        ],
    );
    manifest(
        "/manifests",
        json!([{}]),
        &["manifest <manifest>: manifests: expected nothing in a manifest, found a list"],
    );
    manifest(
        "/config",
        Value::Null,
        &["manifest <manifest>: config: expected a descriptor, found nothing"],
    );
    manifest(
        "/config/mediaType",
        json!("application/json"),
        &["manifest <manifest>: config.mediaType: expected the media type of a config, found \
         \"application/json\""],
    );
    manifest(
        "/layers/0/mediaType",
        json!("application/vnd.oci.image.layer.v1.tar+zstd"),
        &["layer <lower>: compression: expected zstd by its media type, found gzip"],
    );
    manifest(
        "/layers/0/mediaType",
        json!("application/vnd.docker.image.rootfs.diff.tar.gzip"),
        &[
            "manifest <manifest>: layers[0].mediaType: expected the specification's media type of a \
         layer, as that of the manifest, found \
         \"application/vnd.docker.image.rootfs.diff.tar.gzip\"",
        ],
    );
    manifest(
        "/layers/1/mediaType",
        json!("text/plain"),
        &["manifest <manifest>: layers[1].mediaType: expected the media type of a layer, found \
         \"text/plain\""],
    );
    manifest(
        "/layers/1/digest",
        json!("sha512:00"),
        &[
            "manifest <manifest>: layers[1].digest: expected `sha256:` and 64 lower-case hexadecimal \
         digits, found \"sha512:00\"",
        ],
    );
    manifest(
        "/layers/1/size",
        json!(-1),
        &["manifest <manifest>: layers[1].size: expected a number of bytes, found -1"],
    );
}

#[test]
fn layers_that_are_left_out() {
    manifest(
        "/layers",
        Value::Null,
        &[
            "config <config>: history: expected 0 entries that are not `empty_layer`, one for each \
         layer, found 2",
            "config <config>: rootfs.diff_ids: expected 0 of them, one for each layer, found 2",
            "manifest <manifest>: layers: expected a list, found nothing",
            "provenance <provenance>: /bin: expected a directory, found nothing in the layers",
            "provenance <provenance>: /bin/app: expected a file of 1 bytes, found nothing in the \
         layers",
            "provenance <provenance>: /bin/run: expected another name of /bin/app, found nothing in \
         the layers",
            "provenance <provenance>: /etc: expected a directory, found nothing in the layers",
            "provenance <provenance>: /etc/new: expected a file of 2 bytes, found nothing in the \
         layers",
            "provenance <provenance>: /lib: expected a link to bin, found nothing in the layers",
        ],
    );
}

#[track_caller]
fn config(pointer: &'static str, value: Value, expected: &[&str]) {
    Fixture { config: set(pointer, value), ..Fixture::default() }.has(expected);
}

#[test]
fn the_config() {
    config(
        "/os",
        Value::Null,
        &["config <config>: os: expected \"linux\" of the descriptor, found nothing"],
    );
    config(
        "/architecture",
        json!(""),
        &["config <config>: architecture: expected \"amd64\" of the descriptor, found \"\""],
    );
    config(
        "/rootfs/type",
        json!("layer"),
        &["config <config>: rootfs.type: expected \"layers\", found \"layer\""],
    );
    config("/rootfs", Value::Null, &["config <config>: rootfs: expected an object, found nothing"]);
    config(
        "/rootfs/diff_ids/0",
        json!(format!("sha256:{:064}", 0)),
        &["config <config>: rootfs.diff_ids[0]: expected <other>, found <diff-id>"],
    );
    config(
        "/rootfs/diff_ids/0",
        json!(0),
        &["config <config>: rootfs.diff_ids[0]: expected `sha256:` and 64 lower-case hexadecimal \
         digits, found 0"],
    );
    config(
        "/rootfs/diff_ids",
        json!([]),
        &["config <config>: rootfs.diff_ids: expected 2 of them, one for each layer, found 0"],
    );
    config(
        "/created",
        json!("yesterday"),
        &["config <config>: created: expected a date of RFC 3339, found \"yesterday\""],
    );
    config("/created", Value::Null, &[]);
    config(
        "/history/0/empty_layer",
        json!(false),
        &["config <config>: history: expected 2 entries that are not `empty_layer`, one for each \
         layer, found 3"],
    );
    config(
        "/history/1/created",
        json!(0),
        &["config <config>: history[1].created: expected a date of RFC 3339, found 0"],
    );
    config("/history", Value::Null, &[]);
    config(
        "/config",
        json!({"Env": "A=b"}),
        &[
            "config <config>: expected an image config, found invalid type: string \"A=b\", expected \
         a sequence at line 1 column 45",
        ],
    );
}

#[test]
fn a_short_history_is_only_noted() {
    Fixture { config: set("/history", json!([{}])), ..Fixture::default() }
        .notes(&["config <config>: 1 entries of its history are of layers, of which it has 2"]);
}

#[test]
fn a_variant_in_one_place_is_only_noted() {
    Fixture { config: set("/variant", json!("v2")), ..Fixture::default() }
        .notes(&["config <config>: variant: only one of config and descriptor says the variant"]);
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    Fixture {
        config: Box::new(|config| {
            set("/os", json!(1))(config);
            set("/rootfs/diff_ids/1", json!(format!("sha256:{:064}", 0)))(config);
        }),
        index: set("/schemaVersion", json!(3)),
        ..Fixture::default()
    }
    .has(&[
        "config <config>: os: expected \"linux\" of the descriptor, found 1",
        "config <config>: rootfs.diff_ids[1]: expected <other>, found <upper>",
        "index.json: schemaVersion: expected 2, found 3",
    ]);
}

#[test]
fn two_members_of_one_name_are_no_document() {
    let files = |files: &mut super::fixture::Files| {
        let index = String::from_utf8(files["index.json"].clone()).unwrap();
        let index = index.replacen('{', "{\"schemaVersion\":2,", 1);
        files.insert("index.json".into(), index.into_bytes());
    };
    let seen = Fixture { files: Box::new(files), ..Fixture::default() }.seen();
    let [mismatch] = &seen.mismatches[..] else { panic!("{:?}", seen.mismatches) };
    let expected = "index.json: expected JSON, found the member `schemaVersion` twice at line 1";
    assert!(mismatch.starts_with(expected), "{mismatch}");
}
