//! Manifests before and after.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::formats::manifest;

fn data(from: &str) -> Addition {
    Addition::Data { from: from.into(), why: "opened by /bin/a, run `x`".into() }
}

fn library(binary: usize, name: &str) -> Addition {
    Addition::Library { binary, name: name.into(), why: "opened by /bin/a".into() }
}

/// Edits, and compares the difference without its first two lines.
#[track_caller]
fn check(text: &str, additions: &[Addition], expected: &str) {
    let edited = edit(text, additions).unwrap();
    let shown = patch("m", text, &edited);
    let shown = shown.strip_prefix("--- m\n+++ m\n").unwrap();
    assert_eq!(shown, expected.strip_prefix('\n').unwrap_or(expected));
    assert!(manifest::parse(&edited.text).is_ok(), "{}", edited.text);
}

fn accept(id: &str) -> Addition {
    Addition::Accept { id: id.into(), why: "required: it ends without".into() }
}

const HEAD: &str = "input: {backend: host}\n";

#[test]
fn items_go_to_the_end_of_their_list() {
    check(
        "input: {backend: host}\n# files\ndata:   # all\n    - HOST/a # first\n    # between\n    - from: HOST/b\n      why: |\n        a text\n        of lines\n\n# the rest\nplatforms: [linux/amd64]\n",
        &[data("HOST/c: d"), data("HOST/e")],
        r#"
@@ -7,6 +7,10 @@
       why: |
         a text
         of lines
+    - from: "HOST/c: d"
+      why: opened by /bin/a, run `x`
+    - from: HOST/e
+      why: opened by /bin/a, run `x`
 
 # the rest
 platforms: [linux/amd64]
"#,
    );
}

#[test]
fn a_list_in_brackets_stays_one() {
    check(
        &format!("{HEAD}data: [HOST/a, HOST/b] # two\n"),
        &[data("HOST/c")],
        r#"
@@ -1,2 +1,3 @@
 input: {backend: host}
-data: [HOST/a, HOST/b] # two
+data: [HOST/a, HOST/b,
+  {"from": "HOST/c", "why": "opened by /bin/a, run `x`"}] # two
"#,
    );
    check(
        &format!("{HEAD}data: []\n"),
        &[data("HOST/c")],
        r#"
@@ -1,2 +1,3 @@
 input: {backend: host}
-data: []
+data: [
+  {"from": "HOST/c", "why": "opened by /bin/a, run `x`"}]
"#,
    );
}

#[test]
fn a_section_is_made_where_people_look_for_it() {
    let directory = Addition::Directory {
        path: "/tmp".into(),
        mode: Some(Mode::from_bits(0o1777)),
        why: "w".into(),
    };
    check(
        "input: {backend: host}\n\nbinaries:\n- HOST/bin/a\n\nimage:\n  user: '1'\n",
        &[directory.clone(), data("HOST/c")],
        r#"
@@ -2,6 +2,15 @@
 
 binaries:
 - HOST/bin/a
+
+data:
+- from: HOST/c
+  why: opened by /bin/a, run `x`
+
+directories:
+- path: /tmp
+  mode: "1777"
+  why: w
 
 image:
   user: '1'
"#,
    );
    check(
        "image: {user: '1'}\ndirectories:\n",
        &[directory],
        r#"
@@ -1,2 +1,5 @@
 image: {user: '1'}
 directories:
+  - path: /tmp
+    mode: "1777"
+    why: w
"#,
    );
}

