//! Images to registries and back, against one that fails as registries do.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

#[path = "registry/accounts.rs"]
mod accounts;
#[path = "registry/faults.rs"]
mod faults;
#[path = "registry/images.rs"]
mod images;
#[path = "registry/place.rs"]
mod place;
