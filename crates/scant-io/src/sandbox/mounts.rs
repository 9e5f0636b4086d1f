//! The file systems of the sandbox, made from inside its mount namespace. After [`Root::enter`]
//! every path is one of the sandbox's own root, so that no link of an image leads out of it.

use std::ffi::{CString, OsStr};
use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt as _, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode};
use rustix::mount::{
    MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags, mount,
    mount_bind_recursive, mount_change, move_mount, open_tree, unmount,
};

use scant_core::formats::oci::runtime;

use super::kernel;
use super::processes;
use super::{Base, Mount, Network, Sandbox};

/// What failed, in words, and why.
pub(super) type Failed = (String, io::Error);

/// The devices that programs expect; each is the host's.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];

/// What may be taken from the host: its descriptors, from before the root was entered.
pub(super) struct Root {
    devices: Vec<(&'static str, OwnedFd)>,
    mounts: Vec<(Mount, OwnedFd)>,
    resolver: Option<Vec<u8>>,
    base: Base,
}

/// Puts words before an error.
fn of<T, E: Into<io::Error>>(what: &str, result: Result<T, E>) -> Result<T, Failed> {
    result.map_err(|error| (what.to_string(), error.into()))
}

impl Root {
    /// Makes the root out of its directory, in the empty directory `place`, and enters it. The old
    /// root is still there, below the new one.
    pub(super) fn enter(sandbox: &Sandbox, place: &Path) -> Result<Self, Failed> {
        let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
        of("mounts of its own", mount_change("/", private))?;
        let devices = DEVICES
            .into_iter()
            .filter_map(|name| Some((name, clone(&Path::new("/dev").join(name)).ok()?)));
        let devices = devices.collect();
        let mut mounts = Vec::new();
        for mount in &sandbox.mounts {
            let source = Path::new(&mount.source);
            mounts.push((mount.clone(), of(&named(source), clone(source))?));
        }
        let host = sandbox.network == Network::Host;
        let resolver = host.then(|| fs::read("/etc/resolv.conf").ok()).flatten();
        let root = match sandbox.base {
            Base::Overlay { .. } => {
                let size = size(sandbox, runtime::LARGE);
                overlay(Path::new(&sandbox.root), place, &size)?
            }
            Base::Host => {
                of("the root", mount_bind_recursive(Path::new(&sandbox.root), place))?;
                of("the root", kernel::read_only(place, true))?;
                place.to_path_buf()
            }
        };
        of("the root", rustix::process::chdir(&root))?;
        of("the root", rustix::process::pivot_root(".", "."))?;
        Ok(Self { devices, mounts, resolver, base: sandbox.base })
    }

    /// Mounts what is below the root, and forgets the old one.
    pub(super) fn fill(self, sandbox: &Sandbox) -> Result<(), Failed> {
        // While the host's is still there: the kernel wants to see one to give another.
        proc_file_system()?;
        // The new root is below the old one until then, at the same place.
        of("the old root", unmount(".", UnmountFlags::DETACH))?;
        of("the root", rustix::process::chdir("/"))?;
        processes::limit(sandbox.limits.processes, is_host_root())?;
        protect_kernel()?;
        self.devices(size(sandbox, runtime::SMALL))?;
        // Not everywhere is it allowed; few programs look there.
        let flags =
            MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
        if directory("/sys", 0o755).is_ok() {
            let _ = mount("sysfs", "/sys", "sysfs", flags, None);
        }
        mask()?;
        self.forgotten("/tmp", 0o1777, &size(sandbox, runtime::LARGE))?;
        self.forgotten("/run", 0o755, &size(sandbox, runtime::SMALL))?;
        if self.base != Base::Host {
            match names(&sandbox.hostname, self.resolver.as_deref()) {
                // In a directory that is somebody else's they stay as they are.
                Err((_, error)) if error.kind() == io::ErrorKind::PermissionDenied => {}
                done => done?,
            }
        }
        for volume in &sandbox.volumes {
            let volume = Path::new(volume);
            of(&named(volume), make_directory(volume, 0o755))?;
            of(&named(volume), mount_bind_recursive(volume, volume))?;
        }
        for (mount, tree) in &self.mounts {
            attach_mount(mount, tree)?;
        }
        // The root alone: what is mounted in it keeps what it is.
        match sandbox.base {
            Base::Overlay { writable: true } => Ok(()),
            _ => of("a root that is not written to", kernel::read_only("/".as_ref(), false)),
        }
    }

