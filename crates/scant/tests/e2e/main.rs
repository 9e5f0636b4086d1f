//! scant from end to end: the programs that people want images of, and the tools that read images.
//! Every image is built by the program itself, and run by engines that know nothing of it.

mod alpine;
mod check;
mod consumers;
mod debian_tree;
mod deep;
mod determinism;
mod diff;
mod docker;
mod elsewhere;
mod example;
mod exit_codes;
mod faults;
mod init_from;
mod layers;
mod net;
mod package_database;
mod packages;
mod platforms;
mod registries;
mod run;
mod run_command;
mod scant;
mod stories;
mod structure_tests;
mod suggestions;
mod tools;
mod trace;
mod vendor;
mod verify;
