//! Where a DEFLATE stream ends, and how to make it go on: the one thing that a compressor of whole
//! buffers cannot be asked for. Nothing is decompressed; only the lengths of symbols are followed.
//! [RFC 1951](https://www.rfc-editor.org/rfc/rfc1951), whose sections are named below.

use alloc::vec;
use alloc::vec::Vec;

/// A stream that is not DEFLATE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a DEFLATE stream: {0}")]
pub struct Malformed(&'static str);

/// Opens the end of a complete stream: its last block is not the last any more, and an empty stored
/// block after it ends on a byte, so that another stream can follow directly. Zlib calls the same
/// a sync flush.
///
/// # Errors
/// When the stream is not complete, or something follows it.
pub fn open_end(stream: &mut Vec<u8>) -> Result<(), Malformed> {
    let (last_block, end) = last_block(stream)?;
    stream[last_block / 8] &= !(1 << (last_block % 8));
    // What follows the last block in its byte may be anything. BFINAL and BTYPE of a stored block are
    // three zero bits, as are those up to the next byte.
    if end % 8 > 0 {
        stream[end / 8] &= (1 << (end % 8)) - 1;
    }
    stream.resize((end + 3).div_ceil(8), 0);
    stream.extend_from_slice(&[0, 0, 0xff, 0xff]);
    Ok(())
}

/// The bits at which the last block begins and ends.
fn last_block(stream: &mut Vec<u8>) -> Result<(usize, usize), Malformed> {
    let length = stream.len();
    // Every look at the stream takes eight bytes.
    stream.extend_from_slice(&[0; 8]);
    let mut bits = Bits { stream, at: 0, end: length * 8 };
    let mut codes = Codes::new();
    let found = loop {
        let begin = bits.at;
        let is_last = bits.take(1)? == 1;
        match bits.take(2)? {
            0 => bits.skip_stored()?,
            1 => {
                codes.fixed();
                bits.skip_symbols(&codes)?;
            }
            2 => {
                codes.read(&mut bits)?;
                bits.skip_symbols(&codes)?;
            }
            _ => return Err(Malformed("a block of unknown type")),
        }
        if is_last {
            break (begin, bits.at);
        }
    };
    stream.truncate(length);
    match found.1.div_ceil(8) == length {
        true => Ok(found),
        false => Err(Malformed("bytes follow the last block")),
    }
}

/// A place in a stream, counted in bits, the lowest of a byte first.
struct Bits<'a> {
    /// The stream, and eight bytes more.
    stream: &'a [u8],
    at: usize,
    end: usize,
}

impl Bits<'_> {
    /// At least 56 bits from here on.
    fn peek(&self) -> Result<u64, Malformed> {
        if self.at > self.end {
            return Err(Malformed("it ends within a block"));
        }
        let bytes = self.stream[self.at / 8..].first_chunk().expect("eight bytes are added");
        Ok(u64::from_le_bytes(*bytes) >> (self.at % 8))
    }

    fn take(&mut self, count: usize) -> Result<usize, Malformed> {
        let value = self.peek()? & ((1 << count) - 1);
        self.at += count;
        Ok(value as usize)
    }

    /// Section 3.2.4: a stored block is a length, its complement, and that many bytes.
    fn skip_stored(&mut self) -> Result<(), Malformed> {
        self.at = self.at.next_multiple_of(8);
        let (length, complement) = (self.take(16)?, self.take(16)?);
        if length != !complement & 0xffff {
            return Err(Malformed("a stored block whose length is damaged"));
        }
        self.at += 8 * length;
        self.peek().map(|_| ())
    }

    /// Follows symbols until one ends the block. No step depends on a branch that cannot be
    /// foretold: which table is asked next stands in what the last one said.
    fn skip_symbols(&mut self, codes: &Codes) -> Result<(), Malformed> {
        let mut table = LITERALS;
        loop {
            // Two steps take at most 48 bits: 20 for a length, and 28 for its distance.
            let mut bits = self.peek()?;
            for _ in 0..2 {
                let mut step = codes.table[table + bits as usize % ASKED];
                if step.is_special() {
                    step = codes.special(step, table, bits)?;
                    if step.is_end() {
                        self.at += step.bits();
                        return self.peek().map(|_| ());
                    }
                }
                bits >>= step.bits();
                self.at += step.bits();
                table = step.table();
            }
        }
    }
}

