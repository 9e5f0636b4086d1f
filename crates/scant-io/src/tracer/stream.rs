//! Accesses through a pipe, from the process that sees them to the one that judges them. Each is a
//! length in four bytes, then its fields in order: numbers in four bytes, names and lists with
//! their length before them. The reader believes nothing: the other end runs what is judged.

use std::io::{self, Read, Write};

use scant_core::words::{Access, Action, LastLink, Outcome};

/// The longest access that is read: `PATH_MAX` some times over, and the arguments of a program.
const LONGEST: u32 = 1 << 20;

/// The most arguments of a program that are read.
const MOST_ARGUMENTS: u32 = 4096;

/// Writes an access.
///
/// # Errors
/// Those of the pipe.
pub fn write(access: &Access, to: &mut dyn Write) -> io::Result<()> {
    to.write_all(&encode(access))
}

/// An access as it goes through the pipe, its length before it.
#[must_use]
pub fn encode(access: &Access) -> Vec<u8> {
    let mut bytes = vec![0; 4];
    number(&mut bytes, access.process);
    text(&mut bytes, &access.program);
    bytes.push(u8::from(access.by.is_some()));
    access.by.iter().for_each(|by| text(&mut bytes, by));
    bytes.push(kind(&access.action));
    if let Action::Execute { arguments } = &access.action {
        number(&mut bytes, length(arguments.len()));
        arguments.iter().for_each(|argument| text(&mut bytes, argument));
    }
    text(&mut bytes, &access.name);
    text(&mut bytes, &access.directory);
    bytes.push(u8::from(access.last == LastLink::Keep));
    let (outcome, error) = match access.outcome {
        Outcome::Done => (0, 0),
        Outcome::Failed(error) => (1, error),
        Outcome::Unknown => (2, 0),
    };
    bytes.push(outcome);
    number(&mut bytes, error.cast_unsigned());
    let own = length(bytes.len() - 4);
    bytes[..4].copy_from_slice(&own.to_le_bytes());
    bytes
}

/// Reads the next access. None at the end.
///
/// # Errors
/// Those of the pipe, `InvalidData` for what is no access, `UnexpectedEof` for half of one.
pub fn read(from: &mut dyn Read) -> io::Result<Option<Access>> {
    let mut length = [0; 4];
    let mut got = 0;
    while got < length.len() {
        match from.read(&mut length[got..]) {
            Ok(0) if got == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(more) => got += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let length = u32::from_le_bytes(length);
    if length > LONGEST {
        return Err(wrong());
    }
    let mut bytes = vec![0; length as usize];
    from.read_exact(&mut bytes)?;
    decode(&bytes).map(Some).ok_or_else(wrong)
}

fn wrong() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "what the tracer sent is no access to a file")
}

/// The access of these bytes, without the length before them. None if they are none.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<Access> {
    let mut rest = Rest(bytes);
    let access = Access {
        process: rest.number()?,
        program: rest.text()?,
        by: if rest.flag()? { Some(rest.text()?) } else { None },
        action: rest.action()?,
        name: rest.text()?,
        directory: rest.text()?,
        last: if rest.flag()? { LastLink::Keep } else { LastLink::Follow },
        outcome: rest.outcome()?,
    };
    rest.0.is_empty().then_some(access)
}

fn kind(action: &Action) -> u8 {
    match action {
        Action::Open => 0,
        Action::List => 1,
        Action::Write => 2,
        Action::Change => 3,
        Action::Execute { .. } => 4,
        Action::Map => 5,
        Action::Look => 6,
        Action::ReadLink => 7,
        Action::Enter => 8,
        Action::Connect => 9,
    }
}

fn length(length: usize) -> u32 {
    u32::try_from(length).expect("names and arguments are bounded where they are read")
}

fn number(bytes: &mut Vec<u8>, number: u32) {
    bytes.extend(number.to_le_bytes());
}

fn text(bytes: &mut Vec<u8>, text: &[u8]) {
    number(bytes, length(text.len()));
    bytes.extend(text);
}

/// What is not read yet.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*number))
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn flag(&mut self) -> Option<bool> {
        match self.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn text(&mut self) -> Option<Box<[u8]>> {
        let length = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(text.into())
    }

    fn action(&mut self) -> Option<Action> {
        Some(match self.byte()? {
            0 => Action::Open,
            1 => Action::List,
            2 => Action::Write,
            3 => Action::Change,
            4 => {
                let count = self.number().filter(|count| *count <= MOST_ARGUMENTS)?;
                let arguments = (0..count).map(|_| self.text()).collect::<Option<_>>()?;
                Action::Execute { arguments }
            }
            5 => Action::Map,
            6 => Action::Look,
            7 => Action::ReadLink,
            8 => Action::Enter,
            9 => Action::Connect,
            _ => return None,
        })
    }

    fn outcome(&mut self) -> Option<Outcome> {
        let (kind, error) = (self.byte()?, self.number()?.cast_signed());
        match (kind, error) {
            (0, 0) => Some(Outcome::Done),
            (1, error) if error > 0 => Some(Outcome::Failed(error)),
            (2, 0) => Some(Outcome::Unknown),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> Vec<Access> {
        let arguments = vec![Box::from(&b"sh"[..]), Box::from(&b""[..]), Box::from(&b"\xff"[..])];
        let plain = Access {
            process: 7,
            program: (*b"/bin/sh").into(),
            by: None,
            action: Action::Open,
            name: (*b"a\xff\nb").into(),
            directory: (*b"/").into(),
            last: LastLink::Follow,
            outcome: Outcome::Failed(2),
        };
        let by = Some(Box::from(&b"/lib/x.so"[..]));
        let (last, outcome) = (LastLink::Keep, Outcome::Unknown);
        vec![
            Access { by, last, outcome, action: Action::Connect, ..plain.clone() },
            Access {
                action: Action::Execute { arguments },
                outcome: Outcome::Done,
                ..plain.clone()
            },
            Access { name: Box::default(), action: Action::Map, ..plain.clone() },
            plain,
        ]
    }

    #[test]
    fn what_is_written_is_read() {
        let mut pipe = Vec::new();
        for access in samples() {
            write(&access, &mut pipe).unwrap();
        }
        let mut pipe = &pipe[..];
        let mut found = Vec::new();
        while let Some(access) = read(&mut pipe).unwrap() {
            found.push(access);
        }
        assert_eq!(found, samples());
    }

    #[test]
    fn half_an_access_is_an_error() {
        for access in samples() {
            let bytes = encode(&access);
            for end in 1..bytes.len() {
                assert!(read(&mut &bytes[..end]).is_err(), "{end}");
                if end >= 4 {
                    assert_eq!(decode(&bytes[4..end]), None, "{end}");
                }
            }
        }
    }

    /// Every byte of every sample replaced: it is an access or none, and one that is written again
    /// as it was read.
    #[test]
    fn hostile_bytes_are_refused_or_mean_one_thing() {
        for access in samples() {
            let bytes = encode(&access);
            for at in 0..bytes.len() {
                for value in [0, 1, 2, 3, 4, 9, 10, 0x7f, 0x80, 0xff] {
                    let mut changed = bytes.clone();
                    changed[at] = value;
                    if let Ok(Some(found)) = read(&mut &changed[..]) {
                        assert_eq!(encode(&found), changed, "{at} {value}");
                    }
                }
            }
        }
        assert!(read(&mut &[0xff, 0xff, 0xff, 0x7f, 0][..]).is_err());
    }
}
