//! Builds an image and tells its digests.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use scant_testkit::{Listing, check_layout};
use serde_json::Value;

use crate::images::Image;

/// The digests as lines: of the top document, and of each platform.
#[track_caller]
pub(crate) fn digests(image: &Image) -> String {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let place = directory.path();
    for (root, listing) in image.roots {
        Listing::new(&expanded(listing)).write_to(place.join(root));
    }
    (image.also)(place);
    fs::write(place.join("image.yml"), expanded(image.manifest)).expect("the directory is ours");
    let output = Command::new(env!("CARGO_BIN_EXE_scant"))
        .args(["build", "image.yml", "--json", "--quiet", "--no-cache", "--output", "oci:layout"])
        .args(image.options)
        .current_dir(place)
        .env_remove("SOURCE_DATE_EPOCH")
        .stdin(Stdio::null())
        .output()
        .expect("scant is there");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", image.name);
    assert_eq!(check_layout(place.join("layout")), Vec::<String>::new(), "{}", image.name);
    told(&serde_json::from_slice(&output.stdout).expect("`--json` prints JSON"))
}

/// Words that stand for long ones.
fn expanded(text: &str) -> String {
    text.replace("LONG", &"long-".repeat(21)).replace("VERY", &"very-".repeat(45))
}

fn told(built: &Value) -> String {
    let text = |value: &Value| value.as_str().expect("it is a text").to_string();
    let mut lines = format!("    digest {}\n", text(&built["digest"]));
    for platform in built["platforms"].as_array().expect("it is a list") {
        let (name, image_id) = (text(&platform["platform"]), text(&platform["image_id"]));
        let manifest = text(&platform["manifest"]);
        writeln!(lines, "    {name}\n        image ID {image_id}\n        manifest {manifest}")
            .expect("a text takes all");
        for layer in platform["layers"].as_array().expect("it is a list") {
            let name = layer["name"].as_str().map_or("-", |name| name);
            let (size, diff_id) = (&layer["size"], text(&layer["diff_id"]));
            let digest = text(&layer["digest"]);
            writeln!(lines, "        layer {name}, {size} bytes\n            {digest}")
                .expect("likewise");
            writeln!(lines, "            diff ID {diff_id}").expect("likewise");
        }
    }
    lines
}

/// Writes files of bytes that compress somewhat: one of several pieces, and many that share one.
pub(crate) fn sizes(place: &Path) {
    let directory = place.join("sizes/many");
    fs::create_dir_all(&directory).expect("the directory is ours");
    let mut state = 1_u32;
    let mut bytes = |size: usize| -> Vec<u8> {
        let next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b"abcdefgh\0\n"[(state >> 24) as usize % 10]
        };
        std::iter::repeat_with(next).take(size).collect()
    };
    fs::write(place.join("sizes/large"), bytes(5_000_001)).expect("the directory is ours");
    for number in 0..700 {
        let path = directory.join(format!("{number}"));
        fs::write(path, bytes(number * 7)).expect("the directory is ours");
    }
}
