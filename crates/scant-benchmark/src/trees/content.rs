//! What is in the files of the trees: three kinds of content from a seed, the same on every machine.
//! No file of the host is read, and no floating point is used.
//!
//! Real root file systems are text, programs and what is compressed already. How fast a compressor
//! is depends on how many matches it finds and how long they are, so the three kinds are made to
//! compress as theirs do, and mixed so that `gzip -6` leaves about 0.34 of a tree, as it does of
//! Debian's `/usr`.

/// A kind of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Words in lines, as in scripts, documentation and configuration.
    Text,
    /// Machine code, tables of addresses and strings, as in programs and libraries.
    Program,
    /// Bytes without any pattern, as in images and archives.
    Packed,
}

/// Numbers without a pattern that a seed decides: SplitMix64.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// A number below `bound`, small ones more often, as words and instructions are spread.
    fn skewed(&mut self, bound: u64) -> u64 {
        let upper = self.below(bound) + 1;
        let upper = self.below(upper) + 1;
        self.below(upper)
    }
}

/// Fills `output` with `size` bytes.
pub(crate) fn fill(kind: Kind, seed: u64, size: usize, output: &mut Vec<u8>) {
    let mut numbers = Numbers::new(seed);
    output.clear();
    output.reserve(size + 512);
    while output.len() < size {
        match kind {
            Kind::Text => {
                line(&mut numbers, output);
                again(&mut numbers, 3, output);
            }
            Kind::Program => {
                section(&mut numbers, output);
                again(&mut numbers, 44, output);
            }
            Kind::Packed => output.extend_from_slice(&numbers.next().to_le_bytes()),
        }
    }
    output.truncate(size);
}

/// Repeats a few stretches from further up, near ones more often: what makes real files compress is
/// less their alphabet than that they say things twice.
fn again(numbers: &mut Numbers, times: u64, output: &mut Vec<u8>) {
    for _ in 0..numbers.below(times) {
        let distance = 1 + numbers.skewed(output.len().min(1 << 19) as u64) as usize;
        let length = 6 + numbers.skewed(240) as usize;
        let from = output.len() - distance;
        let to = output.len().min(from + length);
        output.extend_from_within(from..to);
    }
}

/// How many words there are. Each is made from its number.
const WORDS: u64 = 6000;

/// A line of text: indentation, words, and sometimes a number or a sign.
fn line(numbers: &mut Numbers, output: &mut Vec<u8>) {
    for _ in 0..numbers.skewed(12) {
        output.push(b' ');
    }
    for _ in 0..1 + numbers.below(12) {
        match numbers.below(16) {
            0 => output.extend_from_slice(numbers.below(10_000).to_string().as_bytes()),
            1 => output.extend_from_slice(b"= "),
            2 => output.push(b"(),.;:\"/"[numbers.below(8) as usize]),
            _ => word(numbers.skewed(WORDS), output),
        }
        output.push(b' ');
    }
    output.pop();
    output.push(b'\n');
}

/// The word of a number: two to ten letters.
pub(crate) fn word(number: u64, output: &mut Vec<u8>) {
    const SYLLABLES: [&str; 32] = [
        "re", "con", "in", "er", "al", "ti", "de", "so", "ma", "file", "st", "an", "no", "set",
        "en", "lo", "un", "ca", "pro", "out", "is", "th", "fo", "key", "me", "li", "pa", "to",
        "by", "ser", "x", "tion",
    ];
    let mut mixed = Numbers::new(number).next();
    for _ in 0..2 + mixed % 3 {
        mixed /= 32;
        output.extend_from_slice(SYLLABLES[(mixed % 32) as usize].as_bytes());
    }
}

/// A part of a program: mostly code, then tables and strings.
fn section(numbers: &mut Numbers, output: &mut Vec<u8>) {
    match numbers.below(20) {
        0..=13 => code(numbers, output),
        14 => table(numbers, output),
        15 => relocations(numbers, output),
        16 => output.resize(output.len() + 16 * (1 + numbers.below(8) as usize), 0),
        _ => strings(numbers, output),
    }
}

/// A function: instructions out of a stock, their operands now and then new.
fn code(numbers: &mut Numbers, output: &mut Vec<u8>) {
    const STOCK: u64 = 1200;
    output.extend_from_slice(&[0xf3, 0x0f, 0x1e, 0xfa, 0x55, 0x48, 0x89, 0xe5]);
    for _ in 0..20 + numbers.below(100) {
        let bytes = Numbers::new(numbers.skewed(STOCK)).next().to_le_bytes();
        let length = 2 + usize::from(bytes[7] % 4);
        output.extend_from_slice(&bytes[..length]);
        match numbers.below(6) {
            // The target of a call, near or far.
            0 => output.extend_from_slice(&(numbers.skewed(1 << 14) as u32).to_le_bytes()),
            1 => output.push(8 * numbers.skewed(32) as u8),
            _ => {}
        }
    }
    output.push(0xc3);
    // Functions begin at multiples of 16.
    output.resize(output.len().next_multiple_of(16), 0x90);
}

/// Numbers that grow by small steps, as symbol tables and unwind tables hold.
fn table(numbers: &mut Numbers, output: &mut Vec<u8>) {
    let mut value = numbers.below(1 << 22) as u32;
    for _ in 0..32 + numbers.below(64) {
        value += 16 * (1 + numbers.skewed(64) as u32);
        output.extend_from_slice(&value.to_le_bytes());
        output.extend_from_slice(&(numbers.skewed(4096) as u32).to_le_bytes());
    }
}

/// Entries of 24 bytes: where, what kind, what to add.
fn relocations(numbers: &mut Numbers, output: &mut Vec<u8>) {
    let mut place = numbers.below(1 << 24);
    for _ in 0..8 + numbers.below(24) {
        place += 8 * (1 + numbers.skewed(4));
        output.extend_from_slice(&place.to_le_bytes());
        output.extend_from_slice(&8u64.to_le_bytes());
        output.extend_from_slice(&(16 * numbers.below(1 << 20)).to_le_bytes());
    }
}

/// Names with a zero after each.
fn strings(numbers: &mut Numbers, output: &mut Vec<u8>) {
    for _ in 0..10 + numbers.below(30) {
        word(numbers.skewed(WORDS), output);
        output.push(b'_');
        word(numbers.below(WORDS), output);
        output.push(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_has_its_size_and_depends_on_the_seed_alone() {
        for kind in [Kind::Text, Kind::Program, Kind::Packed] {
            let made = |seed, size| {
                let mut output = vec![1; 7];
                fill(kind, seed, size, &mut output);
                output
            };
            for size in [0, 1, 511, 70_000] {
                assert_eq!(made(1, size).len(), size, "{kind:?}");
            }
            assert_eq!(made(1, 5000), made(1, 5000));
            assert_eq!(made(1, 5000), made(1, 70_000)[..5000]);
            assert_ne!(made(1, 5000), made(2, 5000));
        }
    }
}