#[test]
fn libraries_make_a_long_form_and_keep_comments() {
    check(
        "input: {backend: host}\nbinaries:\n  - HOST/bin/a # the server\n  - 'HOST/bin/b:/b'\n  - from: HOST/bin/c # c\n    libraries: [liba.so.1]\n  - from: HOST/bin/d\n    libraries:\n    - libb.so\n    why: w\n",
        &[
            library(0, "libz.so"),
            library(1, "libz.so"),
            library(2, "lib z.so"),
            library(3, "libz.so"),
            library(3, "liby.so"),
        ],
        r#"
@@ -1,10 +1,17 @@
 input: {backend: host}
 binaries:
-  - HOST/bin/a # the server
+  - from: HOST/bin/a # the server
+    libraries:
+      - libz.so # opened by /bin/a
-  - 'HOST/bin/b:/b'
+  - from: HOST/bin/b
+    to: /b
+    libraries:
+      - libz.so # opened by /bin/a
   - from: HOST/bin/c # c
-    libraries: [liba.so.1]
+    libraries: [liba.so.1, "lib z.so"]
   - from: HOST/bin/d
     libraries:
     - libb.so
+    - libz.so # opened by /bin/a
+    - liby.so # opened by /bin/a
     why: w
"#,
    );
    check(
        &format!("{HEAD}binaries: [HOST/bin/a, {{from: HOST/bin/b}}]\n"),
        &[library(0, "libz.so"), library(1, "libz.so")],
        r#"
@@ -1,2 +1,2 @@
 input: {backend: host}
-binaries: [HOST/bin/a, {from: HOST/bin/b}]
+binaries: [{from: "HOST/bin/a", libraries: [libz.so]}, {from: HOST/bin/b, libraries: [libz.so]}]
"#,
    );
}

#[test]
fn comments_below_an_item_stay_with_it() {
    check(
        &format!(
            "{HEAD}binaries:\n  - HOST/bin/a\n    # brings much\n# next\nplatforms: [linux/amd64]\n"
        ),
        &[Addition::Binary { from: "HOST/bin/b".into(), why: "w".into() }, data("HOST/c")],
        r#"
@@ -2,5 +2,10 @@
 binaries:
   - HOST/bin/a
     # brings much
+  - from: HOST/bin/b
+    why: w
+data:
+  - from: HOST/c
+    why: opened by /bin/a, run `x`
 # next
 platforms: [linux/amd64]
"#,
    );
}

#[test]
fn a_last_line_without_end_stays_so() {
    check(
        &format!("{HEAD}binaries:\n  - HOST/bin/a"),
        &[library(0, "libz.so"), Addition::Binary { from: "HOST/bin/b".into(), why: "w".into() }],
        r#"
@@ -1,3 +1,7 @@
 input: {backend: host}
 binaries:
-  - HOST/bin/a
\ No newline at end of file
+  - from: HOST/bin/a
+    libraries:
+      - libz.so # opened by /bin/a
+  - from: HOST/bin/b
+    why: w
\ No newline at end of file
"#,
    );
}

#[test]
fn ends_of_lines_and_json_are_kept() {
    let edited =
        edit("input: {backend: host}\r\ndata:\r\n- HOST/a\r\n", &[data("HOST/c")]).unwrap();
    assert_eq!(
        edited.text,
        "input: {backend: host}\r\ndata:\r\n- HOST/a\r\n- from: HOST/c\r\n  why: opened by /bin/a, run `x`\r\n"
    );
    let json = "{\n  \"input\": {\"backend\": \"host\"},\n  \"binaries\": [\"HOST/bin/a\"]\n}\n";
    let edited = edit(json, &[library(0, "libz.so"), data("HOST/c")]).unwrap();
    assert_eq!(
        edited.text,
        "{\n  \"input\": {\"backend\": \"host\"},\n  \"binaries\": [{from: \"HOST/bin/a\", libraries: [libz.so]}],\n  \
         \"data\": [\n    {\"from\": \"HOST/c\", \"why\": \"opened by /bin/a, run `x`\"}\n  ]\n}\n"
    );
}

