//! Single arguments of a call as strace writes them: strings, descriptors, results.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::line::find;
use crate::words::Outcome;

/// A string that a call was given.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Text {
    /// All of it.
    Whole(Box<[u8]>),
    /// Its beginning: strace cut it.
    Cut,
    /// An address, or nothing.
    None,
}

/// Reads `"..."`, with its escapes undone.
pub(super) fn string(argument: &[u8]) -> Text {
    let Some(mut rest) = argument.strip_prefix(b"\"") else { return Text::None };
    let mut bytes = Vec::new();
    loop {
        let Some((&first, after)) = rest.split_first() else { return Text::None };
        rest = after;
        match first {
            b'"' => break,
            b'\\' => match escape(rest) {
                Some((byte, after)) => {
                    bytes.push(byte);
                    rest = after;
                }
                None => return Text::None,
            },
            byte => bytes.push(byte),
        }
    }
    match rest.starts_with(b"...") {
        true => Text::Cut,
        false => Text::Whole(bytes.into()),
    }
}

/// One escape, without its backslash.
fn escape(text: &[u8]) -> Option<(u8, &[u8])> {
    let (&first, rest) = text.split_first()?;
    let byte = match first {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'v' => 0x0b,
        b'f' => 0x0c,
        b'x' => {
            let digits = core::str::from_utf8(rest.get(..2)?).ok()?;
            return Some((u8::from_str_radix(digits, 16).ok()?, &rest[2..]));
        }
        b'0'..=b'7' => {
            let is_octal = |b: &&u8| (b'0'..=b'7').contains(*b);
            let count = text.iter().take(3).take_while(is_octal).count();
            let digits = core::str::from_utf8(&text[..count]).ok()?;
            let value = u16::from_str_radix(digits, 8).ok()?;
            return Some((u8::try_from(value).ok()?, &text[count..]));
        }
        other => other,
    };
    Some((byte, rest))
}

/// A descriptor, and the name that `-y` puts behind it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Descriptor {
    /// The number; none for `AT_FDCWD`.
    pub(super) number: Option<u32>,
    /// What it is, if that is a path.
    pub(super) path: Option<Box<[u8]>>,
}

/// Reads `3`, `3</etc>`, `AT_FDCWD` or `AT_FDCWD</home>`.
pub(super) fn descriptor(argument: &[u8]) -> Option<Descriptor> {
    let end = argument.iter().position(|&b| b == b'<').unwrap_or(argument.len());
    let (number, name) = argument.split_at(end);
    let number = match number {
        b"AT_FDCWD" => None,
        digits => Some(core::str::from_utf8(digits).ok()?.parse().ok()?),
    };
    Some(Descriptor { number, path: decoration(name) })
}

/// The path in `</etc/passwd>`; what is no path (`<pipe:[7]>`) or was removed is none.
fn decoration(text: &[u8]) -> Option<Box<[u8]>> {
    let inside = text.strip_prefix(b"<")?;
    let end = inside.iter().position(|&b| b == b'>')?;
    let is_gone = inside[end..].starts_with(b">(deleted)");
    let (mut rest, mut bytes) = (&inside[..end], Vec::new());
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first == b'\\' {
            let (byte, after) = escape(rest)?;
            bytes.push(byte);
            rest = after;
        } else {
            bytes.push(first);
        }
    }
    (bytes.starts_with(b"/") && !is_gone).then(|| bytes.into())
}

/// A result: the number that a call returned, and how that counts.
pub(super) struct Ended {
    pub(super) outcome: Outcome,
    pub(super) value: Option<Descriptor>,
}

/// Reads what stands behind ` = `. None for a call that the kernel will begin again.
pub(super) fn result(text: &[u8]) -> Option<Ended> {
    let word = |text: &[u8]| -> Box<[u8]> {
        text.split(|b| b.is_ascii_whitespace()).next().unwrap_or_default().into()
    };
    if let Some(rest) = text.strip_prefix(b"-1 ") {
        let name = word(rest);
        if name.starts_with(b"ERESTART") {
            return None;
        }
        let outcome = errno(&name).map_or(Outcome::Unknown, Outcome::Failed);
        return Some(Ended { outcome, value: None });
    }
    if text.starts_with(b"?") {
        return match find(text, b"ERESTART") {
            Some(_) => None,
            None => Some(Ended { outcome: Outcome::Unknown, value: None }),
        };
    }
    // A name may hold blanks: it ends at its bracket.
    let end = match text.iter().position(|&b| b == b'<') {
        Some(open) if text[..open].iter().all(u8::is_ascii_digit) => text.len(),
        _ => word(text).len(),
    };
    Some(Ended { outcome: Outcome::Done, value: descriptor(&text[..end]) })
}

/// The number of an error, as all of Linux but MIPS, Alpha and SPARC count.
fn errno(name: &[u8]) -> Option<i32> {
    let known: &[(&[u8], i32)] = &[
        (b"EPERM", 1),
        (b"ENOENT", 2),
        (b"EINTR", 4),
        (b"EIO", 5),
        (b"ENXIO", 6),
        (b"ENOEXEC", 8),
        (b"EBADF", 9),
        (b"EAGAIN", 11),
        (b"ENOMEM", 12),
        (b"EACCES", 13),
        (b"EFAULT", 14),
        (b"EBUSY", 16),
        (b"EEXIST", 17),
        (b"EXDEV", 18),
        (b"ENODEV", 19),
        (b"ENOTDIR", 20),
        (b"EISDIR", 21),
        (b"EINVAL", 22),
        (b"ENFILE", 23),
        (b"EMFILE", 24),
        (b"ETXTBSY", 26),
        (b"ENOSPC", 28),
        (b"EROFS", 30),
        (b"EMLINK", 31),
        (b"ENAMETOOLONG", 36),
        (b"ENOSYS", 38),
        (b"ENOTEMPTY", 39),
        (b"ELOOP", 40),
        (b"ENODATA", 61),
        (b"EPROTOTYPE", 91),
        (b"EOPNOTSUPP", 95),
        (b"ECONNREFUSED", 111),
        (b"EINPROGRESS", 115),
    ];
    known.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
}
