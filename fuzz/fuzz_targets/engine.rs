//! What a Docker engine answers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scant_io::fuzzing::engine_answer;

fuzz_target!(|bytes: &[u8]| {
    match engine_answer(bytes) {
        Some(Ok(said)) => assert!(said.iter().all(|line| !line.is_empty())),
        Some(Err(message)) => assert!(!message.is_empty()),
        None => {}
    }
});
