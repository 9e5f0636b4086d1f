//! Processors with fewer features: compressors and digests choose other code there, which has to
//! make the same bytes. An emulator hides the features.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::subjects;
use crate::run::{Run, run};
use crate::tools::require;

/// Processors, each with a level of the architecture that it does not reach: the proof that the
/// emulator hides something. The first has SSE3, the second SSE4.2, the third AVX2.
const PROCESSORS: [(&str, &str); 3] =
    [("qemu64", "x86-64-v2"), ("Nehalem", "x86-64-v3"), ("Haswell", "x86-64-v4")];

const COMPRESSIONS: [&str; 7] =
    ["gzip:0", "gzip:1", "gzip:2", "gzip:6", "gzip:9", "zstd:3", "none"];

/// The digests of a build that scant makes when it is run in this way.
fn digests(command: Run, directory: &Path, compression: &str) -> String {
    let words = "build mixed.yml --no-cache --quiet --json --threads 2 --compression";
    let command = command.arg(env!("CARGO_BIN_EXE_scant")).words(words).arg(compression);
    let said = command.words("-o oci:layout").directory(directory).ok();
    let mut built: Value = serde_json::from_str(&said).expect("`--json` prints JSON");
    built.as_object_mut().expect("it is an object").remove("outputs");
    format!("{built:#}")
}

/// Words, tables, runs and noise: about 3 MB, in files of several sizes.
fn mixed(directory: &Path) {
    fs::create_dir(directory.join("mixed")).expect("the directory is ours");
    let mut state = 1_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    };
    for number in 0..40 {
        let size = if number == 0 { 1 << 20 } else { number * 2_500 };
        let mut bytes = Vec::with_capacity(size + 64);
        while bytes.len() < size {
            match number % 4 {
                0 => bytes.extend_from_slice(format!("word {:x}, ", next() % 4_001).as_bytes()),
                1 => bytes.extend_from_slice(&next().to_le_bytes()),
                2 => bytes.extend_from_slice(&(next() % 9).to_le_bytes()),
                _ => {
                    let end = bytes.len() + (next() % 60) as usize;
                    bytes.resize(end, (next() % 5) as u8);
                }
            }
        }
        fs::write(directory.join(format!("mixed/{number}")), bytes).expect("it is ours");
    }
    let program = fs::read(env!("CARGO_BIN_EXE_scant")).expect("it is there");
    // Of code, which compresses like nothing else.
    let part = &program[program.len() / 8..][..1 << 20];
    fs::write(directory.join("mixed/code"), part).expect("it is ours");
    fs::write(directory.join("mixed.yml"), "data: [./mixed/:/mixed]\nplatforms: [linux/amd64]\n")
        .expect("it is ours");
}

#[test]
#[cfg(target_arch = "x86_64")]
fn features_of_the_processor_do_not_reach_the_bytes() {
    require!(QEMU_X86_64);
    let subject = subjects::everything();
    mixed(subject.path());
    let emulated = |processor: &str| run("qemu-x86_64-static").words("-cpu").arg(processor);
    for (processor, missing) in PROCESSORS {
        let loader = emulated(processor).words("/lib64/ld-linux-x86-64.so.2 --help").end();
        let level = loader.stdout.lines().find(|line| line.trim().starts_with(missing));
        let level = level.expect("glibc 2.33 and later lists the levels");
        assert!(!level.contains("supported"), "{processor}: {level}");
    }
    let mut other = Vec::new();
    for compression in COMPRESSIONS {
        let native = digests(run("env"), subject.path(), compression);
        for (processor, _) in PROCESSORS {
            let text = digests(emulated(processor), subject.path(), compression);
            if text != native {
                other.push(format!("{compression}, {processor}:\n{text}\nnative:\n{native}"));
            }
        }
    }
    assert!(other.is_empty(), "{}", other.join("\n"));
}