#[test]
fn what_is_accepted_is_an_id_in_a_list() {
    check(
        &format!("{HEAD}\nbinaries:\n  - HOST/bin/a\n"),
        &[accept("glibc.a")],
        r#"
@@ -2,3 +2,7 @@
 
 binaries:
   - HOST/bin/a
+
+suggestions:
+  accept:
+    - glibc.a # required: it ends without
"#,
    );
    check(
        &format!(
            "{HEAD}suggestions:\n    # chosen\n    accept:\n    - b.c # why\n    decline: []\n"
        ),
        &[accept("glibc.a"), accept("soname:lib x.so")],
        r#"
@@ -3,4 +3,6 @@
     # chosen
     accept:
     - b.c # why
+    - glibc.a # required: it ends without
+    - soname:lib x.so # required: it ends without
     decline: []
"#,
    );
    check(
        &format!("{HEAD}suggestions:\n  decline: [{{id: x, reason: y}}] # none\n  # below\n"),
        &[accept("glibc.a")],
        r#"
@@ -1,4 +1,6 @@
 input: {backend: host}
 suggestions:
   decline: [{id: x, reason: y}] # none
+  accept:
+    - glibc.a # required: it ends without
   # below
"#,
    );
    for (written, expected) in [
        ("{}", "{accept: [glibc.a]}"),
        ("{accept: [b.c]} # one", "{accept: [b.c, glibc.a]} # one"),
        ("{decline: []}", "{decline: [], accept: [glibc.a]}"),
        ("~", "\n  accept:\n    - glibc.a # required: it ends without"),
        ("", "\n  accept:\n    - glibc.a # required: it ends without"),
    ] {
        let edited = edit(&format!("{HEAD}suggestions: {written}\n"), &[accept("glibc.a")]);
        let text = edited.unwrap().text.replace(": \n", ":\n");
        let space = if expected.starts_with('\n') { "" } else { " " };
        assert_eq!(text, format!("{HEAD}suggestions:{space}{expected}\n"), "{written}");
    }
    let json = "{\"input\": {\"backend\": \"host\"}}";
    let edited = edit(json, &[accept("glibc.a"), data("HOST/c")]).unwrap();
    assert!(manifest::parse(&edited.text).is_ok(), "{}", edited.text);
}

#[test]
fn odd_texts_keep_all_that_is_in_them() {
    let additions = [data("HOST/w\u{e4}g: #1"), library(0, "libz.so"), accept("glibc.a")];
    for text in [
        "---\ninput: {backend: host}\nbinaries:\n- HOST/bin/a\t# tab\n",
        "\u{feff}input: {backend: host}\nbinaries:\n- HOST/bin/a\n",
        "# first\n\n\ninput:\n  backend: host\n\n\n# b\nbinaries:\n\n  # c\n\n  -   HOST/bin/a\n\n\n# end\n\n",
        "input: {backend: host}\nbinaries:\n-\n  # odd\n  HOST/bin/a\n",
        "input: {backend: host}\nbinaries:\n- from:\n    HOST/bin/a\n  why: 'it''s\n\n    long'\n",
        "input: {backend: host}\nbinaries: [\n  HOST/bin/a, # one\n]\n",
        "input: {backend: host}\nbinaries: [ # none\n  {from: HOST/bin/a # one\n  }\n]\ndata: [ # nothing\n]\n",
        "input: {backend: host}\nbinaries:\n- {from: HOST/bin/a,\n   libraries: []}\nsuggestions: {accept: [ # none\n  ]}\n",
        "input: {backend: host}\nbinaries: [HOST/bin/a]\ndata: # none yet\nsuggestions: # none yet\n  accept: # none yet\n",
        "input: {backend: host}\nbinaries: [\"HOST/bin/\\\n  a\"]\n",
        "input: {backend: host}\nbinaries:\n- \"HOST/bin/caf\u{e9}\" # \u{1f600}\n...\n",
    ] {
        assert!(manifest::parse(text).is_ok(), "{text}");
        match edit(text, &additions) {
            Ok(edited) => {
                let comments = |text: &str| text.matches("# ").count();
                // Two reasons of names in blocks are comments as well.
                assert!(comments(&edited.text) >= comments(text), "{}", edited.text);
                let new = manifest::parse(&edited.text).unwrap();
                assert_eq!(new.data.len(), 1, "{}", edited.text);
                assert_eq!(new.binaries[0].libraries.len(), 1, "{}", edited.text);
                assert_eq!(new.suggestions.accept.len(), 1, "{}", edited.text);
                assert_eq!(applied(text, &patch("m", text, &edited)), edited.text);
            }
            // A string over several lines has no short way to become a mapping.
            Err(EditError::NotSure) if text.contains("\\\n") => {}
            Err(error) => panic!("{error}\n{text}"),
        }
    }
}

