//! One request for a file by its name, as a running program made it. What a tracer sees and a log
//! tells is this; what it means for an image is not said here.

use alloc::boxed::Box;
use alloc::vec::Vec;

/// A process named a file. Names are bytes, as the process gave them; nothing is resolved yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The process, by its number where it runs.
    pub process: u32,
    /// The program that it ran then: a path inside its root.
    pub program: Box<[u8]>,
    /// The mapped file whose code asked, such as a library; none where that could not be told.
    pub by: Option<Box<[u8]>>,
    /// What it asked for.
    pub action: Action,
    /// The name it gave, absolute or relative. Empty where it gave a descriptor alone: then
    /// `directory` is the file itself.
    pub name: Box<[u8]>,
    /// Where a relative name starts: the working directory or that of a descriptor, absolute inside
    /// the root.
    pub directory: Box<[u8]>,
    /// Whether a symbolic link at the end of the name is followed.
    pub last: LastLink,
    /// How it ended.
    pub outcome: Outcome,
}

/// What a process asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// To open the file for reading.
    Open,
    /// To open the directory, or to read the names in it.
    List,
    /// To open the file for writing, whether or not it is made by that.
    Write,
    /// To make, rename or remove a name: `mkdir`, `rename`, `unlink`, `symlink`, `link`, `mknod`.
    Change,
    /// To run the file, with these arguments.
    Execute {
        /// The arguments, the program's name first.
        arguments: Vec<Box<[u8]>>,
    },
    /// To map it as code: what a loader does with a library.
    Map,
    /// To know whether it is there, or of what kind: `stat`, `access`.
    Look,
    /// To read the text of a symbolic link.
    ReadLink,
    /// To make it the working directory.
    Enter,
    /// To connect to the socket of this name.
    Connect,
}

/// Whether the last component is followed if it is a symbolic link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum LastLink {
    Follow,
    Keep,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It was done.
    Done,
    /// The kernel refused, with this number of `errno(3)`, positive.
    Failed(i32),
    /// What watched saw the request and not its end.
    Unknown,
}
