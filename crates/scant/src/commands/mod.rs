//! One module a command: what was typed, what it means, the call, the print.

pub(crate) mod deps;
