//! A path inside an image or an input. Not a path of the host: see `std::path::Path` for that.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;

use super::Escaped;

/// An absolute, normalised path inside a file system tree: it starts with `/`, has no empty, `.`
/// or `..` component, no NUL byte, and no `/` at its end (but the root is `/`).
///
/// Bytes, not text: Linux names need not be UTF-8.
///
/// The order is depth first, names compared bytewise within one directory, so a directory comes
/// right before its contents: `/a`, `/a/b`, `/a-b`. Layers are written in this order.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TreePath(Box<[u8]>);

/// Why bytes are not a [`TreePath`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// A path inside a tree must be absolute.
    #[error("`{0}` does not start with `/`")]
    NotAbsolute(alloc::string::String),
    /// `..` could leave the tree.
    #[error("`{0}` contains `..`")]
    ParentComponent(alloc::string::String),
    /// No Linux path contains a NUL byte.
    #[error("`{0}` contains a NUL byte")]
    Nul(alloc::string::String),
    /// Linux limits one name to 255 bytes.
    #[error("`{0}` has a name of more than 255 bytes")]
    NameTooLong(alloc::string::String),
}

impl TreePath {
    /// The root, `/`.
    pub fn root() -> Self {
        Self(Box::from(*b"/"))
    }

    /// Parses an absolute path; repeated slashes, `.` components and a slash at the end are
    /// normalised away.
    ///
    /// # Errors
    /// When the path is relative, contains `..` or a NUL byte, or has a name over 255 bytes.
    pub fn parse(bytes: impl AsRef<[u8]>) -> Result<Self, PathError> {
        let bytes = bytes.as_ref();
        let shown = || alloc::format!("{}", Escaped(bytes));
        if bytes.first() != Some(&b'/') {
            return Err(PathError::NotAbsolute(shown()));
        }
        let mut normal = Vec::with_capacity(bytes.len());
        for name in bytes.split(|&b| b == b'/') {
            match name {
                b"" | b"." => continue,
                b".." => return Err(PathError::ParentComponent(shown())),
                _ if name.contains(&0) => return Err(PathError::Nul(shown())),
                _ if name.len() > 255 => return Err(PathError::NameTooLong(shown())),
                _ => {
                    normal.push(b'/');
                    normal.extend_from_slice(name);
                }
            }
        }
        if normal.is_empty() {
            normal.push(b'/');
        }
        Ok(Self(normal.into()))
    }

    /// A path known to be right when the program is written.
    ///
    /// # Panics
    /// When it is not: for literals only.
    pub fn literal(path: &'static str) -> Self {
        match Self::parse(path) {
            Ok(path) => path,
            Err(error) => panic!("not a path of a tree: {error}"),
        }
    }

    /// The path of the entry `name` of this directory. `name` is one component.
    ///
    /// # Panics
    /// When `name` is empty, `.`, `..`, or contains `/`: callers split paths before.
    pub fn join(&self, name: &[u8]) -> Self {
        assert!(
            !name.is_empty() && name != b"." && name != b".." && !name.contains(&b'/'),
            "one component was expected, not {:?}",
            Escaped(name)
        );
        let parent: &[u8] = if self.is_root() { b"" } else { &self.0 };
        let mut bytes = Vec::with_capacity(parent.len() + 1 + name.len());
        bytes.extend_from_slice(parent);
        bytes.push(b'/');
        bytes.extend_from_slice(name);
        Self(bytes.into())
    }

    /// This path followed by the components of `below`: `/a` and `/b/c` give `/a/b/c`.
    pub fn append(&self, below: &Self) -> Self {
        below.components().fold(self.clone(), |path, name| path.join(name))
    }

    /// Whether this is `/`.
    pub fn is_root(&self) -> bool {
        *self.0 == *b"/"
    }

