//! Provenance that is not about the image it comes with.

use serde_json::{Value, json};

use super::fixture::{Fixture, LOWER};

#[track_caller]
fn document(change: fn(&mut Value), expected: &[&str]) {
    Fixture { document: Box::new(change), ..Fixture::default() }.has(expected);
}

#[test]
fn paths_that_are_missing_or_surplus() {
    document(
        |document| drop(document["nodes"].as_array_mut().unwrap().pop()),
        &[
            "provenance <provenance>: /lib: expected nothing, since no reason is given, found a link \
         to bin",
        ],
    );
    document(
        |document| document["nodes"][4]["path"] = json!("/etc/other"),
        &[
            "provenance <provenance>: /etc/new: expected nothing, since no reason is given, found a \
         file of 2 bytes",
            "provenance <provenance>: /etc/other: expected a file of 2 bytes, found nothing in the \
         layers",
        ],
    );
    document(
        |document| document["nodes"][0] = document["nodes"][3].clone(),
        &[
            "provenance <provenance>: /bin: expected nothing, since no reason is given, found a \
         directory",
            "provenance <provenance>: /etc: expected one entry, found two of them",
        ],
    );
    document(
        |document| document["nodes"][0]["reasons"] = json!([]),
        &["provenance <provenance>: /bin: expected a reason, found none"],
    );
}

#[test]
fn paths_that_differ() {
    document(
        |document| document["nodes"][0]["mode"] = json!("0700"),
        &["provenance <provenance>: /bin: mode: expected 0700, found 0755"],
    );
    document(
        |document| document["nodes"][4]["uid"] = json!(7),
        &["provenance <provenance>: /etc/new: owner: expected 7:0, found 0:0"],
    );
    document(
        |document| document["nodes"][4]["size"] = json!(3),
        &["provenance <provenance>: /etc/new: expected a file of 3 bytes, found a file of 2 bytes"],
    );
    document(
        |document| document["nodes"][5]["target"] = json!("etc"),
        &["provenance <provenance>: /lib: expected a link to etc, found a link to bin"],
    );
    document(
        |document| document["nodes"][4]["xattrs"] = json!(["user.a"]),
        &["provenance <provenance>: /etc/new: extended attributes: expected user.a, found none"],
    );
    document(
        |document| document["nodes"][2]["size"] = json!(5),
        &["provenance <provenance>: /bin/app: expected a file of 5 bytes, found a file of 1 bytes"],
    );
    document(
        |document| document["nodes"][1]["target"] = json!("/etc/new"),
        &[
            "provenance <provenance>: /bin/app: expected a file of 2 bytes, found a file of 1 bytes",
            "provenance <provenance>: /bin/run: expected a file of 1 bytes, found another name of \
         /bin/app",
            "provenance <provenance>: /etc/new: expected another name of /bin/app, found a file of 2 \
         bytes",
        ],
    );
}

#[test]
fn a_layer_with_a_file_that_nothing_explains() {
    let layers = [format!("{LOWER}\nbin/extra -> /"), "etc/\netc/.wh.old\netc/new 22".into()];
    Fixture { layers, ..Fixture::default() }.has(&[
        "provenance <provenance>: /bin/extra: expected nothing, since no reason is given, found a \
         link to /",
    ]);
}

#[test]
fn the_head_of_the_document() {
    document(
        |document| document["platform"] = json!("linux/arm64"),
        &["provenance <provenance>: platform: expected linux/amd64, found linux/arm64"],
    );
    document(
        |document| document["version"] = json!(9),
        &[
            "provenance <provenance>: expected a provenance document, found a provenance document of \
         version 9, written by a newer scant; this one reads 1",
        ],
    );
}

#[track_caller]
fn referrer(change: fn(&mut Value), expected: &[&str]) {
    Fixture { referrer: Box::new(change), ..Fixture::default() }.has(expected);
}

#[test]
fn the_manifest_of_the_provenance() {
    let digest = "<config>";
    assert!(digest.len() < 64);
    referrer(
        |referrer| referrer["subject"]["digest"] = referrer["config"]["digest"].clone(),
        &["provenance manifest <referrer>: subject.digest: expected <manifest>, found <empty>"],
    );
    referrer(
        |referrer| referrer["subject"] = Value::Null,
        &["provenance manifest <referrer>: subject: expected <manifest>, found nothing"],
    );
    referrer(
        |referrer| referrer["artifactType"] = json!("text/plain"),
        &["provenance manifest <referrer>: artifactType: expected \
         \"application/vnd.scant.provenance.v1+json\", found \"text/plain\""],
    );
    referrer(
        |referrer| referrer["layers"] = json!([]),
        &["provenance manifest <referrer>: layers: expected one document, found 0"],
    );
}

#[test]
fn the_annotation_that_leads_to_it() {
    let annotation = |text: &'static str, expected: &[&str]| {
        let index = move |index: &mut Value| {
            let annotations = &mut index["manifests"][0]["annotations"];
            let old = annotations["dev.scant.provenance"].as_str().unwrap().to_string();
            annotations["dev.scant.provenance"] = json!(text.replace("OLD", &old));
        };
        Fixture { index: Box::new(index), ..Fixture::default() }.has(expected);
    };
    annotation(
        "OLD nothing",
        &["index.json: manifests[0]: dev.scant.provenance: expected PLATFORM=DIGEST, once for a \
         platform, found nothing"],
    );
    annotation(
        "OLD linux/arm64=sha256:0000000000000000000000000000000000000000000000000000000000000000",
        &[
            "index.json: manifests[0]: dev.scant.provenance: expected platforms of the image, found \
         linux/arm64",
        ],
    );
    annotation(
        "linux/amd64=sha256:0000000000000000000000000000000000000000000000000000000000000000",
        &["provenance manifest <other>: expected a blob, found nothing"],
    );
}