#[test]
fn what_is_not_sure_is_refused() {
    let aliased = format!("{HEAD}binaries: &b\n  - HOST/bin/a\ndata: *b\n");
    assert_eq!(edit(&aliased, &[data("HOST/c")]), Err(EditError::NotSure));
    assert_eq!(edit("input: {backend: host}\n", &[library(0, "x")]), Err(EditError::NotSure));
    assert!(matches!(edit("a: [", &[]), Err(EditError::Unreadable(_))));
}

/// One way to write a manifest.
fn manifests() -> impl Strategy<Value = String> {
    let reference = "HOST/[a-z]{1,4}(/[a-zé][a-z.é-]{1,6}){0,2}";
    let comment = prop_oneof![Just(String::new()), " # [a-z:# -]{0,8}"];
    let short = (reference, any::<bool>(), comment.clone()).prop_map(|(from, quotes, comment)| {
        let quote = if quotes { "'" } else { "" };
        (format!("{quote}{from}{quote}"), comment)
    });
    let long = (reference, comment.clone(), any::<bool>()).prop_map(|(from, comment, has_why)| {
        let why = if has_why { "\nwhy: >\n  folded\n  text" } else { "\nmode: \"0755\"" };
        (format!("from: {from}{comment}{why}"), String::new())
    });
    let block = (prop::collection::vec(prop_oneof![short.clone(), long], 1..4), 0..4_usize)
        .prop_map(|(items, indent)| {
            let lines = items.iter().flat_map(|(item, comment)| {
                let item = format!("- {}{comment}", item.replace('\n', "\n  "));
                item.lines().map(str::to_string).collect::<Vec<_>>()
            });
            lines.map(|line| format!("\n{}{line}", " ".repeat(indent))).collect::<String>()
        });
    let flow = (prop::collection::vec(short, 0..3), any::<bool>()).prop_map(|(items, comma)| {
        let items: Vec<_> = items.into_iter().map(|(item, _)| item).collect();
        let comma = if comma && !items.is_empty() { "," } else { "" };
        format!(" [{}{comma}]", items.join(", "))
    });
    let list = || prop_oneof![3 => block.clone(), 2 => flow.clone(), 1 => Just(String::new()), 1 => Just(" ~".to_string())];
    let section = |name: &'static str| {
        prop::option::of((list(), comment.clone(), any::<bool>()).prop_map(
            move |(list, comment, gap)| {
                let comment = if list.starts_with('\n') { comment } else { String::new() };
                let gap = if gap { "\n# about it\n" } else { "" };
                format!("{gap}{name}:{comment}{list}\n")
            },
        ))
    };
    let sections = (
        section("binaries"),
        section("data"),
        prop::option::of(prop_oneof![
            Just("platforms: [linux/amd64]\n".to_string()),
            Just("suggestions:\n".to_string()),
            Just("suggestions: {accept: [a.b]}\n".to_string()),
            Just("suggestions:\n  # own\n  accept:\n  - a.b\n".to_string()),
            Just("suggestions:\n   decline: []\n".to_string()),
        ]),
    );
    (sections, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |((a, b, c), turned, crlf, cut)| {
            let mut all = [Some("inputs:\n  HOST: {backend: host}\n".to_string()), a, b, c];
            if turned {
                all.reverse();
            }
            let mut text: String = all.into_iter().flatten().collect();
            if cut {
                text.truncate(text.trim_end().len());
            }
            if crlf { text.replace('\n', "\r\n") } else { text }
        },
    )
}

