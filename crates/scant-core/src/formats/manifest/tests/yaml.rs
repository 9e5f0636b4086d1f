//! The text itself: places, limits, what of YAML is refused.

use alloc::format;
use alloc::string::{String, ToString};

use proptest::prelude::*;

use super::check;
use super::render::outcome;
use crate::formats::manifest::parse;

#[test]
fn an_empty_text_is_no_manifest() {
    for text in ["", "\n\n", "# only a comment\n", "---\n", "~", "\u{feff}"] {
        assert_eq!(outcome(text), "1:1: the manifest is empty", "{text:?}");
    }
}

#[test]
fn a_manifest_is_a_mapping() {
    check("- a\n", "1:1: expected a mapping, found a list");
    check(
        "text",
        "1:1: expected a mapping, found a string (help: as in {input: ...}; known keys here: `input`, `inputs`, `binaries`, `data`, `packages`, `directories`, `symlinks`, `hardlinks`, `accounts`, `image`, `platforms`, `ld-so-cache`, `package-database`, `layers`, `suggestions`, `checks`, `tests`)",
    );
}

#[test]
fn keys_are_not_repeated() {
    check(
        "image:\n  user: 0\n  user: 1\nimage: {}\n",
        "\
3:3: the key `user` is there twice (2:3: first here)
4:1: the key `image` is there twice (1:1: first here)
",
    );
}

#[test]
fn columns_count_characters_and_offsets_bytes() {
    let text = "image: {labels: {größe: €, ключ: x}, wörkdir: /}\n";
    check(
        text,
        "1:38: unknown key `wörkdir` (help: did you mean `workdir`? known keys here: `entrypoint`, `cmd`, `env`, `workdir`, `user`, `expose`, `volumes`, `labels`, `stopsignal`, `healthcheck`, `annotations`)",
    );
    let fault = &parse(text).unwrap_err()[0];
    assert_eq!(&text[fault.span.start..fault.span.end], "wörkdir");
}

#[test]
fn a_byte_order_mark_and_crlf_move_nothing() {
    let text = "\u{feff}image:\r\n  wrong: 1\r\n  user: 7\r\n";
    check(
        text,
        "2:3: unknown key `wrong` (help: known keys here: `entrypoint`, `cmd`, `env`, `workdir`, `user`, `expose`, `volumes`, `labels`, `stopsignal`, `healthcheck`, `annotations`)",
    );
    let fault = &parse(text).unwrap_err()[0];
    assert_eq!(&text[fault.span.start..fault.span.end], "wrong");
}

#[test]
fn spans_cover_the_whole_item() {
    let text = "binaries:\n  - from: ./a\n    to: /b\n    why: it is\n\n  # next\n  - ./c:/d\n";
    let manifest = parse(text).unwrap();
    let spans = manifest.binaries.iter().map(|binary| &text[binary.span.start..binary.span.end]);
    let spans: alloc::vec::Vec<_> = spans.collect();
    assert_eq!(spans, ["from: ./a\n    to: /b\n    why: it is", "./c:/d"]);
}

#[test]
fn syntax_faults_say_what_was_expected() {
    check("image:\n\tuser: 0\n", "2:2: a tab cannot indent (help: indent with spaces)");
    check("data: [a, b\n", "1:7: this `[` is never closed");
    check("image: {a: b\n", "1:8: this `{` is never closed");
    check(
        "a: b: c\n",
        "1:5: a `:` with a space is not expected here (help: quote a text that contains `: `, and indent keys of one mapping alike)",
    );
    check(
        "a: 'b\n",
        "2:1: a quoted text goes on here without indentation (help: perhaps its closing quote is missing)",
    );
    check("a: *b\n", "1:4: this alias names an anchor that is not above it");
    check("a: @b\n", "1:4: a plain text cannot start with `@` (help: quote the text)");
    check(
        "data:\n  - a\n b: c\n",
        "3:2: a key was expected here (help: indent all keys of one mapping alike)",
    );
    check("%YAML 1.2\n---\na: b\n", "1:1: directives (`%`) mean nothing here");
}

#[test]
fn one_document_without_merge_keys_and_tags() {
    check(
        "image: {}\n---\nimage: {}\n",
        "2:1: a second document begins here (help: a manifest is one document: leave only one `---`, at the beginning)",
    );
    check(
        "image: {<<: {user: 0}}\n",
        "1:9: merge keys (`<<`) are not YAML 1.2 (help: write the keys out, or use an alias for a whole value)",
    );
    check(
        "image: !mine {user: 0}\n",
        "1:14: the tag `!mine` means nothing here (help: leave it out)",
    );
    check("image: {user: !!str 0, [a]: b}\n", "1:24: a key must be a string, not a list");
    check("image: {workdir: !!str /}\n", "1:24 workdir /");
}

