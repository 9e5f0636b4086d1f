//! What `why`, `ls` and others are asked about: an image, or a manifest that would become one.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use scant_core::formats::image_reference::{ImageArgument, ImageReference};
use scant_core::formats::provenance::{self, Document};
use scant_core::words::{OneLine, Platform};
use scant_io::image::{Image, PlatformImage};
use scant_io::images::{self, Files, Listing, Opened};

use crate::args::RegistryArgs;
use crate::exit::Failure;
use crate::registries;
use crate::surroundings::Surroundings;

/// A manifest or an image.
pub(crate) enum Subject {
    Manifest(PathBuf),
    Image(ImageArgument),
}

/// The files of an image for one platform and, where it carries them, their reasons.
pub(crate) struct Contents {
    /// The platform; none for files without an image.
    pub(crate) platform: Option<String>,
    /// What the image holds, read from its layers.
    pub(crate) listing: Listing,
    /// Its provenance document.
    pub(crate) document: Option<Document>,
}

impl Subject {
    /// What the user means: a file that ends in `.yaml` or `.yml` is a manifest, anything else an
    /// image.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let path = Path::new(text);
        let is_yaml = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        if text == "-" || (is_yaml && !text.contains(':')) {
            return Ok(Self::Manifest(path.to_path_buf()));
        }
        ImageReference::parse_or_path(text).map(Self::Image).map_err(Failure::usage)
    }
}

/// Says so when a directory is taken as an image that may have been meant otherwise.
pub(crate) fn tell_doubt(image: &ImageArgument, opened: &Opened) {
    let ImageArgument::Path(path) = image else { return };
    if images::is_doubtful(image, opened) {
        let path = OneLine(path);
        let note = "is taken as a root file system, and does not look like one";
        let _ =
            writeln!(std::io::stderr(), "note: `{path}` {note}; `rootfs:{path}` says that it is");
    }
}

/// Opens an image and reads what it holds: for the wanted platform, or for all it has.
pub(crate) fn contents(
    image: &ImageArgument,
    platform: Option<Platform>,
    args: &RegistryArgs,
    surroundings: &Surroundings,
) -> Result<Vec<Contents>, Failure> {
    let opened = registries::open_whole(image, platform, args, surroundings)?;
    tell_doubt(image, &opened);
    match opened {
        Opened::Files(files) => {
            let listing = files.list().map_err(Failure::input)?;
            Ok(vec![Contents { platform: None, listing, document: None }])
        }
        Opened::Image(image) => of_platforms(&image, platform)?
            .into_iter()
            .map(|platform| {
                let listing = Files::of(platform).list().map_err(Failure::input)?;
                let document = document(platform)?;
                Ok(Contents { platform: Some(platform.platform()), listing, document })
            })
            .collect(),
    }
}

/// The provenance documents of an image, of the wanted platform or of all: without its files, which
/// take longer to read. Empty when it carries none.
pub(crate) fn documents(
    image: &ImageArgument,
    platform: Option<Platform>,
    args: &RegistryArgs,
    surroundings: &Surroundings,
) -> Result<Vec<Document>, Failure> {
    let opened = registries::open(image, platform, args, surroundings)?;
    tell_doubt(image, &opened);
    let Opened::Image(image) = opened else {
        return Ok(Vec::new());
    };
    let documents = of_platforms(&image, platform)?.into_iter().map(document);
    documents.filter_map(Result::transpose).collect()
}

/// The wanted platform of an image, or all.
pub(crate) fn of_platforms(
    image: &Image,
    wanted: Option<Platform>,
) -> Result<Vec<&PlatformImage>, Failure> {
    match wanted {
        Some(_) => images::pick(image, wanted).map(|one| vec![one]).map_err(Failure::input),
        None => Ok(image.platforms.iter().collect()),
    }
}

/// The provenance document of an image for one platform.
pub(crate) fn document(platform: &PlatformImage) -> Result<Option<Document>, Failure> {
    let document = platform.provenance.as_ref();
    let document = document.map(|artifact| provenance::decode(&artifact.document));
    document.transpose().map_err(Failure::input)
}