    /// The directory this path is in; none for the root.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        match self.0.iter().rposition(|&b| b == b'/') {
            Some(0) | None => Some(Self::root()),
            Some(end) => Some(Self(self.0[..end].into())),
        }
    }

    /// All directories above this path, nearest first, the root last.
    pub fn ancestors(&self) -> impl Iterator<Item = Self> + use<> {
        core::iter::successors(self.parent(), Self::parent)
    }

    /// The last component; none for the root.
    pub fn name(&self) -> Option<&[u8]> {
        self.0.rsplit(|&b| b == b'/').next().filter(|name| !name.is_empty())
    }

    /// The components from the root down.
    pub fn components(&self) -> impl Iterator<Item = &[u8]> {
        self.0.split(|&b| b == b'/').filter(|name| !name.is_empty())
    }

    /// What remains of this path below `directory`: `/b` for `/a/b` below `/a`, and `/` for the
    /// directory itself. None when it is not below.
    pub fn below(&self, directory: &Self) -> Option<Self> {
        if directory.is_root() {
            return Some(self.clone());
        }
        match self.0.strip_prefix(&*directory.0)? {
            [] => Some(Self::root()),
            rest if rest[0] == b'/' => Some(Self(rest.into())),
            _ => None,
        }
    }

    /// The bytes, with the slash at the start.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes without the slash at the start: empty for the root. Tar and `openat` want this.
    pub fn relative(&self) -> &[u8] {
        &self.0[1..]
    }
}

impl Ord for TreePath {
    fn cmp(&self, other: &Self) -> Ordering {
        // With `/` below every other byte, comparing bytes compares component by component. Below NUL
        // as well: hostile names are joined and looked up before anybody refuses them.
        let key = |b: &u8| if *b == b'/' { 0 } else { u16::from(*b) + 1 };
        let same = same_start(&self.0, &other.0);
        self.0.get(same).map(key).cmp(&other.0.get(same).map(key))
    }
}

/// How many bytes at the start are the same. Neighbours in a tree share most of theirs.
fn same_start(a: &[u8], b: &[u8]) -> usize {
    let chunks = a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0);
    let same = 8 * chunks.take_while(|(a, b)| a == b).count();
    same + a[same..].iter().zip(&b[same..]).take_while(|(a, b)| a == b).count()
}

impl PartialOrd for TreePath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Escaped(&self.0), f)
    }
}

impl serde::Serialize for TreePath {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for TreePath {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        let text = alloc::string::String::deserialize(deserializer)?;
        let bytes = Escaped::parse(&text)
            .ok_or_else(|| D::Error::custom(alloc::format!("`{text}` is not an escaped path")))?;
        Self::parse(bytes).map_err(D::Error::custom)
    }
}

impl fmt::Debug for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Escaped(&self.0), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[track_caller]
    fn case(text: &str, expected: &str) {
        let shown = match TreePath::parse(text) {
            Ok(path) => path.to_string(),
            Err(error) => alloc::format!("error: {error}"),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn paths_are_normalised_or_refused() {
        case("/", "/");
        case("//usr/./lib//", "/usr/lib");
        case("usr", "error: `usr` does not start with `/`");
        case("/usr/../etc", "error: `/usr/../etc` contains `..`");
        case("/a\0b", "error: `/a\\u{0}b` contains a NUL byte");
        case("", "error: `` does not start with `/`");
    }

    #[test]
    fn a_directory_comes_right_before_its_contents() {
        let mut paths = ["/a-b", "/a/b", "/a", "/a.b/c", "/"].map(|p| TreePath::parse(p).unwrap());
        paths.sort();
        assert_eq!(paths.map(|p| p.to_string()), ["/", "/a", "/a/b", "/a-b", "/a.b/c"]);
    }

    #[test]
    fn a_name_with_nul_is_no_other_path() {
        let directory = TreePath::literal("/lib");
        let (joined, other) = (TreePath::root().join(b"lib\0x"), directory.join(b"x"));
        assert!(joined != other && joined > other && joined > directory);
    }

    #[test]
    fn below_respects_component_boundaries() {
        let path = TreePath::literal("/usr/lib/x");
        let below = |dir: &str| path.below(&TreePath::parse(dir).unwrap()).map(|p| p.to_string());
        assert_eq!(below("/usr/lib").as_deref(), Some("/x"));
        assert_eq!(below("/usr/lib/x").as_deref(), Some("/"));
        assert_eq!(below("/").as_deref(), Some("/usr/lib/x"));
        assert_eq!(below("/usr/li"), None);
    }
}
