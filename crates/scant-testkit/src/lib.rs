//! Makes what the tests of scant need, in memory and without the tools of a distribution.

pub mod elf;
