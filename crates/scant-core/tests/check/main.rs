//! What an image is found to be: a listing and its settings in, findings out.

#[path = "../plan/memory.rs"]
#[allow(dead_code, reason = "shared with the tests of plans")]
mod memory;

mod accounts;
mod allow;
mod elves;
mod files;
mod start;
mod support;
mod surroundings;
mod symbols;
