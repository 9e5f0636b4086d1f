//! What a file of rules says, and what is wrong with it.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::parse;

/// Compares the faults of a text, one line each.
#[track_caller]
fn check(text: &str, expected: &str) {
    let faults: Vec<String> = match parse(text) {
        Ok(rules) => rules.iter().map(|rule| alloc::format!("ok {}", rule.id.value)).collect(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(faults.join("\n"), expected.trim());
}

#[test]
fn a_rule_in_full() {
    let text = "\
rules:
  - id: app.plugins
    when: {closure: [libapp.so.*], imports: [app_load], glibc: '>=2.34', libc: glibc}
    add:
      sonames: [libplugin.so.1]
      files: ['{libdir}/app/{names}.so', '/etc/app.conf?']
      from-config:
        - {files: [/etc/app.conf], lines: {after: [load], trim: ';'}, add: ['/lib/app/{word}']}
      from-json: {files: ['/etc/app/*.json'], pointer: /library}
    params: {names: [a, b]}
    level: required
    because: it opens them
";
    check(text, "ok app.plugins");
}

#[test]
fn what_is_wrong_is_told_at_its_place() {
    let text = "\
rules:
  - {id: 'a:b', when: {closure: ['[']}, add: {files: [x]}, level: required, because: x}
  - {id: a, when: {glibc: '2.34'}, add: {}, level: required, because: x}
  - {id: a, when: {}, add: {sonames: [x]}, level: much, because: x}
";
    check(
        text,
        "
2:5: `[` is not a glob
2:5: `x` is not a path from the root on
2:10: `a:b` cannot name a rule
3:5: the rule `a` adds nothing
3:27: `2.34` is not a range of versions
4:51: expected one of `required`, `recommended`, `suggested`, found `much`",
    );
}

#[test]
fn names_in_braces_mean_something_where_they_stand() {
    let text = "\
rules:
  - id: a
    when: {closure: [liba.so.1]}
    add:
      files: ['{libdr}/a/{names}', '/etc/{a,b{c,d}}', '{libdir}/{word}']
      sonames: ['liba-{libdir}.so']
      from-config:
        - {files: ['{libdir}/a.conf'], lines: {}, add: ['/a/{wrod}', '{multiarch}/{word}']}
        - {files: [/etc/a.conf], lines: {}}
    params: {names: [x], others: [y]}
    level: required
    because: x
";
    check(
        text,
        "
2:5: `{libdir}` in `{libdir}/a.conf` means nothing
2:5: no path of the rule `a` refers to `{others}`
2:5: the rule `a` reads words and adds nothing
5:15: `{libdr}` in `{libdr}/a/{names}` means nothing
5:55: `{word}` in `{libdir}/{word}` means nothing
6:17: `{libdir}` in `liba-{libdir}.so` means nothing
8:57: `{wrod}` in `/a/{wrod}` means nothing",
    );
}
