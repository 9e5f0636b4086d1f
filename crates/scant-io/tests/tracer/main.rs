//! The tracer on programs that were written to escape it. Each is a few lines of C, compiled by the
//! test; what it asked for is compared as text.

mod bounds;
mod calls;
mod kinds;
mod listener;
mod names;
mod processes;
mod rights;
mod support;
mod who;
