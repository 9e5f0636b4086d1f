//! The lists of packages that a release vouches for.

use std::fs::{self, File};
use std::path::Path;

use scant_core::formats::debian::{FIELDS, compact};
use scant_core::formats::lock;
use scant_core::formats::lock::Place;
use scant_core::words::Digest;

use super::place::{below, is_absent};
use super::release::Believed;
use super::{AptError, Archives};
use crate::images::stored::Stored;
use crate::inputs::{ArchiveOptions, Limits, plain};

/// How lists are compressed, the smallest first.
const FORMS: [&str; 5] = [".xz", ".zst", ".gz", ".bz2", ""];
/// The largest that are accepted, compressed and not: those of Debian have about 60 MB.
const LARGEST: u64 = 1 << 30;

/// A list of packages.
pub(super) struct ReadIndex {
    /// What its packages are below; none of packages that are in no archive.
    pub(super) archive: Option<Place>,
    /// Where it is.
    pub(super) place: Place,
    pub(super) text: String,
    pub(super) priority: i32,
    pub(super) lock: lock::Index,
    /// Whether nobody has signed it who is trusted.
    pub(super) is_unsigned: bool,
}

impl Archives<'_> {
    /// Reads the lists of components.
    pub(super) fn indexes(
        &self,
        archive: &Place,
        believed: &Believed,
        components: &[String],
        architecture: &str,
        is_unsigned: bool,
    ) -> Result<Vec<ReadIndex>, AptError> {
        let mut read = Vec::new();
        let release = &believed.release;
        let paths: Vec<(&str, Vec<String>)> = if believed.is_flat {
            vec![("", vec!["Packages".into()])]
        } else {
            let of = |component: &str, name: &str| format!("{component}/binary-{name}/Packages");
            // As apt does: for all only where the release has such an architecture.
            let has_list_for_all = !release.has_no_list_for_all
                && release.architectures.iter().any(|architecture| architecture == "all");
            let both = |component: &str| match has_list_for_all {
                false => vec![of(component, architecture)],
                true => vec![of(component, architecture), of(component, "all")],
            };
            components.iter().map(|component| (&**component, both(component))).collect()
        };
        for (component, paths) in paths {
            let mut has_any = false;
            for path in paths {
                let form = |ending: &&str| {
                    let path = format!("{path}{ending}");
                    release.files.get(&*path).map(|file| (path.clone(), *file))
                };
                let forms: Vec<_> = FORMS.iter().filter_map(form).collect();
                // What has no packages need not be there.
                has_any |= !forms.is_empty();
                if forms.iter().any(|(_, (_, size))| *size > 0) {
                    let decompressed = release.files.get(&*path).map(|(digest, _)| *digest);
                    let index = self.index(archive, believed, &forms, decompressed)?;
                    read.push(ReadIndex { is_unsigned, ..index });
                }
            }
            if !has_any {
                return Err(AptError::NoIndex {
                    url: believed.url.clone(),
                    component: component.to_string(),
                    architecture: architecture.to_string(),
                    has: release.architectures.join(", "),
                });
            }
        }
        Ok(read)
    }

    /// Reads a list in the first form that is there. `decompressed` is what it is then.
    fn index(
        &self,
        archive: &Place,
        believed: &Believed,
        forms: &[(String, (Digest, u64))],
        decompressed: Option<Digest>,
    ) -> Result<ReadIndex, AptError> {
        let mut absent = None;
        for (path, is) in forms {
            for place in places(believed, path, &is.0)? {
                let file = match self.file(&place, *is, LARGEST) {
                    Ok(file) => file,
                    Err(error) if is_absent(&error) => {
                        absent = absent.or(Some(error));
                        continue;
                    }
                    Err(error) => return Err(error),
                };
                let (digest, size) = *is;
                return Ok(ReadIndex {
                    archive: Some(archive.clone()),
                    text: self.text(&file, &place, &digest, decompressed)?,
                    priority: believed.release.priority(),
                    lock: lock::Index { place: place.clone(), digest, size },
                    place,
                    is_unsigned: false,
                });
            }
        }
        Err(absent.expect("a list has one form at least, and each a place"))
    }

    /// The text of a list: what counts of it where it was read before, else all of it.
    fn text(
        &self,
        path: &Path,
        place: &Place,
        digest: &Digest,
        decompressed: Option<Digest>,
    ) -> Result<String, AptError> {
        let name = name_of_compact(digest, decompressed);
        // One that is damaged is made again.
        let known = self.loader.downloads.hinted(&name).filter(|known| known.size <= LARGEST);
        let known = known.and_then(|known| fs::read(known.path).ok());
        if let Some(text) = known.and_then(|bytes| String::from_utf8(bytes).ok()) {
            return Ok(text);
        }
        let failed = |source| AptError::Read { path: path.to_path_buf(), source };
        let stored = File::open(path).and_then(Stored::watched).map_err(failed)?;
        let options = ArchiveOptions {
            strip_components: 0,
            limits: Limits { max_bytes: LARGEST, ..Limits::default() },
            temporary: self.temporary.to_path_buf(),
        };
        let stored = plain(&stored, &options)
            .map_err(|fault| AptError::Compressed { url: place.clone(), fault })?;
        let mut bytes = vec![0; stored.size() as usize];
        stored.read_exact_at(0, &mut bytes).map_err(failed)?;
        if let Some(expected) = decompressed {
            let found = Digest::of(&bytes);
            if found != expected {
                return Err(AptError::Decompressed { url: place.clone(), expected, found });
            }
        }
        let text = String::from_utf8(bytes).map_err(|_| AptError::Text { url: place.clone() })?;
        // If it cannot be kept it is made again the next time.
        if let Some(compact) = compact(&text)
            && let Ok(kept) = self.loader.downloads.insert(&mut compact.as_bytes(), None)
        {
            self.loader.downloads.keep_hint(&name, &kept.digest);
        }
        Ok(text)
    }
}

/// What the compact form of a list is found by: what the list is, and which fields are kept of it.
fn name_of_compact(list: &Digest, decompressed: Option<Digest>) -> Digest {
    let decompressed = decompressed.map(|digest| digest.to_string()).unwrap_or_default();
    let text = format!("compact {list} {decompressed} {}", FIELDS.join(" "));
    Digest::of(text.as_bytes())
}

/// Where a file of a release is: under the name of its digest it stays while the release changes.
fn places(believed: &Believed, path: &str, digest: &Digest) -> Result<Vec<Place>, AptError> {
    let mut all = Vec::new();
    if believed.release.acquire_by_hash {
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
        let path = format!("{directory}/by-hash/SHA256/{}", digest.hex());
        all.push(below(&believed.directory, path.trim_start_matches('/'))?);
    }
    all.push(below(&believed.directory, path)?);
    Ok(all)
}
