//! Relations between Debian packages: `Depends`, `Conflicts`, `Provides` and their like.
//! [Debian Policy, 7](https://www.debian.org/doc/debian-policy/ch-relationships.html).

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::version::Version;

/// Packages of which one is enough, the first one preferred.
pub type Alternatives = Vec<Relation>;

/// A package that is meant, by name and perhaps by version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// Its name.
    pub name: Box<str>,
    /// `any`, `native` or the name of an architecture, after a colon.
    pub architecture: Option<Box<str>>,
    /// Which versions.
    pub version: Option<(Comparison, Version)>,
}

/// How a version is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `=`
    Equal,
    /// `>=`
    GreaterOrEqual,
    /// `>>`
    Greater,
}

/// A text that is no relation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a relation to a package: {problem}")]
pub struct RelationError {
    /// What was given.
    pub text: String,
    /// Why.
    pub problem: String,
}

impl Comparison {
    /// Whether `version` is one that `than` is meant to be compared so with.
    pub fn allows(self, version: &Version, than: &Version) -> bool {
        match self {
            Self::Less => version < than,
            Self::LessOrEqual => version <= than,
            Self::Equal => version == than,
            Self::GreaterOrEqual => version >= than,
            Self::Greater => version > than,
        }
    }

    fn parse(text: &str) -> Option<(Self, &str)> {
        // `<` and `>` alone are old and mean what nobody expects: as dpkg does, `<=` and `>=`.
        let all = [
            ("<<", Self::Less),
            ("<=", Self::LessOrEqual),
            (">>", Self::Greater),
            (">=", Self::GreaterOrEqual),
            ("=", Self::Equal),
            ("<", Self::LessOrEqual),
            (">", Self::GreaterOrEqual),
        ];
        all.into_iter()
            .find_map(|(sign, comparison)| text.strip_prefix(sign).map(|rest| (comparison, rest)))
    }
}

impl Relation {
    /// Reads one relation. Lists of architectures and of build profiles belong into source packages
    /// and are refused.
    ///
    /// # Errors
    /// When the text is none.
    pub fn parse(text: &str) -> Result<Self, RelationError> {
        let refuse = |problem: &str| RelationError {
            text: text.trim().to_string(),
            problem: problem.to_string(),
        };
        let (head, version) = match text.split_once('(') {
            Some((head, rest)) => {
                let inside = rest.trim_end().strip_suffix(')');
                (head, Some(inside.ok_or_else(|| refuse("`)` was expected at the end"))?))
            }
            None => (text, None),
        };
        let head = head.trim();
        let (name, architecture) = match head.split_once(':') {
            Some((name, architecture)) => (name, Some(architecture)),
            None => (head, None),
        };
        let is_word = |word: &str| {
            word.starts_with(|c: char| c.is_ascii_alphanumeric())
                && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-._".contains(&b))
        };
        if !is_word(name) || !architecture.is_none_or(is_word) {
            return Err(refuse("the name of a package was expected"));
        }
        let version = version.map(|version| {
            let (comparison, version) = Comparison::parse(version.trim_start())
                .ok_or_else(|| refuse("one of `<<`, `<=`, `=`, `>=`, `>>` was expected"))?;
            let version = version.trim().parse();
            version
                .map(|version| (comparison, version))
                .map_err(|error: super::VersionError| refuse(&error.to_string()))
        });
        Ok(Self {
            name: name.into(),
            architecture: architecture.map(Into::into),
            version: version.transpose()?,
        })
    }

    /// Whether a version is one of those that are meant.
    pub fn allows(&self, version: &Version) -> bool {
        self.version.as_ref().is_none_or(|(comparison, than)| comparison.allows(version, than))
    }
}

/// Reads `a | b (>= 1), c`: all of what has commas between it, one of what has `|`.
///
/// # Errors
/// The first part that is no relation.
pub fn relations(text: &str) -> Result<Vec<Alternatives>, RelationError> {
    let all = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    all.map(|part| part.split('|').map(Relation::parse).collect()).collect()
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Less => "<<",
            Self::LessOrEqual => "<=",
            Self::Equal => "=",
            Self::GreaterOrEqual => ">=",
            Self::Greater => ">>",
        })
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.architecture.iter().try_for_each(|architecture| write!(f, ":{architecture}"))?;
        match &self.version {
            Some((comparison, version)) => write!(f, " ({comparison} {version})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_are_read() {
        let case = |text: &str, expected: &str| {
            let shown = match relations(text) {
                Ok(all) => {
                    let one = |one: &Relation| one.to_string();
                    let each =
                        |some: &Alternatives| some.iter().map(one).collect::<Vec<_>>().join(" | ");
                    all.iter().map(each).collect::<Vec<_>>().join(", ")
                }
                Err(error) => error.to_string(),
            };
            assert_eq!(shown, expected);
        };
        case("", "");
        case("a", "a");
        case("a, b | c", "a, b | c");
        case("a(>=1),\n b:any ( << 2~ ) ,", "a (>= 1), b:any (<< 2~)");
        case("a (< 1)", "a (<= 1)");
        case("a (> 1)", "a (>= 1)");
        case("a (= 1:2-3)", "a (= 1:2-3)");
        case("a | ", "`` is not a relation to a package: the name of a package was expected");
        case("a b", "`a b` is not a relation to a package: the name of a package was expected");
        case(
            "a (1)",
            "`a (1)` is not a relation to a package: one of `<<`, `<=`, `=`, `>=`, `>>` was expected",
        );
        case("a (= 1", "`a (= 1` is not a relation to a package: `)` was expected at the end");
        case(
            "a (= x)",
            "`a (= x)` is not a relation to a package: `x` is not a version of a Debian package: it must begin with a digit",
        );
    }

    #[test]
    fn versions_are_allowed() {
        let case = |relation: &str, version: &str, expected: bool| {
            let relation = Relation::parse(relation).unwrap();
            assert_eq!(relation.allows(&version.parse().unwrap()), expected, "{relation}");
        };
        case("a", "1", true);
        case("a (<< 1)", "1", false);
        case("a (<< 1)", "1~", true);
        case("a (<= 1)", "1", true);
        case("a (= 1)", "1.0", false);
        case("a (>= 1)", "1", true);
        case("a (>> 1)", "1", false);
    }
}
