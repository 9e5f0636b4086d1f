//! YAML 1.2 as a tree that remembers where everything stands in the text, and serde over that
//! tree. Knows nothing of manifests.

mod fault;
mod span;

pub use fault::Fault;
pub use span::{Span, Spanned};
