//! Makes what the tests of scant need.
