//! From the raw file to valid tests: names, commands, regular expressions. All faults are collected;
//! what has one is left out of the result, which is then not used.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{
    BindMount, Command, ExecutableBy, Existence, FileContent, License, Metadata, Pattern,
    RunOptions, StructureTests, Subject, Test, Texts, Value, Version, Word, raw,
};
use crate::formats::yaml::{Fault, Span, Spanned, shown};

/// The version that a file says, which it must: the forms differ.
pub(super) fn version(raw: &raw::StructureTests, first: Span, faults: &mut Vec<Fault>) -> Version {
    let help = "write `schemaVersion: 2.0.0`";
    let (span, message) = match &raw.schema_version {
        Some(text) => match &*text.value.0 {
            "1.0.0" => return Version::One,
            "2.0.0" => return Version::Two,
            other => (text.span, format!("there is no schema version `{}`", shown(other))),
        },
        None => (first, "`schemaVersion` is missing".into()),
    };
    // A fault elsewhere may have taken the version with it.
    if raw.schema_version.is_some() || faults.is_empty() {
        faults.push(Fault::new(span, message).help(help));
    }
    Version::Two
}

/// The valid tests of a file of this version.
pub(in crate::formats) fn check(
    raw: raw::StructureTests,
    version: Version,
    faults: &mut Vec<Fault>,
) -> StructureTests {
    let mut checker = Checker { version, faults, notes: Vec::new() };
    let mut tests = Vec::new();
    tests.extend(raw.command_tests.into_iter().filter_map(|test| checker.command(test)));
    tests.extend(raw.file_existence_tests.into_iter().filter_map(|test| checker.existence(test)));
    tests.extend(raw.file_content_tests.into_iter().filter_map(|test| checker.content(test)));
    tests.extend(raw.metadata_test.map(|test| checker.metadata(test)));
    tests.extend(raw.license_tests.into_iter().map(|test| checker.license(test)));
    tests.sort_by_key(|test| test.span.start);
    let global_env = checker.variables(raw.global_env_vars);
    let options = checker.options(raw.container_run_options.unwrap_or_default());
    StructureTests { global_env, tests, options, notes: checker.notes }
}

struct Checker<'f> {
    version: Version,
    faults: &'f mut Vec<Fault>,
    notes: Vec<Fault>,
}

