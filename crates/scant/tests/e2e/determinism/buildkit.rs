//! The same tree built by BuildKit.
