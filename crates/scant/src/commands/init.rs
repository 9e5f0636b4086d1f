//! `scant init`: a manifest for given programs or a package, with what is known of their needs as
//! comments.

mod from;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use scant_core::formats::elf::ElfError;
use scant_core::formats::manifest::{self, yaml_word};
use scant_core::formats::suggestion_rules::Level;
use scant_core::plan::{self, Depth, Request, Suggestion};
use scant_core::rules::View;
use scant_core::rules::loader::{self, Closure, Environment, InputFiles, Session, Spot};
use scant_core::words::{Escaped, Input, InputName, Problem, TreePath};
use scant_io::inputs::{DirectoryInput, Packages};

use crate::args::Init;
use crate::exit::{Done, Failure, Outcome};
use crate::program::{interpreter, of_that_name};
use crate::render::size::Size;
use crate::render::suggestions;
use crate::surroundings::Surroundings;

/// A program as it goes into the manifest.
struct Program {
    path: TreePath,
    /// None for a script.
    closure: Option<Closure>,
}

/// Runs the command.
pub(crate) fn run(args: &Init, surroundings: &Surroundings) -> Outcome {
    if let Some(from) = &args.from {
        let from::Made { mut text, root } = from::made(from, args, surroundings)?;
        text.push_str(&suggested(&text, from::INPUT, &root));
        io::stdout().lock().write_all(text.as_bytes())?;
        return Ok(Done::Yes);
    }
    let input = DirectoryInput::open(&args.root, Packages::default()).map_err(Failure::input)?;
    let files = InputFiles::new(InputName::new("root"), View::new(&input));
    let programs: Result<Vec<_>, _> =
        args.programs.iter().map(|file| program(file, args, &files, surroundings)).collect();
    let mut text = text(args, surroundings, &files, &programs?);
    let name = if args.root == Path::new("/") { "HOST" } else { "SYSROOT" };
    text.push_str(&suggested(&text, name, &input));
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(Done::Yes)
}

fn program(
    file: &Path,
    args: &Init,
    files: &InputFiles<'_>,
    surroundings: &Surroundings,
) -> Result<Program, Failure> {
    let base = if args.root == Path::new("/") { &*surroundings.directory } else { Path::new("/") };
    let path = base.join(file);
    let failed = |error: &dyn std::fmt::Display| {
        Failure::input(format_args!("`{}`: {error}", file.display()))
    };
    let path = TreePath::parse(path.as_os_str().as_bytes()).map_err(|error| failed(&error))?;
    if path.to_string().as_bytes() != path.as_bytes() {
        return Err(failed(&"its name cannot be written in a manifest"));
    }
    let spot = Spot::new(path.as_bytes());
    match loader::close(&Session::new(files), &spot, &[], &Environment::default(), None) {
        Ok(closure) => Ok(Program { path, closure: Some(closure) }),
        // Scripts are no ELF files; `build` finds their interpreter.
        Err(ElfError::Header(_)) if interpreter(files.view(), path.as_bytes()).is_some() => {
            Ok(Program { path, closure: None })
        }
        Err(ElfError::Header(_)) => Err(failed(&"neither an ELF program nor a script")),
        Err(ElfError::Input(error)) => {
            let is_absent = error.problem == Problem::NotFound;
            let near = is_absent.then(|| of_that_name(files.view(), file)).flatten();
            Err(near.into_iter().fold(Failure::input(error), Failure::hint))
        }
        Err(error) => Err(failed(&error)),
    }
}

fn text(
    args: &Init,
    surroundings: &Surroundings,
    files: &InputFiles<'_>,
    programs: &[Program],
) -> String {
    let is_host = args.root == Path::new("/");
    let name = if is_host { "HOST" } else { "SYSROOT" };
    let mut text = String::new();
    let mut line = |line: &str| {
        text.push_str(line);
        text.push('\n');
    };
    line(
        "# Everything in the image is declared here or needed by what is; `scant plan` shows it all.",
    );
    line("inputs:");
    if is_host {
        line("  HOST: {backend: host}");
    } else {
        let root = surroundings.directory.join(&args.root);
        line("  SYSROOT:");
        line("    backend: sysroot");
        line(&format!("    path: {}", yaml_word(&root.display().to_string())));
    }
    line("");
    line("binaries:");
    for program in programs {
        line(&format!("  - {}", yaml_word(&format!("{name}{}", program.path))));
        needs(&mut line, files, program);
    }
    line("");
    line(
        "# /etc/passwd and /etc/group; an image runs as root unless `image: user:` says otherwise.",
    );
    line("accounts:");
    line("  users:");
    line("    - {name: root, uid: 0, gid: 0, home: /}");
    line("    - {name: nobody, uid: 65534, gid: 65534, home: /}");
    line("");
    line("image:");
    line(&format!("  entrypoint: [{}]", yaml_word(&programs[0].path.to_string())));
    line("  # user: nobody");
    text
}

