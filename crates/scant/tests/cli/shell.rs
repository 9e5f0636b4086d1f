//! `scant completions`, `man`, `schema`.

use crate::help::COMMANDS;
use crate::place::Place;

#[test]
fn every_shell_gets_completions_of_every_command() {
    let place = Place::new("/");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = place.run(&format!("completions {shell}"));
        assert!(output.status.success() && output.stderr.is_empty(), "{shell}");
        let script = String::from_utf8(output.stdout).unwrap();
        for command in COMMANDS {
            assert!(script.contains(command), "{shell} does not complete {command}");
        }
    }
}

#[test]
fn every_command_gets_a_manual_page() {
    let place = Place::new("/");
    let output = place.run("man --directory pages");
    assert_eq!(place.seen(&output), "exit 0\n");
    let page = |name: &str| std::fs::read_to_string(place.path().join("pages").join(name)).unwrap();
    assert!(page("scant.1").contains("scant"));
    for command in COMMANDS {
        assert!(page(&format!("scant-{command}.1")).contains("SYNOPSIS"), "{command}");
    }
}

#[test]
fn the_manual_page_is_printed_without_a_directory() {
    let output = Place::new("/").run("man");
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().starts_with(".ie"));
}

#[test]
fn the_schema_is_one_of_json() {
    let output = Place::new("/").run("schema");
    let schema: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(schema["$schema"].as_str().unwrap().starts_with("https://json-schema.org/"));
    assert!(schema["properties"]["binaries"].is_object());
}

#[test]
fn words_that_an_option_takes_are_completed() {
    let place = Place::new("/");
    let script = String::from_utf8(place.run("completions bash").stdout).unwrap();
    let of = |command: &str, option: &str| {
        let of_command = script.split(&format!("        scant__subcmd__{command})\n")).nth(1);
        let of_command = of_command.unwrap_or_else(|| panic!("no {command}"));
        let of_option = of_command.split(&format!("                {option})\n")).nth(1).unwrap();
        of_option.lines().next().unwrap().trim().to_string()
    };
    assert!(of("check", "--allow").contains("world-writable"), "{}", of("check", "--allow"));
    assert!(of("check", "--level").contains("\"error warning hint\""));
    assert!(of("test", "--format").contains("\"text json junit\""));
    assert!(of("build", "--compression").contains("\"gzip zstd none\""));
    for command in ["build", "plan", "why", "check", "ls", "run", "test"] {
        assert!(of(command, "--platform").contains("linux/arm64"), "{command}");
    }
}
