//! The rules of the loaders, one test each: a file tree as text, and what is loaded as text.
//!
//! The name of a test is the rule. What the text means is said in `support`.

mod audit;
mod cache;
mod candidates;
mod default_directories;
mod dlopen;
mod hostile;
mod hwcaps;
mod interpreter;
mod ldconfig;
mod libraries;
mod machines;
mod musl;
mod names;
mod order;
mod preload;
mod privileged;
mod program_headers;
mod roots;
mod run_paths;
mod support;
mod tokens;
mod uclibc;
mod versions;
