//! Two listings and what differs, as texts.
//!
//! A line is `PATH MODE UID:GID WHAT`, where `WHAT` is `/` for a directory, `"TEXT"` for a file,
//! `-> TARGET`, `= FIRST NAME` or `a FIFO`; `name=value` after it is an attribute, `@N` the time,
//! `#N` an entry of a known layer.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::*;
use crate::formats::oci::{Empty, Healthcheck, RunConfig};
use crate::words::{DiffId, Mode};

struct Line<'t> {
    path: TreePath,
    mode: Mode,
    owner: (u64, u64),
    what: &'t str,
    other: Option<TreePath>,
    xattrs: BTreeMap<String, Box<[u8]>>,
    mtime: Option<i64>,
    entry: Option<u64>,
}

fn line(text: &str) -> Line<'_> {
    let mut words = text.splitn(4, ' ');
    let mut word = || words.next().unwrap();
    let path = TreePath::parse(word()).unwrap();
    let mode = word().parse().unwrap();
    let (uid, gid) = word().split_once(':').unwrap();
    let owner = (uid.parse().unwrap(), gid.parse().unwrap());
    let mut line = Line {
        path,
        mode,
        owner,
        what: word(),
        other: None,
        xattrs: BTreeMap::new(),
        mtime: None,
        entry: None,
    };
    while let Some((rest, last)) = line.what.rsplit_once(' ') {
        if let Some(number) = last.strip_prefix('#') {
            line.entry = Some(number.parse().unwrap());
        } else if let Some(time) = last.strip_prefix('@') {
            line.mtime = Some(time.parse().unwrap());
        } else if let Some((name, value)) =
            last.split_once('=').filter(|(name, _)| !name.is_empty())
        {
            line.xattrs.insert(name.to_string(), value.as_bytes().into());
        } else {
            break;
        }
        line.what = rest;
    }
    line.other = line.what.strip_prefix("= ").map(|path| TreePath::parse(path).unwrap());
    line
}

fn item<'a>(line: &'a Line<'_>) -> Item<'a> {
    let kind = match line.what {
        "/" => Kind::Directory,
        "a FIFO" => Kind::Special("a FIFO"),
        what => match (&line.other, what.strip_prefix("-> ")) {
            (Some(target), _) => Kind::HardLink { target },
            (None, Some(target)) => Kind::Symlink { target: target.as_bytes() },
            (None, None) => Kind::File {
                size: what.len() as u64 - 2,
                identity: line
                    .entry
                    .map(|number| Identity { layer: DiffId(Digest::of(b"layer")), number }),
            },
        },
    };
    let (uid, gid) = line.owner;
    Item { kind, mode: line.mode, uid, gid, xattrs: &line.xattrs, mtime: line.mtime }
}

fn lines(text: &str) -> Vec<Line<'_>> {
    text.lines().map(str::trim).filter(|text| !text.is_empty()).map(line).collect()
}

fn shown(difference: &Difference<'_>) -> String {
    let path = difference.path;
    match &difference.what {
        What::Added(item) => alloc::format!("+ {path} {}", item.kind.describe()),
        What::Removed(item) => alloc::format!("- {path} {}", item.kind.describe()),
        What::Changed(changes) => {
            let changes: Vec<_> = changes.iter().map(ToString::to_string).collect();
            alloc::format!("~ {path} {}", changes.join(", "))
        }
    }
}

/// What differs, and which files had to be read for it.
#[track_caller]
fn case_excluding(globs: &[&str], (before, after): (&str, &str), expected: &str, read: &[&str]) {
    let exclude = Exclude(globs.iter().map(ToString::to_string).collect());
    let (before, after) = (lines(before), lines(after));
    let listing = |lines: &'_ [Line<'_>]| -> BTreeMap<TreePath, usize> {
        lines.iter().enumerate().map(|(at, line)| (line.path.clone(), at)).collect()
    };
    let (paths_before, paths_after) = (listing(&before), listing(&after));
    let first: Listing<'_> =
        paths_before.iter().map(|(path, at)| (path, item(&before[*at]))).collect();
    let second: Listing<'_> =
        paths_after.iter().map(|(path, at)| (path, item(&after[*at]))).collect();
    let sides = Sides { before: &first, after: &second };
    let wanted = uncertain(sides, &exclude);
    let named: Vec<_> = wanted.before.iter().map(ToString::to_string).collect();
    assert_eq!(named, read, "what is read");
    let contents = |wanted: &BTreeSet<TreePath>, lines: &[Line<'_>]| -> Contents {
        let of = lines.iter().filter(|line| wanted.contains(&line.path));
        of.map(|line| (line.path.clone(), Digest::of(line.what.as_bytes()))).collect()
    };
    let (a, b) = (contents(&wanted.before, &before), contents(&wanted.after, &after));
    let found = paths(sides, Sides { before: &a, after: &b }, &exclude);
    let found: Vec<_> = found.iter().map(shown).collect();
    let expected: Vec<_> =
        expected.lines().map(str::trim).filter(|text| !text.is_empty()).collect();
    assert_eq!(found, expected);
}