    /// A directory that can be written to, and shows what the image has there.
    fn forgotten(&self, path: &str, mode: u32, size: &str) -> Result<(), Failed> {
        let has_something = fs::read_dir(path).is_ok_and(|mut names| names.next().is_some());
        if self.base == Base::Host || !has_something {
            return temporary(path, &format!("mode={mode:o},{size}"));
        }
        // What is written goes into the memory of the overlay.
        of(path, mount_bind_recursive(path, path))?;
        // In a directory that is somebody else's it stays as it is.
        let _ = rustix::fs::chmod(path, Mode::from_raw_mode(mode));
        Ok(())
    }

    fn devices(&self, size: String) -> Result<(), Failed> {
        directory("/dev", 0o755)?;
        let flags = MountFlags::NOSUID | MountFlags::NOEXEC;
        of("/dev", mount("tmpfs", "/dev", "tmpfs", flags, Some(c"mode=755,size=64k")))?;
        for (name, tree) in &self.devices {
            let path = Path::new("/dev").join(name);
            of(&named(&path), File::create_new(&path).and_then(|_| attach(tree, &path)))?;
            // The node is the host's, and root's own for root: without this it could be given other
            // permissions for all. What a device is written to is not held up by it.
            of(&named(&path), kernel::read_only(&path, false))?;
        }
        let links = [
            ("/proc/self/fd", "fd"),
            ("/proc/self/fd/0", "stdin"),
            ("/proc/self/fd/1", "stdout"),
            ("/proc/self/fd/2", "stderr"),
            ("pts/ptmx", "ptmx"),
        ];
        for (target, name) in links {
            of(name, symlink(target, Path::new("/dev").join(name)))?;
        }
        of("/dev/pts", make_directory("/dev/pts".as_ref(), 0o755))?;
        let data = c"newinstance,ptmxmode=0666,mode=620";
        of("/dev/pts", mount("devpts", "/dev/pts", "devpts", flags, Some(data)))?;
        of("/dev/shm", make_directory("/dev/shm".as_ref(), 0o1777))?;
        let flags = flags | MountFlags::NODEV;
        in_memory("/dev/shm".as_ref(), flags, &format!("mode=1777,{size}"))
    }
}

/// An overlay of the root and nothing, in a file system that only this sandbox sees. Names are
/// relative to it: those of an overlay's options cannot hold everything that a path can.
fn overlay(root: &Path, place: &Path, size: &str) -> Result<PathBuf, Failed> {
    let nothing = MountFlags::NOSUID | MountFlags::NODEV;
    in_memory(place, nothing, &format!("mode=755,{size}"))?;
    for name in ["lower", "upper", "work", "root"] {
        of("memory for the root", fs::create_dir(place.join(name)))?;
    }
    of(&named(root), mount_bind_recursive(root, place.join("lower")))?;
    // The root of an overlay is the upper directory: it takes after the lower one.
    let mode = of(&named(root), fs::metadata(root))?.permissions();
    of("memory for the root", fs::set_permissions(place.join("upper"), mode))?;
    of("memory for the root", rustix::process::chdir(place))?;
    let options = [
        c"lowerdir=lower,upperdir=upper,workdir=work,userxattr",
        c"lowerdir=lower,upperdir=upper,workdir=work",
    ];
    let try_one = |options| mount("overlay", "root", "overlay", nothing, Some(options));
    let mounted = try_one(options[0]).or_else(|_| try_one(options[1]));
    of("an overlay (Linux 5.11 or later has them for all users)", mounted)?;
    Ok(place.join("root"))
}

fn proc_file_system() -> Result<(), Failed> {
    directory("/proc", 0o555)?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    of("/proc", mount("proc", "/proc", "proc", flags, None))
}

/// Makes what sets the kernel unwritable: as root, the sandbox's root is the host's, and may write
/// there by the files' owners alone, as to `core_pattern`, which names a program that the host runs.
/// A namespace below cannot take that back, nor mount another `/proc`: the kernel gives none where a
/// part of this one is covered.
fn protect_kernel() -> Result<(), Failed> {
    for path in runtime::READ_ONLY.map(Path::new).into_iter().filter(|path| path.exists()) {
        of(&named(path), mount_bind_recursive(path, path))?;
        of(&named(path), kernel::read_only(path, true))?;
    }
    Ok(())
}

/// Hides what tells of the host: a directory is empty then, and a file has nothing in it.
fn mask() -> Result<(), Failed> {
    let flags = MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    for path in runtime::MASKED.map(Path::new) {
        let Ok(metadata) = path.metadata() else { continue };
        match metadata.is_dir() {
            true => in_memory(path, flags, "mode=755,size=4k")?,
            false => of(&named(path), mount_bind_recursive("/dev/null", path))?,
        }
    }
    Ok(())
}

/// Whether the first user of this namespace is the host's root, as far as this process can see.
fn is_host_root() -> bool {
    let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    map.split_whitespace().take(2).eq(["0", "0"])
}

fn temporary(path: &str, options: &str) -> Result<(), Failed> {
    directory(path, 0o755)?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    in_memory(path.as_ref(), flags, options)
}

/// A file system in memory, which is never without a limit.
fn in_memory(path: &Path, flags: MountFlags, options: &str) -> Result<(), Failed> {
    let options = of(&named(path), CString::new(options).map_err(io::Error::from))?;
    of(&named(path), mount("tmpfs", path, "tmpfs", flags, Some(&*options)))
}

/// The option that says how large a file system in memory can get.
fn size(sandbox: &Sandbox, usual: &str) -> String {
    sandbox.limits.memory.map_or_else(|| usual.to_string(), |bytes| format!("size={bytes}"))
}

/// What every engine writes: who this host is, and whom to ask for others.
fn names(hostname: &str, resolver: Option<&[u8]>) -> Result<(), Failed> {
    let hosts =
        format!("127.0.0.1\tlocalhost {hostname}\n::1\tlocalhost ip6-localhost ip6-loopback\n");
    directory("/etc", 0o755)?;
    write("/etc/hosts", hosts.as_bytes())?;
    write("/etc/hostname", format!("{hostname}\n").as_bytes())?;
    write("/etc/resolv.conf", resolver.unwrap_or_default())
}

/// Writes a file. A link in its place is not followed, for it may lead to where nothing can be
/// written, as that of `resolv.conf` to what only runs on a host; a FIFO would be waited at.
fn write(path: &str, content: &[u8]) -> Result<(), Failed> {
    if fs::symlink_metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
        of(path, fs::remove_file(path))?;
    }
    of(path, fs::write(path, content))
}