/// More rounds are not made: what is accepted may want more.
const MOST_ROUNDS: usize = 8;

/// What is suggested for a manifest: what its programs end without is taken in, the rest stands there
/// as comments to paste. Nothing when it cannot be planned: `plan` tells why.
fn suggested(text: &str, name: &'static str, input: &dyn Input) -> String {
    let mut accepted = String::new();
    for _ in 0..MOST_ROUNDS {
        let Some(found) = suggestions_of(&format!("{text}{accepted}"), name, input) else {
            return String::new();
        };
        let (required, others): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|suggestion| suggestion.level == Level::Required);
        if required.is_empty() {
            return accepted.clone() + &to_paste(&others, !accepted.is_empty());
        }
        let lines = suggestions::lines(&required);
        // After the first time, there is a list to go on with.
        let lines =
            if accepted.is_empty() { &lines[..] } else { &lines[suggestions::HEAD.len()..] };
        if accepted.is_empty() {
            accepted = "\n# What programs open when they run and end without.\n".to_string();
        }
        accepted.extend(lines.iter().map(|line| format!("{line}\n")));
    }
    accepted
}

/// Suggestions as comments; below a list of those that are accepted, or with its head.
fn to_paste(suggestions: &[Suggestion], is_below: bool) -> String {
    if suggestions.is_empty() {
        return String::new();
    }
    let lines = suggestions::lines(suggestions);
    let lines = if is_below { &lines[suggestions::HEAD.len()..] } else { &lines[..] };
    let lines: String = lines.iter().map(|line| format!("# {line}\n")).collect();
    let before = if is_below { "" } else { "\n" };
    format!("{before}# What may be missing; `scant plan` shows what each would add.\n{lines}")
}

/// What is suggested for a manifest; none when it comes to no plan.
fn suggestions_of(text: &str, name: &'static str, input: &dyn Input) -> Option<Vec<Suggestion>> {
    let manifest = manifest::parse(text).ok()?;
    let inputs = BTreeMap::from([(InputName::new(name), View::new(input))]);
    let base = TreePath::root();
    let platform = plan::platforms(&manifest, &inputs, &base).into_iter().next()?;
    let request = Request { manifest: &manifest, platform, inputs: &inputs, base };
    Some(plan::plan_with(&request, Depth::Texts).suggestions)
}

/// What a program needs, and what is not known of it, as comments below its entry.
fn needs(line: &mut dyn FnMut(&str), files: &InputFiles<'_>, program: &Program) {
    let Some(closure) = &program.closure else {
        line("    # a script: the interpreter of its first line comes along");
        return;
    };
    let mut size = 0;
    for object in closure.objects.iter().skip(1) {
        let entry = files.view().lookup(&object.opened.identity.path).ok().flatten();
        size += entry.and_then(|entry| entry.file_size()).unwrap_or(0);
    }
    match closure.objects.len() - 1 {
        0 => line("    # static: needs no other file"),
        1 => line(&format!("    # brings its loader: 1 file, {}", Size(size))),
        count => {
            line(&format!("    # brings its loader and libraries: {count} files, {}", Size(size)))
        }
    }
    for missing in &closure.missing {
        line(&format!("    # NOT FOUND: {}", Escaped(&missing.name)));
    }
    for (object, note) in &closure.suggestions {
        let mut comment = String::from("    # opened at run time by ");
        // Writing into a string cannot fail.
        let _ = write!(comment, "{}: {}", closure.shown(*object), note.sonames.join(" or "));
        if let Some(about) = note.description.as_ref().or(note.feature.as_ref()) {
            let _ = write!(comment, " ({about})");
        }
        line(&format!("{comment}, {}", note.priority));
    }
}
