//! What the kernel says about a file, as the stamp that tells it from others and from itself later.

use rustix::fs::Stat;
use scant_core::words::{Stamp, Time};

/// The stamp of a file.
#[allow(clippy::unnecessary_cast, reason = "the types of these fields differ between machines")]
pub(crate) fn of(stat: &Stat) -> Stamp {
    let time = |seconds, nanoseconds| Time { seconds, nanoseconds };
    Stamp {
        device: stat.st_dev as u64,
        inode: stat.st_ino as u64,
        modified: time(stat.st_mtime as i64, stat.st_mtime_nsec as u32),
        changed: time(stat.st_ctime as i64, stat.st_ctime_nsec as u32),
    }
}