#[test]
fn aliases_stand_for_what_they_name() {
    check(
        "\
directories:
  - &a {path: /a, owner: &o 7}
  - *a
  - {path: /b, owner: *o}
",
        "\
2:8 directory /a owner=7:7
3:5 directory /a owner=7:7
4:5 directory /b owner=7:7
",
    );
    check(
        "directories: [&a {path: 5}, *a, &b [*b]]\n",
        "1:37: this alias stands inside what it names",
    );
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut text = String::from("a0: &a0 [xxxxxxxxxxxxxxxx]\n");
    for level in 1..30 {
        let inner = format!("*a{}, ", level - 1).repeat(8);
        text += &format!("a{level}: &a{level} [{inner}]\n");
    }
    check(
        &text,
        "8:9: written out, the aliases in this are too much to read (help: use fewer aliases of aliases)",
    );
}

#[test]
fn a_depth_bomb_is_refused() {
    check(&format!("data: {}", "[".repeat(100_000)), "1:71: nested too deeply");
    check(&format!("data:\n  {}x", "- ".repeat(100_000)), "2:129: nested too deeply");
    let mut text = String::from("a0: &a0 [x]\n");
    for level in 1..100 {
        text += &format!("a{level}: &a{level} [*a{}]\n", level - 1);
    }
    check(&text, "64:12: nested more than 64 levels deep");
}

#[test]
fn a_huge_text_is_refused() {
    check(&"# much\n".repeat(1 << 20), "1:1: the file is larger than 4 MiB");
}

#[test]
fn many_faults_do_not_take_forever() {
    let text = format!("directories:\n{}", "- {path: 5}\n".repeat(1000));
    assert_eq!(parse(&text).unwrap_err().len(), 50);
}

#[test]
fn a_fault_that_only_follows_from_another_is_not_told() {
    check(
        "data: [{from: ./a, to: 5}]\nsymlinks: [{target: [], link: /a}]\n",
        "\
1:24: expected a string, found a number (help: quote it: \"5\")
2:21: expected a string, found a list
",
    );
}

#[test]
fn the_first_200_faults_are_told_and_how_many_there_are() {
    let faults = parse(&format!("data:\n{}", "- a\n".repeat(1000))).unwrap_err();
    assert_eq!(faults.len(), 201);
    assert_eq!(faults[200].to_string(), "202:3: and 800 more faults");
}

#[test]
fn texts_of_the_user_stay_on_their_line_and_short() {
    check("platforms: [\"a\\e[31m\"]\ndirectories: [{path: /a, mode: \"\\n\", \"\\0\": 1}]\n", "\
1:13: `a\\u{1b}[31m` is not a platform that scant knows: linux/amd64, linux/arm64, linux/arm/v7, linux/arm/v6, linux/arm/v5, linux/386, linux/loong64, linux/mips, linux/mipsle, linux/mips64, linux/mips64le, linux/ppc64, linux/ppc64le, linux/riscv64, linux/s390x
2:32: `\\n` is not a mode: one to four octal digits were expected, such as \"0755\"
2:38: unknown key `\\u{0}` (help: known keys here: `path`, `mode`, `owner`, `xattrs`, `why`)
");
    let long = parse(&format!("image: {{workdir: {0}, user: {0}}}", "é".repeat(5000))).unwrap_err();
    assert!(long.iter().all(|fault| fault.message.chars().count() < 200), "{long:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(text in "\\PC*") {
        let _ = parse(&text);
    }

    #[test]
    fn no_text_that_looks_like_a_manifest_makes_it_panic(
        text in "(inputs?|binaries|data|symlinks|accounts|image|users|name|path|from|to|mode|[A-Z]{1,3}/|&a|\\*a|!t|<<|[:,\\-{}\\[\\]'\"/ \n\t\r|>é\u{feff}0-9])*",
    ) {
        if let Err(faults) = parse(&text) {
            prop_assert!(!faults.is_empty());
            for fault in faults {
                prop_assert!(text.get(fault.span.start..fault.span.end).is_some(), "{fault:?}");
            }
        }
    }
}
