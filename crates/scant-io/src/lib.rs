//! The part of scant that touches the world: inputs, layers, images, sinks. It neither prints nor
//! reads arguments, environment or clock; those are given to it.

pub mod inputs;
