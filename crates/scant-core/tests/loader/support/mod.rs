//! Checks what a loader brings in, both the files and the answer being text.
//!
//! Files are written as the test kit's listings are. The program is mostly `/bin/app`, and mostly
//! names `/ld.so` as its interpreter: that file is added to every listing that has none, a glibc
//! for x86-64 with the default directories `/lib` and `/usr/lib`, and is not shown.
//!
//! The answer has one line an edge, in the order of loading:
//!
//! ```text
//! libz.so.1 -> /lib/libz.so.1 (needed by /bin/app; default /lib)
//! libq.so MISSING (needed by /lib/libz.so.1)
//! tried /a/libq.so (RPATH /a of /bin/app)
//! tried /lib/libq.so (default /lib): wrong ELF class
//! stopped at /usr/lib/libq.so: not an ELF file
//! VERSION Z_2 of /lib/libz.so.1 MISSING (wanted by /bin/app)
//! suggested libcurl.so.4 or libcurl.so.3 (recommended by /bin/app)
//! ```
//!
//! A path that was tried and at which nothing is has no words after it.

mod case;
mod memory;
mod show;

pub(crate) use case::{Case, check};
pub(crate) use memory::{Bytes, MemoryInput};
