//! The NUL-terminated printable strings of a file, such as the directories compiled into a loader.

/// All runs of printable ASCII that end in a NUL byte and hold one of two bytes, each with the
/// offset it starts at. Looking for the two bytes first passes over most of a program's code.
pub fn strings_holding(bytes: &[u8], one: u8, other: u8) -> impl Iterator<Item = (usize, &[u8])> {
    let is_printable = |byte: &u8| (b' '..=b'~').contains(byte);
    let mut done = 0;
    memchr::memchr2_iter(one, other, bytes).filter_map(move |at| {
        if at < done {
            return None;
        }
        let before = bytes[done..at].iter().rposition(|byte| !is_printable(byte));
        let start = before.map_or(done, |position| done + position + 1);
        let length = bytes[at..].iter().position(|byte| !is_printable(byte));
        let end = length.map_or(bytes.len(), |length| at + length);
        done = end;
        (bytes.get(end) == Some(&0)).then(|| (start, &bytes[start..end]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn strings_end_in_nul_and_are_printable() {
        let bytes = b"ab\0/lib/\0a:b/c\0\x01/x\0/unended\x02/usr/\0plain\0/tail";
        let strings: Vec<_> = strings_holding(bytes, b'/', b':').collect();
        let expected: [(usize, &[u8]); 4] =
            [(3, b"/lib/"), (9, b"a:b/c"), (16, b"/x"), (28, b"/usr/")];
        assert_eq!(strings, expected);
    }
}
