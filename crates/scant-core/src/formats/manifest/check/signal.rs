//! The signals of Linux, [signal(7)](https://man7.org/linux/man-pages/man7/signal.7.html).

use alloc::format;
use alloc::string::{String, ToString};

/// Names of signals; real-time ones are counted from the first or the last.
pub(super) const NAMES: [&str; 34] = [
    "SIGABRT",
    "SIGALRM",
    "SIGBUS",
    "SIGCHLD",
    "SIGCONT",
    "SIGFPE",
    "SIGHUP",
    "SIGILL",
    "SIGINT",
    "SIGIO",
    "SIGIOT",
    "SIGKILL",
    "SIGPIPE",
    "SIGPOLL",
    "SIGPROF",
    "SIGPWR",
    "SIGQUIT",
    "SIGSEGV",
    "SIGSTKFLT",
    "SIGSTOP",
    "SIGSYS",
    "SIGTERM",
    "SIGTRAP",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGURG",
    "SIGUSR1",
    "SIGUSR2",
    "SIGVTALRM",
    "SIGWINCH",
    "SIGXCPU",
    "SIGXFSZ",
    "SIGCLD",
];

/// The signal as the config names it: the name with `SIG`, or the number.
pub(super) fn parse(text: &str) -> Option<String> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        let number = text.parse::<u8>().ok().filter(|number| (1..=64).contains(number));
        return number.map(|number| number.to_string());
    }
    let name = if text.starts_with("SIG") { text.into() } else { format!("SIG{text}") };
    let known = NAMES.contains(&&*name) || is_real_time(&name);
    known.then_some(name)
}

/// `SIGRTMIN`, `SIGRTMIN+15`, `SIGRTMAX-14`, `SIGRTMAX`.
fn is_real_time(name: &str) -> bool {
    let within = |rest: &str, sign: char, most: u8| {
        let digits =
            rest.strip_prefix(sign).filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
        let number = digits.and_then(|text| text.parse::<u8>().ok());
        rest.is_empty() || number.is_some_and(|number| (1..=most).contains(&number))
    };
    name.strip_prefix("SIGRTMIN").is_some_and(|rest| within(rest, '+', 15))
        || name.strip_prefix("SIGRTMAX").is_some_and(|rest| within(rest, '-', 14))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_have_names_or_numbers() {
        for (text, expected) in [
            ("SIGQUIT", Some("SIGQUIT")),
            ("QUIT", Some("SIGQUIT")),
            ("9", Some("9")),
            ("SIGRTMIN+3", Some("SIGRTMIN+3")),
            ("0", None),
            ("65", None),
            ("", None),
            ("SIGRTMIN+16", None),
            ("SIGNAL", None),
        ] {
            assert_eq!(parse(text).as_deref(), expected, "{text}");
        }
    }
}
