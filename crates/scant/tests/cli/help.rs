//! What `--help` says of each command. Texts are in `snapshots/help`.

use std::path::Path;

use snapbox::Data;

use crate::check::same;
use crate::place::Place;

/// All commands.
pub(crate) const COMMANDS: [&str; 21] = [
    "build",
    "cache",
    "check",
    "completions",
    "copy",
    "deps",
    "diff",
    "import",
    "init",
    "lock",
    "login",
    "logout",
    "ls",
    "man",
    "plan",
    "run",
    "schema",
    "test",
    "trace",
    "verify",
    "why",
];

#[track_caller]
fn check(name: &str, args: &[&str]) {
    let place = Place::new("/");
    let output = place.scant(args.iter().copied()).output().unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/snapshots/help");
    same(&place.seen(&output), Data::read_from(&file.join(format!("{name}.txt")), None));
}

#[test]
fn every_command_has_help_with_examples() {
    check("scant", &["--help"]);
    for command in COMMANDS {
        check(command, &[command, "--help"]);
        let help = Place::new("/").run(&format!("{command} --help")).stdout;
        let help = String::from_utf8(help).unwrap();
        assert!(help.contains("\nExample"), "{command} has no example");
    }
}

#[test]
fn the_list_of_commands_is_complete() {
    let help = String::from_utf8(Place::new("/").run("--help").stdout).unwrap();
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let mut names: Vec<_> =
        list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    names.retain(|name| *name != "help");
    names.sort_unstable();
    assert_eq!(names, COMMANDS);
}
