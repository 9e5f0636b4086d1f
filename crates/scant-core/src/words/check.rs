//! The checks of an image by name: what each holds, and how bad it is when it does not. How they
//! are made is in `rules::check`.

use core::fmt;

/// How bad a finding is. An error: the image does not start as it says it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Level {
    Error,
    Warning,
    Hint,
}

/// A check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "`meaning` says it")]
pub enum Check {
    Certificates,
    DamagedElf,
    DanglingLink,
    Entrypoint,
    ForeignMachine,
    Healthcheck,
    LibraryCache,
    LinkLoop,
    MissingInterpreter,
    MissingLibrary,
    MissingSymbol,
    MissingVersion,
    NameService,
    NotPermitted,
    Privileged,
    ReadableSecret,
    RunTimeNeed,
    ScriptInterpreter,
    TimeZone,
    UnknownGroup,
    UnknownUser,
    Unreadable,
    UnusedAllow,
    WorkingDirectory,
    WorldWritable,
}

struct Row {
    check: Check,
    name: &'static str,
    levels: &'static [Level],
    meaning: &'static str,
}

const fn row(
    check: Check,
    name: &'static str,
    levels: &'static [Level],
    meaning: &'static str,
) -> Row {
    Row { check, name, levels, meaning }
}

static TABLE: &[Row] = {
    use Check::*;
    use Level::{Error, Hint, Warning};
    &[
        row(
            Certificates,
            "certificates",
            &[Hint],
            "where a TLS library is in the image, there are certificates of authorities",
        ),
        row(
            DamagedElf,
            "damaged-elf",
            &[Error, Warning],
            "ELF files are whole where the kernel and loaders read them",
        ),
        row(DanglingLink, "dangling-link", &[Warning], "symbolic links lead to something"),
        row(
            Entrypoint,
            "entrypoint",
            &[Error, Hint],
            "the entrypoint, or else the command, is a program that can be executed",
        ),
        row(
            ForeignMachine,
            "foreign-machine",
            &[Error, Warning],
            "programs and libraries are made for the image's platform",
        ),
        row(
            Healthcheck,
            "healthcheck",
            &[Error],
            "what the health check runs is a program that can be executed",
        ),
        row(
            LibraryCache,
            "library-cache",
            &[Warning],
            "`ld.so.cache`, where there is one, can be read by the image's loader, and what it names \
             is there",
        ),
        row(LinkLoop, "link-loop", &[Warning], "no symbolic link leads back to itself"),
        row(
            MissingInterpreter,
            "missing-interpreter",
            &[Error, Warning],
            "the loader that a program names is in the image, for the same machine",
        ),
        row(
            MissingLibrary,
            "missing-library",
            &[Error, Warning, Hint],
            "the image's loader finds every library that is needed",
        ),
        row(
            MissingSymbol,
            "missing-symbol",
            &[Error, Warning],
            "every symbol that a program needs is defined by what it loads (with `--symbols`)",
        ),
        row(
            MissingVersion,
            "missing-version",
            &[Error, Warning],
            "libraries define the symbol versions that are wanted of them",
        ),
        row(
            NameService,
            "name-service",
            &[Warning, Hint],
            "the modules that `/etc/nsswitch.conf` names are in the image",
        ),
        row(
            NotPermitted,
            "not-permitted",
            &[Error],
            "the image's user may execute what is started, and read what that loads",
        ),
        row(
            Privileged,
            "privileged",
            &[Warning],
            "no file gives privileges that are not declared: setuid, setgid, capabilities",
        ),
        row(
            ReadableSecret,
            "readable-secret",
            &[Warning],
            "nobody but their owner and group may read private keys and hashes of passwords",
        ),
        row(
            RunTimeNeed,
            "run-time-need",
            &[Error],
            "what a program is known to open at run time is in the image, or declined",
        ),
        row(
            ScriptInterpreter,
            "script-interpreter",
            &[Error, Warning],
            "the interpreters that scripts name are in the image",
        ),
        row(TimeZone, "time-zone", &[Hint], "the time zone that `TZ` names is in the image"),
        row(
            UnknownGroup,
            "unknown-group",
            &[Error, Hint],
            "the image's group is in its `/etc/group`, or is a number",
        ),
        row(
            UnknownUser,
            "unknown-user",
            &[Error, Hint],
            "the image's user is in its `/etc/passwd`, or is a number",
        ),
        row(Unreadable, "unreadable", &[Warning], "everything in the image could be looked at"),
        row(
            UnusedAllow,
            "unused-allow",
            &[Hint],
            "every `allow` of the manifest still allows something",
        ),
        row(
            WorkingDirectory,
            "working-directory",
            &[Error, Warning],
            "the working directory is there, and the user may enter it",
        ),
        row(
            WorldWritable,
            "world-writable",
            &[Warning],
            "nothing can be changed by everybody: no file, and no directory that is not sticky",
        ),
    ]
};

impl Check {
    /// All checks, sorted by name.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.check)
    }

    /// The check of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.name == name).map(|row| row.check)
    }

    fn row(self) -> &'static Row {
        TABLE.iter().find(|row| row.check == self).expect("every check has a row")
    }

    /// Its name, for people and manifests.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// What holds where it finds nothing.
    pub fn meaning(self) -> &'static str {
        self.row().meaning
    }

    /// The levels its findings may have, the worst first.
    pub fn levels(self) -> &'static [Level] {
        self.row().levels
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Level {
    /// All levels, the worst first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Hint];
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Hint => "hint",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_lead_back() {
        assert!(TABLE.is_sorted_by(|a, b| a.name < b.name));
        for check in Check::all() {
            assert_eq!(Check::of_name(check.name()), Some(check));
        }
    }
}
