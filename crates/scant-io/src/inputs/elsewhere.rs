//! Inputs that are one thing: an archive, a file, an image. Such a thing says the same as long as it is
//! the same, so that it is told by its digest, or on this machine by the stamp of its file.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use scant_core::formats::image_reference::ImageReference;
use scant_core::formats::lock::{self, For};
use scant_core::formats::manifest::{AskedOf, Backend, InputDeclaration, Location, PerPlatform};
use scant_core::words::{
    Digest, Entry, Hasher, Input, InputError, InputName, PackageIdentity, Packaged, Platform,
    ReadAt, Record, Stamp, TreePath, Url,
};

use super::archive::{ArchiveInput, ArchiveOptions, Limits};
use super::oci::ImageInput;
use super::open::{Declared, OpenRequest};
use super::{InputFaultKind, OneFile};
use crate::image::Image;
use crate::packages::{apk, deb};
use crate::stamp;

/// What places were when somebody looked, by input and platforms.
pub type Pins = BTreeMap<(InputName, For), Digest>;

/// The packages that were chosen when somebody looked, by input and platform.
pub type LockedPackages = BTreeMap<(InputName, Platform), Vec<lock::Package>>;

/// Packages that an input is made of.
#[derive(Clone, Copy, Debug)]
pub struct AskedPackages<'a> {
    /// The name of the input.
    pub input: &'a InputName,
    /// What is asked for.
    pub asked: AskedOf<'a>,
    /// For which platform.
    pub platform: Platform,
    /// The directory of the manifest.
    pub directory: &'a Path,
    /// What was chosen when somebody looked: that is taken, and nothing chosen anew.
    pub locked: Option<&'a [lock::Package]>,
}

/// Why something cannot be had.
pub type Trouble = Box<dyn Error + Send + Sync>;

/// Where things come from that are not on this machine.
pub trait Elsewhere {
    /// The file of this digest.
    ///
    /// # Errors
    /// When it cannot be had.
    fn download(&self, url: &Url, digest: Digest) -> Result<PathBuf, Trouble>;

    /// The image of this name, of which only the documents need to be there yet.
    ///
    /// # Errors
    /// When it cannot be had.
    fn image(&self, image: &ImageReference) -> Result<Image, Trouble>;

    /// The files of packages.
    ///
    /// # Errors
    /// When they cannot be had, or chosen.
    fn packages(&self, asked: &AskedPackages<'_>) -> Result<Vec<PathBuf>, Trouble>;
}

/// Nothing comes from elsewhere.
pub(super) struct Nowhere;

impl Elsewhere for Nowhere {
    fn download(&self, url: &Url, _: Digest) -> Result<PathBuf, Trouble> {
        Err(format!("{} is not asked for", url.shown()).into())
    }

    fn image(&self, image: &ImageReference) -> Result<Image, Trouble> {
        Err(format!("{image} is not asked for").into())
    }

    fn packages(&self, asked: &AskedPackages<'_>) -> Result<Vec<PathBuf>, Trouble> {
        Err(format!("{} is not asked for", asked.asked).into())
    }
}

/// What was opened in this run: what several platforms share is opened once.
#[derive(Default)]
pub struct Kept(RefCell<BTreeMap<(InputName, For), Shared>>);

/// An input that several may have.
#[derive(Clone)]
pub(super) struct Shared(Arc<dyn Input + Send>);

/// What tells a thing from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// Of all that decides what it says.
    pub(super) digest: Digest,
    /// That of its file, where that stands for what is in it.
    pub(super) stamp: Option<Stamp>,
}

/// A declared thing.
pub(super) struct Fixed<'a> {
    declaration: &'a InputDeclaration,
    place: &'a Location,
    platform: Option<Platform>,
    directory: &'a Path,
    /// What its bytes were when somebody looked.
    pin: Option<Digest>,
    /// The packages that were chosen then.
    packages: Option<&'a [lock::Package]>,
}

impl<'a> Fixed<'a> {
    pub(super) fn new(
        declared: &Declared<'a>,
        declaration: &'a InputDeclaration,
        place: &'a Location,
        platform: Option<Platform>,
    ) -> Self {
        let pin = declared.pin(declaration, platform);
        let key = platform.map(|platform| (declaration.name.clone(), platform));
        let packages = key.and_then(|key| declared.packages?.get(&key)).map(Vec::as_slice);
        Self { declaration, place, platform, directory: declared.directory, pin, packages }
    }

