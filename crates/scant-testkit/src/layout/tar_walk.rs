//! Walks the headers of a tar archive, with an eye on how they are written.
//! [POSIX, pax: ustar interchange format](https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html)

use std::ops::Range;

use super::pax::{self, Records};

const BLOCK: usize = 512;

/// An entry of an archive.
pub(super) struct Entry {
    pub(super) path: Vec<u8>,
    pub(super) target: Vec<u8>,
    pub(super) kind: u8,
    pub(super) mode: u64,
    pub(super) time: u64,
    pub(super) has_names: bool,
    pub(super) device: [Vec<u8>; 2],
    pub(super) records: Records,
    /// What the ustar header alone says of uid, gid and size.
    pub(super) numbers: [u64; 3],
    pub(super) content: Range<usize>,
}

/// The entries, and the problems of the archive itself.
pub(super) fn walk(bytes: &[u8]) -> (Vec<Entry>, Vec<String>) {
    let mut entries = Vec::new();
    let mut problems = Vec::new();
    let mut records = Records::new();
    let mut at = 0;
    loop {
        let Some(block) = bytes.get(at..at + BLOCK) else {
            problems.push("the archive ends without two zero blocks".into());
            break;
        };
        if block.iter().all(|&byte| byte == 0) {
            end(&bytes[at..], &mut problems);
            break;
        }
        let mut entry = match header(block) {
            Ok(entry) => entry,
            Err(problem) => {
                problems.push(format!("the header at byte {at} {problem}"));
                break;
            }
        };
        let size = number_record(&records, "size").unwrap_or(entry.numbers[2]) as usize;
        let start = at + BLOCK;
        let Some(content) = bytes.get(start..start.saturating_add(size)) else {
            problems.push(format!("`{}`: is cut off", entry.path.escape_ascii()));
            break;
        };
        at = start + size.next_multiple_of(BLOCK);
        match entry.kind {
            b'x' => match pax::parse(content) {
                Ok(found) => records = found,
                Err(problem) => problems.push(format!("the header before byte {at} {problem}")),
            },
            b'g' => problems.push("the archive has a global PAX header".into()),
            b'0'..=b'6' => {
                entry.content = start..start + size;
                entry.records = std::mem::take(&mut records);
                entries.push(entry);
            }
            other => {
                let name = entry.path.escape_ascii();
                problems.push(format!("`{name}`: has the type `{}`", other.escape_ascii()));
            }
        }
    }
    (entries, problems)
}

fn end(rest: &[u8], problems: &mut Vec<String>) {
    if rest.iter().any(|&byte| byte != 0) {
        problems.push("something follows the zero blocks at the end".into());
    } else if rest.len() != 2 * BLOCK {
        problems.push(format!("{} zero bytes end the archive, not 1024", rest.len()));
    }
}

fn header(block: &[u8]) -> Result<Entry, String> {
    if &block[257..265] != b"ustar\x0000" {
        return Err("is not a ustar header".into());
    }
    let sum: u64 = block
        .iter()
        .enumerate()
        .map(|(i, &byte)| match i {
            148..156 => u64::from(b' '),
            _ => u64::from(byte),
        })
        .sum();
    if octal(&block[148..156])? != sum {
        return Err("has a wrong checksum".into());
    }
    let text = |range: Range<usize>| {
        let field = &block[range];
        field.split(|&byte| byte == 0).next().unwrap_or(field).to_vec()
    };
    let (name, prefix) = (text(0..100), text(345..500));
    let path = if prefix.is_empty() { name } else { [prefix, name].join(&b'/') };
    let [uid, gid, size] = [108..116, 116..124, 124..136].map(|range| octal(&block[range]));
    Ok(Entry {
        path,
        target: text(157..257),
        kind: block[156],
        mode: octal(&block[100..108])?,
        time: octal(&block[136..148])?,
        has_names: block[265] != 0 || block[297] != 0,
        device: [block[329..337].to_vec(), block[337..345].to_vec()],
        records: Records::new(),
        numbers: [uid?, gid?, size?],
        content: 0..0,
    })
}

/// Octal digits, ended by a blank or a NUL.
fn octal(field: &[u8]) -> Result<u64, String> {
    if field[0] & 0x80 != 0 {
        return Err("has a number in GNU's base 256".into());
    }
    let digits = field.split(|b| matches!(b, b' ' | 0)).next().unwrap_or_default();
    let text = str::from_utf8(digits).unwrap_or("?");
    u64::from_str_radix(text, 8).map_err(|_| "has a number that is not octal".to_string())
}

/// A PAX record that is a number.
pub(super) fn number_record(records: &Records, key: &str) -> Option<u64> {
    str::from_utf8(records.get(key)?).ok()?.parse().ok()
}
