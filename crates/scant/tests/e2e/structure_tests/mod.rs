//! `scant test` with commands: each run in a fresh copy of an image, as root and as an ordinary
//! user, on images of scant and of others.

mod commands;
mod others;
mod place;
