//! What is in each tree: paths, sizes and kinds of content, as data. Nothing is written here.

use std::collections::BTreeMap;

use scant_core::words::{Digest, Hasher};

use super::content::{self, Kind, Numbers};

/// A tree to be made.
#[derive(Debug)]
pub(crate) struct Sketch {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    /// How many files of which sizes.
    classes: &'static [Class],
    /// How many times each case is run, unless said otherwise.
    pub(crate) runs: usize,
}

/// Files of about one size.
#[derive(Debug)]
struct Class {
    count: u64,
    /// The least size in bytes.
    from: u64,
    /// The size that it stays below.
    to: u64,
}

const fn class(count: u64, from: u64, to: u64) -> Class {
    Class { count, from, to }
}

const KB: u64 = 1000;
const MB: u64 = 1000 * KB;

/// The trees, smallest first.
const ALL: [Sketch; 4] = [
    // A server with its libraries and data files.
    Sketch {
        name: "small",
        classes: &[
            class(560, 200, 3 * KB),
            class(260, 3 * KB, 16 * KB),
            class(70, 16 * KB, 80 * KB),
            class(10, 250 * KB, 800 * KB),
        ],
        runs: 11,
    },
    // An interpreter with its standard library.
    Sketch {
        name: "medium",
        classes: &[
            class(3600, 200, 6 * KB),
            class(1700, 6 * KB, 30 * KB),
            class(460, 30 * KB, 150 * KB),
            class(40, 500 * KB, 3 * MB),
        ],
        runs: 5,
    },
    // A whole system with some large libraries.
    Sketch {
        name: "large",
        classes: &[
            class(4800, 500, 20 * KB),
            class(2500, 20 * KB, 120 * KB),
            class(680, 120 * KB, 800 * KB),
            class(11, 25 * MB, 60 * MB),
        ],
        runs: 3,
    },
    // A tree of modules: what counts is each file, not each byte.
    Sketch {
        name: "many",
        classes: &[class(92_000, 100, 4 * KB), class(8_000, 4 * KB, 24 * KB)],
        runs: 3,
    },
];

/// What is at a path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// A regular file, with what decides its content.
    File { kind: Kind, seed: u64, size: u64, executable: bool },
    /// A symbolic link and what it points at.
    Link(String),
}

/// Its directories hold about this many files.
const FILES_OF_A_DIRECTORY: u64 = 24;

impl Sketch {
    /// The tree of this name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|sketch| sketch.name == name)
    }

    /// Everything in it but directories, by path.
    pub(crate) fn entries(&self) -> BTreeMap<String, Entry> {
        let mut numbers =
            Numbers::new(self.classes.iter().fold(0, |sum, class| sum * 31 + class.count));
        let total: u64 = self.classes.iter().map(|class| class.count).sum();
        let directories = total.div_ceil(FILES_OF_A_DIRECTORY);
        let mut entries = BTreeMap::new();
        for class in self.classes {
            for number in 0..class.count {
                let size = class.from + numbers.below(class.to - class.from);
                let kind = kind(&mut numbers, size);
                let directory = directory(numbers.below(directories));
                let (name, executable) = name(&mut numbers, number, kind);
                // As a library has: one link for twelve files.
                if numbers.below(12) == 0 {
                    let link = format!("{directory}/{name}.link");
                    entries.insert(link, Entry::Link(name.clone()));
                }
                let file = Entry::File { kind, seed: numbers.next(), size, executable };
                entries.insert(format!("{directory}/{name}"), file);
            }
        }
        entries
    }

    /// Names the tree and all that decides it, so that a tree of an older version is made again.
    pub(crate) fn digest(&self) -> Digest {
        let mut hasher = Hasher::default();
        for (path, entry) in self.entries() {
            hasher.update(format!("{path} {entry:?}\n").as_bytes());
        }
        for kind in [Kind::Text, Kind::Program, Kind::Packed] {
            let mut sample = Vec::new();
            content::fill(kind, 1, 100_000, &mut sample);
            hasher.update(&sample);
        }
        hasher.finish()
    }
}

/// Small files are text more often, large ones programs; three of a hundred are compressed already.
fn kind(numbers: &mut Numbers, size: u64) -> Kind {
    let of_100 = numbers.below(100);
    let text = match size {
        ..6_000 => 75,
        6_000..30_000 => 60,
        30_000..150_000 => 45,
        _ => 10,
    };
    match of_100 {
        97.. => Kind::Packed,
        _ if of_100 < text => Kind::Text,
        _ => Kind::Program,
    }
}

/// Two levels, the upper one of few directories.
fn directory(number: u64) -> String {
    let (upper, lower) = (number % 17, number / 17);
    format!("usr/{}{upper}/{}{lower}", word_of(upper), word_of(lower + 100))
}

fn name(numbers: &mut Numbers, number: u64, kind: Kind) -> (String, bool) {
    let word = word_of(numbers.below(2000));
    match kind {
        Kind::Text => (format!("{word}-{number}.txt"), number.is_multiple_of(16)),
        Kind::Program => (format!("lib{word}{number}.so"), true),
        Kind::Packed => (format!("{word}-{number}.png"), false),
    }
}

fn word_of(number: u64) -> String {
    let mut word = Vec::new();
    content::word(number, &mut word);
    String::from_utf8(word).expect("words are letters")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers measured on different machines are of the same trees only while this holds. Another
    /// digest is another benchmark: measure everything again.
    #[test]
    fn a_tree_is_the_same_everywhere() {
        let digests = ALL.iter().map(|sketch| format!("{} {}\n", sketch.name, sketch.digest()));
        assert_eq!(
            digests.collect::<String>(),
            "small sha256:f6b3dfacef2ce6cb7cb648a4cc809c4d88b5f4e322315a1ccc26936cab0d6bed\n\
             medium sha256:887139ca00d01833a2293666d5ea52b10bd01df46b2756e54ba63f831251e389\n\
             large sha256:38e59ac133247bb8bec8c50cab82d9bacbdb95c70ad1178bd2636bc9efa9d39e\n\
             many sha256:1e2eda290e8c524839594666092c0eff34c18f514ddc97c3bd8ebf53e2274ea3\n"
        );
    }

    #[test]
    fn trees_have_the_sizes_that_the_documents_say() {
        let case = |name: &str, files: usize, megabytes: std::ops::Range<u64>| {
            let entries = Sketch::named(name).unwrap().entries();
            let sizes = entries.values().filter_map(|entry| match entry {
                Entry::File { size, .. } => Some(*size),
                Entry::Link(_) => None,
            });
            let sizes: Vec<u64> = sizes.collect();
            // A few files fall on the same path.
            assert!(
                sizes.len() <= files && sizes.len() * 100 >= files * 99,
                "{name}: {}",
                sizes.len()
            );
            let total = sizes.iter().sum::<u64>() / 1_000_000;
            assert!(megabytes.contains(&total), "{name}: {total} MB");
        };
        case("small", 900, 11..14);
        case("medium", 5800, 140..160);
        case("large", 7991, 950..1100);
        case("many", 100_000, 250..400);
    }
}
