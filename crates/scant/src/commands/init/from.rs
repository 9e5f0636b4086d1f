//! A manifest for a package: what the package and those that it depends on say of how it is run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use scant_core::formats::debian::{Package, Source, lines_of_sources};
use scant_core::formats::manifest::{self, Apt, AskedOf, Backend, yaml_word as word};
use scant_core::plan;
use scant_core::rules::View;
use scant_core::rules::packages::start::{Asked, Start, StartDirectory, start};
use scant_core::words::{Escaped, InputName};
use scant_io::inputs::{ArchiveOptions, AskedPackages, Elsewhere as _, Limits};
use scant_io::packages::Union;
use scant_io::packages::deb::{self, DebPackage};

use crate::args::{From as Kind, Init, RegistryArgs};
use crate::exit::Failure;
use crate::sources::{LockUse, Sources};
use crate::surroundings::Surroundings;

/// The name of the input.
pub(super) const INPUT: &str = "PACKAGES";
/// More programs of a package are not listed.
const MOST_OTHERS: usize = 20;

/// A manifest, and the packages that it is about.
pub(super) struct Made {
    pub(super) text: String,
    pub(super) root: Union,
}

/// What is known of the package that is asked for.
struct About {
    name: String,
    depends: BTreeMap<String, Vec<String>>,
    scripts: Vec<(String, String)>,
}

/// Makes the manifest.
pub(super) fn made(from: &Kind, args: &Init, surroundings: &Surroundings) -> Result<Made, Failure> {
    let Kind::Apt(wish) = from;
    let head = head(wish, &args.source)?;
    let apt = declared(&head)?;
    let registry = RegistryArgs::default();
    let sources = Sources::with(LockUse::Use, &args.network, &registry, surroundings)
        .in_cache(args.cache_dir.clone());
    let asked = AskedPackages {
        input: &InputName::new(INPUT),
        asked: AskedOf::Apt(&apt),
        platform: plan::default_platform(),
        directory: &surroundings.directory,
        locked: None,
    };
    let files = sources.packages(&asked).map_err(Failure::input)?;
    let options = ArchiveOptions {
        strip_components: 0,
        limits: Limits::default(),
        temporary: surroundings.temporary.clone(),
    };
    let about = about(wish, &files, &options)?;
    let root = deb::root(&files, &options).map_err(Failure::input)?;
    let asked = Asked {
        view: View::new(&root),
        packaged: &root,
        name: &about.name,
        depends: &about.depends,
        scripts: &about.scripts,
    };
    let start = start(&asked).map_err(Failure::input)?;
    let text = head + &body(&about.name, &start);
    Ok(Made { text, root })
}

/// The part of the manifest that says which packages there are.
fn head(wish: &str, lines: &[String]) -> Result<String, Failure> {
    let mut sources = Vec::new();
    for line in lines {
        let found = lines_of_sources(line).map_err(|error| {
            let text = format!("`{line}` is no line of sources.list: {}", error.problem);
            Failure::usage(text)
                .hint("write it as in `deb https://example.com/debian bookworm main`")
        })?;
        sources.extend(found);
    }
    let mut text = String::from(
        "# Everything in the image is declared here or needed by what is; `scant plan` shows it all.\n\
         inputs:\n",
    );
    // Writing into a string cannot fail.
    let _ = write!(text, "  {INPUT}:\n    backend: apt\n    packages: [{}]\n", word(wish));
    text += match sources.is_empty() {
        true => "    # From the archives that apt has on this machine; `sources` names others.\n",
        false => "    sources:\n",
    };
    sources.iter().for_each(|source| text += &of_source(source));
    // The input believes all of them, or asks each who has signed it.
    let is_unsigned = |source: &Source| source.is_trusted;
    let asks = |source: &Source| !source.is_trusted && source.signed_by.is_empty();
    if sources.iter().any(is_unsigned) && sources.iter().any(asks) {
        let text = "one source is trusted without a signature, and another would be with it";
        return Err(Failure::usage(text).hint("name its keys with `signed-by`, or trust both"));
    }
    if sources.iter().any(asks) {
        let text = "a source is neither trusted nor are its keys named";
        let hint = "write `deb [signed-by=/usr/share/keyrings/FILE.gpg] URI SUITE COMPONENT`; \
                    `[trusted=yes]` would believe anybody";
        return Err(Failure::usage(text).hint(hint));
    }
    if sources.iter().any(is_unsigned) {
        text += "    allow-unsigned: true\n";
    }
    Ok(text)
}