proptest! {
    #[test]
    fn the_edited_text_is_the_old_manifest_and_the_entries(text in manifests()) {
        let Ok(old) = manifest::parse(&text) else { return Err(TestCaseError::fail(format!("{:?}", manifest::parse(&text)))) };
        let mut additions = Vec::from([
            data("HOST/new data: #1"),
            Addition::Binary { from: "HOST/bin/new".into(), why: "- \"quoted\"".into() },
            Addition::Directory { path: "/new".into(), mode: None, why: "null".into() },
            accept("glibc.new"),
        ]);
        additions.extend((0..old.binaries.len()).map(|binary| library(binary, "libnew.so")));
        let edited = edit(&text, &additions).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let new = manifest::parse(&edited.text).unwrap();
        prop_assert_eq!(new.binaries.len(), old.binaries.len() + 1);
        prop_assert_eq!(new.data.len(), old.data.len() + 1);
        prop_assert_eq!(new.directories.len(), 1);
        prop_assert_eq!(new.suggestions.accept.len(), old.suggestions.accept.len() + 1);
        for (old, new) in old.binaries.iter().zip(&new.binaries) {
            prop_assert_eq!((&old.from, &old.to, &old.why), (&new.from, &new.to, &new.why));
            prop_assert_eq!(new.libraries.last().map(|name| name.value.as_str()), Some("libnew.so"));
        }
        for (old, new) in old.data.iter().zip(&new.data) {
            prop_assert_eq!((&old.from, &old.to, &old.why), (&new.from, &new.to, &new.why));
        }
        // Comments and lines that had to stay are there, in their order.
        let mut rest = edited.text.lines();
        for line in text.lines().filter(|line| line.trim_start().starts_with('#')) {
            prop_assert!(rest.any(|new| new == line), "{line} is lost");
        }
    }

    /// Damaged texts: refused or edited, and what is edited was read and verified.
    #[test]
    fn no_text_stops_it(text in manifests(), at in any::<prop::sample::Index>(), byte in "[-\\[\\]{},:#&*'\"|é \\n\\t]") {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let at = places[at.index(places.len())];
        let damaged = format!("{}{byte}{}", &text[..at], &text[at..]);
        let shorter = format!("{}{}", &text[..at], text[at..].chars().skip(1).collect::<String>());
        for text in [damaged, shorter] {
            if let Ok(edited) = edit(&text, &[data("HOST/new"), library(0, "libnew.so")]) {
                prop_assert_eq!(applied(&text, &patch("m", &text, &edited)), edited.text);
            }
        }
    }

    #[test]
    fn the_difference_leads_to_the_new_text(text in manifests()) {
        let edited = edit(&text, &[data("HOST/new"), library(0, "libnew.so")])
            .or_else(|_| edit(&text, &[data("HOST/new")]))
            .map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(applied(&text, &patch("m", &text, &edited)), edited.text);
    }
}

/// What `patch` makes of a text.
fn applied(text: &str, patch: &str) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (mut out, mut at) = (String::new(), 0);
    let mut patch = patch.split_inclusive('\n').skip(2).peekable();
    while let Some(line) = patch.next() {
        let is_cut = patch.peek().is_some_and(|next| next.starts_with('\\'));
        let body = &line[1..];
        let body = if is_cut { &body[..body.len() - 1] } else { body };
        match line.as_bytes()[0] {
            b'@' => {
                let mut words = line.split([' ', ',', '-', '+']).filter(|word| !word.is_empty());
                let start: usize = words.nth(1).unwrap().parse().unwrap();
                let count: usize = words.next().unwrap().parse().unwrap();
                let start = if count == 0 { start } else { start - 1 };
                lines[at..start].iter().for_each(|line| out += line);
                at = start;
            }
            b' ' => {
                assert_eq!(lines[at], body);
                out += body;
                at += 1;
            }
            b'-' => {
                assert_eq!(lines[at], body);
                at += 1;
            }
            b'+' => out += body,
            _ => {}
        }
    }
    lines[at..].iter().for_each(|line| out += line);
    out
}
