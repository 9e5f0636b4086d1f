//! The provenance document: for every path of an image what it is, where it was taken from and
//! why it is there. It travels with the image as an artifact that refers to it.
//!
//! It holds names of inputs and paths inside them, never a path of the machine that built the
//! image. How reasons form chains is not decided here.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::oci;
use crate::words::{
    Digest, Mode, NodeKind, OneLine, Platform, Source, Tree, TreePath, UsedPackage, Why,
};

/// The version written. A reader refuses versions above its own.
pub const VERSION: u32 = 1;

/// The whole document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// [`oci::media_type::PROVENANCE`]: what this document is, wherever it is found.
    pub media_type: String,
    /// [`VERSION`].
    pub version: u32,
    /// The platform of the image it is about.
    pub platform: Platform,
    /// The inputs that are one thing, by name: archives, files of the network, images.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, Origin>,
    /// The packages that something in it is of, by input and name, where the input knows what they
    /// are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub packages: Packages,
    /// All nodes, in the order of the tree.
    pub nodes: Vec<Entry>,
}

/// Packages, by the name of their input and their own.
pub type Packages = BTreeMap<String, BTreeMap<String, UsedPackage>>;

/// What an input is that is one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// How it is read.
    pub backend: String,
    /// What it is, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// Where it came from; never a path of this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its path in the image.
    pub path: TreePath,
    /// What it is.
    #[serde(flatten)]
    pub kind: Kind,
    /// Permission bits, as four octal digits.
    #[serde(with = "mode_text")]
    pub mode: Mode,
    /// Numeric owner.
    pub uid: u32,
    /// Numeric group.
    pub gid: u32,
    /// The names of its extended attributes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub xattrs: Vec<String>,
    /// The file of an input it was taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// The layer it is in; none in an image of one layer, and for directories with something in
    /// them, which are in every layer that has something below them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// Why it is there: at least one reason, the first one first.
    pub reasons: Vec<Why>,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Kind {
    /// A directory.
    Directory,
    /// A regular file.
    File {
        /// Size in bytes.
        size: u64,
    },
    /// A symbolic link.
    Symlink {
        /// The text of the link, escaped where it is not plain text.
        target: String,
    },
    /// Another name of a file.
    HardLink {
        /// The file's path in the image.
        target: TreePath,
    },
}

/// Bytes that are not a provenance document of a version this one reads.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// Not JSON of this shape.
    #[error("not a provenance document: {}", OneLine(.0))]
    Shape(#[from] serde_json::Error),
    /// Another document.
    #[error("not a provenance document: its media type is `{}`", OneLine(.0))]
    MediaType(String),
    /// From the future.
    #[error("a provenance document of version {0}, written by a newer scant; this one reads 1")]
    Version(u32),
}

/// The document about `tree`, as it is stored.
pub fn encode(tree: &Tree, platform: Platform) -> Vec<u8> {
    Document::of(tree, platform).encode()
}

/// Reads a document.
///
/// # Errors
/// When it is another document, or one of a later version.
pub fn decode(bytes: &[u8]) -> Result<Document, DocumentError> {
    // The head is read alone first: a later version may have another shape.
    let head: Head = serde_json::from_slice(bytes)?;
    if head.media_type != oci::media_type::PROVENANCE {
        return Err(DocumentError::MediaType(head.media_type));
    }
    if head.version > VERSION {
        return Err(DocumentError::Version(head.version));
    }
    let mut document: Document = serde_json::from_slice(bytes)?;
    // They are, unless somebody else wrote it; looking one up relies on it.
    document.nodes.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(document)
}

/// What all versions begin with.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    media_type: String,
    version: u32,
}

