//! `scant init`: a manifest for given programs, with what is known of their needs as comments.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use scant_core::rules::View;
use scant_core::rules::loader::{self, Closure, Environment, InputFiles, Session, Spot};
use scant_core::words::{Escaped, InputName, TreePath};
use scant_io::inputs::{DirectoryInput, Packages};

use crate::args::Init;
use crate::exit::{Done, Failure, Outcome};
use crate::render::size::Size;
use crate::surroundings::Surroundings;

/// A program as it goes into the manifest.
struct Program {
    path: TreePath,
    /// None for a script.
    closure: Option<Closure>,
}

/// Runs the command.
pub(crate) fn run(args: &Init, surroundings: &Surroundings) -> Outcome {
    let input = DirectoryInput::open(&args.root, Packages::default()).map_err(Failure::input)?;
    let files = InputFiles::new(InputName::new("root"), View::new(&input));
    let session = Session::new(&files);
    let programs: Result<Vec<_>, _> =
        args.programs.iter().map(|file| program(file, args, &session, surroundings)).collect();
    let text = manifest(args, surroundings, &files, &programs?);
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(Done::Yes)
}

fn program(
    file: &Path,
    args: &Init,
    session: &Session<'_>,
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
    match loader::close(session, &spot, &[], &Environment::default(), None) {
        Ok(closure) => Ok(Program { path, closure: Some(closure) }),
        // Scripts are no ELF files; `build` finds their interpreter.
        Err(scant_core::formats::elf::ElfError::Header(_)) => Ok(Program { path, closure: None }),
        Err(error) => Err(failed(&error)),
    }
}

fn manifest(
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
        line(&format!("    path: {}", quoted(&root.display().to_string())));
    }
    line("");
    line("binaries:");
    for program in programs {
        line(&format!("  - {}", quoted(&format!("{name}{}", program.path))));
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
    line(&format!("  entrypoint: [{}]", quoted(&programs[0].path.to_string())));
    line("  # user: nobody");
    text
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

/// A text as YAML reads it back, in quotes where it must be.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/_.+-".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_string();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
