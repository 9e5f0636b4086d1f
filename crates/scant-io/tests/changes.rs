//! Files that change between the plan and the reading: an error, never another content.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

use std::fs;
use std::path::Path;

use scant_core::formats::manifest;
use scant_core::plan::{Request, plan};
use scant_core::rules::View;
use scant_core::words::Platform;
use scant_io::blobs::Store;
use scant_io::inputs::open_inputs;
use scant_io::layer::{self, Compression, Options};

/// Plans an image of `/file`, lets `change` do something to it, and writes the layer.
#[track_caller]
fn case(change: fn(&Path), expected: &str) {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    fs::write(&file, "0123456789").unwrap();
    let text = "data: [./file:/file]\nplatforms: [linux/amd64]\n";
    let manifest = manifest::parse(text).unwrap();
    let platform: Platform = manifest.platforms[0];
    let opened = open_inputs(&manifest, place.path(), Some(platform)).ok().unwrap();
    let views = opened.inputs.iter().map(|(name, input)| (name.clone(), View::new(input)));
    let views = views.collect();
    let request = Request { manifest: &manifest, platform, inputs: &views, base: opened.base };
    let plan = plan(&request);
    assert!(plan.faults.is_empty());
    drop(views);
    change(&file);
    let store = Store::beside(&place.path().join("store")).unwrap();
    let options = Options {
        compression: Compression::None,
        threads: 2,
        mtime: 0,
        progress: &|_| {},
        slot: None,
    };
    let error = layer::write(&plan.tree, &opened.inputs, &store, &options).err().unwrap();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_file_that_shrinks() {
    case(
        |file| fs::write(file, "0123").unwrap(),
        "`/file` of the input `manifest` changed while the image was built: it had 10 bytes, now it has 4",
    );
}

#[test]
fn a_file_that_grows() {
    case(
        |file| fs::write(file, "0123456789ab").unwrap(),
        "`/file` of the input `manifest` changed while the image was built: it had 10 bytes, now it has 12",
    );
}

#[test]
fn a_file_that_disappears() {
    case(
        |file| fs::remove_file(file).unwrap(),
        "`/file` of the input `manifest` changed while the image was built: it is not there any more",
    );
}

#[test]
fn a_file_that_becomes_a_directory() {
    case(
        |file| fs::remove_file(file).and_then(|()| fs::create_dir(file)).unwrap(),
        "cannot read from the input `manifest`: `/file`: not a regular file but a directory",
    );
}

#[test]
fn a_file_that_becomes_a_link() {
    case(
        |file| {
            fs::remove_file(file).unwrap();
            std::os::unix::fs::symlink("/etc/hostname", file).unwrap();
        },
        "cannot read from the input `manifest`: `/file`: too many levels of symbolic links",
    );
}

#[test]
fn a_file_that_is_rewritten_with_its_old_size_and_time() {
    case(
        |file| {
            let modified = file.metadata().and_then(|metadata| metadata.modified()).unwrap();
            // Until the clock of the file system has moved.
            std::thread::sleep(std::time::Duration::from_millis(20));
            fs::write(file, "9876543210").unwrap();
            fs::File::options().write(true).open(file).unwrap().set_modified(modified).unwrap();
        },
        "`/file` of the input `manifest` changed while the image was built: it was written to or \
         replaced",
    );
}
