//! Places that files come from.

mod set;

pub use set::Inputs;
