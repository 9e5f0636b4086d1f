//! The NUL-terminated printable strings of a file, such as the directories compiled into a loader.

/// All runs of printable ASCII of at least `shortest` bytes that end in a NUL byte, each with the
/// offset it starts at.
pub fn printable_strings(bytes: &[u8], shortest: usize) -> impl Iterator<Item = (usize, &[u8])> {
    let mut start = 0;
    memchr::memchr_iter(0, bytes).filter_map(move |end| {
        let from = core::mem::replace(&mut start, end + 1);
        let unprintable = bytes[from..end].iter().rposition(|b| !(b' '..=b'~').contains(b));
        let from = unprintable.map_or(from, |at| from + at + 1);
        (end - from >= shortest).then(|| (from, &bytes[from..end]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn strings_end_in_nul_and_are_printable() {
        let bytes = b"ab\0/lib/\0\x01/x\0unended\x02/usr/\0tail";
        let strings: Vec<_> = printable_strings(bytes, 2).map(|(_, s)| s).collect();
        assert_eq!(strings, [&b"ab"[..], b"/lib/", b"/x", b"/usr/"]);
    }
}
