//! Archives: their members, and `manifest.json`.

use std::path::Path;

use scant_core::words::Digest;
use serde_json::{Value, json};

use super::fixture::{Files, Fixture, LOWER, Seen, entry, gzip, seen, tar, tar_of, write};

/// What is seen of an archive of these bytes.
fn of(bytes: &[u8], names: &[(String, &'static str)]) -> Result<Seen, String> {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a.tar");
    std::fs::write(&path, bytes).unwrap();
    let seen = seen(&format!("docker-archive:{}", path.display()), names);
    seen.map_err(|error| error.replace(&place.path().display().to_string(), "DIR"))
}

#[track_caller]
fn has(bytes: &[u8], names: &[(String, &'static str)], expected: &[&str]) {
    assert_eq!(of(bytes, names).map(|seen| seen.mismatches), Ok(strings(expected)));
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

/// The good image, with the `manifest.json` of a `docker-archive:` changed so.
fn hybrid(change: impl FnOnce(&mut Value)) -> (Files, Vec<(String, &'static str)>) {
    let (mut files, names) = Fixture::default().make();
    let path = |wanted: &str| {
        let (hex, _) = names.iter().find(|(_, name)| *name == wanted).unwrap();
        format!("blobs/sha256/{hex}")
    };
    let mut saved = json!([{
        "Config": path("config"),
        "Layers": [path("lower"), path("upper")],
        "RepoTags": ["x:1"],
    }]);
    change(&mut saved);
    files.insert("manifest.json".into(), saved.to_string().into_bytes());
    (files, names)
}

#[test]
fn members_of_one_name() {
    let (files, names) = Fixture::default().make();
    let mut archive = entry("oci-layout", b'0', "", b"{}");
    archive.extend(tar_of(&files));
    has(
        &archive,
        &names,
        &["archive: /oci-layout: expected one member of this name, found another"],
    );
}

#[test]
fn an_archive_that_is_cut_is_looked_at_as_far_as_it_goes() {
    let (files, names) = Fixture::default().make();
    let mut ordered: Vec<u8> = Vec::new();
    let mut last = Vec::new();
    for (name, bytes) in &files {
        let member = entry(name, b'0', "", bytes);
        // The layer comes last, and its end is cut off.
        if bytes.starts_with(&[0x1f, 0x8b]) { last = member } else { ordered.extend(member) }
    }
    ordered.extend(&last[..600]);
    has(
        &ordered,
        &names,
        &[
            "archive: expected a tar archive that can be read to its end, found unexpected end of file",
            "layer <lower>: size: expected 165, found 88",
        ],
    );
}

#[test]
fn manifest_json_agrees_with_the_layout() {
    #[track_caller]
    fn case(change: fn(&mut Value), expected: &[&str]) {
        let (files, names) = hybrid(change);
        has(&tar_of(&files), &names, expected);
    }
    case(|_| {}, &[]);
    case(|saved| saved[0]["RepoTags"] = Value::Null, &[]);
    case(
        |saved| saved[0]["RepoTags"] = json!(["X:1"]),
        &["manifest.json: [0].RepoTags: expected names with tags, found \"X:1\""],
    );
    case(
        |saved| saved[0]["Config"] = saved[0]["Layers"][0].clone(),
        &["manifest.json: [0].Config: expected the config of an image in index.json, found \
         blobs/sha256/<lower>"],
    );
    case(
        |saved| saved[0]["Config"] = json!("config.json"),
        &["manifest.json: [0].Config: expected a member config.json, found nothing"],
    );
    case(
        |saved| saved[0]["Config"] = Value::Null,
        &["manifest.json: [0].Config: expected the name of a member, found nothing"],
    );
    case(
        |saved| saved[0]["Layers"].as_array_mut().unwrap().reverse(),
        &[
            "manifest.json: [0].Layers[0]: expected <lower>, found <upper>",
            "manifest.json: [0].Layers[1]: expected <upper>, found <lower>",
        ],
    );
    case(
        |saved| drop(saved[0]["Layers"].as_array_mut().unwrap().pop()),
        &["manifest.json: [0].Layers: expected 2 layers, as the image has, found 1"],
    );
    case(|saved| *saved = json!({}), &["manifest.json: expected a list of images, found {}"]);
}

#[test]
fn a_layout_without_its_index_is_read_by_manifest_json() {
    let (mut files, names) = hybrid(|_| {});
    files.remove("index.json");
    has(
        &tar_of(&files),
        &names,
        &["index.json: expected an index, as there is an `oci-layout`, found nothing"],
    );
}

#[test]
fn a_tag_may_be_in_what_cannot_be_read() {
    let place = tempfile::tempdir().unwrap();
    let (mut files, names) = Fixture::default().make();
    files.insert("index.json".into(), b"{}".to_vec());
    write(&files, place.path());
    let path = place.path().display().to_string();
    let found = seen(&format!("oci:{path}:latest"), &names).unwrap();
    let said: Vec<_> = found.mismatches.iter().map(|m| m.replace(&path, "DIR")).collect();
    assert_eq!(
        said,
        [
            "index.json: manifests: expected a list, found nothing",
            "index.json: manifests: expected the image that was asked for, found `DIR` has no image \
             tagged `latest`; there is none",
            "index.json: schemaVersion: expected 2, found nothing",
        ]
    );
}

/// What `docker save` once wrote, with one layer.
fn saved(layer: &[u8], config: Option<&str>, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut document = json!({
        "architecture": "arm64", "os": "linux", "variant": "v8",
        "rootfs": {"type": "layers", "diff_ids": [Digest::of(&tar(LOWER))]},
    });
    change(&mut document);
    let document = document.to_string().into_bytes();
    let name = format!("{}.json", config.map_or(Digest::of(&document).hex(), str::to_string));
    let manifest = json!([{"Config": name, "RepoTags": ["x:1"], "Layers": ["1/layer.tar"]}]);
    let files = Files::from([
        (name, document),
        ("1/layer.tar".into(), layer.to_vec()),
        ("manifest.json".into(), manifest.to_string().into_bytes()),
    ]);
    tar_of(&files)
}

#[test]
fn an_archive_without_a_layout() {
    let good = of(&saved(&tar(LOWER), None, |_| {}), &[]).unwrap();
    assert_eq!(good.mismatches, strings(&[]));
    let expected = "Some(\"x:1\") linux/arm64/v8 - 1 layers, paths Some(6), provenance false";
    assert_eq!(good.platforms, [expected]);
    has(&saved(&gzip(&tar(LOWER)), None, |_| {}), &[], &[]);
    has(&saved(&tar(LOWER), Some("config"), |_| {}), &[], &[]);
    let wrong = "0".repeat(64);
    has(
        &saved(&tar(LOWER), Some(&wrong), |_| {}),
        &[],
        &[&format!("config {wrong}.json: digest: expected <other>, found <other>")],
    );
    has(
        &saved(&tar("a = b"), Some("c"), |_| {}),
        &[],
        &[
            "config c.json: rootfs.diff_ids[0]: expected <other>, found <other>",
            "layer 1/layer.tar: /a: expected a hard link to a file before it in the same layer, found \
         `/b`, which is not in this layer",
        ],
    );
    has(
        &saved(&tar(LOWER), Some("c"), |config| config["os"] = Value::Null),
        &[],
        &["config c.json: os: expected a text, found nothing"],
    );
}

#[test]
fn what_is_no_image_cannot_be_opened() {
    let refused = |bytes: &[u8]| of(bytes, &[]).err().unwrap_or_default();
    assert_eq!(
        refused(&tar("a 1")),
        "`DIR/a.tar` is not an archive of `docker save`: it has neither `index.json` nor \
         `manifest.json`"
    );
    assert_eq!(
        refused(b"garbage"),
        "`DIR/a.tar` is not an archive of `docker save`: the archive ends within a header"
    );
    assert_eq!(
        refused(&gzip(&tar("a 1"))),
        "`DIR/a.tar` is not a tar archive: it is compressed as a whole; decompress it first"
    );
    let place = tempfile::tempdir().unwrap();
    let error = seen(&format!("oci:{}", place.path().display()), &[]).err().unwrap_or_default();
    assert!(
        error.ends_with("it has no `oci-layout`, and no `index.json` beside `blobs`"),
        "{error}"
    );
}

/// A layout with an index of two images, of which the first is the good one.
fn two_platforms(directory: &Path, change: impl FnOnce(&mut Value)) -> Seen {
    let (mut files, mut names) = Fixture::default().make();
    let index: Value = serde_json::from_slice(&files["index.json"]).unwrap();
    let first = index["manifests"][0].clone();
    let config = json!({
        "architecture": "arm64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []},
    });
    let mut add = |bytes: Vec<u8>, media_type: &str, name| {
        let digest = Digest::of(&bytes);
        names.push((digest.hex(), name));
        let descriptor = json!({"mediaType": media_type, "digest": digest, "size": bytes.len()});
        files.insert(format!("blobs/sha256/{}", digest.hex()), bytes);
        descriptor
    };
    let config_type = "application/vnd.oci.image.config.v1+json";
    let config = add(config.to_string().into_bytes(), config_type, "config2");
    let manifest = json!({"schemaVersion": 2, "config": config, "layers": []});
    let manifest_type = "application/vnd.oci.image.manifest.v1+json";
    let mut second = add(manifest.to_string().into_bytes(), manifest_type, "manifest2");
    second["platform"] = json!({"os": "linux", "architecture": "arm64"});
    let mut nested = json!({"schemaVersion": 2, "manifests": [first, second]});
    change(&mut nested);
    let index_type = "application/vnd.oci.image.index.v1+json";
    let mut top = add(nested.to_string().into_bytes(), index_type, "index");
    top["annotations"] = first["annotations"].clone();
    let index = json!({"schemaVersion": 2, "manifests": [top]});
    files.insert("index.json".into(), index.to_string().into_bytes());
    write(&files, directory);
    seen(&format!("oci:{}", directory.display()), &names).unwrap()
}

#[test]
fn all_platforms_of_an_index_are_verified() {
    let place = tempfile::tempdir().unwrap();
    let good = two_platforms(&place.path().join("good"), |_| {});
    assert_eq!(good.mismatches, strings(&[]));
    assert_eq!(
        good.platforms,
        [
            "Some(\"latest\") linux/amd64 <manifest> 2 layers, paths Some(6), provenance true",
            "Some(\"latest\") linux/arm64 <manifest2> 0 layers, paths Some(0), provenance false",
        ]
    );
    assert_eq!(
        good.notes,
        ["manifest <manifest2>: an image without layers, which the schema does not allow"]
    );
    let bad = two_platforms(&place.path().join("bad"), |nested| {
        nested["manifests"][0]["size"] = json!(1);
        nested["manifests"][1]["platform"]["architecture"] = json!("s390x");
        nested["mediaType"] = json!("x/y");
    });
    assert_eq!(
        bad.mismatches,
        [
            "config <config2>: architecture: expected \"s390x\" of the descriptor, found \"arm64\"",
            "index <index>: mediaType: expected \"application/vnd.oci.image.index.v1+json\", found \
             \"x/y\"",
            "manifest <manifest>: size: expected 1, found 551",
        ]
    );
}

#[test]
fn an_index_in_itself_ends() {
    let place = tempfile::tempdir().unwrap();
    let (mut files, _) = Fixture::default().make();
    let digest = format!("sha256:{}", "7".repeat(64));
    let index_type = "application/vnd.oci.image.index.v1+json";
    let index = json!({
        "schemaVersion": 2,
        "manifests": [{"mediaType": index_type, "digest": digest, "size": 194}],
    });
    let index = index.to_string().into_bytes();
    files.insert(format!("blobs/sha256/{}", "7".repeat(64)), index.clone());
    files.insert("index.json".into(), index);
    write(&files, place.path());
    let found = seen(&format!("oci:{}", place.path().display()), &[]).unwrap();
    let [mismatch] = &found.mismatches[..] else { panic!("{:?}", found.mismatches) };
    assert!(mismatch.starts_with("index <other>: "), "{mismatch}");
}
