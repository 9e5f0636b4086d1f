//! The document, written and read.

use super::*;

fn file() -> TraceFile {
    let one = |path: &'static str, kind, found, by: Option<&[u8]>| Use {
        path: TreePath::literal(path),
        kind,
        found,
        searched: !found,
        asked: (!found).then(|| TreePath::parse(b"/lib\xff/libz.so").unwrap()),
        program: Box::from(*b"/usr/bin/a\xfe\n"),
        by: by.map(Box::from),
    };
    let uses = [
        one("/usr/lib/libz.so", UseKind::Mapped, false, Some(b"/usr/lib/libcrypto.so.3")),
        one("/etc/hosts", UseKind::Opened, true, None),
    ];
    let run =
        Run { command: ["a".into(), "--b \"c\"".into()].into(), failed: None, uses: uses.into() };
    let second = Run { failed: Some("\"why\"".into()), ..Run::default() };
    let runs = [("second".into(), second), ("first".into(), run)];
    TraceFile { runs: runs.into() }
}

#[test]
fn it_is_sorted_with_a_line_for_each_use() {
    let expected = r#"{
  "version": 1,
  "runs": {
    "first": {
      "command": ["a", "--b \"c\""],
      "uses": [
        {"path":"/etc/hosts","use":"opened","program":"/usr/bin/a\\xfe\\n"},
        {"path":"/usr/lib/libz.so","use":"mapped","missing":true,"searched":true,"asked":"/lib\\xff/libz.so","program":"/usr/bin/a\\xfe\\n","by":"/usr/lib/libcrypto.so.3"}
      ]
    },
    "second": {
      "command": [],
      "failed": "\"why\"",
      "uses": []
    }
  }
}
"#;
    assert_eq!(encode(&file()), expected);
    assert_eq!(decode(expected), Ok(file()));
    let empty = TraceFile::default();
    assert_eq!(decode(&encode(&empty)), Ok(empty));
}

#[test]
fn all_faults_are_told() {
    let text = r#"{"version": 1, "runs": {"a": {"uses": [
        {"path": "etc", "use": "opened"},
        {"path": "/\\q", "use": "opened"}
    ]}}}"#;
    let expected = [
        "run `a`, use 1: `etc` does not start with `/`",
        "run `a`, use 2: `/\\\\q` is not an escaped path",
    ];
    assert_eq!(decode(text).unwrap_err(), expected);
    let newer = decode(r#"{"version": 2}"#).unwrap_err();
    assert_eq!(newer, ["version 2 is unknown: this scant reads 1"]);
    assert!(decode("{").unwrap_err()[0].starts_with("EOF while parsing"));
}
