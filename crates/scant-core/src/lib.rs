//! The part of scant that only computes: bytes and values in, values out.
//!
//! Four floors, each of which uses only those below it:
//!
//! ```text
//! plan      the whole tree from a manifest and its inputs, with every fault, before a byte is written
//! rules     how a path is resolved, how each loader searches, what an image's parts must agree on
//! formats   bytes to values and back: ELF, ld.so.cache, tar headers, OCI documents, the manifest
//! words     the vocabulary: paths, digests, platforms, nodes, reasons, the tree
//! ```
//!
//! It is `no_std`, so that the compiler keeps files, network, environment, processes, clocks and
//! unordered maps out of it. What it must know of the world it asks an [`words::Input`].

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod formats;
pub mod plan;
pub mod rules;
pub mod words;
