//! What can be read of a maintainer script without running it: the alternatives that it installs and
//! the files that it diverts, in literal words, and whether it does anything of its own. Parts that
//! debhelper has added are about services, caches and byte code, which no image has:
//! [debhelper(7)](https://manpages.debian.org/bookworm/debhelper/debhelper.7.en.html).

use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A link that one of several packages has: `update-alternatives --install LINK NAME PATH PRIORITY`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alternative {
    /// The link.
    pub link: String,
    /// What it leads to.
    pub path: String,
    /// Of several packages the one with the highest has the link.
    pub priority: i32,
    /// Links that come and go with it, and what they lead to.
    pub slaves: Vec<(String, String)>,
}

/// A file of other packages that makes room for one of this package, or no longer does:
/// [dpkg-divert(1)](https://manpages.debian.org/bookworm/dpkg/dpkg-divert.1.en.html).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diversion {
    /// The package whose file stays there; none if that is not said.
    pub package: Option<String>,
    /// Where others have the file.
    pub path: String,
    /// Where it is instead; none if the diversion is taken back.
    pub to: Option<String>,
}

/// What can be read of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MaintainerScript {
    /// The alternatives that it installs.
    pub alternatives: Vec<Alternative>,
    /// What it diverts, in its order.
    pub diversions: Vec<Diversion>,
    /// Whether it runs any other command of its own.
    pub does_more: bool,
}

/// Before a part that debhelper has added, and after it.
const ADDED: [&str; 2] = ["# Automatically added by ", "# End automatically added section"];

/// Reads a script of the shell.
pub fn parse(text: &str) -> MaintainerScript {
    let mut script = MaintainerScript::default();
    let (mut is_added, mut is_of_installation) = (false, true);
    for line in joined(text) {
        let line = line.trim();
        if matches!(line, "fi" | "else" | ";;") {
            is_of_installation = true;
        } else if line.starts_with("if ") || line.ends_with(')') {
            is_of_installation = self::is_of_installation(line);
        }
        if line.starts_with(ADDED[0]) {
            is_added = true;
        } else if line.starts_with(ADDED[1]) {
            is_added = false;
        } else if let Some(rest) = line.strip_prefix("update-alternatives ") {
            match alternatives(rest) {
                Some(found) => script.alternatives.extend(found),
                None => script.does_more |= !is_added,
            }
        } else if let Some(rest) = line.strip_prefix("dpkg-divert ") {
            match diversion(rest) {
                Some(found) if is_of_installation => script.diversions.push(found),
                // What is taken back at other times is not there.
                Some(Diversion { to: None, .. }) => {}
                _ => script.does_more |= !is_added,
            }
        } else if !is_added && !is_nothing(line) {
            script.does_more = true;
        }
    }
    script
}

/// The lines, with those that go on after a backslash in one.
fn joined(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in text.lines() {
        let (part, more) = match line.strip_suffix('\\') {
            Some(part) => (part, true),
            None => (line, false),
        };
        match lines.last_mut().filter(|_| goes_on) {
            Some(last) => *last += part,
            None => lines.push(part.to_string()),
        }
        goes_on = more;
    }
    lines
}

/// What a command installs. None if a word is not literal, or it does something else.
fn alternatives(words: &str) -> Option<Vec<Alternative>> {
    let mut words = literal(words)?;
    words.retain(|word| !matches!(*word, "--quiet" | "--force"));
    let ["--install", link, _, path, priority, slaves @ ..] = &words[..] else {
        // What removes alternatives has nothing to remove.
        return matches!(words[..], ["--remove" | "--remove-all" | "--auto", ..]).then(Vec::new);
    };
    let (mut all, mut rest) = (Vec::new(), slaves);
    while let ["--slave", link, _, path, more @ ..] = rest {
        all.push(((*link).into(), (*path).into()));
        rest = more;
    }
    let (link, path, priority) = ((*link).into(), (*path).into(), priority.parse().ok()?);
    rest.is_empty().then(|| Vec::from([Alternative { link, path, priority, slaves: all }]))
}

