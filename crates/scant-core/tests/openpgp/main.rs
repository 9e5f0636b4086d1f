//! Who signed what: keys and texts of the test kit, of GnuPG, and of this machine; and the same
//! question put to gpgv.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod allowed;
mod detached;

mod differential;
mod fixtures;
mod gnupg;
mod gpgv;
mod keyrings;
mod machine;
mod mutate;
mod revoked;
mod self_signatures;
mod signatures;
mod subkeys;
mod support;
