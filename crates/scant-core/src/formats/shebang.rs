//! The first line of a script, as the kernel reads it (`execve(2)`, "Interpreter scripts").

use alloc::boxed::Box;

/// The kernel reads no more of a script's first line (`BINPRM_BUF_SIZE`, since Linux 5.1).
pub const LONGEST: u64 = 256;

/// What a script's first line names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shebang {
    /// The interpreter's path, as written.
    pub interpreter: Box<[u8]>,
    /// The rest of the line, which the kernel passes as one argument.
    pub argument: Option<Box<[u8]>>,
}

/// Parses the start of a file; none when it is no script.
pub fn parse(start: &[u8]) -> Option<Shebang> {
    let line = start.strip_prefix(b"#!")?;
    let line = trimmed(line.split(|&b| b == b'\n' || b == 0).next().unwrap_or_default());
    let end = line.iter().position(|b| matches!(b, b' ' | b'\t')).unwrap_or(line.len());
    let (interpreter, rest) = line.split_at(end);
    let rest = trimmed(rest);
    (!interpreter.is_empty()).then(|| Shebang {
        interpreter: interpreter.into(),
        argument: (!rest.is_empty()).then(|| rest.into()),
    })
}

/// Without blanks around. The kernel knows spaces and tabs only: a carriage return is part of the
/// name, and nobody has a file of that name.
fn trimmed(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

impl Shebang {
    /// The program that `env` would look for in `PATH`, when the interpreter is `env`: its first
    /// argument that is neither an option nor an assignment.
    pub fn env_program(&self) -> Option<&[u8]> {
        let name = self.interpreter.rsplit(|&b| b == b'/').next()?;
        let argument = self.argument.as_deref().filter(|_| name == b"env")?;
        let words = argument.split(|b| matches!(b, b' ' | b'\t')).filter(|word| !word.is_empty());
        let mut programs = words.filter(|word| !word.starts_with(b"-") && !word.contains(&b'='));
        programs.next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, interpreter: &str, argument: Option<&str>, program: Option<&str>) {
        let shebang = parse(text.as_bytes()).expect("a script");
        assert_eq!(&*shebang.interpreter, interpreter.as_bytes());
        assert_eq!(shebang.argument.as_deref(), argument.map(str::as_bytes));
        assert_eq!(shebang.env_program(), program.map(str::as_bytes));
    }

    #[test]
    fn interpreters_and_arguments() {
        check("#!/bin/sh\necho", "/bin/sh", None, None);
        check("#! /usr/bin/perl -w -T \n", "/usr/bin/perl", Some("-w -T"), None);
        check("#!/usr/bin/env python3\r\n", "/usr/bin/env", Some("python3\r"), Some("python3\r"));
        check("#!/bin/sh\r\n", "/bin/sh\r", None, None);
        check(
            "#!/usr/bin/env -S A=b node --x\n",
            "/usr/bin/env",
            Some("-S A=b node --x"),
            Some("node"),
        );
        check("#!/bin/sh", "/bin/sh", None, None);
    }

    #[test]
    fn other_files_are_no_scripts() {
        assert_eq!(parse(b"#!\n"), None);
        assert_eq!(parse(b"# comment"), None);
        assert_eq!(parse(b""), None);
    }
}
