//! A directory made the root of this process, which has namespaces of its own already, with the file
//! systems that every container has. Starts nothing.

use std::fs::{self, File};
use std::io;
use std::path::Path;

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

/// Makes `root` the root directory. What a container is given anew lies empty on `/tmp`, `/run` and
/// the `volumes`; directories for these are made in `root` where it may be written to.
///
/// # Errors
/// When the kernel refuses, with what was tried.
pub fn enter(root: &Path, volumes: &[String], is_writable: bool) -> io::Result<()> {
    let tried = |what: &'static str| {
        move |error: rustix::io::Errno| {
            io::Error::new(io::Error::from(error).kind(), format!("{what}: {error}"))
        }
    };
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)
        .map_err(tried("making mounts private"))?;
    mount_bind_recursive(root, root).map_err(tried("mounting the root"))?;
    for name in ["proc", "dev", "tmp", "run"] {
        // A host root has them, and may not be ours to write to.
        let _ = fs::create_dir(root.join(name));
    }
    let (usual, none) = (MountFlags::NOSUID | MountFlags::NODEV, None::<&std::ffi::CStr>);
    if !is_writable {
        read_only(root).map_err(tried("making the root read-only"))?;
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

/// A mount that an unprivileged user got keeps the flags that the system gave it.
fn read_only(root: &Path) -> rustix::io::Result<()> {
    let flags = MountFlags::BIND | MountFlags::RDONLY;
    let kept = MountFlags::NOSUID | MountFlags::NODEV;
    mount_remount(root, flags, "").or_else(|_| mount_remount(root, flags | kept, ""))
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
