//! Clear-signed texts: what is accepted is what a key of the test kit signed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scant_core::formats::openpgp::{Cleartext, Keyring};
use scant_core::rules::openpgp::{Trust, verify_inline};
use scant_fuzz::assert_plain;
use scant_fuzz::openpgp::{SIGNED, keys};

thread_local! {
    static KEYRING: Keyring = Keyring::parse(&keys().keyring()).expect("the test kit made it");
}

fuzz_target!(|bytes: &[u8]| {
    let result =
        KEYRING.with(|keyring| verify_inline(bytes, Trust { keyring, only: None, now: 5_000 }));
    if let Ok(parsed) = Cleartext::parse(bytes) {
        let lines = parsed.text.split(|&byte| byte == b'\n');
        for line in lines {
            assert!(!line.ends_with(b" ") && !line.contains(&b'\r') && !line.contains(&0));
        }
        assert!(parsed.text.len() < bytes.len());
    }
    match result {
        Ok(verified) => {
            assert!(SIGNED.iter().any(|text| text.as_bytes() == verified.text), "nobody signed it");
            assert!(!verified.signatures.signers.is_empty());
        }
        Err(error) => assert_plain(&error.to_string()),
    }
});
