//! scant from end to end: the programs that people want images of, and the tools that read images.
//! Every image is built by the program itself, and run by engines that know nothing of it.

mod debian_tree;
mod docker;
mod example;
mod net;
mod run;
mod scant;
mod stories;
mod tools;