impl Checker<'_> {
    fn fault<T>(&mut self, span: Span, message: impl Into<String>, help: &str) -> Option<T> {
        let fault = Fault::new(span, message);
        self.faults.push(if help.is_empty() { fault } else { fault.help(help) });
        None
    }

    fn note(&mut self, span: Span, message: &str) {
        self.notes.push(Fault::new(span, message));
    }

    fn command(&mut self, raw: Spanned<raw::CommandTest>) -> Option<Test> {
        let Spanned { value: raw, span } = raw;
        let name = self.word(raw.name, "a test needs a name");
        let setup = raw.setup.into_iter().filter_map(|line| self.line(line)).collect();
        let teardown = raw.teardown.into_iter().filter_map(|line| self.line(line)).collect();
        let line = self.program(raw.command, raw.args);
        let stdout = self.texts(raw.expected_output, raw.excluded_output);
        let stderr = self.texts(raw.expected_error, raw.excluded_error);
        let env = self.variables(raw.env_vars);
        let exit_code = raw.exit_code.unwrap_or_default();
        let line = line?;
        let command = Command { setup, teardown, line, env, stdout, stderr, exit_code };
        Some(Test { name: name?, span, subject: Subject::Command(command) })
    }

    /// The command under test: a program with `args` in 2.0.0, a list in 1.0.0.
    fn program(
        &mut self,
        command: Spanned<raw::Command>,
        args: Option<Spanned<raw::Words>>,
    ) -> Option<Vec<String>> {
        let span = command.span;
        match (command.value, self.version) {
            (raw::Command::Program(program), Version::Two) => {
                let program = Spanned { value: crate::formats::yaml::Text(program), span };
                let args = args.map(|args| args.value).unwrap_or_default();
                let words: Vec<_> = core::iter::once(program).chain(args).collect();
                self.line(Spanned { value: words, span })
            }
            (raw::Command::Line(line), Version::One) => {
                if let Some(args) = args {
                    let message = "`args` belongs to schema 2.0.0";
                    self.fault::<()>(args.span, message, "in 1.0.0, `command` lists the arguments");
                }
                self.line(Spanned { value: line, span })
            }
            (raw::Command::Program(_), Version::One) => {
                let help = "write [PROGRAM, ARGUMENT, ...]";
                self.fault(span, "in schema 1.0.0 `command` is a list", help)
            }
            (raw::Command::Line(_), Version::Two) => {
                let help = "write the arguments as the list `args`";
                self.fault(span, "in schema 2.0.0 `command` is the program alone", help)
            }
        }
    }

    fn line(&mut self, line: Spanned<raw::Words>) -> Option<Vec<String>> {
        if line.value.first().is_none_or(|program| program.value.0.is_empty()) {
            return self.fault(line.span, "a command needs a program", "");
        }
        line.value.into_iter().map(|word| self.without_nul(word)).collect()
    }

    fn existence(&mut self, raw: Spanned<raw::FileExistenceTest>) -> Option<Test> {
        let Spanned { value: raw, span } = raw;
        let name = self.word(raw.name, "a test needs a name");
        let path = self.word(raw.path, "a test of a file needs a path");
        let existence = Existence {
            path: path?,
            should_exist: raw.should_exist.is_none_or(|truth| truth.0),
            is_directory: raw.is_directory.map(|truth| truth.0),
            permissions: raw.permissions.map(text).filter(|text| !text.is_empty()),
            uid: raw.uid,
            gid: raw.gid,
            executable_by: raw.is_executable_by.map(|who| match who {
                raw::ExecutableBy::Owner => ExecutableBy::Owner,
                raw::ExecutableBy::Group => ExecutableBy::Group,
                raw::ExecutableBy::Other => ExecutableBy::Other,
                raw::ExecutableBy::Any => ExecutableBy::Any,
            }),
        };
        Some(Test { name: name?, span, subject: Subject::Existence(existence) })
    }

    fn content(&mut self, raw: Spanned<raw::FileContentTest>) -> Option<Test> {
        let Spanned { value: raw, span } = raw;
        let name = self.word(raw.name, "a test needs a name");
        let path = self.word(raw.path, "a test of a file needs a path");
        let texts = self.texts(raw.expected_contents, raw.excluded_contents);
        let subject = Subject::Content(FileContent { path: path?, texts });
        Some(Test { name: name?, span, subject })
    }

    fn metadata(&mut self, raw: Spanned<raw::MetadataTest>) -> Test {
        let Spanned { value: raw, span } = raw;
        let metadata = Metadata {
            env: self.values(raw.env_vars),
            unbound_env: self.names(raw.unbound_env_vars),
            labels: self.values(raw.labels),
            entrypoint: raw.entrypoint.map(texts),
            cmd: raw.cmd.map(texts),
            exposed_ports: self.words(raw.exposed_ports),
            unexposed_ports: self.words(raw.unexposed_ports),
            volumes: self.words(raw.volumes),
            unmounted_volumes: self.words(raw.unmounted_volumes),
            workdir: raw.workdir.map(text).filter(|text| !text.is_empty()),
            user: raw.user.map(text).filter(|text| !text.is_empty()),
        };
        Test { name: String::new(), span, subject: Subject::Metadata(metadata) }
    }

    fn license(&mut self, raw: Spanned<raw::LicenseTest>) -> Test {
        let Spanned { value: raw, span } = raw;
        let license = License {
            debian: raw.debian.is_some_and(|truth| truth.0),
            excepted: match self.version {
                Version::One => &[],
                Version::Two => &["libgnutls30"],
            },
            files: self.words(raw.files),
        };
        Test { name: String::new(), span, subject: Subject::License(license) }
    }

    fn options(&mut self, raw: raw::ContainerRunOptions) -> RunOptions {
        if let Some(privileged) = raw.privileged.filter(|truth| truth.value.0) {
            let note = "`privileged` is not given: a sandbox never has more rights than you";
            self.note(privileged.span, note);
        }
        if let Some(terminal) = raw.allocate_tty.filter(|truth| truth.value.0) {
            self.note(terminal.span, "no terminal is given: outputs are read as they are");
        }
        for list in [raw.capabilities, raw.drop_capabilities].into_iter().flatten() {
            if !list.value.is_empty() {
                let note = "capabilities are not changed: commands have those of the sandbox";
                self.note(list.span, note);
            }
        }
        if let Some(network) = raw.network.filter(|text| !matches!(&*text.value.0, "none" | "")) {
            let note = "no network is given by a file of tests; `--net host` gives it";
            self.note(network.span, note);
        }
        RunOptions {
            user: raw.user.and_then(|user| self.without_nul(user)).filter(|user| !user.is_empty()),
            env_file: raw.env_file.and_then(|file| self.without_nul(file)),
            env_vars: self.words(raw.env_vars),
            bind_mounts: raw.bind_mounts.into_iter().filter_map(|m| self.bind_mount(m)).collect(),
        }
    }

    fn bind_mount(&mut self, word: Word) -> Option<BindMount> {
        let span = word.span;
        let text = self.without_nul(word)?;
        let parts: Vec<_> = text.split(':').collect();
        let (source, target, options) = match *parts {
            [source, target] => (source, target, ""),
            [source, target, options] => (source, target, options),
            _ => ("", "", ""),
        };
        if !source.starts_with('/') || !target.starts_with('/') {
            let message = format!("`{}` is not a mount of two absolute paths", shown(&text));
            return self.fault(span, message, "write `/on/this/machine:/in/the/image`");
        }
        let read_only = options.split(',').any(|option| option == "ro");
        Some(BindMount { source: source.into(), target: target.into(), read_only })
    }

    /// A text that is not empty.
    fn word(&mut self, word: Word, otherwise: &str) -> Option<String> {
        if word.value.0.is_empty() {
            return self.fault(word.span, otherwise, "");
        }
        self.without_nul(word)
    }

    fn words(&mut self, words: raw::Words) -> Vec<String> {
        words.into_iter().filter_map(|word| self.word(word, "nothing is named here")).collect()
    }

    fn without_nul(&mut self, word: Word) -> Option<String> {
        if word.value.0.contains('\0') {
            let message = format!("`{}` contains a NUL byte", shown(&word.value.0));
            return self.fault(word.span, message, "");
        }
        Some(word.value.0)
    }

    fn pattern(&mut self, word: Word) -> Option<Pattern> {
        match Pattern::new(&word.value.0) {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                let text = shown(&word.value.0);
                let message = format!("`{text}` is not a regular expression: {error}");
                self.fault(word.span, message, "")
            }
        }
    }

    fn texts(&mut self, expected: raw::Words, excluded: raw::Words) -> Texts {
        Texts {
            expected: expected.into_iter().filter_map(|word| self.pattern(word)).collect(),
            excluded: excluded.into_iter().filter_map(|word| self.pattern(word)).collect(),
        }
    }

    fn key(&mut self, key: Word) -> Option<String> {
        let (span, key) = (key.span, self.word(key, "a key is empty")?);
        if key.contains('=') {
            let message = format!("`{}` cannot name an environment variable", shown(&key));
            return self.fault(span, message, "");
        }
        Some(key)
    }

    /// Variables for commands.
    fn variables(&mut self, raw: Vec<Spanned<raw::Variable>>) -> Vec<(String, String)> {
        let variable = |Spanned { value: raw, .. }: Spanned<raw::Variable>| {
            let key = self.key(raw.key);
            let value = raw.value.map_or(Some(String::new()), |value| self.without_nul(value));
            Some((key?, value?))
        };
        raw.into_iter().filter_map(variable).collect()
    }

    /// Variables or labels with values to compare.
    fn values(&mut self, raw: Vec<Spanned<raw::Variable>>) -> Vec<(String, Value)> {
        let value = |Spanned { value: raw, .. }: Spanned<raw::Variable>| {
            let key = self.word(raw.key, "a key is empty");
            let value = match (raw.value, raw.is_regex.is_some_and(|truth| truth.0)) {
                (Some(word), true) => Value::Matching(self.pattern(word)?),
                (Some(word), false) => Value::Exact(word.value.0),
                (None, _) => Value::Exact(String::new()),
            };
            Some((key?, value))
        };
        raw.into_iter().filter_map(value).collect()
    }

    fn names(&mut self, raw: Vec<Spanned<raw::Variable>>) -> Vec<String> {
        raw.into_iter().filter_map(|raw| self.word(raw.value.key, "a key is empty")).collect()
    }
}

fn text(word: Word) -> String {
    word.value.0
}

fn texts(words: raw::Words) -> Vec<String> {
    words.into_iter().map(text).collect()
}