impl Document {
    /// The document about `tree`.
    pub fn of(tree: &Tree, platform: Platform) -> Self {
        let entry = |(path, node): (&TreePath, &crate::words::Node)| Entry {
            path: path.clone(),
            kind: Kind::of(&node.kind),
            mode: node.meta.mode,
            uid: node.meta.uid,
            gid: node.meta.gid,
            xattrs: node.meta.xattrs.keys().cloned().collect(),
            source: node.provenance.source().cloned(),
            layer: None,
            reasons: node.provenance.reasons().cloned().collect(),
        };
        Self {
            media_type: oci::media_type::PROVENANCE.to_string(),
            version: VERSION,
            platform,
            inputs: BTreeMap::new(),
            packages: BTreeMap::new(),
            nodes: tree.iter().map(entry).collect(),
        }
    }

    /// As it is stored: compact JSON with sorted keys.
    pub fn encode(&self) -> Vec<u8> {
        // Node by node, for each is sorted as a value of its own, and the document may be large.
        let mut nodes = Vec::new();
        for node in &self.nodes {
            nodes.extend_from_slice(if nodes.is_empty() { b"" } else { b"," });
            nodes.extend_from_slice(&oci::encode(node));
        }
        let [media_type, platform] = [oci::encode(&self.media_type), oci::encode(&self.platform)];
        let version = self.version.to_string();
        let inputs = match self.inputs.is_empty() {
            true => Vec::new(),
            false => [b"\"inputs\":", &oci::encode(&self.inputs)[..], b","].concat(),
        };
        let packages = match self.packages.is_empty() {
            true => Vec::new(),
            false => [b",\"packages\":", &oci::encode(&self.packages)[..]].concat(),
        };
        [
            b"{",
            &inputs[..],
            b"\"mediaType\":",
            &media_type,
            b",\"nodes\":[",
            &nodes,
            b"]",
            &packages,
            b",\"platform\":",
            &platform,
            b",\"version\":",
            version.as_bytes(),
            b"}",
        ]
        .concat()
    }

    /// What the package of a source is, where that is known.
    pub fn package(&self, source: &Source) -> Option<&UsedPackage> {
        self.packages.get(&source.input)?.get(source.package.as_deref()?)
    }

    /// The node at `path`.
    pub fn get(&self, path: &TreePath) -> Option<&Entry> {
        let at = self.nodes.partition_point(|entry| entry.path < *path);
        self.nodes.get(at).filter(|entry| entry.path == *path)
    }
}

/// In half a line, after the name of the input.
impl core::fmt::Display for Origin {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.backend)?;
        if let Some(digest) = &self.digest {
            write!(f, ", {digest}")?;
        }
        self.place.iter().try_for_each(|place| write!(f, ", {place}"))
    }
}

impl Kind {
    fn of(kind: &NodeKind) -> Self {
        match kind {
            NodeKind::Directory => Self::Directory,
            NodeKind::File(content) => Self::File { size: content.size },
            NodeKind::Symlink { target } => {
                Self::Symlink { target: crate::words::Escaped(target).to_string() }
            }
            NodeKind::HardLink { target } => Self::HardLink { target: target.clone() },
        }
    }
}