#[track_caller]
fn case_reading(before: &str, after: &str, expected: &str, read: &[&str]) {
    case_excluding(&[], (before, after), expected, read);
}

#[track_caller]
fn case(before: &str, after: &str, expected: &str) {
    case_reading(before, after, expected, &[]);
}

#[test]
fn what_one_side_alone_has() {
    case(
        "/a 0755 0:0 /
         /a/old 0644 0:0 \"x\"",
        "/a 0755 0:0 /
         /a/new 0644 0:0 \"x\"
         /b 0777 0:0 -> a",
        "+ /a/new a file
         - /a/old a file
         + /b a symbolic link",
    );
}

#[test]
fn files_of_another_size_are_not_read() {
    case("/a 0644 0:0 \"x\"", "/a 0644 0:0 \"xy\"", "~ /a content, 1 → 2 B");
    case("/a 0644 0:0 \"\"", "/a 0644 0:0 \"\"", "");
}

#[test]
fn files_of_one_size_are_read() {
    case_reading("/a 0644 0:0 \"x\"", "/a 0644 0:0 \"x\"", "", &["/a"]);
    case_reading("/a 0644 0:0 \"x\"", "/a 0644 0:0 \"y\"", "~ /a content, 1 B", &["/a"]);
}

#[test]
fn an_entry_of_the_same_layer_is_the_same() {
    case("/a 0644 0:0 \"x\" #3", "/a 0644 0:0 \"x\" #3", "");
    case_reading("/a 0644 0:0 \"x\" #3", "/a 0644 0:0 \"x\" #4", "", &["/a"]);
    case("/a 0644 0:0 \"x\" #3", "/a 0600 0:0 \"x\" #3", "~ /a mode 0644 → 0600");
}

#[test]
fn all_that_a_path_says_counts() {
    case(
        "/d 0755 0:0 /
         /f 0644 0:0 \"x\" #1 security.capability=a user.x=1
         /l 0777 0:0 -> a",
        "/d 1777 0:5 /
         /f 4755 1:0 \"x\" #1 security.capability=b user.y=1
         /l 0777 0:0 -> b",
        "~ /d mode 0755 → 1777, owner 0:0 → 0:5
         ~ /f mode 0644 → 4755, owner 0:0 → 1:0, security.capability changed, user.x removed, user.y added
         ~ /l target a → b",
    );
}

#[test]
fn the_mode_of_a_link_does_not_count() {
    case("/l 0777 0:0 -> a", "/l 0755 0:0 -> a", "");
}

#[test]
fn another_type_is_a_change() {
    case("/a 0644 0:0 \"x\"", "/a 0777 0:0 -> b", "~ /a a file → a symbolic link");
    case("/a 0644 0:0 /", "/a 0644 0:0 a FIFO", "~ /a a directory → a FIFO");
}

#[test]
fn times_count_where_both_have_them() {
    case("/d 0755 0:0 / @1", "/d 0755 0:0 / @2", "~ /d time 1 → 2");
    case("/d 0755 0:0 / @1", "/d 0755 0:0 /", "");
}

#[test]
fn names_that_share_a_file_or_no_longer_do() {
    case_reading(
        "/a 0644 0:0 \"x\"
         /b 0644 0:0 = /a
         /c 0644 0:0 = /a",
        "/a 0644 0:0 \"x\"
         /b 0644 0:0 = /a
         /c 0644 0:0 \"x\"",
        "~ /c another name of /a → a file of its own",
        &["/a"],
    );
    case(
        "/a 0644 0:0 \"x\"
         /b 0644 0:0 \"xyz\"",
        "/a 0644 0:0 \"xy\"
         /b 0644 0:0 = /a",
        "~ /a content, 1 → 2 B
         ~ /b content, 3 → 2 B, a file of its own → another name of /a",
    );
}

#[test]
fn a_name_that_one_side_alone_has_changes_no_other() {
    case_reading(
        "/a 0644 0:0 \"x\"
         /b 0644 0:0 = /a
         /c 0644 0:0 = /a",
        "/b 0644 0:0 \"x\"
         /c 0644 0:0 = /b
         /d 0644 0:0 = /b",
        "- /a a file
         + /d a file",
        &["/a"],
    );
}

#[test]
fn what_is_left_out_is_neither_told_nor_read() {
    case_excluding(
        &["/var/**/*.log", "/tmp", "/a"],
        (
            "/a 0644 0:0 \"x\"
             /b 0644 0:0 = /a
             /tmp 0755 0:0 /
             /tmp/x 0755 0:0 /
             /var/a/b.log 0644 0:0 \"x\"",
            "/a 0644 0:0 \"y\"
             /b 0644 0:0 = /a
             /tmp 1777 0:0 /
             /var/a/b.log 0644 0:0 \"z\"
             /var/c.log 0644 0:0 /
             /tmpfile 0644 0:0 /",
        ),
        "~ /b content, 1 B
         + /tmpfile a directory",
        &["/a"],
    );
}

