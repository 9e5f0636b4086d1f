//! The one check that most tests are: run a command, compare all that is seen of it.

use snapbox::{Assert, IntoData};

use crate::place::Place;

/// Compares what is seen of `scant LINE` in a place.
#[track_caller]
pub(crate) fn check(place: &Place, line: &str, expected: impl IntoData) {
    let output = place.run(line);
    same(&place.seen(&output), expected);
}

/// Compares what is seen of a command on a manifest, named `app.yaml`, beside the usual root.
#[track_caller]
pub(crate) fn check_manifest(line: &str, manifest: &str, expected: impl IntoData) {
    let place = Place::new(crate::place::ROOT).file("app.yaml", manifest);
    check(&place, line, expected);
}

/// Compares texts, or renews the expected one.
#[track_caller]
pub(crate) fn same(actual: &str, expected: impl IntoData) {
    Assert::new().action_env("SNAPSHOTS").eq(actual.to_string(), expected.into_data().raw());
}
