//! What is remembered of a whole build: what it asked of its inputs, what it published, and what it
//! said. When all of that is still so, there is nothing to do.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::PoisonError;

use scant_core::words::{Digest, Stamp};

use super::Cache;
use crate::bytes::{Bytes, put, put_number};
use crate::inputs::{Asked, Declared, Journal};
use crate::sinks::Published;
use crate::stamp;

const MAGIC: &[u8] = b"scant build\n";

/// A build that may be done again.
#[derive(Clone, Debug)]
pub struct BuildKey {
    /// Names its file.
    name: String,
    /// All that decides what comes out, besides inputs.
    whole: Digest,
}

impl BuildKey {
    /// The key of a build. `which` says what stays the same while somebody works on a manifest, such
    /// as its path: the last build of these is remembered. `rest` is all else that decides what the
    /// build does, but its inputs. None if it is not known which program this is.
    pub fn new(which: &[&str], rest: &[&str]) -> Option<Self> {
        let mut bytes = Vec::new();
        which.iter().for_each(|text| put(&mut bytes, text.as_bytes()));
        let name = Digest::of(&bytes).hex();
        rest.iter().for_each(|text| put(&mut bytes, text.as_bytes()));
        bytes.extend_from_slice(&program()?);
        bytes.extend_from_slice(&rustix::process::geteuid().as_raw().to_le_bytes());
        Some(Self { name, whole: Digest::of(&bytes) })
    }
}

/// What tells this program from others of the same version, which may plan otherwise.
fn program() -> Option<[u8; 40]> {
    Some(stamp::of(&rustix::fs::stat("/proc/self/exe").ok()?).to_bytes())
}

/// A part of an output, to tell that it is still there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A file that is recognised by its stamp, see [`Cache::is_published`].
    Known(PathBuf, Digest),
    /// A small file that is read.
    Read(PathBuf, Digest),
}

impl Part {
    fn is_there(&self, cache: &Cache) -> bool {
        match self {
            Self::Known(path, content) => cache.is_published(path, content),
            Self::Read(path, digest) => {
                // Looked at first: reading a FIFO waits for a writer.
                path.symlink_metadata().is_ok_and(|file| file.is_file())
                    && fs::read(path).is_ok_and(|bytes| Digest::of(&bytes) == *digest)
            }
        }
    }
}

#[derive(Debug, PartialEq)]
struct Build {
    whole: Digest,
    /// The records of its layers.
    layers: Vec<String>,
    said: Vec<String>,
    parts: Vec<Part>,
    asked: Asked,
}

impl Cache {
    /// Ends the notes of a journal. None if what they say could change without being noticed.
    pub fn asked(&self, journal: Journal) -> Option<Asked> {
        journal.finish(&|stamp: &Stamp| self.can_trust(stamp))
    }

    /// What the build with this key said when it was done last, if all would come out as it is
    /// there already. The inputs are those of the manifest of the key.
    pub fn recall<'a>(
        &self,
        key: &BuildKey,
        inputs: impl Into<Declared<'a>>,
        threads: usize,
    ) -> Option<Vec<String>> {
        let build = Build::decode(&fs::read(self.path("builds", &key.name)).ok()?)?;
        let is_so = build.whole == key.whole
            && build.parts.iter().all(|part| part.is_there(self))
            && build.asked.is_still_so(&inputs.into(), threads);
        if !is_so {
            return None;
        }
        self.touch("builds", &key.name);
        build.layers.iter().for_each(|layer| self.touch("layers", layer));
        Some(build.said)
    }

    /// Remembers a build that is done, after [`Published::remember`], if all that it published can
    /// be recognised.
    pub fn keep_build(
        &self,
        key: &BuildKey,
        asked: Asked,
        published: &[Published],
        said: Vec<String>,
    ) {
        let parts: Vec<_> =
            published.iter().flat_map(|published| published.parts.clone()).collect();
        let is_known = published.iter().all(|published| !published.parts.is_empty())
            && parts.iter().all(|part| part.is_there(self));
        if is_known {
            let layers = self.layers.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let build = Build { whole: key.whole, layers, said, parts, asked };
            // That is swept by itself: all else is as large as it was.
            if self.put("builds", &key.name, &[&build.encode()]) {
                self.sweep_builds();
            }
        }
    }
}

/// Whether these bytes are of a build.
pub(super) fn is_build(bytes: &[u8]) -> bool {
    Build::decode(bytes).is_some()
}

impl Build {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(self.whole.as_bytes());
        for texts in [&self.layers, &self.said] {
            put_number(&mut bytes, texts.len());
            texts.iter().for_each(|text| put(&mut bytes, text.as_bytes()));
        }
        put_number(&mut bytes, self.parts.len());
        for part in &self.parts {
            let (kind, path, digest) = match part {
                Part::Known(path, digest) => (b"known", path, digest),
                Part::Read(path, digest) => (b"read ", path, digest),
            };
            put(&mut bytes, kind);
            put(&mut bytes, path.as_os_str().as_encoded_bytes());
            bytes.extend_from_slice(digest.as_bytes());
        }
        self.asked.put(&mut bytes);
        let digest = Digest::of(&bytes);
        bytes.extend_from_slice(digest.as_bytes());
        bytes
    }

    /// The build that these bytes hold; none if they are not one, or damaged.
    fn decode(bytes: &[u8]) -> Option<Self> {
        let (content, digest) = bytes.split_last_chunk::<32>()?;
        if Digest::of(content).as_bytes() != digest {
            return None;
        }
        let bytes = &mut Bytes(content.strip_prefix(MAGIC)?);
        let whole = bytes.digest()?;
        let mut texts = || bytes.list(|bytes| bytes.text().map(str::to_string));
        let (layers, said) = (texts()?, texts()?);
        let parts = bytes.list(|bytes| {
            let part = match bytes.bytes()? {
                b"known" => Part::Known,
                _ => Part::Read,
            };
            let path = OsStr::from_bytes(bytes.bytes()?);
            Some(part(path.into(), bytes.digest()?))
        })?;
        let asked = Asked::take(bytes)?;
        bytes.0.is_empty().then_some(Self { whole, layers, said, parts, asked })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_comes_back_and_a_damaged_one_is_none() {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join("directory")).unwrap();
        fs::write(place.path().join("file"), "content").unwrap();
        let text = "input: {backend: sysroot, path: .}\n";
        let manifest = scant_core::formats::manifest::parse(text).unwrap();
        let journal = Journal::default();
        for platform in [None, "linux/arm64".parse().ok()] {
            let opened =
                crate::inputs::open_inputs_noted(&manifest, place.path(), platform, &journal);
            for (_, input) in opened.ok().unwrap().inputs.iter() {
                let path = scant_core::words::TreePath::literal;
                input.lookup(&path("/file")).unwrap();
                input.lookup(&path("/directory/none")).unwrap();
                input.list(&path("/")).unwrap();
                input.list(&path("/directory")).unwrap();
            }
        }
        let asked = journal.finish(&|_| true).unwrap();
        let build = Build {
            whole: Digest::of(b"whole"),
            layers: vec!["layer".into()],
            said: vec![String::new(), "said\n".into()],
            parts: vec![
                Part::Known("a".into(), Digest::of(b"a")),
                Part::Read("b/c".into(), Digest::of(b"b")),
            ],
            asked,
        };
        let bytes = build.encode();
        assert_eq!(Build::decode(&bytes).as_ref(), Some(&build));
        for at in 0..bytes.len() {
            assert_eq!(Build::decode(&bytes[..at]), None, "cut at {at}");
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(Build::decode(&damaged), None, "changed at {at}");
        }
    }
}
