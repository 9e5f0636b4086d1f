//! Manifests and what is read from them, as text.

mod accounts;
mod apk;
mod apt;
mod checks;
mod elsewhere;
mod entries;
mod image;
mod inputs;
mod layers;
mod packages;
mod render;
mod schema;
mod structure_tests;
mod whole;
mod yaml;

/// The text of a manifest, and the listing of what it declares or of its faults.
#[track_caller]
fn check(manifest: &str, expected: &str) {
    let found = render::outcome(manifest);
    assert!(
        found == expected.trim(),
        "\n--- manifest\n{manifest}\n--- expected\n{}\n--- found\n{found}\n",
        expected.trim()
    );
}
