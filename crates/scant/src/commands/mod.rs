//! One module a command: what was typed, what it means, the call, the print.

pub(crate) mod build;
pub(crate) mod cache;
pub(crate) mod check;
pub(crate) mod copy;
pub(crate) mod deps;
pub(crate) mod diff;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod lock;
pub(crate) mod login;
pub(crate) mod ls;
pub(crate) mod plan;
pub(crate) mod run;
pub(crate) mod shell;
pub(crate) mod test;
pub(crate) mod trace;
pub(crate) mod verify;
pub(crate) mod why;
