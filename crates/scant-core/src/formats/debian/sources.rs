//! Lists of archives, as apt has them: `.sources` files of paragraphs, and `.list` files of lines.
//! [sources.list(5)](https://manpages.debian.org/bookworm/apt/sources.list.5.en.html). What archives
//! of sources (`deb-src`) have is left out. Nothing is looked at here.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::control::{Paragraph, lines, paragraphs};
use crate::formats::lock::Place;
use crate::words::UrlError;

/// Archives that have the same suites and components.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Where it is written, from 1; 0 where it is not in a file.
    pub line: usize,
    /// Where they are.
    pub uris: Vec<String>,
    /// Releases below `dists`; with a slash at the end a directory that is an archive by itself.
    pub suites: Vec<String>,
    /// Parts of a release; none of a directory that is an archive by itself.
    pub components: Vec<String>,
    /// The architectures that it is for, by Debian's names; none for all.
    pub architectures: Vec<String>,
    /// Who must have signed it: files of keys, and fingerprints. None for all that are trusted.
    pub signed_by: Vec<String>,
    /// A key, as it is written there.
    pub key: Option<String>,
    /// Whether nobody needs to have signed it.
    pub is_trusted: bool,
    /// Whether a release that is over counts nevertheless.
    pub may_be_over: bool,
    /// The snapshot that is meant, such as `20260101T000000Z`; none for what there is now.
    pub snapshot: Option<String>,
    /// Packages by themselves: files, directories, and patterns with `*`. A source has these or
    /// archives.
    pub files: Vec<String>,
}

/// What stands for the name of a snapshot in the address of an archive.
pub const SNAPSHOT: &str = "@SNAPSHOTID@";

/// A list that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct SourcesError {
    /// Where.
    pub line: usize,
    /// What.
    pub problem: String,
}

/// Reads a `.sources` file.
///
/// # Errors
/// The first thing that is wrong.
pub fn paragraphs_of_sources(text: &str) -> Result<Vec<Source>, SourcesError> {
    let all = paragraphs(text).map(paragraph);
    all.filter_map(Result::transpose).collect()
}

/// Reads a `.list` file.
///
/// # Errors
/// The first thing that is wrong.
pub fn lines_of_sources(text: &str) -> Result<Vec<Source>, SourcesError> {
    let lines = text.lines().enumerate();
    lines.filter_map(|(number, text)| line(number + 1, text).transpose()).collect()
}

fn paragraph(paragraph: Paragraph<'_>) -> Result<Option<Source>, SourcesError> {
    let line = paragraph.line;
    let words = |value: &str| -> Vec<String> {
        lines(value).flat_map(str::split_whitespace).map(ToString::to_string).collect()
    };
    let mut source = Source { line, ..Source::default() };
    let (mut is_enabled, mut types) = (true, Vec::new());
    let mut has_fields = false;
    for (name, value) in paragraph.fields() {
        has_fields = true;
        match &*name.to_ascii_lowercase() {
            "types" => types = words(value),
            "uris" => source.uris = words(value),
            "suites" => source.suites = words(value),
            "components" => source.components = words(value),
            "enabled" => is_enabled = is_yes(value),
            "signed-by" if value.starts_with("-----BEGIN") => source.key = Some(key(value)),
            name => source.option(name, &words(value)),
        }
    }
    if !has_fields || !is_enabled {
        return Ok(None);
    }
    if types.is_empty() {
        return Err(SourcesError { line, problem: "it has no Types".into() });
    }
    match types.iter().any(|kind| kind == "deb") {
        true => source.checked().map(Some),
        false => Ok(None),
    }
}

