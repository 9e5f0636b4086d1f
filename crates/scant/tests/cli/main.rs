//! scant as its users meet it: what each command prints where, and how it ends.
//!
//! Every expected text is exact. `SNAPSHOTS=overwrite cargo test -p scant --test cli` renews them
//! all; what changed is then a matter of `git diff`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod again;
mod build;
mod cache;
mod check;
mod deps;
mod diff;
mod docs;
mod elsewhere;
mod exit_codes;
mod faults;
mod help;
mod import;
mod init;
mod json;
mod layers;
mod lock;
mod lock_files;
mod ls;
mod markdown;
mod packages;
mod place;
mod plan;
mod proof;
mod registry;
mod run;
mod shell;
mod streams;
mod suggestions;
mod terminal;
mod test;
mod test_reports;
mod trace;
mod usage;
mod verify;
mod why;
mod why_not;
