//! What a file system says about a file besides its bytes: enough to tell that it has not changed.

/// The identity of a file and the times of its last changes. Whoever writes to a file moves
/// `modified`, and cannot set it back without moving `changed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// The device that holds it.
    pub device: u64,
    /// Its number there: two names with one number are one file.
    pub inode: u64,
    /// When its content was last written (`st_mtime`).
    pub modified: Time,
    /// When its content or attributes were last changed (`st_ctime`).
    pub changed: Time,
}

/// A time as a file system keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    /// Seconds since 1970.
    pub seconds: i64,
    /// Nanoseconds beyond them. A file system that counts in seconds has 0 here.
    pub nanoseconds: u32,
}

impl Stamp {
    /// All of it, in a fixed size.
    pub fn to_bytes(self) -> [u8; 40] {
        let mut bytes = [0; 40];
        bytes[..8].copy_from_slice(&self.device.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.inode.to_le_bytes());
        for (at, time) in [(16, self.modified), (28, self.changed)] {
            bytes[at..at + 8].copy_from_slice(&time.seconds.to_le_bytes());
            bytes[at + 8..at + 12].copy_from_slice(&time.nanoseconds.to_le_bytes());
        }
        bytes
    }
}