/// What follows from a few bits: how many they are, and which table is asked next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Step(u32);

/// Where the codes of literals and lengths stand in the table, and where those of distances.
const LITERALS: usize = 0;
const DISTANCES: usize = ASKED;
/// By how much a table is asked: so many bits that longer codes are rare.
const ASKED: usize = 1 << ASKED_BITS;
const ASKED_BITS: u8 = 11;

impl Step {
    /// No code begins so.
    const NONE: Self = Self(1 << 31);
    /// A code that is longer than what the table is asked by.
    const LONG: Self = Self(1 << 31 | 1 << 29);

    /// A code of `code` bits with `extra` bits after it.
    fn new(meaning: Meaning, code: u8, extra: u8) -> Self {
        let bits = u32::from(code + extra) | u32::from(code) << 8;
        match meaning {
            Meaning::Literal | Meaning::Distance => Self(bits | (LITERALS as u32) << 16),
            Meaning::Length => Self(bits | (DISTANCES as u32) << 16),
            Meaning::End => Self(bits | 1 << 31 | 1 << 30),
            Meaning::Unused => Self::NONE,
        }
    }

    fn bits(self) -> usize {
        (self.0 & 0xff) as usize
    }

    /// The bits of the first code in it.
    fn code(self) -> usize {
        (self.0 >> 8 & 0xff) as usize
    }

    fn table(self) -> usize {
        (self.0 >> 16 & 0x1fff) as usize
    }

    fn is_special(self) -> bool {
        self.0 >> 31 == 1
    }

    fn is_end(self) -> bool {
        self.0 >> 30 == 3
    }
}

/// What a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Literal,
    Length,
    Distance,
    End,
    Unused,
}

/// Section 3.2.5: literals, the end, and lengths in groups of four with a bit more each, but for the
/// shortest and the longest.
fn literal(symbol: usize) -> (Meaning, u8) {
    match symbol {
        0..=255 => (Meaning::Literal, 0),
        256 => (Meaning::End, 0),
        257..=264 | 285 => (Meaning::Length, 0),
        265..=284 => (Meaning::Length, ((symbol - 261) / 4) as u8),
        _ => (Meaning::Unused, 0),
    }
}

/// Section 3.2.5: distances in groups of two.
fn distance(symbol: usize) -> (Meaning, u8) {
    match symbol {
        0..=3 => (Meaning::Distance, 0),
        4..=29 => (Meaning::Distance, (symbol / 2 - 1) as u8),
        _ => (Meaning::Unused, 0),
    }
}

/// The codes of one block, as a table from the next bits to what they begin with.
struct Codes {
    table: Vec<Step>,
    literals: Canonical,
    distances: Canonical,
}

/// The order in which the lengths of the codes for lengths stand: section 3.2.7.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

impl Codes {
    fn new() -> Self {
        let none = || Canonical::new(&[]);
        let table = vec![Step::NONE; DISTANCES + ASKED];
        Self { table, literals: none(), distances: none() }
    }

    /// Section 3.2.6.
    fn fixed(&mut self) {
        let length = |symbol| match symbol {
            0..=143 => 8,
            144..=255 => 9,
            256..=279 => 7,
            _ => 8,
        };
        let literals: Vec<u8> = (0..288).map(length).collect();
        self.set(&literals, &[5; 30]);
    }

