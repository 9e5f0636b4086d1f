//! Small worlds, and what is chosen of them.

use alloc::format;

use super::*;
use crate::formats::alpine::index;

/// Packages, one a line: `NAME-VERSION: D:a b p:c=1 k:10`, with the letters of an index.
fn world(text: &str) -> Vec<Package> {
    let mut all = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (head, rest) = line.split_once(':').unwrap_or((line, ""));
        let (name, version) = head.split_once(' ').unwrap();
        all += &format!("C:Q1ZX+on7zBgcokTctj4tLSmx7q5O4=\nP:{name}\nV:{version}\nS:1\n");
        if !rest.contains("A:") {
            all += "A:x86_64\n";
        }
        let mut field = None;
        for word in rest.split_whitespace() {
            match word.split_once(':').filter(|(letter, _)| "DpikoA".contains(letter)) {
                Some((letter, value)) => {
                    all += if field.is_some() { "\n" } else { "" };
                    all += &format!("{letter}:{value}");
                    field = Some(letter);
                }
                None => all += &format!(" {word}"),
            }
        }
        all += if field.is_some() { "\n\n" } else { "\n" };
    }
    index::packages(&all).unwrap()
}

fn choose(repositories: &[(&str, Option<&str>)], wishes: &str) -> Result<Choice, Unsolvable> {
    let worlds: Vec<_> = repositories.iter().map(|(text, tag)| (world(text), *tag)).collect();
    let repositories: Vec<_> =
        worlds.iter().map(|(packages, tag)| Repository { packages, tag: *tag }).collect();
    let wishes: Vec<_> = wishes.split(' ').map(|wish| Dependency::parse(wish).unwrap()).collect();
    let question = Question { wishes: &wishes, has_install_if: true };
    Packages::of(&repositories, "x86_64").choose(&question)
}

fn shown(choice: Result<Choice, Unsolvable>) -> String {
    match choice {
        Err(error) => error.reasons,
        Ok(choice) => {
            let all = choice.packages.iter().map(|one| {
                let mark = if one.is_by_itself { "+" } else { "" };
                format!("{mark}{} {}", one.package.name, one.package.version)
            });
            let left_out = choice.left_out.iter().map(|one| format!("-{}", one.name));
            all.chain(left_out).collect::<Vec<_>>().join(", ")
        }
    }
}

#[track_caller]
fn case(text: &str, wishes: &str, expected: &str) {
    assert_eq!(shown(choose(&[(text, None)], wishes)), expected, "{wishes}");
}

#[test]
fn the_newest_that_fits() {
    let text = "a 1\n a 2\n a 3: D:b<2\n b 1\n b 2\n c 1: A:aarch64\n d 1: A:noarch";
    case(text, "a", "a 3, b 1");
    case(text, "a<3", "a 2");
    case(text, "a=1", "a 1");
    case(text, "a~2", "a 2");
    case(text, "a b>=2", "a 2, b 2");
    case(text, "d", "d 1");
    let error = shown(choose(&[(text, None)], "c"));
    assert_eq!(error, "No candidates were found for c.");
}

#[test]
fn names_that_are_provided() {
    let text =
        "m 1: p:so:libc.so.1=1 cmd:x=1\n n 1: D:so:libc.so.1\n b 1: p:/bin/sh\n s 1: D:/bin/sh";
    case(text, "n", "m 1, n 1");
    case(text, "s", "b 1, s 1");
    case(text, "cmd:x", "m 1");
    case(text, "so:libc.so.1>=1", "m 1");
    // One without a version is in no version.
    assert!(choose(&[("a 1: p:x\n b 1: D:x>=1", None)], "b").is_err());
}

#[test]
fn a_name_with_a_version_has_one_owner() {
    assert!(choose(&[("a 1: p:x=1\n b 1: p:x=2", None)], "a b").is_err());
    assert!(choose(&[("a 1: p:x=1\n b 1: p:x", None)], "a b").is_err());
    assert!(choose(&[("a 1: p:b\n b 1", None)], "a b=1").is_err());
    case("a 1: p:x\n b 1: p:x", "a b", "a 1, b 1");
}

