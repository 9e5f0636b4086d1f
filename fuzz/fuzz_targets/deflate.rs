//! DEFLATE streams: one whose end is opened, and ended with an empty block, holds what it held.
#![no_main]

use std::io::Read;

use flate2::read::DeflateDecoder;
use libfuzzer_sys::fuzz_target;
use scant_core::formats::deflate;

fuzz_target!(|stream: &[u8]| {
    let mut opened = stream.to_vec();
    if deflate::open_end(&mut opened).is_err() {
        return;
    }
    // What is followed without decompressing may still be wrong, as a distance that leads to before
    // the beginning is: then it is wrong as much as it was.
    opened.extend_from_slice(&[3, 0]);
    assert_eq!(inflated(&opened), inflated(stream));
});

/// What a stream holds, of what a megabyte holds; none if it is wrong.
fn inflated(stream: &[u8]) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    let read = DeflateDecoder::new(stream).take(1 << 20).read_to_end(&mut content);
    read.ok().map(|_| content)
}