fn attach_mount(mount: &Mount, tree: &OwnedFd) -> Result<(), Failed> {
    let target = Path::new(&mount.target);
    let is_directory = rustix::fs::fstat(tree).map(|stat| {
        rustix::fs::FileType::from_raw_mode(stat.st_mode) == rustix::fs::FileType::Directory
    });
    let make = || match of(&named(target), is_directory)? {
        true => of(&named(target), make_directory(target, 0o755)),
        false => {
            let parent = target.parent().unwrap_or(Path::new("/"));
            of(&named(parent), make_directory(parent, 0o755))?;
            of(&named(target), File::options().create(true).append(true).open(target).map(drop))
        }
    };
    // What is there is mounted over, also where nothing can be made.
    if target.symlink_metadata().is_err() {
        make()?;
    }
    of(&named(target), attach(tree, target))?;
    match mount.read_only {
        true => of(&named(target), kernel::read_only(target, true)),
        false => Ok(()),
    }
}

/// What is mounted at a path, apart from it.
fn clone(path: &Path) -> io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE;
    Ok(open_tree(CWD, path, flags)?)
}

fn attach(tree: &OwnedFd, path: &Path) -> io::Result<()> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_SYMLINKS;
    Ok(move_mount(tree, "", CWD, path, flags)?)
}

fn directory(path: &str, mode: u32) -> Result<(), Failed> {
    of(path, make_directory(path.as_ref(), mode))
}

/// A directory with those above it, unless it is there.
fn make_directory(path: &Path, mode: u32) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        make_directory(parent, 0o755)?;
    }
    fs::DirBuilder::new().mode(mode).create(path)?;
    Ok(rustix::fs::chmod(path, Mode::from_raw_mode(mode))?)
}

fn named(path: &Path) -> String {
    let bytes: &OsStr = path.as_os_str();
    format!("`{}`", scant_core::words::Escaped(bytes.as_encoded_bytes()))
}
