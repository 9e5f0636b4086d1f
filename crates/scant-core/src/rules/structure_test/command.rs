//! What a program printed and how it ended, against what a test expects; and what its environment
//! is.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::texts;
use crate::formats::structure_test::{Command, expand};

/// What an engine gives a program whose image sets no `PATH`.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A program that was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// How it ended.
    pub end: End,
    /// What it wrote to standard output, what is not UTF-8 replaced.
    pub stdout: String,
    /// What it wrote to standard error, likewise.
    pub stderr: String,
    /// Whether it wrote more, which was thrown away.
    pub is_cut: bool,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this code.
    Exit(u32),
    /// By a signal of this number.
    Signal(u32),
    /// It did not, and was killed after so many seconds.
    TimeOut(u64),
}

/// What is not as the test says of a program that was run.
pub fn output(test: &Command, ran: &Ran) -> Vec<String> {
    let mut wrong = Vec::new();
    match ran.end {
        // What a shell and an engine say of a program that was killed.
        End::Signal(signal) if test.exit_code == 128 + signal => {}
        End::Exit(code) if test.exit_code == code => {}
        End::Exit(code) => wrong.push(format!("the exit code is {code}, not {}", test.exit_code)),
        End::Signal(signal) => {
            let code = test.exit_code;
            wrong.push(format!("it was killed by signal {signal}; the exit code should be {code}"));
        }
        End::TimeOut(seconds) => {
            wrong.push(format!("it did not end within {seconds} s, and was killed"));
        }
    }
    let has_ended_badly = !wrong.is_empty();
    let before = wrong.len();
    texts("standard output", &test.stdout, &ran.stdout, &mut wrong);
    let stdout_is_shown = wrong.len() > before;
    let before = wrong.len();
    texts("standard error", &test.stderr, &ran.stderr, &mut wrong);
    let stderr_is_shown = wrong.len() > before;
    // How a program ended is explained by what it said.
    if has_ended_badly {
        for (name, text, is_shown) in [
            ("standard output", &ran.stdout, stdout_is_shown),
            ("standard error", &ran.stderr, stderr_is_shown),
        ] {
            if !is_shown && !text.is_empty() {
                wrong.push(super::excerpt(name, text));
            }
        }
    }
    if ran.is_cut && !wrong.is_empty() {
        wrong.push("it wrote more than is kept".to_string());
    }
    wrong
}

/// The environment of a command: the image's, then these lists of variables, one after the other.
/// `$NAME` in their values is the image's variable, and what earlier lists made of it.
pub fn environment(
    image: &BTreeMap<String, String>,
    lists: &[&[(String, String)]],
) -> BTreeMap<String, String> {
    let mut environment = image.clone();
    environment.entry("PATH".into()).or_insert_with(|| DEFAULT_PATH.into());
    for list in lists {
        let before = environment.clone();
        let value = |name: &str| before.get(name).cloned().unwrap_or_default();
        let pairs = list.iter().map(|(name, text)| (name.clone(), expand(text, value)));
        environment.extend(pairs);
    }
    environment
}
