//! What an Alpine package asks of others, and what it provides.
//! [apk-world(5)](https://gitlab.alpinelinux.org/alpine/apk-tools/-/blob/master/doc/apk-world.5.scd).

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use core::fmt;

use super::version::Version;
use crate::words::Escaped;

/// `[!]NAME[OPERATOR VERSION][@TAG]`, where the name may be one of what packages provide, such as
/// `so:libc.musl-x86_64.so.1`, `cmd:sh` or `/bin/sh`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The name.
    pub name: Box<str>,
    /// Whether it must not be there.
    pub is_conflict: bool,
    /// Which versions.
    pub version: Option<(Operator, Version)>,
    /// The tag of the repository it must come from.
    pub tag: Option<Box<str>>,
}

/// How a version is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `=`
    Equal,
    /// `>=`
    GreaterOrEqual,
    /// `>`
    Greater,
    /// `~`: this one, or one that begins like it.
    Like,
    /// `<~`
    LessOrLike,
    /// `>~`
    GreaterOrLike,
}

/// What a package provides: a name, with a version or without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provided {
    /// The name.
    pub name: Box<str>,
    /// The version; without, it is there for whoever asks for no version, and does not stand in the
    /// way of others that provide it.
    pub version: Option<Version>,
}

/// A text that is no dependency.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{}` is not a dependency of an Alpine package: `name>=1.2-r0` is one",
    Escaped(.0.as_bytes())
)]
pub struct DependencyError(pub String);

const OPERATORS: [(&str, Operator); 11] = [
    ("><", Operator::Equal),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<~", Operator::LessOrLike),
    (">~", Operator::GreaterOrLike),
    ("~=", Operator::Like),
    ("=~", Operator::Like),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("=", Operator::Equal),
    ("~", Operator::Like),
];

/// Whether something may be provided by this name: any printed text of one word.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || Escaped::is_disturbing(c))
}

impl Operator {
    /// Whether `version` is one that is meant.
    pub fn allows(self, version: &Version, than: &Version) -> bool {
        match self {
            Self::Less => version < than,
            Self::LessOrEqual => version <= than,
            Self::Equal => version == than,
            Self::GreaterOrEqual => version >= than,
            Self::Greater => version > than,
            Self::Like => version.is_like(than),
            Self::LessOrLike => version < than || version.is_like(than),
            Self::GreaterOrLike => version > than || version.is_like(than),
        }
    }
}

impl Dependency {
    /// Reads one.
    ///
    /// # Errors
    /// When the text is none. A name with a checksum instead of a version (`><`) is one of those: no
    /// index has any.
    pub fn parse(text: &str) -> Result<Self, DependencyError> {
        let refuse = || DependencyError(text.to_string());
        let (rest, is_conflict) = match text.strip_prefix('!') {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let (rest, tag) = match rest.rsplit_once('@') {
            Some((rest, tag)) if !tag.is_empty() => (rest, Some(tag)),
            Some(_) => return Err(refuse()),
            None => (rest, None),
        };
        let end = rest.find(['<', '>', '=', '~']).unwrap_or(rest.len());
        let (name, constraint) = rest.split_at(end);
        if !is_name(name) || constraint.starts_with("><") {
            return Err(refuse());
        }
        let version = match constraint {
            "" => None,
            constraint => {
                let found = OPERATORS.into_iter().find_map(|(sign, operator)| {
                    constraint.strip_prefix(sign).map(|version| (operator, version))
                });
                let (operator, version) = found.ok_or_else(refuse)?;
                Some((operator, version.parse().map_err(|_| refuse())?))
            }
        };
        Ok(Self { name: name.into(), is_conflict, version, tag: tag.map(Into::into) })
    }

    /// Whether a version of a package of this name is one that is meant.
    pub fn allows(&self, version: &Version) -> bool {
        self.version.as_ref().is_none_or(|(operator, than)| operator.allows(version, than))
    }
}

impl Provided {
    /// The same for the lists of an index. A version that makes no sense, as in `pc:x=v2.4`, is none,
    /// and a text without a name is nothing.
    pub(super) fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok().or_else(|| {
            let name = text.split(['<', '>', '=', '~', '!', '@']).next();
            name.filter(|name| is_name(name)).map(|name| Self { name: name.into(), version: None })
        })
    }

    /// Reads one: `so:libz.so.1=1.2.13`, `cmd:sh`.
    ///
    /// # Errors
    /// When the text is none.
    pub fn parse(text: &str) -> Result<Self, DependencyError> {
        let dependency = Dependency::parse(text)?;
        match dependency.version {
            None => Ok(Self { name: dependency.name, version: None }),
            Some((Operator::Equal, version)) => {
                Ok(Self { name: dependency.name, version: Some(version) })
            }
            Some(_) => Err(DependencyError(text.to_string())),
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Equal => "=",
            Self::GreaterOrEqual => ">=",
            Self::Greater => ">",
            Self::Like => "~",
            Self::LessOrLike => "<~",
            Self::GreaterOrLike => ">~",
        })
    }
}

impl fmt::Display for Dependency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_conflict { "!" } else { "" };
        write!(f, "{sign}{}", self.name)?;
        if let Some((operator, version)) = &self.version {
            write!(f, "{operator}{version}")?;
        }
        self.tag.iter().try_for_each(|tag| write!(f, "@{tag}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_read() {
        let case = |text: &str, expected: &str| {
            let shown = match Dependency::parse(text) {
                Ok(dependency) => dependency.to_string(),
                Err(_) => "refused".into(),
            };
            assert_eq!(shown, expected, "{text}");
        };
        case("busybox", "busybox");
        case("!busybox", "!busybox");
        case("musl>=1.2-r0", "musl>=1.2-r0");
        case("musl=~1.2", "musl~1.2");
        case("a~1", "a~1");
        case("a>~1", "a>~1");
        case("so:libc.musl-x86_64.so.1", "so:libc.musl-x86_64.so.1");
        case("/bin/sh", "/bin/sh");
        case("a@edge", "a@edge");
        case("a=1-r0@edge", "a=1-r0@edge");
        case("pc:zlib>=1.2.11", "pc:zlib>=1.2.11");
        for text in ["", "!", "=1", "a=", "a=x", "a><Q1abc", "a b", "a@", "a>>1", "a\u{1b}"] {
            case(text, "refused");
        }
    }

    #[test]
    fn versions_are_allowed() {
        let case = |dependency: &str, version: &str, expected: bool| {
            let dependency = Dependency::parse(dependency).unwrap();
            assert_eq!(dependency.allows(&version.parse().unwrap()), expected, "{dependency}");
        };
        case("a", "1", true);
        case("a<2", "1", true);
        case("a<2", "2", false);
        case("a~1.2", "1.2.9-r1", true);
        case("a~1.2", "1.3", false);
        case("a>~1.2", "1.3", true);
        case("a<~1.2", "1.2.5", true);
        case("a=1.2-r0", "1.2-r1", false);
    }

    #[test]
    fn what_is_provided_is_read() {
        let provided = Provided::parse("so:libz.so.1=1.2.13").unwrap();
        assert_eq!(
            (&*provided.name, provided.version.unwrap().as_str()),
            ("so:libz.so.1", "1.2.13")
        );
        assert!(Provided::parse("cmd:sh").unwrap().version.is_none());
        assert!(Provided::parse("a>=1").is_err());
    }
}
