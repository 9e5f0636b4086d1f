//! netrc files: no panic, a fault lies in the text, and neither it nor what is read shows a password.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scant_core::formats::netrc::Netrc;

fuzz_target!(|text: &str| {
    match Netrc::parse(text) {
        Ok(netrc) => {
            for url in ["https://example.com/a/b", "http://a/", "https://[::1]:8080/?"] {
                let url = url.parse().expect("it is a URL");
                if let Some(found) = netrc.of(&url) {
                    // Each escape is shorter than what it is written as.
                    assert!(found.login.len() + found.password.len() <= text.len());
                    assert_eq!(format!("{found:?}"), "Login(***)");
                }
            }
        }
        Err(error) => assert!((1..=text.matches('\n').count() + 1).contains(&error.line)),
    }
});
