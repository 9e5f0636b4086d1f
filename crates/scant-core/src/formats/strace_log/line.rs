//! One line of a log of `strace`: who, and which call with which text. What a call means is not said
//! here.

use alloc::vec::Vec;

/// A line, divided.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'l> {
    /// The process that the line is of, where it is told.
    pub(super) process: Option<u32>,
    pub(super) event: Event<'l>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event<'l> {
    /// A call with its end, or all that is left of one.
    Call(Call<'l>),
    /// The beginning of a call: its text up to where it was cut.
    Unfinished(&'l [u8]),
    /// The end of a call that was cut: its name, and what follows.
    Resumed(&'l [u8], &'l [u8]),
    /// The process is gone.
    Exit,
    /// Signals, stops, messages of strace itself: nothing to learn.
    Nothing,
    /// No line of strace.
    Unreadable,
}

/// `name(arguments) = result`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call<'l> {
    pub(super) name: &'l [u8],
    pub(super) arguments: Vec<&'l [u8]>,
    pub(super) result: &'l [u8],
}

pub(super) fn divide(line: &[u8]) -> Line<'_> {
    let (process, rest) = who(line.trim_ascii());
    Line { process, event: event(rest) }
}

/// The process and the time, which options of strace put before the call.
fn who(line: &[u8]) -> (Option<u32>, &[u8]) {
    let (mut process, mut rest) = (None, line);
    if let Some(inside) = rest.strip_prefix(b"[pid") {
        let Some(end) = inside.iter().position(|&b| b == b']') else { return (None, rest) };
        process = number(inside[..end].trim_ascii());
        rest = inside[end + 1..].trim_ascii_start();
    }
    loop {
        let end = rest.iter().position(|b| b.is_ascii_whitespace()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let is_digits = !word.is_empty() && word.iter().all(u8::is_ascii_digit);
        match process {
            None if is_digits => process = number(word),
            _ if is_digits || is_time(word) || word == b"(+" => {}
            _ => return (process, rest),
        }
        if after.is_empty() {
            return (process, after);
        }
        rest = after.trim_ascii_start();
    }
}

/// `14:02:01`, `14:02:01.123456`, `1700000000.123456`, `0.000123`, and `0.000123)` of `-t -r`.
fn is_time(word: &[u8]) -> bool {
    let word = word.strip_suffix(b")").unwrap_or(word);
    let has_mark = word.iter().any(|b| matches!(b, b'.' | b':'));
    has_mark
        && word.first().is_some_and(u8::is_ascii_digit)
        && word.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b':' | b'+' | b'-' | b'T'))
}

fn number(digits: &[u8]) -> Option<u32> {
    core::str::from_utf8(digits).ok()?.parse().ok()
}

fn event(text: &[u8]) -> Event<'_> {
    if text.starts_with(b"+++") {
        return Event::Exit;
    }
    if text.is_empty()
        || [&b"---"[..], b"strace: ", b"> ", b"????"].iter().any(|start| text.starts_with(start))
    {
        return Event::Nothing;
    }
    if let Some(rest) = text.strip_prefix(b"<... ") {
        let Some(end) = find(rest, b" resumed>") else { return Event::Unreadable };
        let after = &rest[end + b" resumed>".len()..];
        return Event::Resumed(&rest[..end], after);
    }
    for mark in [&b"<unfinished ...>"[..], b"<detached ...>"] {
        if let Some(start) = text.strip_suffix(mark) {
            return Event::Unfinished(start.trim_ascii_end());
        }
    }
    call(text).map_or(Event::Unreadable, Event::Call)
}

/// Divides `name(arguments) = result`.
pub(super) fn call(text: &[u8]) -> Option<Call<'_>> {
    let open = text.iter().position(|&b| b == b'(')?;
    let (name, rest) = (&text[..open], &text[open + 1..]);
    if name.is_empty() || !name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_') {
        return None;
    }
    let (arguments, after) = arguments(rest)?;
    let result = after.trim_ascii().strip_prefix(b"=")?.trim_ascii_start();
    Some(Call { name, arguments, result })
}

/// The arguments up to the bracket that closes the call, and what follows it.
fn arguments(text: &[u8]) -> Option<(Vec<&[u8]>, &[u8])> {
    let (mut found, mut start, mut depth, mut at) = (Vec::new(), 0, 0_usize, 0);
    while at < text.len() {
        match text[at] {
            b'"' => at = end_of_string(text, at)?,
            b'<' if is_decoration(text, at) => {
                at += text[at..].iter().position(|&b| b == b'>')?;
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' if depth == 0 => {
                let last = text[start..at].trim_ascii();
                if !(last.is_empty() && found.is_empty()) {
                    found.push(last);
                }
                return Some((found, &text[at + 1..]));
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                found.push(text[start..at].trim_ascii());
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where the string that begins at `start` ends: the place of its closing quote.
fn end_of_string(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    while at < text.len() {
        match text[at] {
            b'\\' => at += 1,
            b'"' => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Whether what begins here is the name that `-y` puts behind a descriptor.
fn is_decoration(text: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| text[before]);
    let after = text.get(at + 1);
    before.is_some_and(|b| b.is_ascii_digit() || b == b'D')
        && after.is_some_and(|b| *b != b'<' && *b != b' ')
}

/// Where `wanted` first stands in `text`.
pub(super) fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}
