//! Packages of apk: what is trusted, what is refused and why, and many of them as one root.

mod index;
mod package;
mod solver;
mod support;
mod union;
