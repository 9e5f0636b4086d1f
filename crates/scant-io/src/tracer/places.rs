//! Where a traced task stands: its working directory, its root, what its descriptors are, as
//! [proc(5)](https://man7.org/linux/man-pages/man5/proc.5.html) has it. All paths are as the tracer
//! sees them, whose root is the image's.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt as _;

use rustix::fs::{Mode, OFlags};

/// `/proc`, held open: what is traced may unmount or cover it.
pub(super) struct Processes {
    directory: OwnedFd,
}

/// Why a program cannot be run with the rights that its file would give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privilege {
    /// It runs as its owner.
    User(u32),
    /// It runs with its group.
    Group(u32),
    /// It has capabilities.
    Capabilities,
}

impl Processes {
    pub(super) fn open() -> io::Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = rustix::fs::open("/proc", flags, Mode::empty())?;
        // Without one of the tracer's own processes in it, it is not the one that is needed.
        rustix::fs::accessat(
            &directory,
            format!("{}", std::process::id()),
            rustix::fs::Access::EXISTS,
            rustix::fs::AtFlags::empty(),
        )?;
        Ok(Self { directory })
    }

    pub(super) fn program(&self, task: i32) -> Option<Vec<u8>> {
        self.link(task, "exe")
    }

    pub(super) fn working_directory(&self, task: i32) -> Option<Vec<u8>> {
        self.link(task, "cwd")
    }

    /// Empty where it is the tracer's own.
    pub(super) fn root(&self, task: i32) -> Vec<u8> {
        self.link(task, "root").filter(|root| root != b"/").unwrap_or_default()
    }

    /// The file behind a descriptor. None for pipes, sockets and the like.
    pub(super) fn descriptor(&self, task: i32, number: i32) -> Option<Vec<u8>> {
        self.link(task, &format!("fd/{number}"))
    }

    fn link(&self, task: i32, name: &str) -> Option<Vec<u8>> {
        let path = format!("{task}/{name}");
        let target =
            rustix::fs::readlinkat(&self.directory, &path, Vec::with_capacity(256)).ok()?;
        let mut target = target.into_bytes();
        if target.first() != Some(&b'/') || target.starts_with(b"/memfd:") {
            return None;
        }
        if target.ends_with(DELETED) && !exists(&target) {
            target.truncate(target.len() - DELETED.len());
        }
        Some(target)
    }

    /// The number of the process that a task belongs to.
    pub(super) fn process_of(&self, task: i32) -> Option<i32> {
        field(&self.text(task, "status")?, "Tgid:")?.first()?.parse().ok()
    }

    /// The executable maps of files, sorted: first address, end, name.
    pub(super) fn code(&self, task: i32) -> Vec<(u64, u64, Vec<u8>)> {
        self.bytes(task, "maps")
            .unwrap_or_default()
            .split(|byte| *byte == b'\n')
            .filter_map(code)
            .collect()
    }

    fn text(&self, task: i32, name: &str) -> Option<String> {
        String::from_utf8(self.bytes(task, name)?).ok()
    }

    fn bytes(&self, task: i32, name: &str) -> Option<Vec<u8>> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let path = format!("{task}/{name}");
        let file = rustix::fs::openat(&self.directory, path, flags, Mode::empty()).ok()?;
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut fs::File::from(file), &mut bytes).ok()?;
        Some(bytes)
    }

    /// What the program that a process runs should have been given, and was not, as it is traced.
    pub(super) fn withheld(&self, process: i32) -> Option<Privilege> {
        let path = format!("{process}/exe");
        let file = rustix::fs::openat(&self.directory, path, PATH_ONLY, Mode::empty()).ok()?;
        self.withheld_of(fs::File::from(file), process)
    }

    /// The same for a file that a process is about to execute.
    pub(super) fn would_be_withheld(&self, file: &[u8], process: i32) -> Option<Privilege> {
        let file = rustix::fs::open(file, PATH_ONLY, Mode::empty()).ok()?;
        self.withheld_of(fs::File::from(file), process)
    }

    fn withheld_of(&self, file: fs::File, process: i32) -> Option<Privilege> {
        let metadata = file.metadata().ok()?;
        let (set_user, set_group) =
            (metadata.mode() & 0o4000 != 0, metadata.mode() & 0o2010 == 0o2010);
        let capable = has_capabilities(&file);
        if !(set_user || set_group || capable) {
            return None;
        }
        let status = self.text(process, "status")?;
        // Real, effective, saved, of the file system.
        let effective = |name| field(&status, name)?.get(1)?.parse::<u32>().ok();
        let (user, group) = (effective("Uid:")?, effective("Gid:")?);
        if set_user && metadata.uid() != user {
            return Some(Privilege::User(metadata.uid()));
        }
        if set_group && metadata.gid() != group {
            return Some(Privilege::Group(metadata.gid()));
        }
        (capable && user != 0).then_some(Privilege::Capabilities)
    }
}

const PATH_ONLY: OFlags = OFlags::PATH.union(OFlags::CLOEXEC);

/// What the kernel adds to the name of a file that has none any more.
const DELETED: &[u8] = b" (deleted)";

fn exists(path: &[u8]) -> bool {
    rustix::fs::lstat(path).is_ok()
}

fn has_capabilities(file: &fs::File) -> bool {
    use std::os::fd::AsRawFd as _;
    // A descriptor of this kind is asked through its name.
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    let mut value = [0u8; 64];
    rustix::fs::getxattr(path, "security.capability", &mut value[..]).is_ok()
}

/// The words behind a name in `/proc/PID/status`.
fn field<'a>(status: &'a str, name: &str) -> Option<Vec<&'a str>> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.split_whitespace().collect())
}

/// A line of `/proc/PID/maps`, if it is code of a file.
fn code(line: &[u8]) -> Option<(u64, u64, Vec<u8>)> {
    let mut words = line.splitn(6, |byte| *byte == b' ');
    let (range, permissions) = (words.next()?, words.next()?);
    let mut name = words.nth(3)?.trim_ascii_start();
    if permissions.get(2) != Some(&b'x') || !name.starts_with(b"/") {
        return None;
    }
    if name.ends_with(DELETED) {
        name = &name[..name.len() - DELETED.len()];
    }
    let (from, to) = std::str::from_utf8(range).ok()?.split_once('-')?;
    let number = |text| u64::from_str_radix(text, 16).ok();
    Some((number(from)?, number(to)?, name.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_executable_and_has_a_name() {
        let line =
            b"7f01-7f02 r-xp 00001000 fe:00 1234                    /usr/lib/a b.so (deleted)";
        assert_eq!(code(line), Some((0x7f01, 0x7f02, b"/usr/lib/a b.so".to_vec())));
        assert_eq!(code(b"7f01-7f02 r--p 00001000 fe:00 1234          /usr/lib/a"), None);
        assert_eq!(code(b"7f01-7f02 r-xp 00000000 00:00 0             [vdso]"), None);
        assert_eq!(code(b"7f01-7f02 r-xp 00000000 00:00 0 "), None);
        assert_eq!(code(b""), None);
    }

    #[test]
    fn fields_of_a_status() {
        let status = "Name:\tTgid: 1\nTgid:\t12\nUid:\t1\t2\t3\t4\n";
        assert_eq!(field(status, "Tgid:"), Some(vec!["12"]));
        assert_eq!(field(status, "Uid:"), Some(vec!["1", "2", "3", "4"]));
        assert_eq!(field(status, "Gid:"), None);
    }
}