#[test]
fn names_stay_on_their_line() {
    let path = TreePath::parse(b"/a\x1b[2J\n").unwrap();
    let xattrs = BTreeMap::new();
    let mode = Mode::FILE;
    let kind = Kind::Symlink { target: b"\x1b" };
    let old = Item { kind, mode, uid: 0, gid: 0, xattrs: &xattrs, mtime: None };
    let new = Item { kind: Kind::Symlink { target: b"\n" }, ..old };
    let (before, after) = (Listing::from([(&path, old)]), Listing::from([(&path, new)]));
    let none = Contents::new();
    let found = paths(
        Sides { before: &before, after: &after },
        Sides { before: &none, after: &none },
        &Exclude::default(),
    );
    assert_eq!(shown(&found[0]), "~ /a\\u{1b}[2J\\n target \\u{1b} → \\n");
}

#[test]
fn a_file_counts_once() {
    let text = lines("/a 0644 0:0 \"xyz\"\n/b 0644 0:0 = /a\n/c 0644 0:0 \"z\"");
    let paths: Vec<_> = text.iter().map(|line| (&line.path, item(line))).collect();
    let listing = paths.into_iter().collect();
    assert_eq!(total(&listing, &Exclude::default()), Total { paths: 3, bytes: 4 });
    let exclude = Exclude(Vec::from(["/a".to_string()]));
    assert_eq!(total(&listing, &exclude), Total { paths: 2, bytes: 1 });
}

fn settings_shown(before: &Settings, after: &Settings) -> Vec<String> {
    let value = |value: &Option<serde_json::Value>| {
        value.as_ref().map_or("(none)".to_string(), Setting::show)
    };
    let shown = |one: &Setting| {
        alloc::format!("{}: {} → {}", one.name, value(&one.before), value(&one.after))
    };
    settings(before, after).iter().map(shown).collect()
}

#[test]
fn each_setting_is_told_by_its_name() {
    let words = |texts: &[&str]| -> Vec<String> { texts.iter().map(ToString::to_string).collect() };
    let before = Settings {
        platform: "linux/amd64".into(),
        run: RunConfig {
            user: Some("root".into()),
            env: words(&["A=1", "B=2", "C=3"]),
            cmd: Some(words(&["a", "b c"])),
            exposed_ports: [("80/tcp".to_string(), Empty {})].into(),
            labels: [("l".to_string(), String::new())].into(),
            working_dir: Some(String::new()),
            ..RunConfig::default()
        },
        annotations: BTreeMap::new(),
    };
    let after = Settings {
        platform: "linux/arm64".into(),
        run: RunConfig {
            env: words(&["C=3", "B=4", "D="]),
            entrypoint: Some(words(&["/app"])),
            volumes: [("/data".to_string(), Empty {})].into(),
            stop_signal: Some("SIGINT".into()),
            healthcheck: Some(Healthcheck { test: words(&["NONE"]), ..Healthcheck::default() }),
            other: [("Shell".to_string(), "sh".into())].into(),
            ..RunConfig::default()
        },
        annotations: [("a".to_string(), "b".to_string())].into(),
    };
    let expected = [
        "annotation a: (none) → b",
        "cmd: [\"a\",\"b c\"] → (none)",
        "config Shell: (none) → sh",
        "entrypoint: (none) → [\"/app\"]",
        "env A: 1 → (none)",
        "env B: 2 → 4",
        "env D: (none) → ",
        "healthcheck: (none) → {\"Test\":[\"NONE\"]}",
        "label l:  → (none)",
        "platform: linux/amd64 → linux/arm64",
        "port 80/tcp: true → (none)",
        "stop-signal: (none) → SIGINT",
        "user: root → (none)",
        "volume /data: (none) → true",
    ];
    assert_eq!(settings_shown(&before, &after), expected);
    assert_eq!(settings_shown(&before, &before), [""; 0]);
}

#[test]
fn layers_are_compared_by_their_number() {
    let layer = |text: &str| Layer {
        digest: Digest::of(text.as_bytes()),
        diff_id: DiffId(Digest::of(text.as_bytes())),
        size: 1,
    };
    let (a, b, c) = (layer("a"), layer("b"), layer("c"));
    assert!(layers(&[a, b], &[a, b]).is_empty());
    assert_eq!(
        layers(&[a, b], &[a, c, b]),
        [
            LayerChange { number: 2, before: Some(b), after: Some(c) },
            LayerChange { number: 3, before: None, after: Some(b) },
        ]
    );
}
