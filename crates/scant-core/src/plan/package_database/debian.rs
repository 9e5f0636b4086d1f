//! dpkg's: in `/var/lib/dpkg/status.d` a file for each package, and one with the digests of its files.
//! That is what scanners read where there is no `/var/lib/dpkg/status`, which says that all files of a
//! package are there.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use md5::{Digest as _, Md5};

use super::{Nodes, OfPackage, Present, below_usr};
use crate::formats::debian::control::paragraphs;
use crate::formats::debian::status;
use crate::formats::manifest::Span;
use crate::plan::planner::Planner;
use crate::words::{InputError, InputName, NodeKind, Record, TreePath};

/// What is written of a package.
#[derive(Default)]
struct Written {
    entry: String,
    /// Digests by path in the image.
    digests: BTreeMap<TreePath, String>,
}

impl Planner<'_> {
    pub(super) fn write_debian(&mut self, present: &[Present], span: Span) {
        let mut written: BTreeMap<String, Written> = BTreeMap::new();
        let nodes = self.nodes_of_packages();
        for one in present {
            let Record::Debian { control, md5sums } = &one.record else { continue };
            let entry = status::entry(control);
            let digests = self.digests(one, md5sums, &nodes);
            // The same package may come from two inputs, and so may two versions of it.
            let is_free = |name: &String| written.get(name).is_none_or(|it| it.entry == entry);
            let name = Some(one.name.clone()).filter(is_free);
            let name = name.unwrap_or_else(|| format!("{}_{}", one.name, version(control)));
            let of_package = written.entry(name).or_default();
            of_package.entry = entry;
            of_package.digests.extend(digests);
        }
        let directory = TreePath::literal("/var/lib/dpkg/status.d");
        for (name, Written { entry, digests }) in written {
            self.place_database(&directory.join(name.as_bytes()), entry.into_bytes(), span);
            if digests.is_empty() {
                continue;
            }
            let mut lines = Vec::new();
            for (path, digest) in digests {
                lines.extend([digest.as_bytes(), b"  ", path.relative(), b"\n"].concat());
            }
            let name = format!("{name}.md5sums");
            self.place_database(&directory.join(name.as_bytes()), lines, span);
        }
    }

    /// The digests of the files that the image has of a package: as the package says, else as they
    /// are.
    fn digests(
        &self,
        package: &Present,
        md5sums: &str,
        nodes: &Nodes<'_>,
    ) -> BTreeMap<TreePath, String> {
        let said = status::md5sums(md5sums);
        let mut digests = BTreeMap::new();
        for OfPackage { path, node, source } in package.nodes(nodes) {
            let is_link = matches!(node.kind, NodeKind::Symlink { .. });
            // No line can tell a name that goes over several.
            if is_link || path.as_bytes().contains(&b'\n') {
                continue;
            }
            let said = said.get(&source.path).or_else(|| said.get(&below_usr(&source.path)?));
            let said = said.map(|digest| digest.to_ascii_lowercase());
            let digest = said.or_else(|| self.digest(&package.input, &source.path).ok());
            digests.extend(digest.map(|digest| ((*path).clone(), digest)));
        }
        digests
    }

    /// The digest of a file of an input.
    fn digest(&self, input: &InputName, path: &TreePath) -> Result<String, InputError> {
        let mut md5 = Md5::new();
        let view = self.request.inputs.get(input).expect("what is in the image is of an input");
        let file = view.input().open(path)?;
        let mut buffer: Box<[u8]> = alloc::vec![0; 64 << 10].into();
        let mut offset = 0;
        loop {
            match file.read_at(offset, &mut buffer)? {
                0 => {
                    let bytes = md5.finalize();
                    return Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect());
                }
                count => {
                    md5.update(&buffer[..count]);
                    offset += count as u64;
                }
            }
        }
    }
}

fn version(control: &str) -> String {
    let version = paragraphs(control).next().and_then(|one| one.get("Version"));
    // A version has no slash; what is not one may.
    version.unwrap_or_default().to_string().replace('/', "_")
}
