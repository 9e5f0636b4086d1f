//! A directory made the root of this process, which has namespaces of its own already, with the file
//! systems that every container has. Starts nothing.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{StatVfsMountFlags, statvfs};
use rustix::mount::{
    MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_bind, mount_bind_recursive,
    mount_change, mount_remount, unmount,
};

/// Devices that programs rely on.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];

/// Whether this process may do all of it without a user namespace.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Makes `root` the root directory, mounted at the empty directory `at` on the way. What a container is given anew lies empty on `/tmp`, `/run` and
/// the `volumes`; directories for these are made in `root` where it may be written to.
///
/// # Errors
/// When the kernel refuses, with what was tried.
pub fn enter(root: &Path, at: &Path, volumes: &[String], is_writable: bool) -> io::Result<()> {
    let tried = |what: &'static str| {
        move |error: rustix::io::Errno| {
            io::Error::new(io::Error::from(error).kind(), format!("{what}: {error}"))
        }
    };
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)
        .map_err(tried("making mounts private"))?;
    mount_bind_recursive(root, at).map_err(tried("mounting the root"))?;
    let root = at;
    for name in ["proc", "dev", "tmp", "run"] {
        // A host root has them, and may not be ours to write to.
        let _ = fs::create_dir(root.join(name));
    }
    let (usual, none) = (MountFlags::NOSUID | MountFlags::NODEV, None::<&std::ffi::CStr>);
    if !is_writable {
        // All that is mounted in it as well: a host's root has more than one file system.
        for mount in mounts_below(root)? {
            read_only(&mount).map_err(tried("making the root read-only"))?;
        }
    }
    mount("proc", root.join("proc"), "proc", usual | MountFlags::NOEXEC, none)
        .map_err(tried("mounting /proc"))?;
    if root.join("dev").is_dir() {
        devices(&root.join("dev"))?;
    }
    let volumes = volumes.iter().map(|path| path.trim_start_matches('/'));
    for name in ["tmp", "run"].into_iter().chain(volumes) {
        let target = root.join(name);
        if target.is_dir() {
            mount("tmpfs", &target, "tmpfs", usual, Some(c"mode=1777"))
                .map_err(tried("mounting a temporary directory"))?;
        }
    }
    rustix::process::chdir(root).map_err(tried("entering the root"))?;
    rustix::process::pivot_root(".", ".").map_err(tried("changing the root"))?;
    unmount(".", UnmountFlags::DETACH).map_err(tried("leaving the old root"))?;
    rustix::process::chdir("/").map_err(tried("entering the new root"))
}

/// A mount that an unprivileged user got must keep the flags that the system gave it.
fn read_only(path: &Path) -> rustix::io::Result<()> {
    let known = [
        (StatVfsMountFlags::NOSUID, MountFlags::NOSUID),
        (StatVfsMountFlags::NODEV, MountFlags::NODEV),
        (StatVfsMountFlags::NOEXEC, MountFlags::NOEXEC),
        (StatVfsMountFlags::NOATIME, MountFlags::NOATIME),
        (StatVfsMountFlags::NODIRATIME, MountFlags::NODIRATIME),
        (StatVfsMountFlags::RELATIME, MountFlags::RELATIME),
    ];
    let has = statvfs(path)?.f_flag;
    let kept = known.into_iter().filter(|(flag, _)| has.contains(*flag));
    let kept = kept.fold(MountFlags::empty(), |all, (_, flag)| all | flag);
    mount_remount(path, MountFlags::BIND | MountFlags::RDONLY | kept, "")
}

/// The places of mounts at and below a directory:
/// [proc_pid_mountinfo(5)](https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html).
fn mounts_below(directory: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let table = fs::read("/proc/self/mountinfo")?;
    let place = |line: &[u8]| Some(unescaped(line.split(|&b| b == b' ').nth(4)?));
    let places = table.split(|&b| b == b'\n').filter_map(place);
    Ok(places.filter(|place| place.starts_with(directory)).collect())
}

/// Blanks and the like are written as `\040` there.
fn unescaped(text: &[u8]) -> PathBuf {
    let (mut bytes, mut rest) = (Vec::new(), text);
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..3).filter(|_| first == b'\\');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[3..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    OsString::from_vec(bytes).into()
}

fn devices(directory: &Path) -> io::Result<()> {
    mount("tmpfs", directory, "tmpfs", MountFlags::NOSUID, Some(c"mode=0755"))?;
    for name in DEVICES {
        let target = directory.join(name);
        File::create(&target)?;
        // A machine without a terminal has no `tty`.
        let _ = mount_bind(Path::new("/dev").join(name), &target);
    }
    fs::create_dir(directory.join("shm"))?;
    for (name, target) in [("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0")] {
        std::os::unix::fs::symlink(target, directory.join(name))?;
    }
    for (name, target) in [("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2")] {
        std::os::unix::fs::symlink(target, directory.join(name))?;
    }
    Ok(())
}
