//! What a program prints, up to a limit, read while it runs.

use std::io::{self, Read};
use std::thread::JoinHandle;

/// The beginning of what was printed to one stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captured {
    /// The bytes that are kept.
    pub bytes: Vec<u8>,
    /// Whether there were more.
    pub is_cut: bool,
}

/// Reads a stream to its end in a thread of its own, so that nobody waits for it.
pub(super) fn capture(
    mut stream: impl Read + Send + 'static,
    most: usize,
) -> JoinHandle<io::Result<Captured>> {
    std::thread::spawn(move || {
        let mut captured = Captured::default();
        let mut buffer = [0; 1 << 14];
        loop {
            let count = match stream.read(&mut buffer) {
                Ok(0) => return Ok(captured),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let room = most - captured.bytes.len();
            captured.is_cut |= count > room;
            captured.bytes.extend_from_slice(&buffer[..count.min(room)]);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(printed: &'static str, most: usize, kept: &str, is_cut: bool) {
        let captured = capture(printed.as_bytes(), most).join().unwrap().unwrap();
        assert_eq!(captured, Captured { bytes: kept.into(), is_cut });
    }

    #[test]
    fn the_first_bytes_are_kept() {
        case("abc", 3, "abc", false);
        case("abc", 2, "ab", true);
        case("abc", 0, "", true);
        case("", 0, "", false);
    }
}
