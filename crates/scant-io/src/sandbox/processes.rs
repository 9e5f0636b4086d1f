//! How many processes and threads there may be in the sandbox at a time, so that a program that only
//! starts more ends by itself. What bounds them depends on the kernel.
//!
//! * From Linux 6.14 on each PID namespace has a `pid_max` of its own, which holds for all users.
//! * From Linux 5.14 on `RLIMIT_NPROC` counts each user by the user namespace. The host's root is
//!   above it, so it is for others only.
//! * Before, it counts all processes of the user anywhere: no limit of a sandbox.

use std::fs;
use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::mounts::Failed;

/// The usual limit. The tracer, which has one of its own, is stricter.
const USUAL: u32 = 8192;

/// What bounds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    Namespace,
    User,
    None,
}

/// Sets the limit; to be called in the first process of the namespace, while `/proc/sys` can be
/// written to. Everything that is started later inherits it.
pub(super) fn limit(wanted: Option<u32>, is_host_root: bool) -> Result<(), Failed> {
    let release = rustix::system::uname();
    let most = wanted.unwrap_or(USUAL);
    let of = |error: io::Error| ("the limit of processes".to_string(), error);
    match bound(release.release().to_str().unwrap_or_default(), is_host_root) {
        Bound::Namespace => {
            let done = fs::write("/proc/sys/kernel/pid_max", most.to_string());
            // What is usual is not insisted on.
            done.or_else(|error| if wanted.is_some() { Err(of(error)) } else { Ok(()) })
        }
        Bound::User => {
            let most = u64::from(most);
            let most = getrlimit(Resource::Nproc).maximum.map_or(most, |hard| hard.min(most));
            let both = Rlimit { current: Some(most), maximum: Some(most) };
            setrlimit(Resource::Nproc, both).map_err(|error| of(error.into()))
        }
        Bound::None if wanted.is_none() => Ok(()),
        Bound::None => {
            Err(of(io::Error::other("it takes Linux 6.14, or 5.14 where scant is not run by root")))
        }
    }
}

fn bound(release: &str, is_host_root: bool) -> Bound {
    let number = |part: &str| {
        let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        part[..digits].parse::<u32>().unwrap_or(0)
    };
    let mut parts = release.split('.').map(number);
    let version = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    match version {
        // Before that, the file is the whole machine's.
        (6, 14..) | (7.., _) => Bound::Namespace,
        (5, 14..) | (6, _) if !is_host_root => Bound::User,
        _ => Bound::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_bounds_processes_depends_on_the_kernel_and_on_who_asks() {
        let case = |release, of_root, of_others| {
            assert_eq!((bound(release, true), bound(release, false)), (of_root, of_others));
        };
        case("6.14.0-rc1", Bound::Namespace, Bound::Namespace);
        case("7.0", Bound::Namespace, Bound::Namespace);
        case("6.1.0-37-amd64", Bound::None, Bound::User);
        case("5.14.0-503.el9.x86_64", Bound::None, Bound::User);
        case("5.13.19", Bound::None, Bound::None);
        case("4.4.0", Bound::None, Bound::None);
        case("", Bound::None, Bound::None);
    }
}