/// A mode as text.
mod mode_text {
    use super::{Mode, String};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(mode: &Mode, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(mode)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(text: D) -> Result<Mode, D::Error> {
        String::deserialize(text)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{
        Architecture, Content, FileContent, InputName, Meta, Node, Place, Provenance, Section,
    };
    use alloc::string::String;

    fn tree() -> Tree {
        let place = Place { section: Section::Binaries, line: 3 };
        let why = Why::Declared { place, reason: Some("it runs".into()) };
        let source = Source {
            input: "BUILDROOT".into(),
            path: TreePath::literal("/bin/busybox"),
            package: None,
        };
        let file = TreePath::parse(b"/bin/s\xff").unwrap();
        let content = Content { input: InputName::new("BUILDROOT"), path: source.path.clone() };
        let mut tree = Tree::default();
        let directory = Node {
            kind: NodeKind::Directory,
            meta: Meta::new(Mode::EXECUTABLE),
            provenance: Provenance::new(None, Why::Parent { of: file.clone() }),
        };
        tree.insert(TreePath::literal("/bin"), directory).unwrap();
        let node = Node {
            kind: NodeKind::File(FileContent { content, size: 7, stamp: None }),
            meta: Meta::new(Mode::EXECUTABLE),
            provenance: Provenance::new(Some(source), why),
        };
        tree.insert(file, node).unwrap();
        tree
    }

    #[test]
    fn it_is_written_as_all_documents_are() {
        let text = br#"{"mediaType":"m","nodes":[],"platform":"linux/amd64","version":1}"#;
        let mut document: Document = serde_json::from_slice(text).unwrap();
        assert_eq!(document.encode(), text);
        let node =
            br#"{"gid":0,"kind":"directory","mode":"0755","path":"/a","reasons":[],"uid":0}"#;
        document.nodes = alloc::vec![serde_json::from_slice(node).unwrap(); 2];
        assert_eq!(document.encode(), oci::encode(&document));
        let origin = Origin {
            backend: "tar".into(),
            digest: Some(Digest::of(b"")),
            place: Some("https://example.com/a".into()),
        };
        document.inputs.insert("A".into(), origin);
        let package = r#"{"name":"libx1","version":"1-2","source":"x","purl":"pkg:deb/debian/libx1@1-2","licenseFiles":["/l"]}"#;
        let package = serde_json::from_str(package).unwrap();
        document.packages.entry("A".into()).or_default().insert("libx1".into(), package);
        assert_eq!(document.encode(), oci::encode(&document));
        assert_eq!(
            document.inputs["A"].to_string(),
            "tar, sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, https://example.com/a"
        );
    }

    #[test]
    fn a_document_is_compact_and_can_be_read_back() {
        let platform = Platform::linux(Architecture::Amd64);
        let bytes = encode(&tree(), platform);
        let expected = concat!(
            r#"{"mediaType":"application/vnd.scant.provenance.v1+json","nodes":["#,
            r#"{"gid":0,"kind":"directory","mode":"0755","path":"/bin","#,
            r#""reasons":[{"of":"/bin/s\\xff","why":"parent"}],"uid":0},"#,
            r#"{"gid":0,"kind":"file","mode":"0755","path":"/bin/s\\xff","#,
            r#""reasons":[{"line":3,"reason":"it runs","section":"binaries","why":"declared"}],"#,
            r#""size":7,"source":{"input":"BUILDROOT","path":"/bin/busybox"},"uid":0}],"#,
            r#""platform":"linux/amd64","version":1}"#,
        );
        assert_eq!(String::from_utf8(bytes.clone()).unwrap(), expected);
        assert_eq!(decode(&bytes).unwrap(), Document::of(&tree(), platform));
    }

    #[test]
    fn a_node_is_found_in_whatever_order_they_stand() {
        let platform = Platform::linux(Architecture::Amd64);
        let mut document = Document::of(&tree(), platform);
        document.nodes.reverse();
        let document = decode(&document.encode()).unwrap();
        for path in [&b"/bin"[..], b"/bin/s\xff"] {
            let path = TreePath::parse(path).unwrap();
            assert_eq!(document.get(&path).map(|entry| &entry.path), Some(&path));
        }
        assert_eq!(document.get(&TreePath::literal("/bin/a")), None);
    }

    #[test]
    fn other_documents_are_refused() {
        let case = |text: &str, expected: &str| {
            assert_eq!(decode(text.as_bytes()).unwrap_err().to_string(), expected);
        };
        case(
            r#"{"mediaType":"application/vnd.scant.provenance.v1+json","version":2,"new":1}"#,
            "a provenance document of version 2, written by a newer scant; this one reads 1",
        );
        case(
            r#"{"mediaType":"text/plain","version":1}"#,
            "not a provenance document: its media type is `text/plain`",
        );
    }
}
