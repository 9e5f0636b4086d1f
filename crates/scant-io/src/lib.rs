//! The part of scant that touches the world: files, network, threads, processes. It prints
//! nothing, and what is decided is decided in `scant-core`.
//!
//! ```text
//! inputs    where files come from
//! packages  packages of distributions, as inputs
//! net       HTTP
//! packages  packages of distributions
//! registry  images in registries
//! layer     a tree to a layer blob
//! image     blobs and documents that belong together
//! sinks     an image to where it was asked for, all or nothing
//! images    an image back: its documents, its files
//! sandbox   a program with a directory as its root
//! tracer    a program that runs, and the files it asks for
//! interrupt what is unfinished, removed when a signal ends scant
//! ```

pub mod blobs;
mod bytes;
pub mod cache;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod image;
pub mod images;
pub mod inputs;
pub mod interrupt;
pub mod layer;
pub mod net;
pub mod packages;
pub mod registry;
mod remove;
mod replace;
pub mod sandbox;
mod scratch;
pub mod sinks;
mod stamp;
pub mod tracer;

#[cfg(test)]
mod testing;

pub use replace::replace_file;
