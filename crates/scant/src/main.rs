//! scant.
fn main() {}
