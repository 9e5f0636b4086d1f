//! Documents of images: what is read is written the same, and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scant_core::formats::oci::{
    self, ImageConfig, ImageIndex, ImageManifest, LayoutMarker, encode,
};
use scant_core::formats::provenance;
use scant_fuzz::assert_plain;
use serde::Serialize;
use serde::de::DeserializeOwned;

fuzz_target!(|bytes: &[u8]| {
    again::<ImageIndex>(bytes);
    again::<ImageManifest>(bytes);
    again::<ImageConfig>(bytes);
    again::<LayoutMarker>(bytes);
    match provenance::decode(bytes) {
        Ok(document) => {
            let written = document.encode();
            let read = provenance::decode(&written).expect("what is written can be read");
            assert_eq!(read, document);
            assert_eq!(read.encode(), written);
            for reason in document.nodes.iter().flat_map(|entry| &entry.reasons) {
                assert_plain(&reason.to_string());
            }
        }
        Err(error) => drop(error.to_string()),
    }
});

fn again<T: DeserializeOwned + Serialize>(bytes: &[u8]) {
    let Ok(document) = oci::decode::<T>(bytes) else { return };
    let written = encode(&document);
    let read: T = oci::decode(&written).expect("what is written can be read");
    assert_eq!(without_numbers(&encode(&read)), without_numbers(&written));
}

/// Numbers with more digits than a machine's numbers have are rounded each time they are read. They
/// are in members only that scant does not know; what it copies it copies byte for byte.
fn without_numbers(bytes: &[u8]) -> Vec<u8> {
    let is_number = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'+' | b'-');
    bytes.iter().copied().filter(|&byte| !is_number(byte)).collect()
}
