//! A zip archive as an input. What is no zip archive is left to other targets.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scant_fuzz::{archive_options, check_archive};

fuzz_target!(|bytes: &[u8]| {
    let mut archive = bytes.to_vec();
    if let Some(start) = archive.get_mut(..4) {
        start.copy_from_slice(b"PK\x03\x04");
    }
    check_archive(&archive, &archive_options());
});