/// Whether what comes after a test of arguments happens when a package is installed for the first
/// time. [Debian Policy, 6.5](https://www.debian.org/doc/debian-policy/ch-maintainerscripts.html#summary-of-ways-maintainer-scripts-are-called)
fn is_of_installation(test: &str) -> bool {
    let words = || test.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let is_other = |word: &str| match word {
        "upgrade" | "remove" | "purge" | "deconfigure" | "disappear" => true,
        word => word.starts_with("abort-") || word.starts_with("failed-"),
    };
    words().any(|word| matches!(word, "install" | "configure"))
        || test.contains("!=")
        || !words().any(is_other)
}

/// What a command diverts. None as above.
fn diversion(words: &str) -> Option<Diversion> {
    let (mut package, mut path, mut to, mut is_removed) = (None, None, None, false);
    let mut words = literal(words)?.into_iter();
    while let Some(word) = words.next() {
        match word {
            "--quiet" | "--add" | "--rename" | "--no-rename" => {}
            "--package" => package = Some(words.next()?.into()),
            "--divert" => to = Some(words.next()?),
            "--remove" => is_removed = true,
            word if word.starts_with('/') && path.is_none() => path = Some(word),
            _ => return None,
        }
    }
    let path = path?;
    let to = to.map_or_else(|| alloc::format!("{path}.distrib"), Into::into);
    Some(Diversion { package, path: path.into(), to: (!is_removed).then_some(to) })
}

/// The words of a command whose output and end nobody looks at; none if one is not literal.
fn literal(words: &str) -> Option<Vec<&str>> {
    let words: Vec<&str> =
        words.split_whitespace().map(|word| word.trim_matches(['"', '\''])).collect();
    let is_end = |word: &&str| word.contains(['>', '|', ';', '&']);
    let (words, end) = words.split_at(words.iter().position(is_end).unwrap_or(words.len()));
    let is_literal = |word: &&str| !word.contains(['$', '`', '*', '(', '\\']);
    (is_redirection(end) && words.iter().all(is_literal)).then(|| words.to_vec())
}

/// Whether the end of a command only says where its output goes, and that it may fail.
fn is_redirection(mut words: &[&str]) -> bool {
    loop {
        words = match words {
            [] | ["||", "true" | ":"] => return true,
            [">" | ">>" | "2>" | "1>", "/dev/null", rest @ ..] => rest,
            [">/dev/null" | "2>/dev/null" | "1>/dev/null" | ">&2" | "2>&1", rest @ ..] => rest,
            _ => return false,
        }
    }
}

