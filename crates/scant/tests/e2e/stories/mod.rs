//! What people use scant for, each story as they would type it.

mod deps;
mod unbound;
