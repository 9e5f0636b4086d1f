//! The numbers of signals on this machine, by the names that configs of images have.
//! [signal(7)](https://man7.org/linux/man-pages/man7/signal.7.html).

const NAMES: [(&str, i32); 31] = [
    ("ABRT", libc::SIGABRT),
    ("ALRM", libc::SIGALRM),
    ("BUS", libc::SIGBUS),
    ("CHLD", libc::SIGCHLD),
    ("CONT", libc::SIGCONT),
    ("FPE", libc::SIGFPE),
    ("HUP", libc::SIGHUP),
    ("ILL", libc::SIGILL),
    ("INT", libc::SIGINT),
    ("IO", libc::SIGIO),
    ("IOT", libc::SIGABRT),
    ("KILL", libc::SIGKILL),
    ("PIPE", libc::SIGPIPE),
    ("POLL", libc::SIGIO),
    ("PROF", libc::SIGPROF),
    ("PWR", libc::SIGPWR),
    ("QUIT", libc::SIGQUIT),
    ("SEGV", libc::SIGSEGV),
    ("STOP", libc::SIGSTOP),
    ("SYS", libc::SIGSYS),
    ("TERM", libc::SIGTERM),
    ("TRAP", libc::SIGTRAP),
    ("TSTP", libc::SIGTSTP),
    ("TTIN", libc::SIGTTIN),
    ("TTOU", libc::SIGTTOU),
    ("URG", libc::SIGURG),
    ("USR1", libc::SIGUSR1),
    ("USR2", libc::SIGUSR2),
    ("VTALRM", libc::SIGVTALRM),
    ("WINCH", libc::SIGWINCH),
    ("XCPU", libc::SIGXCPU),
];

/// The number of a signal, which is given by it, or by its name with or without `SIG`. Real-time
/// signals are counted from the first or the last, as `SIGRTMIN+3`.
pub fn signal_number(name: &str) -> Option<i32> {
    if let Ok(number) = name.parse() {
        return Some(number).filter(|number| (1..=libc::SIGRTMAX()).contains(number));
    }
    let name = name.strip_prefix("SIG").unwrap_or(name);
    let known = NAMES.iter().find(|known| known.0 == name).map(|known| known.1);
    known.or_else(|| {
        let (first, last) = (libc::SIGRTMIN(), libc::SIGRTMAX());
        let number = match (name.strip_prefix("RTMIN"), name.strip_prefix("RTMAX")) {
            (Some(""), _) => first,
            (_, Some("")) => last,
            (Some(after), _) => first + after.strip_prefix('+')?.parse::<i32>().ok()?,
            (_, Some(before)) => last - before.strip_prefix('-')?.parse::<i32>().ok()?,
            _ => return None,
        };
        Some(number).filter(|number| (first..=last).contains(number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_known() {
        let case = |name, number| assert_eq!(signal_number(name), number, "{name}");
        case("SIGTERM", Some(15));
        case("QUIT", Some(3));
        case("9", Some(9));
        case("0", None);
        case("65", None);
        case("SIGRTMIN+3", Some(libc::SIGRTMIN() + 3));
        case("SIGRTMAX-1", Some(63));
        case("SIGRTMIN+99", None);
        case("SIGNONE", None);
    }
}