fn of_source(source: &Source) -> String {
    let list = |words: &[String]| {
        let words: Vec<_> = words.iter().map(|text| word(text)).collect();
        format!("[{}]", words.join(", "))
    };
    let mut text = format!("      - uris: {}\n", list(&source.uris));
    let _ = writeln!(text, "        suites: {}", list(&source.suites));
    if !source.components.is_empty() {
        let _ = writeln!(text, "        components: {}", list(&source.components));
    }
    if let Some(file) = source.signed_by.first() {
        let _ = writeln!(text, "        signed-by: {}", word(file));
    }
    if let Some(snapshot) = &source.snapshot {
        let _ = writeln!(text, "        snapshot: {}", word(snapshot));
    }
    if source.may_be_over {
        text += "        check-valid-until: false\n";
    }
    text
}

/// The packages that the head declares.
fn declared(head: &str) -> Result<Apt, Failure> {
    let manifest = manifest::parse(head).map_err(|faults| {
        let fault = faults.into_iter().next();
        let text = fault.map_or_else(String::new, |fault| match fault.help {
            Some(help) => format!("{}\n{help}", fault.message),
            None => fault.message,
        });
        Failure::usage(text)
    })?;
    let backend = manifest.inputs.into_iter().next().map(|input| input.backend);
    match backend {
        Some(Backend::Apt(apt)) => Ok(*apt),
        _ => Err(Failure::usage("no package is named")),
    }
}

/// What packages say of themselves: which one is meant, and what it depends on.
fn about(wish: &str, files: &[PathBuf], options: &ArchiveOptions) -> Result<About, Failure> {
    let mut opened = Vec::new();
    for file in files {
        opened.push(DebPackage::open(file, options).map_err(Failure::input)?);
    }
    let wished = wish.split([' ', '(', ':', '|', '=']).next().unwrap_or(wish);
    let answers = |package: &Package| package.provides.iter().any(|other| *other.name == *wished);
    let meant = opened.iter().find(|one| *one.package.name == *wished);
    let meant = meant.or_else(|| opened.iter().find(|one| answers(&one.package)));
    let Some(meant) = meant else {
        return Err(Failure::input(format_args!("`{wish}` names no package that was chosen")));
    };
    let name = |one: &DebPackage| one.package.name.to_string();
    let near = |one: &DebPackage| {
        let wished: Vec<_> = one.package.depends.iter().flatten().map(|it| &*it.name).collect();
        opened.iter().filter(|other| wished.contains(&&*other.package.name)).map(name).collect()
    };
    let script = |one: &DebPackage| {
        let texts = one.scripts.iter().map(|script| String::from_utf8_lossy(&script.text));
        texts.map(|text| (name(one), text.into_owned())).collect::<Vec<_>>()
    };
    Ok(About {
        name: name(meant),
        depends: opened.iter().map(|one| (name(one), near(one))).collect(),
        scripts: opened.iter().flat_map(script).collect(),
    })
}

