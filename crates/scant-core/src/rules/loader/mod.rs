//! What a loader opens for a program, by the rules of the loader that the program names, with the
//! reason for each file. Nothing is executed: the loader itself is only read.
//!
//! The rules are written once per loader (`glibc`, `musl`, `uclibc`) over one state (`process`);
//! where files are looked for is a [`Files`], so the same rules run on an input, on an image that
//! is being planned, and on a finished tree.

mod candidate;
mod closure;
mod environment;
mod expand;
mod facts;
mod files;
mod glibc;
mod hwcaps;
mod musl;
mod of_root;
mod process;
mod session;
mod uclibc;
mod versions;

pub use candidate::CandidateFault;
pub use closure::{Closure, Edge, Missing, Object, Opening, Outcome, Rule, Try, close};
pub use environment::{Cpu, DlopenChoice, Environment};
pub use facts::{Kind, LoaderFacts};
pub use files::{Config, Files, Identity, InputFiles, Opened, Spot};
pub use of_root::of_root;
pub use session::Session;
pub use versions::MissingVersion;