    /// Whether it is not opened: it is another for each platform.
    pub(super) fn is_left_out(&self) -> bool {
        self.is_of_platform() && self.platform.is_none()
    }

    /// Whether one place says another thing to each platform.
    fn is_of_platform(&self) -> bool {
        matches!(self.place, Location::Image(_) | Location::Archives { .. })
    }

    /// What its bytes must be.
    fn demanded(&self) -> Option<Digest> {
        let named = match self.place {
            Location::Image(ImageReference::Docker { name }) => name.digest(),
            place => place.sha256(),
        };
        named.or(self.pin)
    }

    /// What tells it from others, without opening it; none if nothing does.
    pub(super) fn identity(&self) -> Option<Identity> {
        let Self { declaration, platform, .. } = self;
        let stamp = match self.place {
            Location::Path { path, .. } => {
                Some(stamp::of(&rustix::fs::stat(self.directory.join(path)).ok()?))
            }
            Location::Archives { .. } => return self.of_packages(),
            Location::Url { .. } | Location::Image(_) => None,
        };
        let demanded = self.demanded();
        if stamp.is_none() && demanded.is_none() {
            return None;
        }
        let of_image = matches!(self.place, Location::Image(_)).then_some(platform);
        let text = format!(
            "{:?} {:?} {demanded:?} {of_image:?} {:?}",
            declaration.backend,
            stamp.map(|_| self.place),
            stamp.map(Stamp::to_bytes),
        );
        Some(Identity { digest: Digest::of(text.as_bytes()), stamp })
    }

    /// What tells packages from others: which they are.
    fn of_packages(&self) -> Option<Identity> {
        let mut digests: Vec<_> = self.packages?.iter().map(|one| one.digest).collect();
        digests.sort();
        let text = format!("{} {digests:?}", self.declaration.backend.as_str());
        Some(Identity { digest: Digest::of(text.as_bytes()), stamp: None })
    }

    /// What it is kept under.
    fn key(&self) -> (InputName, For) {
        let is_shared =
            matches!(self.declaration.place, PerPlatform::One(_)) && !self.is_of_platform();
        let for_ = if is_shared { For::All } else { self.platform.into() };
        (self.declaration.name.clone(), for_)
    }
}

/// Opens a thing. None if it cannot be one without a platform.
pub(super) fn open(
    request: &OpenRequest<'_>,
    fixed: &Fixed<'_>,
) -> Result<Option<Shared>, InputFaultKind> {
    if fixed.is_left_out() {
        return Ok(None);
    }
    let key = fixed.key();
    if let Some(kept) = request.kept.0.borrow().get(&key) {
        return Ok(Some(kept.clone()));
    }
    let input = Shared(opened(request, fixed)?);
    request.kept.0.borrow_mut().insert(key, input.clone());
    Ok(Some(input))
}

fn opened(
    request: &OpenRequest<'_>,
    fixed: &Fixed<'_>,
) -> Result<Arc<dyn Input + Send>, InputFaultKind> {
    let path = match fixed.place {
        Location::Path { path, .. } => {
            let path = fixed.directory.join(path);
            if let Some(demanded) = fixed.demanded() {
                let (found, _) = digest_of(&path)?;
                is_demanded(fixed, path.display().to_string(), demanded, found)?;
            }
            path
        }
        Location::Url { url, sha256 } => {
            if let Some(pin) = fixed.pin {
                is_demanded(fixed, url.shown().into(), pin, *sha256)?;
            }
            request.elsewhere.download(url, *sha256)?
        }
        Location::Image(image) => {
            let opened = opened_image(request.elsewhere, image, fixed.directory, fixed.pin)?;
            if let Some(demanded) = fixed.demanded() {
                is_demanded(fixed, image.to_string(), demanded, opened.top().descriptor.digest)?;
            }
            let input = ImageInput::read(&opened, fixed.platform, request.temporary)?;
            return Ok(Arc::new(input));
        }
        Location::Archives { .. } => return packages(request, fixed),
    };
    match &fixed.declaration.backend {
        Backend::Http { name, is_executable } => {
            let mode = if *is_executable { 0o755 } else { 0o644 };
            Ok(Arc::new(OneFile::open(&path, name, mode)?))
        }
        Backend::Tar { strip_components } => {
            let options = ArchiveOptions {
                strip_components: *strip_components,
                limits: Limits::default(),
                temporary: request.temporary.to_path_buf(),
            };
            Ok(Arc::new(ArchiveInput::open(&path, &options)?))
        }
        other => Err(InputFaultKind::Unsupported(other.as_str())),
    }
}