/// All that the manifest says besides.
fn body(name: &str, start: &Start) -> String {
    let mut text = String::new();
    let Some(program) = &start.program else {
        let _ = write!(
            text,
            "\n# {name} has no program: all of it is taken. Programs that need it bring what they need\n\
             # under `binaries`.\npackages:\n  - {}\n",
            word(&format!("{INPUT}/{name}"))
        );
        for near in &start.near {
            let near = word(&format!("apt:{near}"));
            let _ = writeln!(text, "# It needs one that has: `scant init --from {near}`");
        }
        return text;
    };
    if let Some((unit, package)) = &start.unit {
        let _ = write!(text, "\n# As {unit} of {package} says.\n");
    } else {
        text += "\n";
    }
    let reference = |path: &dyn std::fmt::Display| word(&format!("{INPUT}{path}"));
    let _ = write!(text, "binaries:\n  - {}\n", reference(program));
    if !start.others.is_empty() {
        let _ = writeln!(text, "  # Not started, and left out unless you take them:");
    }
    for other in start.others.iter().take(MOST_OTHERS) {
        let _ = writeln!(text, "  # - {}", reference(other));
    }
    if let Some(more) = start.others.len().checked_sub(MOST_OTHERS).filter(|more| *more > 0) {
        let _ = writeln!(text, "  # and {more} more");
    }
    if !start.data.is_empty() {
        text += "\ndata:\n";
    }
    for path in &start.data {
        let _ = writeln!(text, "  - {}", reference(path));
    }
    if !start.directories.is_empty() {
        text += "\n# Where it writes.\ndirectories:\n";
    }
    start.directories.iter().for_each(|directory| text += &of_directory(directory));
    text + &accounts(start) + &image(start)
}

fn of_directory(directory: &StartDirectory) -> String {
    let path = word(&directory.path.to_string());
    let mode = directory.mode.as_ref().map(|mode| format!(", mode: \"{mode}\""));
    let owner = directory.owner.as_ref().map(|owner| format!(", owner: {owner}:{owner}"));
    match mode.unwrap_or_default() + &owner.unwrap_or_default() {
        rest if rest.is_empty() => format!("  - {path}\n"),
        rest => format!("  - {{path: {path}{rest}}}\n"),
    }
}

fn accounts(start: &Start) -> String {
    let mut text = String::from("\n# /etc/passwd and /etc/group.\naccounts:\n  users:\n");
    text += "    - {name: root, uid: 0, gid: 0, home: /}\n";
    for user in &start.users {
        let (name, home) = (word(&user.name), word(&user.home));
        let _ = writeln!(text, "    - {{name: {name}, uid: {}, home: {home}}}", user.number);
    }
    text + "    - {name: nobody, uid: 65534, gid: 65534, home: /}\n"
}

fn image(start: &Start) -> String {
    let mut text = String::from("\nimage:\n");
    for command in &start.before {
        let command = Escaped(command.as_bytes());
        let _ = writeln!(text, "  # The unit runs this before it: {command}");
    }
    if !start.left_out.is_empty() {
        let left_out: Vec<_> = start.left_out.iter().map(|text| word(text)).collect();
        let _ = writeln!(text, "  # Left out, as only systemd knows it: {}", left_out.join(" "));
    }
    if let Some(wrapper) = &start.wrapper {
        let wrapper = Escaped(wrapper.as_bytes());
        let _ = writeln!(text, "  # The unit starts it by {wrapper}: its options are found there");
    }
    let mut words = start.entrypoint.clone();
    if start.is_forking {
        text += "  # The unit lets it go into the background; a container ends when its program does: find\n  \
                 # the option that keeps it in the foreground.\n";
        for word in &mut words {
            *word = word.replace("daemon on;", "daemon off;");
        }
    }
    let words: Vec<_> = words.iter().map(|text| word(text)).collect();
    let _ = writeln!(text, "  entrypoint: [{}]", words.join(", "));
    match &start.user {
        Some(user) => drop(writeln!(text, "  user: {}", word(user))),
        None => {
            // One that the package makes is there for it.
            let user = match &start.users[..] {
                [user] => &user.name,
                _ => "nobody",
            };
            let _ = writeln!(text, "  # user: {}", word(user));
        }
    }
    if let Some(signal) = &start.stop_signal {
        let _ = writeln!(text, "  stopsignal: {}", word(signal));
    }
    text
}
