//! `--json` of every command that prints a result.

use serde_json::Value;

use crate::place::Place;

#[track_caller]
fn json(place: &Place, line: &str) -> Value {
    let output = place.run(line);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{line}: {error}: {}", place.seen(&output)))
}

#[test]
fn every_result_can_be_json() {
    let place = Place::with_app();
    let built = json(&place, "build app.yaml --json");
    assert!(built["digest"].as_str().unwrap().starts_with("sha256:"));
    assert_eq!(json(&place, "plan app.yaml --json")[0]["platform"], "linux/amd64");
    assert_eq!(json(&place, "ls app.tar --json")[0]["kind"], "directory");
    let why = json(&place, "why app.tar --json /usr/bin/app");
    assert_eq!(why["nodes"][0]["chain"][0]["reason"]["reason"], "serves the site");
    assert_eq!(json(&place, "why app.tar --json --not /usr/bin/sh")["path"], "/usr/bin/sh");
    let deps = json(&place, "deps --root root --json /usr/bin/app");
    assert_eq!(deps[0]["missing"].as_array().unwrap().len(), 0);
    assert_eq!(json(&place, "schema")["type"], "object");
}

#[test]
fn the_plan_and_the_image_hold_the_same_paths() {
    let place = Place::with_app();
    place.run("build app.yaml -q");
    let paths = |nodes: &Value| {
        let nodes = nodes.as_array().unwrap().iter();
        nodes.map(|node| node["path"].as_str().unwrap().to_string()).collect::<Vec<_>>()
    };
    let planned = json(&place, "plan app.yaml --json");
    assert_eq!(paths(&planned[0]["nodes"]), paths(&json(&place, "ls app.tar --json")));
}
