//! Values as text and JSON. Nothing is decided here.

pub(crate) mod closure;
