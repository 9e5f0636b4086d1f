//! A good image, one thing of it changed at a time, and all that is said then: in a directory and
//! in both archives.

mod archives;
mod blobs;
mod bytes;
mod documents;
mod fixture;
mod layers;
mod provenance;
