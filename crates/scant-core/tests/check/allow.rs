//! What is accepted.

use scant_core::rules::check::{Allow, allow};
use scant_core::words::Check;

use crate::support::{report, shown};

#[track_caller]
fn case(allowed: &[(Check, Option<&str>)], expected: &str) {
    let files = "/etc/a -> b\n/usr/share/c -> d\n/srv/ mode=0777\n/opt/ mode=0777";
    let mut findings = report("", files).findings;
    let allowed: Vec<_> = allowed
        .iter()
        .map(|(check, path)| Allow { check: *check, path: path.map(str::to_string) })
        .collect();
    allow(&mut findings, &allowed, true);
    let mut lines: Vec<String> = Vec::new();
    for finding in &findings {
        let text = shown(finding);
        let text = text.lines().filter(|line| !line.starts_with("help")).collect::<Vec<_>>();
        lines.push(text.join("; "));
    }
    assert_eq!(lines.join("\n"), expected);
}

const A: &str = "warning dangling-link: `/etc/a` -> `b` leads to nothing";
const C: &str = "warning dangling-link: `/usr/share/c` -> `d` leads to nothing";
const WRITABLE: &str =
    "warning world-writable: everybody may rename and remove what is in the directory";

#[test]
fn by_name_and_by_path() {
    case(&[], &format!("{A}\n{C}\n{WRITABLE}; at /opt /srv"));
    case(&[(Check::DanglingLink, None)], &format!("{WRITABLE}; at /opt /srv"));
    case(&[(Check::DanglingLink, Some("/usr/**"))], &format!("{A}\n{WRITABLE}; at /opt /srv"));
    // Of a finding about several paths those that are allowed are left out.
    case(&[(Check::WorldWritable, Some("/srv"))], &format!("{A}\n{C}\n{WRITABLE}; at /opt"));
    case(&[(Check::WorldWritable, Some("/{srv,opt}"))], &format!("{A}\n{C}"));
}

#[test]
fn what_allows_nothing_is_told() {
    case(
        &[(Check::DanglingLink, None), (Check::WorldWritable, None), (Check::TimeZone, None)],
        "hint unused-allow: `time-zone` is allowed, and nothing of that is found",
    );
}