    /// Section 3.2.7: the lengths of both codes, themselves in a code.
    fn read(&mut self, bits: &mut Bits<'_>) -> Result<(), Malformed> {
        let (literals, distances) = (bits.take(5)? + 257, bits.take(5)? + 1);
        let count = bits.take(4)? + 4;
        let mut lengths = [0; ORDER.len()];
        for symbol in &ORDER[..count] {
            lengths[*symbol] = bits.take(3)? as u8;
        }
        let code = Canonical::new(&lengths);
        let mut lengths = vec![0; literals + distances];
        let mut filled = 0;
        while filled < lengths.len() {
            let (symbol, taken) =
                code.symbol(bits.peek()?).ok_or(Malformed("an unknown length"))?;
            bits.at += usize::from(taken);
            let (value, times) = match symbol {
                16 if filled == 0 => return Err(Malformed("nothing to repeat")),
                16 => (lengths[filled - 1], 3 + bits.take(2)?),
                17 => (0, 3 + bits.take(3)?),
                18 => (0, 11 + bits.take(7)?),
                length => (length as u8, 1),
            };
            let end = filled + times;
            lengths.get_mut(filled..end).ok_or(Malformed("too many lengths"))?.fill(value);
            filled = end;
        }
        let (literals, distances) = lengths.split_at(literals);
        self.set(literals, distances);
        Ok(())
    }

    fn set(&mut self, literals: &[u8], distances: &[u8]) {
        self.literals = Canonical::new(literals);
        self.distances = Canonical::new(distances);
        let (first, second) = self.table.split_at_mut(DISTANCES);
        self.literals.fill(first, literal);
        join_literals(first);
        self.distances.fill(second, distance);
    }

    /// A step that the table does not tell.
    fn special(&self, step: Step, table: usize, bits: u64) -> Result<Step, Malformed> {
        if step != Step::LONG {
            return if step.is_end() { Ok(step) } else { Err(UNUSED) };
        }
        let (code, meaning) = match table {
            LITERALS => (&self.literals, literal as fn(usize) -> _),
            _ => (&self.distances, distance as fn(usize) -> _),
        };
        let (symbol, length) = code.symbol(bits).ok_or(UNUSED)?;
        let (meaning, extra) = meaning(symbol);
        match Step::new(meaning, length, extra) {
            Step::NONE => Err(UNUSED),
            step => Ok(step),
        }
    }
}

const UNUSED: Malformed = Malformed("a code that is not used");

/// Takes literals, and what comes after them, in one step if they stand within the bits asked by.
fn join_literals(table: &mut [Step]) {
    // What stands after a literal has a smaller number, but for the first: it is not yet joined.
    for bits in (0..table.len()).rev() {
        let mut step = table[bits];
        while !step.is_special() && step.table() == LITERALS {
            let next = table[bits >> step.bits()];
            if next.is_special() || step.bits() + next.code() > ASKED_BITS.into() {
                break;
            }
            step = Step(
                next.0 & !0xffff | (step.code() as u32) << 8 | (step.bits() + next.bits()) as u32,
            );
        }
        table[bits] = step;
    }
}

/// A code given by the lengths of its symbols alone: section 3.2.2.
struct Canonical {
    /// How many codes there are of each length.
    counts: [u16; 16],
    /// The symbols in the order of their codes.
    symbols: Vec<u16>,
}

impl Canonical {
    /// Puts each code at all places that begin with it.
    fn fill(&self, table: &mut [Step], meaning: fn(usize) -> (Meaning, u8)) {
        table.fill(Step::NONE);
        for (symbol, code, length) in self.codes() {
            let (meaning, extra) = meaning(symbol);
            // Codes begin at their highest bit: they are turned round.
            let first = usize::from(code.reverse_bits() >> (16 - length));
            if length <= ASKED_BITS {
                let step = Step::new(meaning, length, extra);
                table.iter_mut().skip(first).step_by(1 << length).for_each(|s| *s = step);
            } else {
                table[first % ASKED] = Step::LONG;
            }
        }
    }

