//! Values as text and JSON. Nothing is decided here.

pub(crate) mod closure;
pub(crate) mod color;
pub(crate) mod diagnostic;
pub(crate) mod findings;
pub(crate) mod nodes;
pub(crate) mod size;
pub(crate) mod suggestions;
pub(crate) mod trace;
