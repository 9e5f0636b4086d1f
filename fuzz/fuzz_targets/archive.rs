//! A file that is said to be an image or an archive, compressed or not.
#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use scant_core::formats::image_reference::{ImageArgument, ImageReference};
use scant_fuzz::assert_plain;
use scant_io::images::{Files, Opened, open};

/// A small file that unpacks to a lot is read in little memory, but not in the time of a test.
const MOST_ENTRIES: usize = 1 << 20;

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("a file can be made");
    file.write_all(bytes).expect("it can be written");
    let path = file.path().to_str().expect("its name is text").to_string();
    let references = [
        ImageArgument::Path(path.clone()),
        ImageArgument::Reference(ImageReference::OciArchive { file: path.clone(), tag: None }),
        ImageArgument::Reference(ImageReference::DockerArchive { file: path, name: None }),
    ];
    for argument in &references {
        match open(argument) {
            Ok(Opened::Image(image)) => {
                assert!(!image.platforms.is_empty());
                for platform in &image.platforms {
                    assert_plain(&platform.platform());
                    list(&Files::of(platform));
                }
            }
            Ok(Opened::Files(files)) => list(&files),
            Err(error) => assert_plain(&error.to_string()),
        }
    }
});

fn list(files: &Files) {
    match files.list() {
        Ok(listing) => assert!(listing.len() <= MOST_ENTRIES),
        Err(error) => assert_plain(&error.to_string()),
    }
}
