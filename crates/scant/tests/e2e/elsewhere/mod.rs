//! Images of what is elsewhere: one manifest takes from trees on this machine, a server of files and
//! a registry; it is locked, built again without any of them, pushed and run.

#[cfg(target_arch = "x86_64")]
mod place;
#[cfg(target_arch = "x86_64")]
mod registry;
mod secrets;
mod server;
#[cfg(target_arch = "x86_64")]
mod story;
