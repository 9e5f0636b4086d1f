//! Documents that break a rule, and what is said of them.

use serde_json::{Value, json};

use super::fixture::{Fixture, blob, bytes, entry, link, with};
use crate::layout::archive::check_archive_bytes;
use crate::layout::{Files, check_files, digest_of};

const MANIFEST: &str = "index.json: manifests[0]: ";

#[track_caller]
fn index(change: fn(&mut Value), expected: &[&str]) {
    Fixture { index: Box::new(change), ..Fixture::default() }.has(expected);
}

#[track_caller]
fn manifest(change: fn(&mut Value), expected: &str) {
    let fixture = Fixture { manifest: Box::new(change), ..Fixture::default() };
    fixture.has(&[format!("{MANIFEST}{expected}").as_str()]);
}

#[track_caller]
fn config(change: fn(&mut Value), expected: &str) {
    let fixture = Fixture { config: Box::new(change), ..Fixture::default() };
    fixture.has(&[format!("{MANIFEST}{expected}").as_str()]);
}

#[track_caller]
fn files(change: fn(&mut Files), expected: &[&str]) {
    Fixture { files: Box::new(change), ..Fixture::default() }.has(expected);
}

#[test]
fn the_files_of_a_layout() {
    let version = "oci-layout: it is not exactly `{\"imageLayoutVersion\":\"1.0.0\"}`";
    files(|files| files.get_mut("oci-layout").expect("made").push(b'\n'), &[version]);
    files(|files| drop(files.remove("oci-layout")), &["oci-layout: the file is missing"]);
    files(|files| drop(files.insert("README".into(), Vec::new())), &[]);
    let name = "blobs/md5/x: it is not named `blobs/sha256/` and 64 lower-case digits";
    files(|files| drop(files.insert("blobs/md5/x".into(), Vec::new())), &[name]);
    let stray = format!("blobs/sha256/{}: nothing refers to it", &digest_of(b"x")[7..]);
    files(|files| drop(blob(files, "a/b", b"x")), &[&stray]);
}

#[test]
fn documents_are_canonical() {
    let expected = "index.json: it is not canonical JSON (sorted keys, none twice, no blanks)";
    files(|files| files.get_mut("index.json").expect("made").push(b'\n'), &[expected]);
}

#[test]
fn the_index() {
    index(|index| index["schemaVersion"] = 1.into(), &["index.json: `schemaVersion` is not 2"]);
    let name = "index.json: manifests[0]: `a b` is not a reference name";
    index(
        |index| {
            index["manifests"][0]["annotations"]["org.opencontainers.image.ref.name"] = "a b".into()
        },
        &[name],
    );
    let platform =
        "index.json: manifests[0]: `platform.architecture` is \"arm64\", in the config \"amd64\"";
    index(|index| index["manifests"][0]["platform"]["architecture"] = "arm64".into(), &[platform]);
    let null = "index.json: `manifests[0].platform.variant` is null";
    let variant = "index.json: manifests[0]: `platform.variant` is null, in the config absent";
    index(|index| index["manifests"][0]["platform"]["variant"] = Value::Null, &[null, variant]);
}

#[test]
fn descriptors() {
    manifest(
        |manifest| manifest["config"]["size"] = json!("1"),
        "config: `size` is not a number of bytes",
    );
    let media_type = "config: `mediaType` is `json`, which is none";
    let fixture = Fixture {
        manifest: Box::new(|manifest| manifest["config"]["mediaType"] = "json".into()),
        ..Fixture::default()
    };
    let not_a_config = "`json` is not the media type of an image config";
    fixture.has(&[&format!("{MANIFEST}{media_type}"), &format!("{MANIFEST}{not_a_config}")]);
    let fixture = Fixture {
        files: Box::new(|files| {
            let path = files.iter().find(|(_, bytes)| bytes.starts_with(b"{\"arch"));
            let path = path.expect("the config").0.clone();
            files.get_mut(&path).expect("the config").push(b' ');
        }),
        ..Fixture::default()
    };
    let found = check_files(&fixture.make());
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found[0].starts_with("index.json: manifests[0]: config: the size is "));
    assert!(found[1].starts_with("index.json: manifests[0]: config: the digest is `sha256:"));
}

#[test]
fn the_manifest() {
    manifest(
        |manifest| drop(manifest.as_object_mut().expect("made").remove("mediaType")),
        "`mediaType` is missing, not `application/vnd.oci.image.manifest.v1+json`",
    );
    manifest(|manifest| manifest["annotations"] = json!({}), "`annotations` is empty");
    manifest(
        |manifest| {
            manifest["layers"][0]["mediaType"] =
                "application/vnd.docker.image.rootfs.diff.tar.gzip".into()
        },
        "layers[0]: `application/vnd.docker.image.rootfs.diff.tar.gzip` is not the media type of a layer",
    );
}

#[test]
fn the_config() {
    config(|config| config["history"] = json!([{}, {}]), "config: 2 history entries for 1 layers");
    config(
        |config| config["config"] = json!({"Env": ["A"]}),
        "config: `A` in `config.Env` is not NAME=VALUE",
    );
    config(|config| config["config"] = json!({"Cmd": null}), "config: `config.Cmd` is null");
    config(
        |config| config["created"] = "yesterday".into(),
        "config: `created` is `yesterday`, not a time as 1970-01-01T00:00:00Z",
    );
    let fixture = Fixture {
        config: Box::new(|config| config["rootfs"]["diff_ids"][0] = digest_of(b"").into()),
        ..Fixture::default()
    };
    let found = check_files(&fixture.make());
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("index.json: manifests[0]: layers[0]: the diff ID is `sha256:"));
}