/// Whether a line is only the frame of a script.
fn is_nothing(line: &str) -> bool {
    let frame = ["fi", "else", "esac", ";;", "then", "exit 0", "exit 1", ":", "true", "", "}"];
    let line = line.trim_end_matches(';').trim_end();
    if line.starts_with('#') || frame.contains(&line) {
        return true;
    }
    // Tests of arguments, and patterns of `case`.
    let opens = ["if [ \"$1\"", "if test \"$1\"", "case \"$1\" in", "case $1 in", "set -", "echo "];
    let is_pattern = line.ends_with(')')
        && line.bytes().all(|b| b.is_ascii_alphanumeric() || b"-|*)(\" ".contains(&b));
    let line = line.strip_suffix("then").unwrap_or(line).trim_end().trim_end_matches(';');
    let line = line.strip_suffix(">&2").unwrap_or(line);
    let does_more = line.contains([';', '&', '|', '>', '<', '`']) || line.contains("$(");
    is_pattern || (opens.iter().any(|start| line.starts_with(start)) && !does_more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, links: &[&str], does_more: bool) {
        let script = parse(text);
        let shown = |one: &Alternative| {
            alloc::format!("{} {} {} {:?}", one.link, one.path, one.priority, one.slaves)
        };
        assert_eq!(script.alternatives.iter().map(shown).collect::<Vec<_>>(), links);
        assert_eq!(script.does_more, does_more, "{text}");
    }

    #[test]
    fn the_frame_of_a_script_does_nothing() {
        case("#!/bin/sh\nset -e\n\n# a\nexit 0\n", &[], false);
        case(
            "case \"$1\" in\n  configure|abort-upgrade)\n    ;;\n  *)\n    echo \"unknown '$1'\" >&2\n    exit 1\n  ;;\nesac\n",
            &[],
            false,
        );
        case("if [ \"$1\" = configure ]; then\n  ldconfig\nfi\n", &[], true);
        case("if [ \"$1\" = configure ] && rm /x; then\nfi", &[], true);
        case("echo $(rm /x)", &[], true);
        case("rm -f /x", &[], true);
        case("if [ \"$1\" = configure ]; then adduser --system foo; fi", &[], true);
        case("echo a; rm -rf /x", &[], true);
        case("echo a > /etc/x", &[], true);
    }

    #[test]
    fn what_debhelper_added_does_not_count() {
        let added = "# Automatically added by dh_installsystemd/13.11\nsystemctl x\n\
            # End automatically added section\n";
        case(added, &[], false);
        case(&alloc::format!("{added}mkdir /x\n"), &[], true);
    }

    #[test]
    fn diversions_in_literal_words() {
        let case = |text: &str, expected: &[&str], does_more: bool| {
            let script = parse(text);
            let shown = |one: &Diversion| {
                let [package, to] = [&one.package, &one.to].map(|it| it.as_deref().unwrap_or("-"));
                alloc::format!("{package} {} {to}", one.path)
            };
            assert_eq!(script.diversions.iter().map(shown).collect::<Vec<_>>(), expected, "{text}");
            assert_eq!(script.does_more, does_more, "{text}");
        };
        let text = "dpkg-divert --package a --add --rename \\\n  --divert /usr/bin/x.other \\\n  /usr/bin/x\n";
        case(text, &["a /usr/bin/x /usr/bin/x.other"], false);
        case("dpkg-divert --quiet '/x' >/dev/null || true", &["- /x /x.distrib"], false);
        case("dpkg-divert --package a --remove --rename /x", &["a /x -"], false);
        case("dpkg-divert --package a --divert /y/$cmd /x/$cmd", &[], true);
        case("dpkg-divert --local /x", &[], true);
        case("dpkg-divert --package a", &[], true);
        case("dpkg-divert /x /y", &[], true);
        case("dpkg-divert --divert", &[], true);
    }

    #[test]
    fn diversions_of_other_times_are_not_there() {
        let case = |test: &str, expected: usize, does_more: bool| {
            let script = parse(&alloc::format!("{test}\n  dpkg-divert --add /x\n"));
            assert_eq!(
                (script.diversions.len(), script.does_more),
                (expected, does_more),
                "{test}"
            );
        };
        case("if [ \"$1\" = install ]; then", 1, false);
        case("if [ \"$1\" = upgrade ]; then", 0, true);
        case("if [ \"$1\" != upgrade ]; then", 1, false);
        case("case \"$1\" in\n install|upgrade)", 1, false);
        case("case \"$1\" in\n upgrade|abort-upgrade)", 0, true);
        case("if [ \"$1\" = upgrade ]; then\nfi", 1, false);
        let taken_back = "case \"$1\" in\n abort-upgrade)\n  dpkg-divert --remove /x\n ;;\nesac\n";
        assert_eq!(parse(taken_back), MaintainerScript::default());
    }

    #[test]
    fn alternatives_in_literal_words() {
        let text = "update-alternatives --quiet --install /usr/bin/awk awk /usr/bin/gawk 10 \\\n  \
            --slave /usr/bin/nawk nawk \"/usr/bin/gawk\" > /dev/null\n";
        let expected = "/usr/bin/awk /usr/bin/gawk 10 [(\"/usr/bin/nawk\", \"/usr/bin/gawk\")]";
        case(text, &[expected], false);
        case("update-alternatives --remove rename /usr/bin/prename || true", &[], false);
        case("update-alternatives --install $link x /y 1", &[], true);
        case("update-alternatives --install /x x /y high", &[], true);
        case("update-alternatives --install /x x /y 1 --other", &[], true);
        case("update-alternatives --install /x x /y 1 && adduser z", &[], true);
        case("update-alternatives --install /x x /y 1 2>/dev/null || rm /x", &[], true);
        case(
            "update-alternatives --install /x x /y 1 >/dev/null 2>&1 || true",
            &["/x /y 1 []"],
            false,
        );
    }
}