    fn new(lengths: &[u8]) -> Self {
        let mut counts = [0; 16];
        let mut symbols: Vec<u16> = (0..lengths.len() as u16).collect();
        symbols.retain(|symbol| lengths[usize::from(*symbol)] > 0);
        symbols.sort_by_key(|symbol| lengths[usize::from(*symbol)]);
        symbols.iter().for_each(|symbol| counts[usize::from(lengths[usize::from(*symbol)])] += 1);
        Self { counts, symbols }
    }

    /// All symbols with their codes and their lengths.
    fn codes(&self) -> impl Iterator<Item = (usize, u16, u8)> {
        let mut symbols = self.symbols.iter();
        let mut code = 0_u32;
        (1..16_u8).flat_map(move |length| {
            code <<= 1;
            let first = code;
            code += u32::from(self.counts[usize::from(length)]);
            let of_length = symbols.by_ref().take(usize::from(self.counts[usize::from(length)]));
            let numbered: Vec<_> = of_length.zip(first..).collect();
            numbered
                .into_iter()
                .map(move |(symbol, code)| (usize::from(*symbol), code as u16, length))
        })
    }

    /// The symbol that these bits begin with, and its length.
    fn symbol(&self, mut bits: u64) -> Option<(usize, u8)> {
        let (mut code, mut first, mut index) = (0_u32, 0_u32, 0);
        for length in 1..16_u8 {
            code = code << 1 | (bits & 1) as u32;
            bits >>= 1;
            first <<= 1;
            let count = u32::from(self.counts[usize::from(length)]);
            if code.wrapping_sub(first) < count {
                let symbol = self.symbols[index + (code - first) as usize];
                return Some((usize::from(symbol), length));
            }
            first += count;
            index += count as usize;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};

    /// A stream of bits, written as they stand in it: the first is the lowest of the first byte.
    fn stream(bits: &str) -> Vec<u8> {
        let bits: Vec<u8> = bits.bytes().filter(|b| *b != b' ').map(|b| b - b'0').collect();
        let byte = |bits: &[u8]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | bit);
        bits.chunks(8).map(byte).collect()
    }

    fn opened(bits: &str) -> Result<Vec<u8>, String> {
        let mut stream = stream(bits);
        open_end(&mut stream).map(|()| stream).map_err(|error| error.to_string())
    }

    #[test]
    fn the_last_block_becomes_one_that_others_follow() {
        let end = [0, 0, 0xff, 0xff];
        // A block of fixed codes with nothing but its end, which takes seven bits.
        let expected = [&[2, 0][..], &end].concat();
        assert_eq!(opened("1 10 0000000"), Ok(expected));
        // What is left of the last byte may be anything.
        let expected = [&[2, 0][..], &end].concat();
        assert_eq!(opened("1 10 0000000 111111"), Ok(expected));
        // One that leaves no room for three bits in its last byte: `a`, then the end.
        let expected = [&stream("0 10 10010001 0000000 000000")[..], &end].concat();
        assert_eq!(opened("1 10 10010001 0000000"), Ok(expected));
        // A stored block of one byte after an empty one.
        let empty = "0 00 00000 0000000000000000 1111111111111111";
        let stored = "00 00000 1000000000000000 0111111111111111 10000110";
        let expected = [&stream(&[empty, "0", stored].concat())[..], &[0], &end].concat();
        assert_eq!(opened(&[empty, "1", stored].concat()), Ok(expected));
    }

    #[test]
    fn what_is_no_complete_stream_is_refused() {
        let case = |bits, expected: &str| {
            assert_eq!(opened(bits), Err(["not a DEFLATE stream: ", expected].concat()), "{bits}");
        };
        case("", "it ends within a block");
        case("1 11", "a block of unknown type");
        case("0 10 0000000", "it ends within a block");
        case("1 10 10010001", "it ends within a block");
        case("1 10 0000000 000000 00000000", "bytes follow the last block");
        case("1 10 11000110", "a code that is not used");
        case(
            "1 00 00000 1000000000000000 0000000000000000",
            "a stored block whose length is damaged",
        );
        case("1 01 00000 00000 0000 000000000000", "an unknown length");
    }
}
