//! `scant run`: what a program in the sandbox is given, what it can do, how it ends; as root and as
//! an ordinary user. And its bundles, run by runc.

mod bundle;
mod ends;
mod given;
mod machines;
mod place;
mod tools;
mod users;