fn line(line: usize, text: &str) -> Result<Option<Source>, SourcesError> {
    let text = text.split('#').next().unwrap_or(text).trim();
    let (kind, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let wrong = |problem: String| Err(SourcesError { line, problem });
    match kind {
        "" | "deb-src" => return Ok(None),
        "deb" => {}
        other => return wrong(format!("it begins with `{other}`, not with `deb` or `deb-src`")),
    }
    let mut source = Source { line, ..Source::default() };
    let mut rest = rest.trim_start();
    if let Some(options) = rest.strip_prefix('[') {
        let Some((options, after)) = options.split_once(']') else {
            return wrong("its options have no `]`".into());
        };
        for option in options.split_whitespace() {
            let Some((name, value)) = option.split_once('=') else {
                return wrong(format!("the option `{option}` has no `=`"));
            };
            let values: Vec<_> = value.split(',').map(ToString::to_string).collect();
            source.option(&name.to_ascii_lowercase(), &values);
        }
        rest = after;
    }
    let mut words = rest.split_whitespace().map(ToString::to_string);
    source.uris.extend(words.next());
    source.suites.extend(words.next());
    source.components.extend(words);
    source.checked().map(Some)
}

impl Source {
    /// Options have other names in lines than in paragraphs. Those that are not known say nothing of
    /// what scant does.
    fn option(&mut self, name: &str, values: &[String]) {
        let is_set = || values.first().is_some_and(|value| is_yes(value));
        match name {
            "arch" | "architectures" => self.architectures = values.to_vec(),
            "signed-by" => self.signed_by = values.to_vec(),
            "trusted" => self.is_trusted = is_set(),
            "check-valid-until" => self.may_be_over = !is_set(),
            // Otherwise it says whether snapshots may be asked for, which nobody does here.
            "snapshot" => {
                let name = values.first().filter(|value| is_snapshot(value));
                self.snapshot = name.cloned();
            }
            _ => {}
        }
    }

    fn checked(self) -> Result<Self, SourcesError> {
        let is_flat = |suite: &&String| suite.ends_with('/');
        let problem = if self.uris.is_empty() {
            "it does not say where the archive is"
        } else if self.suites.is_empty() {
            "it names no suite"
        } else if self.suites.iter().any(|suite| has_dots(suite)) {
            "a suite leads out of the archive"
        } else if self.components.iter().any(|component| has_dots(component)) {
            "a component leads out of the archive"
        } else if self.components.is_empty() && !self.suites.iter().all(|s| is_flat(&s)) {
            "it names no component, and the suite is no directory, which would end in `/`"
        } else if !self.components.is_empty() && self.suites.iter().any(|s| is_flat(&s)) {
            "a suite that ends in `/` is a directory and has no components"
        } else {
            return Ok(self);
        };
        Err(SourcesError { line: self.line, problem: problem.into() })
    }
}

/// Whether this is the name of a snapshot: a time in UTC, such as `20260101T000000Z`.
pub fn is_snapshot(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 16
        && bytes.iter().enumerate().all(|(place, byte)| match place {
            8 => *byte == b'T',
            15 => *byte == b'Z',
            _ => byte.is_ascii_digit(),
        })
}

/// Where an archive is, as `URIs` of a source has it: on the network, or with `file:` and `copy:` on
/// this machine. What does not begin with a slash then starts at the manifest's directory.
///
/// # Errors
/// When it is no such place.
pub fn place_of_archive(uri: &str) -> Result<Place, UrlError> {
    let wrong = |problem| UrlError { text: uri.to_string(), problem };
    let Some(path) = uri.strip_prefix("file:").or_else(|| uri.strip_prefix("copy:")) else {
        return uri.parse().map(Place::Url);
    };
    let path = match path.strip_prefix("//") {
        Some(after) => {
            let path = after.strip_prefix("localhost").unwrap_or(after);
            Some(path)
                .filter(|path| path.starts_with('/'))
                .ok_or(wrong("it names another machine"))?
        }
        None => path,
    };
    // Such a path would have no slash before its first colon, as URLs have it.
    if path.is_empty() || path.contains("://") || path.contains('\0') {
        return Err(wrong("it names no directory"));
    }
    let path = match path.trim_end_matches('/') {
        "" => "/",
        path => path,
    };
    Ok(Place::File(path.to_string()))
}

fn has_dots(path: &str) -> bool {
    path.split('/').any(|part| part == "..")
}

fn is_yes(value: &str) -> bool {
    matches!(&*value.to_ascii_lowercase(), "yes" | "true" | "with" | "on" | "enable" | "1")
}

/// A key over several lines, of which one that is empty is written as a point.
fn key(value: &str) -> String {
    let line = |line: &str| match line.trim() {
        "." => "\n".to_string(),
        line => format!("{line}\n"),
    };
    value.lines().filter(|line| !line.starts_with('#')).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(sources: Result<Vec<Source>, SourcesError>) -> String {
        let shown = |source: &Source| {
            let words = [&source.uris, &source.suites, &source.components, &source.architectures];
            let words: Vec<_> = words.iter().map(|words| words.join(" ")).collect();
            let signed = match &source.key {
                Some(key) => format!("{key:?}"),
                None => source.signed_by.join(" "),
            };
            let is_snapshot = source.snapshot.is_some();
            let marks = [
                (source.is_trusted, " trusted"),
                (source.may_be_over, " over"),
                (is_snapshot, " snapshot"),
            ];
            let marks = marks.map(|(is_set, mark)| if is_set { mark } else { "" }).concat();
            format!("{}: {} <{signed}>{marks}", source.line, words.join(" | "))
        };
        match sources {
            Ok(sources) => sources.iter().map(shown).collect::<Vec<_>>().join("\n"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn paragraphs_are_read() {
        let case = |text: &str, expected: &str| {
            assert_eq!(shown(paragraphs_of_sources(text)), expected, "{text}");
        };
        case(
            "# here\n\nTypes: deb deb-src\n# one\nURIs: http://a/x http://b/x\nSuites: one two\n\
             Components: main\nArchitectures: amd64\nSigned-By: /k.gpg\n",
            "3: http://a/x http://b/x | one two | main | amd64 </k.gpg>",
        );
        case(
            "Types: deb\nURIs: file:/a\nSuites: ./\nTrusted: yes\n",
            "1: file:/a | ./ |  |  <> trusted",
        );
        case("Types: deb\nEnabled: no\nURIs: http://a\n", "");
        case("Types: deb-src\nURIs: http://a\nSuites: x\nComponents: y\n", "");
        case(
            "types: deb\nuris: http://a\nsuites: x\ncomponents: y\ncheck-valid-until: no\nSigned-By:\n \
             -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n",
            "1: http://a | x | y |  <\"-----BEGIN PGP PUBLIC KEY BLOCK-----\\n\\nabc\\n\"> over",
        );
        case(
            "Types: deb\nURIs: http://a\nSuites: ./\nSnapshot: 20260101T000000Z\n",
            "1: http://a | ./ |  |  <> snapshot",
        );
        for word in ["yes", "enable", "no", "disable", "2026"] {
            case(
                &format!("Types: deb\nURIs: http://a\nSuites: ./\nSnapshot: {word}\n"),
                "1: http://a | ./ |  |  <>",
            );
        }
        case("\n\nURIs: http://a\n", "line 3: it has no Types");
        case("Types: deb\nSuites: x\n", "line 1: it does not say where the archive is");
        case("Types: deb\nURIs: http://a\n", "line 1: it names no suite");
        case(
            "Types: deb\nURIs: http://a\nSuites: x\n",
            "line 1: it names no component, and the suite is no directory, which would end in `/`",
        );
        case(
            "Types: deb\nURIs: http://a\nSuites: ../x\nComponents: a\n",
            "line 1: a suite leads out of the archive",
        );
    }

    #[test]
    fn lines_are_read() {
        let case = |text: &str, expected: &str| {
            assert_eq!(shown(lines_of_sources(text)), expected, "{text}");
        };
        case(
            "# deb http://no x y\ndeb http://a/x one main contrib # why\ndeb-src http://a/x one main\n",
            "2: http://a/x | one | main contrib |  <>",
        );
        case(
            "deb [arch=amd64,arm64 signed-by=/k.gpg trusted=yes] http://a ./",
            "1: http://a | ./ |  | amd64 arm64 </k.gpg> trusted",
        );
        case("deb [snapshot=20260101T000000Z] http://a ./", "1: http://a | ./ |  |  <> snapshot");
        case("deb [arch=amd64 http://a x y", "line 1: its options have no `]`");
        case("deb [arch] http://a x y", "line 1: the option `arch` has no `=`");
        case("\nrpm http://a", "line 2: it begins with `rpm`, not with `deb` or `deb-src`");
        case("deb http://a", "line 1: it names no suite");
        case(
            "deb http://a x/ main",
            "line 1: a suite that ends in `/` is a directory and has no components",
        );
    }

    #[test]
    fn archives_are_on_the_network_or_on_this_machine() {
        let case = |uri: &str, expected: &str| {
            let shown = match place_of_archive(uri) {
                Ok(Place::Url(url)) => format!("url {url}"),
                Ok(Place::File(path)) => format!("file {path}"),
                Err(error) => error.to_string(),
            };
            assert_eq!(shown, expected, "{uri}");
        };
        case("http://a.example/debian", "url http://a.example/debian");
        case("file:/srv/debian/", "file /srv/debian");
        case("file:///srv/debian", "file /srv/debian");
        case("file://localhost/srv", "file /srv");
        case("copy:/srv/debian", "file /srv/debian");
        case("file:./debian", "file ./debian");
        case("file:/", "file /");
        case("file:", "`file:` is not a URL: it names no directory");
        case("file://other/srv", "`file://other/srv` is not a URL: it names another machine");
        case("cdrom:[x]/", "`cdrom:[x]/` is not a URL: it must start with `https://` or `http://`");
    }
}
