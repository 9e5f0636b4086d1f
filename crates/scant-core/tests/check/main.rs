//! What an image is found to be: a listing and its settings in, findings out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

#[path = "../plan/memory.rs"]
#[allow(dead_code, reason = "shared with the tests of plans")]
mod memory;
#[path = "../plan/packaged.rs"]
mod packaged;

mod accounts;
mod allow;
mod elves;
mod files;
mod start;
mod support;
mod surroundings;
mod symbols;
