//! Packages of apk: what is trusted, what is refused and why, and many of them as one root.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "all of it is a test")]

mod forged;
mod index;
mod machine;
mod package;
mod real;
mod repositories;
mod solver;
mod support;
mod union;