fn packages(
    request: &OpenRequest<'_>,
    fixed: &Fixed<'_>,
) -> Result<Arc<dyn Input + Send>, InputFaultKind> {
    let unsupported = InputFaultKind::Unsupported(fixed.declaration.backend.as_str());
    let (Some(asked), Some(platform)) = (fixed.declaration.backend.packages(), fixed.platform)
    else {
        return Err(unsupported);
    };
    let files = request.elsewhere.packages(&AskedPackages {
        input: &fixed.declaration.name,
        asked,
        platform,
        directory: fixed.directory,
        locked: fixed.packages,
    })?;
    let options = ArchiveOptions {
        strip_components: 0,
        limits: Limits::default(),
        temporary: request.temporary.to_path_buf(),
    };
    match asked {
        AskedOf::Apt(_) => Ok(Arc::new(deb::root(&files, &options)?)),
        AskedOf::Apk(apk) => Ok(Arc::new(apk::root(&files, apk.vendor(), &options)?)),
    }
}

/// The image of a reference in a manifest that lies in `directory`; of a registry the one that is
/// pinned.
///
/// # Errors
/// When it cannot be had.
pub fn opened_image(
    elsewhere: &dyn Elsewhere,
    image: &ImageReference,
    directory: &Path,
    pin: Option<Digest>,
) -> Result<Image, InputFaultKind> {
    let below = |path: &str| directory.join(path).to_string_lossy().into_owned();
    let image = match (image.clone(), pin) {
        (ImageReference::Docker { name }, Some(pin)) if name.digest().is_none() => {
            let pinned = format!("docker://{}/{}@{pin}", name.registry(), name.repository());
            pinned.parse().map_err(|error| InputFaultKind::Elsewhere(Box::new(error)))?
        }
        (ImageReference::Oci { directory, tag }, _) => {
            ImageReference::Oci { directory: below(&directory), tag }
        }
        (ImageReference::OciArchive { file, tag }, _) => {
            ImageReference::OciArchive { file: below(&file), tag }
        }
        (ImageReference::DockerArchive { file, name }, _) => {
            ImageReference::DockerArchive { file: below(&file), name }
        }
        (image, _) => image,
    };
    Ok(elsewhere.image(&image)?)
}

fn is_demanded(
    fixed: &Fixed<'_>,
    what: String,
    demanded: Digest,
    found: Digest,
) -> Result<(), InputFaultKind> {
    if demanded == found {
        return Ok(());
    }
    let name = fixed.declaration.name.clone();
    match fixed.pin {
        Some(pin) if pin == demanded => {
            Err(InputFaultKind::Unlocked { name, what, demanded, found })
        }
        _ => Err(InputFaultKind::Differs { what, demanded, found }),
    }
}

/// The digest of a file on this machine, and its size.
///
/// # Errors
/// When it cannot be read.
pub fn digest_of(path: &Path) -> Result<(Digest, u64), InputFaultKind> {
    let read = || -> io::Result<(Digest, u64)> {
        let mut file = File::open(path)?;
        let (mut hasher, mut buffer, mut size) = (Hasher::default(), vec![0; 1 << 18], 0);
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok((hasher.finish(), size)),
                count => {
                    hasher.update(&buffer[..count]);
                    size += count as u64;
                }
            }
        }
    };
    read().map_err(|source| InputFaultKind::Read { path: path.to_path_buf(), source })
}

impl Input for Shared {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        self.0.lookup(path)
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        self.0.list(path)
    }

    fn open(&self, path: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        self.0.open(path)
    }

    fn packages(&self, paths: &BTreeSet<TreePath>) -> BTreeMap<TreePath, String> {
        self.0.packages(paths)
    }

    fn identities(&self, names: &BTreeSet<String>) -> BTreeMap<String, PackageIdentity> {
        self.0.identities(names)
    }

    fn records(&self, names: &BTreeSet<String>) -> BTreeMap<String, Record> {
        self.0.records(names)
    }

    fn packaged(&self) -> Option<&dyn Packaged> {
        self.0.packaged()
    }
}
