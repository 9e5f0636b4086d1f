//! YAML 1.2 as a tree that remembers where everything stands in the text, and serde over that
//! tree. Knows nothing of manifests.
//!
//! ```text
//! text -parse-> Node -deserialize-> any serde type, all faults on the way
//! ```

mod access;
mod deserialize;
mod error;
mod fault;
mod forms;
mod node;
mod parse;
mod plain;
mod scalar;
mod span;
mod suggest;
mod syntax;

pub(crate) use deserialize::deserialize;
pub use fault::Fault;
pub(crate) use fault::shown;
pub(crate) use forms::{Entries, FORM, Form, Text};
pub(crate) use node::{Node, Value};
pub(crate) use parse::parse;
pub(crate) use plain::Plain;
pub(crate) use scalar::is_string;
pub use span::{Span, Spanned};
pub(crate) use suggest::{list_of, nearest};
