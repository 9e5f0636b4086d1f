//! What people use scant for, each story as they would type it.

mod bash;
mod debian;
mod deps;
mod nginx;
mod python;
mod ripgrep;
mod static_program;
mod traced;
mod traced_unbound;
mod unbound;
