//! Who signed what: keys and texts of this machine, of the test kit and of GnuPG.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod machine;