#[test]
fn which_of_several_providers() {
    // By version of the name, then priority, then the name of the package.
    case("a 9: p:x=1\n b 1: p:x=2", "x", "b 1");
    case("a 1: p:x k:1\n b 1: p:x k:2", "x", "b 1");
    case("a 1: p:x\n b 1: p:x", "x", "a 1");
    // What is there already is enough.
    case("a 1: p:x\n b 1: p:x\n c 1: D:x b", "c", "b 1, c 1");
    // Built together.
    case("a 1: p:x o:s\n b 1: p:x=1 o:t\n c 1: D:x o:s", "c", "a 1, c 1");
    // If the best cannot be had, another one.
    case("a 1: p:x=2 D:none\n b 1: p:x=1", "x", "b 1");
}

#[test]
fn conflicts() {
    let text = "a 1: D:!b\n b 1\n c 1: p:b\n d 1: D:b\n e 1: D:!b<2\n b 2";
    assert!(choose(&[(text, None)], "a b").is_err());
    assert!(choose(&[(text, None)], "a c").is_err());
    assert!(choose(&[(text, None)], "a d").is_err());
    case(text, "e b", "b 2, e 1");
    case(text, "e c", "c 1, e 1");
    case("a 1: p:x=1 D:!x", "a", "a 1");
    case(text, "d !b>1", "b 1, d 1");
}

#[test]
fn what_comes_by_itself() {
    let docs = "a 1\n a-doc 1: i:a=1 docs D:man\n docs 1\n man 1\n man-doc 1: i:man=1 docs";
    case(docs, "a", "a 1");
    case(docs, "a docs", "a 1, +a-doc 1, docs 1, +man 1, +man-doc 1");
    // Not when something else was asked for.
    case("a 1\n b 1: i:a D:c\n c 1\n d 1: D:!c", "a d", "a 1, d 1, -b");
    case("a 1\n b 1: i:a !d\n d 1", "a d", "a 1, d 1");
    case("a 1\n b 1: i:a", "a !b", "a 1, -b");
}

#[test]
fn repositories_and_tags() {
    let case = |wishes: &str, expected: &str| {
        let repositories = [
            ("a 1\n b 1: D:c\n c 1", None),
            ("a 1\n a 2\n c 9", None),
            ("a 3\n e 1: D:f a\n f 1", Some("edge")),
        ];
        let choice = choose(&repositories, wishes);
        let from: Vec<_> =
            choice.iter().flat_map(|choice| &choice.packages).map(|one| one.repository).collect();
        assert_eq!(format!("{} {from:?}", shown(choice)), expected, "{wishes}");
    };
    case("a", "a 2 [1]");
    case("a=1", "a 1 [0]");
    case("a@edge", "a 3 [2]");
    case("b", "b 1, c 9 [0, 1]");
    case("e@edge", "a 2, e 1, f 1 [1, 2, 2]");
    let error = shown(choose(&[("a 1", None), ("e 1", Some("edge"))], "e"));
    assert!(error.contains('e'), "{error}");
}

#[track_caller]
fn no_choice(text: &str, wishes: &str, expected: &str) {
    assert_eq!(choose(&[(text, None)], wishes).unwrap_err().reasons, expected.trim(), "{wishes}");
}

#[test]
fn why_there_is_no_choice() {
    no_choice("a 1", "nothing", "No candidates were found for nothing.");
    no_choice(
        "a 1: D:b>=2\n b 1",
        "a",
        "
a cannot be installed because there are no viable options:
└─ a 1 would require
   └─ b>=2, for which no candidates were found.",
    );
    no_choice(
        "a 1: D:!b\n b 1\n c 1: D:b",
        "a c",
        "
The following packages are incompatible
├─ c can be installed with any of the following options:
│  └─ c 1 would require
│     └─ b, which can be installed with any of the following options:
│        └─ b 1
└─ a cannot be installed because there are no viable options:
   └─ a 1 would constrain
      └─ b, which conflicts with any installable versions previously reported",
    );
    no_choice(
        "a 1: D:cmd:sh\n b 1: p:cmd:sh=1",
        "a !b",
        "
The following packages are incompatible
├─ a can be installed with any of the following options:
│  └─ a 1 would require
│     └─ b for `cmd:sh`, which can be installed with any of the following options:
│        └─ b 1
└─ `!b` cannot be installed because there are no viable options:
   └─ `!b` as asked would constrain
      └─ b, which conflicts with any installable versions previously reported",
    );
    no_choice(
        "a 1: D:b=\n",
        "a",
        "
a cannot be installed because there are no viable options:
└─ a 1 would require
   └─ (`b=` is not a dependency of an Alpine package: `name>=1.2-r0` is one), for which no candidates were found.",
    );
}
