//! What goes wrong around a build: disks that are full, processes that are killed, caches that are
//! damaged, outputs that are something else. Outputs are complete, or as they were, or absent.

mod damaged_cache;
mod disk_full;
mod in_the_way;
mod interrupted;
mod killed;
mod not_allowed;
mod overlap;
mod place;
mod shared_cache;
