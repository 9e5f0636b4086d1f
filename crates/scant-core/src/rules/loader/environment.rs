//! What of a process's surroundings a loader looks at: the image's, never the build host's.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// The surroundings of a program in the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// `LD_LIBRARY_PATH`.
    pub library_path: Option<Box<[u8]>>,
    /// `LD_PRELOAD`.
    pub preload: Option<Box<[u8]>>,
    /// The working directory, absolute: relative names start here.
    pub directory: Box<[u8]>,
    /// Whether the program gains privileges when started (setuid, setgid, file capabilities): the
    /// loader then ignores most of the above (`AT_SECURE`).
    pub is_secure: bool,
    /// The processors the image is for.
    pub cpu: Cpu,
    /// Which dlopen notes are followed.
    pub dlopen: DlopenChoice,
}

/// Which variants of libraries for newer processors (`glibc-hwcaps`) are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cpu {
    /// Those of every level, each level resolved as a process of its own.
    #[default]
    Any,
    /// Those that a processor of this level loads, such as `x86-64-v2`.
    Level(String),
}

/// Which `.note.dlopen` entries count as needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum DlopenChoice {
    /// None of them.
    None,
    /// The required ones.
    #[default]
    Required,
    /// The required and the recommended ones.
    Recommended,
    /// All of them.
    Suggested,
}

impl Default for Environment {
    fn default() -> Self {
        Self {
            library_path: None,
            preload: None,
            directory: Box::from(*b"/"),
            is_secure: false,
            cpu: Cpu::default(),
            dlopen: DlopenChoice::default(),
        }
    }
}

impl Environment {
    /// An absolute path as it is, a relative one below the working directory.
    pub(super) fn absolute(&self, path: &[u8]) -> Vec<u8> {
        if path.starts_with(b"/") {
            return path.to_vec();
        }
        let mut absolute = self.directory.to_vec();
        if !absolute.ends_with(b"/") {
            absolute.push(b'/');
        }
        absolute.extend_from_slice(path);
        absolute
    }
}
