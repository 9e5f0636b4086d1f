//! The lists of packages that a release vouches for.

use std::fs::File;

use scant_core::formats::lock;
use scant_core::words::{Digest, Url};

use super::release::{Believed, is_absent};
use super::{AptError, Archives, below};
use crate::cache::Download;
use crate::images::stored::Stored;
use crate::inputs::{ArchiveOptions, Limits, plain};
use crate::net::Verify;

/// How lists are compressed, the smallest first.
const FORMS: [&str; 5] = [".xz", ".zst", ".gz", ".bz2", ""];
/// The largest that are accepted, compressed and not: those of Debian have about 60 MB.
const LARGEST: u64 = 1 << 30;

/// A list of packages.
pub(super) struct ReadIndex {
    /// What its packages are below.
    pub(super) archive: Url,
    /// Where it is.
    pub(super) url: Url,
    pub(super) text: String,
    pub(super) priority: i32,
    pub(super) lock: lock::Index,
}

impl Archives<'_> {
    /// Reads the lists of components.
    pub(super) fn indexes(
        &self,
        archive: &Url,
        believed: &Believed,
        components: &[String],
        architecture: &str,
        read: &mut Vec<ReadIndex>,
    ) -> Result<(), AptError> {
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
                    read.push(self.index(archive, believed, &forms)?);
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
        Ok(())
    }

    /// Reads a list in the first form that is there.
    fn index(
        &self,
        archive: &Url,
        believed: &Believed,
        forms: &[(String, (Digest, u64))],
    ) -> Result<ReadIndex, AptError> {
        let mut absent = None;
        for (path, (digest, size)) in forms {
            for url in places(believed, path, digest)? {
                let download = Download {
                    url: url.clone(),
                    digest: Some(*digest),
                    size: Some(*size),
                    authorization: None,
                    limit: LARGEST,
                    verify: Verify::Content,
                };
                match self.downloads.fetch(self.client, &download, self.watch) {
                    Ok(loaded) => {
                        let text = self.text(&loaded.path, &url)?;
                        let place = url.clone().into();
                        let lock = lock::Index { place, digest: *digest, size: *size };
                        let priority = believed.release.priority();
                        let archive = archive.clone();
                        return Ok(ReadIndex { archive, url, text, priority, lock });
                    }
                    Err(error) if is_absent(&error) => absent = absent.or(Some(error)),
                    Err(error) => return Err(error.into()),
                }
            }
        }
        let error = absent.expect("a list has one form at least, and each a place");
        Err(error.into())
    }

    fn text(&self, path: &std::path::Path, url: &Url) -> Result<String, AptError> {
        let failed = |source| AptError::Read { path: path.to_path_buf(), source };
        let stored = File::open(path).and_then(Stored::watched).map_err(failed)?;
        let options = ArchiveOptions {
            strip_components: 0,
            limits: Limits { max_bytes: LARGEST, ..Limits::default() },
            temporary: self.temporary.to_path_buf(),
        };
        let stored = plain(&stored, &options)
            .map_err(|fault| AptError::Compressed { url: url.clone(), fault })?;
        let mut bytes = vec![0; stored.size() as usize];
        stored.read_exact_at(0, &mut bytes).map_err(failed)?;
        String::from_utf8(bytes).map_err(|_| AptError::Text { url: url.clone() })
    }
}

/// Where a file of a release is: under the name of its digest it stays while the release changes.
fn places(believed: &Believed, path: &str, digest: &Digest) -> Result<Vec<Url>, AptError> {
    let mut all = Vec::new();
    if believed.release.acquire_by_hash {
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
        let path = format!("{directory}/by-hash/SHA256/{}", digest.hex());
        all.push(below(&believed.directory, path.trim_start_matches('/'))?);
    }
    all.push(below(&believed.directory, path)?);
    Ok(all)
}
