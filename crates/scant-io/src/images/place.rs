//! Where the blobs and documents of an image are: a directory, or inside an archive.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use scant_core::formats::oci::Descriptor;
use scant_core::words::TreePath;

use super::OpenError;
use super::tar_reader::{Seekable, TarReader};
use crate::blobs::Blob;

/// The largest document that is read into memory.
pub(super) const MOST_DOCUMENT: u64 = 64 << 20;
/// The most members an archive of an image may have.
const MOST_MEMBERS: usize = 100_000;

/// Where files with names are.
pub(super) enum Place {
    Directory(PathBuf),
    Archive { path: Arc<Path>, members: BTreeMap<TreePath, Member> },
}

/// What an archive has under one name.
pub(super) enum Member {
    File { offset: u64, size: u64 },
    Link(TreePath),
}

/// What is wrong with an archive as such.
pub(super) enum ArchiveFault {
    /// It has two members of this name, of which the last counts.
    Twice(TreePath),
    /// It cannot be read to its end, or has too many members.
    Damaged(String),
}

impl Place {
    /// The members of an archive, found by reading its headers.
    pub(super) fn archive(path: &Path) -> Result<Self, OpenError> {
        let (place, faults) = Self::archive_and_faults(path)?;
        let damage = faults.into_iter().find_map(|fault| match fault {
            ArchiveFault::Twice(_) => None,
            ArchiveFault::Damaged(why) => Some(why),
        });
        match damage {
            None => Ok(place),
            Some(why) => Err(OpenError::NotAnImage {
                path: path.to_path_buf(),
                expected: "a tar archive",
                why,
            }),
        }
    }

    /// The same, as far as the archive can be read.
    pub(super) fn archive_and_faults(path: &Path) -> Result<(Self, Vec<ArchiveFault>), OpenError> {
        let failed = |source| OpenError::Read { path: path.to_path_buf(), source };
        let wrong = |why: String| OpenError::NotAnImage {
            path: path.to_path_buf(),
            expected: "a tar archive",
            why,
        };
        let mut file = File::open(path).map_err(failed)?;
        let mut head = [0; 4];
        let count = file.read(&mut head).map_err(failed)?;
        if head[..count].starts_with(&[0x1f, 0x8b]) || head == [0x28, 0xb5, 0x2f, 0xfd] {
            return Err(wrong("it is compressed as a whole; decompress it first".into()));
        }
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        let mut archive = TarReader::new(Seekable(BufReader::new(file)));
        let mut members = BTreeMap::new();
        let mut faults = Vec::new();
        loop {
            let entry = match archive.next() {
                Ok(Some(entry)) => entry,
                Ok(None) => break,
                Err(error) => {
                    faults.push(ArchiveFault::Damaged(error.to_string()));
                    break;
                }
            };
            let Ok(name) = TreePath::parse([b"/", &entry.name[..]].concat()) else { continue };
            let member = match entry.flag {
                b'\0' | b'0' | b'7' => Member::File { offset: archive.position, size: entry.size },
                // `docker save` once wrote a layer that occurs twice as a link to the first.
                b'1' => match TreePath::parse([b"/", &entry.link[..]].concat()) {
                    Ok(target) => Member::Link(target),
                    Err(_) => continue,
                },
                b'2' => match beside(&name, &entry.link) {
                    Some(target) => Member::Link(target),
                    None => continue,
                },
                _ => continue,
            };
            if members.contains_key(&name) {
                faults.push(ArchiveFault::Twice(name.clone()));
            }
            members.insert(name, member);
            if members.len() + faults.len() > MOST_MEMBERS {
                let why = format!("it has more than {MOST_MEMBERS} members");
                faults.push(ArchiveFault::Damaged(why));
                break;
            }
        }
        Ok((Self::Archive { path: path.into(), members }, faults))
    }

    /// The directory or archive.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Directory(path) => path,
            Self::Archive { path, .. } => path,
        }
    }

    /// Path, offset and size of the file of this name.
    pub(super) fn find(&self, name: &str) -> Option<(Arc<Path>, u64, u64)> {
        match self {
            Self::Directory(root) => {
                let path = root.join(name);
                let metadata = path.metadata().ok().filter(std::fs::Metadata::is_file)?;
                Some((path.into(), 0, metadata.len()))
            }
            Self::Archive { path, members } => {
                let mut name = &TreePath::parse(format!("/{name}")).ok()?;
                for _ in 0..8 {
                    match members.get(name)? {
                        Member::File { offset, size } => {
                            return Some((path.clone(), *offset, *size));
                        }
                        Member::Link(target) => name = target,
                    }
                }
                None
            }
        }
    }

    /// The content of a document of this name.
    pub(super) fn document(&self, name: &str) -> Result<Option<Vec<u8>>, OpenError> {
        let Some((path, offset, size)) = self.find(name) else { return Ok(None) };
        if size > MOST_DOCUMENT {
            return Err(OpenError::Document {
                path: self.path().to_path_buf(),
                what: format!("`{name}`"),
                why: format!("it has {size} bytes"),
            });
        }
        let read = || -> io::Result<Vec<u8>> {
            let mut file = File::open(&path)?;
            file.seek(SeekFrom::Start(offset))?;
            let mut bytes = Vec::new();
            file.take(size).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        read().map(Some).map_err(|source| OpenError::Read { path: path.to_path_buf(), source })
    }

    /// The blob that a descriptor names.
    pub(super) fn blob(
        &self,
        descriptor: &Descriptor,
        what: &'static str,
    ) -> Result<Blob, OpenError> {
        let (digest, size) = (descriptor.digest, descriptor.size);
        let missing = || OpenError::MissingBlob { path: self.path().to_path_buf(), digest, what };
        let name = format!("blobs/sha256/{}", digest.hex());
        let (path, offset, found) = self.find(&name).ok_or_else(missing)?;
        if found != size {
            return Err(OpenError::Document {
                path: self.path().to_path_buf(),
                what: format!("{digest}, {what},"),
                why: format!("it has {found} bytes where {size} were expected"),
            });
        }
        Ok(Blob::in_file(path, offset, digest, size))
    }
}

/// What a symbolic link at `name` leads to, inside the archive.
fn beside(name: &TreePath, link: &[u8]) -> Option<TreePath> {
    let mut target = name.parent()?;
    for part in link.split(|&b| b == b'/') {
        match part {
            b"" | b"." => {}
            b".." => target = target.parent()?,
            part => target = target.join(part),
        }
    }
    Some(target)
}