#[test]
fn a_nested_index() {
    let nested = |inner_is_named: bool, expected: &[&str]| {
        let strip = |index: &mut Value| {
            drop(index["manifests"][0].as_object_mut().expect("made").remove("annotations"));
        };
        let keep = |_: &mut Value| {};
        let index: Box<dyn FnOnce(&mut Value)> =
            if inner_is_named { Box::new(keep) } else { Box::new(strip) };
        let mut files = Fixture { index, ..Fixture::default() }.make();
        let inner = files.remove("index.json").expect("made");
        let media_type = "application/vnd.oci.image.index.v1+json";
        let descriptor = blob(&mut files, media_type, &inner);
        let index = json!({"manifests": [descriptor], "mediaType": media_type, "schemaVersion": 2});
        files.insert("index.json".into(), bytes(&index));
        assert_eq!(check_files(&files), expected);
    };
    nested(false, &[]);
    let name = "`org.opencontainers.image.ref.name` belongs in `index.json` only";
    let place = "index.json: manifests[0]: manifests[0]";
    nested(true, &[&format!("{place}: {name}")]);
}

/// An artifact about the first image of the index.
fn attach(files: &mut Files, artifact_type: Option<&str>) -> String {
    let index: Value = serde_json::from_slice(&files["index.json"]).expect("made");
    let mut subject = index["manifests"][0].clone();
    subject
        .as_object_mut()
        .expect("made")
        .retain(|key, _| key != "annotations" && key != "platform");
    let empty = blob(files, "application/vnd.oci.empty.v1+json", b"{}");
    let mut artifact = json!({
        "config": empty,
        "layers": [blob(files, "application/spdx+json", b"{\"spdx\":1}")],
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "schemaVersion": 2,
        "subject": subject,
    });
    if let Some(artifact_type) = artifact_type {
        artifact["artifactType"] = artifact_type.into();
    }
    let described = blob(files, "application/vnd.oci.image.manifest.v1+json", &bytes(&artifact));
    described["digest"].as_str().expect("made")[7..].to_string()
}

#[test]
fn referrers() {
    files(|files| drop(attach(files, Some("application/spdx+json"))), &[]);
    let mut broken = Fixture::default().make();
    let path = format!("blobs/sha256/{}", attach(&mut broken, None));
    let expected = format!("{path}: `artifactType` is missing beside the empty config");
    assert_eq!(check_files(&broken), [expected]);
}

#[test]
fn the_manifest_for_docker() {
    let hybrid = |change: fn(&mut Value), expected: &[&str]| {
        let mut files = Fixture::default().make();
        let path = |start: &[u8]| {
            let found = files.iter().find(|(_, bytes)| bytes.starts_with(start));
            found.expect("made").0.clone()
        };
        let (config, layer) = (path(b"{\"arch"), path(&[0x1f, 0x8b]));
        let mut image = json!({"Config": config, "Layers": [layer], "RepoTags": ["app:latest"]});
        change(&mut image);
        files.insert("manifest.json".into(), bytes(&json!([image])));
        assert_eq!(check_files(&files), expected);
    };
    hybrid(|_| {}, &[]);
    let tag = "manifest.json: [0]: `app` in `RepoTags` is not NAME:TAG";
    hybrid(|image| image["RepoTags"][0] = "app".into(), &[tag]);
    let count = "manifest.json: [0]: 0 layers for 1 diff IDs";
    hybrid(|image| image["Layers"] = json!([]), &[count]);
    let missing = "manifest.json: [0]: the file `x` is missing";
    hybrid(|image| image["Config"] = "x".into(), &[missing]);
}

/// An archive of the layout, with all modification times set to `time`.
fn archive(files: &Files, time: u64) -> Vec<u8> {
    let mut tar = Vec::new();
    for directory in ["blobs/", "blobs/sha256/"] {
        tar.extend(with(entry(directory, b'5'), |header| header.set_mtime(time)).as_bytes());
    }
    for (path, bytes) in files {
        let header = with(entry(path, b'0'), |header| {
            header.set_mtime(time);
            header.set_size(bytes.len() as u64);
        });
        tar.extend(header.as_bytes());
        tar.extend(bytes);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.extend([0; 1024]);
    tar
}

#[test]
fn archives() {
    let mut files = Fixture::default().make();
    assert_eq!(check_archive_bytes(&archive(&files, 0)), [""; 0]);
    files.clear();
    files.insert("oci-layout".into(), br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec());
    let expected = [
        "archive: `blobs/`: has the time 7, others have 0",
        "archive: `blobs/sha256/`: has the time 7, others have 0",
        "archive: `oci-layout`: has the time 7, others have 0",
        "index.json: the file is missing",
        "blobs: the directory is missing or empty",
    ];
    assert_eq!(check_archive_bytes(&archive(&files, 7)), expected);
    let hard_link = [entry("a", b'0'), link("b", "a")];
    let mut tar: Vec<u8> = hard_link.iter().flat_map(|header| header.as_bytes().to_vec()).collect();
    tar.extend([0; 1024]);
    let found = check_archive_bytes(&tar);
    assert_eq!(found[0], "archive: `b`: is neither a file nor a directory");
}
