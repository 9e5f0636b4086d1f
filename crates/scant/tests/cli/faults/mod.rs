//! Bad input and faults: each with its exact message.

mod engine;
mod files;
mod full;
mod manifest;
mod names;
mod needs;
mod outputs;
mod overlap;
mod text;
