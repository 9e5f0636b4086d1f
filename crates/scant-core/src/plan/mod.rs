//! The plan: the whole tree, decided before anything is written.

pub mod assemble;
