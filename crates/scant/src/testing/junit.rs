//! What came of tests as JUnit's XML, in the members that CI servers agree on: a suite for each file,
//! a case for each test.
//! <https://github.com/testmoapp/junitxml>

use std::fmt;
use std::io::{self, Write};

use super::Tested;

/// Writes all tests as one document.
pub(super) fn write(out: &mut dyn Write, tested: &[Tested]) -> io::Result<()> {
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<testsuites name="scant test"{}>"#, Counts(tested))?;
    // Tests of one file for one platform follow each other.
    let same = |a: &Tested, b: &Tested| a.file == b.file && a.platform == b.platform;
    for suite in tested.chunk_by(same) {
        let Tested { file, platform, .. } = &suite[0];
        let platform = platform.as_deref().map_or(String::new(), |name| format!(" ({name})"));
        writeln!(out, r#"  <testsuite name="{}{}"{}>"#, Xml(file), Xml(&platform), Counts(suite))?;
        suite.iter().try_for_each(|test| case(out, test))?;
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn case(out: &mut dyn Write, test: &Tested) -> io::Result<()> {
    let Tested { file, line, kind, .. } = test;
    let seconds = test.seconds();
    write!(
        out,
        r#"    <testcase name="{}" classname="{kind}" file="{}" line="{line}" time="{seconds:.3}">"#,
        Xml(test.label()),
        Xml(file),
    )?;
    if let Some(first) = test.wrong.first() {
        let message = first.lines().next().unwrap_or_default();
        let all = test.wrong.join("\n");
        write!(out, "\n      <failure message=\"{}\">{}</failure>", Xml(message), Xml(&all))?;
    }
    if let Some(ran) = &test.ran {
        for (name, text) in [("system-out", &ran.stdout), ("system-err", &ran.stderr)] {
            if !text.is_empty() {
                write!(out, "\n      <{name}>{}</{name}>", Xml(text))?;
            }
        }
    }
    let is_short = test.is_ok() && test.ran.is_none();
    writeln!(out, "{}</testcase>", if is_short { "" } else { "\n    " })
}

/// How many tests there are, and how long they took, as attributes.
struct Counts<'a>(&'a [Tested]);

impl fmt::Display for Counts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed = self.0.iter().filter(|test| !test.is_ok()).count();
        let seconds: f64 = self.0.iter().map(Tested::seconds).sum();
        write!(f, r#" tests="{}" failures="{failed}" time="{seconds:.3}""#, self.0.len())
    }
}

/// A text inside an element or a quoted attribute. What XML cannot hold is replaced.
/// [XML 1.0, 2.2](https://www.w3.org/TR/xml/#charsets).
struct Xml<'a>(&'a str);

impl fmt::Display for Xml<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                // A reader would take them for blanks in an attribute, or for one end of a line.
                '\t' | '\n' | '\r' => write!(f, "&#{};", u32::from(character))?,
                '\0'..='\x1f' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => {
                    f.write_str("\u{fffd}")?;
                }
                other => write!(f, "{other}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_markup() {
        let text = "a<b>&\"'\n\u{1b}[1m\0\u{fffe}é😀";
        let expected = "a&lt;b&gt;&amp;&quot;'&#10;\u{fffd}[1m\u{fffd}\u{fffd}é😀";
        assert_eq!(Xml(text).to_string(), expected);
    }
}
