//! The plan of an image: one test for each rule, named after it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod memory;
mod support;
mod trace;

mod accounts;
mod basics;
mod cache;
mod conflicts;
mod data;
mod data_elf;
mod data_links;
mod deep;
mod destinations;
mod environment;
mod faults;
mod hard_links;
mod inputs;
mod layers;
mod layers_split;
mod libraries;
mod links;
mod metadata;
mod missing;
mod order;
mod package_database;
mod packaged;
mod packages;
mod platforms;
mod relocated;
mod scripts;
mod settings;
mod suggestions;
