//! What the tests share: a registry, a place for files, an image.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use scant_core::formats::image_reference::{ImageArgument, ImageReference, Name};
use scant_core::formats::oci::{Descriptor, RunConfig, media_type};
use scant_core::plan::assemble::{self, Recipe};
use scant_core::words::{DiffId, Digest, Platform};
use scant_io::blobs::Blob;
use scant_io::cache::Downloads;
use scant_io::image::{Image, LayerBlob, PlatformImage};
use scant_io::images::{self, OpenError, Opened, Sources};
use scant_io::net::{self, Patience};
use scant_io::registry::{self, Pushed, Registries, RegistryError, Settings};
use scant_testkit::FakeRegistry;
use scant_testkit::registry::Manners;

/// A registry, and a directory with credentials and blobs.
pub(crate) struct Place {
    pub(crate) registry: FakeRegistry,
    pub(crate) directory: tempfile::TempDir,
    pub(crate) tries: u32,
}

impl Place {
    pub(crate) fn new(manners: Manners) -> Self {
        Self {
            registry: FakeRegistry::new(manners),
            directory: tempfile::tempdir().unwrap(),
            tries: 4,
        }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes the file of credentials, with `HOST` for the registry.
    pub(crate) fn auth(&self, text: &str) {
        fs::write(self.file("auth.json"), text.replace("HOST", &self.registry.host)).unwrap();
    }

    /// The settings of a run.
    pub(crate) fn settings(&self) -> Settings {
        let patience = Patience {
            tries: self.tries,
            first_wait: Duration::from_millis(1),
            longest_wait: Duration::from_millis(2),
        };
        Settings {
            net: net::Settings { patience, ..net::Settings::default() },
            auth_files: vec![self.file("auth.json")],
            programs: vec![self.directory.path().to_path_buf()],
            registries_conf: vec![self.file("registries.conf")],
            downloads: Some(Arc::new(Downloads::new(&self.file("cache")))),
            temporary: self.directory.path().to_path_buf(),
            ..Settings::default()
        }
    }

    /// What a run knows of registries: nothing of another run.
    pub(crate) fn run(&self) -> Arc<Registries> {
        Registries::new(self.settings()).unwrap()
    }

    pub(crate) fn name(&self, rest: &str) -> Name {
        format!("{}/{rest}", self.registry.host).parse().unwrap()
    }

    pub(crate) fn push(&self, image: &Image, to: &str) -> Result<Pushed, RegistryError> {
        registry::push(image, &self.name(to), &self.run())
    }

    /// The image, with all its blobs here.
    pub(crate) fn pull(&self, from: &str) -> Result<Image, OpenError> {
        let image = self.open(from)?;
        images::fetch(&image)?;
        Ok(image)
    }

    pub(crate) fn open(&self, from: &str) -> Result<Image, OpenError> {
        self.open_for(from, None)
    }

    pub(crate) fn open_for(&self, from: &str, platform: Option<&str>) -> Result<Image, OpenError> {
        let sources = Sources {
            registries: Some(self.run()),
            docker_host: None,
            temporary: self.directory.path().to_path_buf(),
            platform: platform.map(|platform| platform.parse().unwrap()),
            only_files: false,
        };
        let reference = ImageReference::Docker { name: self.name(from) };
        match images::open_from(&ImageArgument::Reference(reference), &sources)? {
            Opened::Image(image) => Ok(image),
            Opened::Files(_) => panic!("a registry has images"),
        }
    }

    /// Its own host as `HOST` in a text.
    pub(crate) fn shown(&self, text: &impl ToString) -> String {
        let text = text.to_string().replace(&self.registry.host, "HOST");
        text.replace(&*self.directory.path().to_string_lossy(), "DIR")
    }
}

/// An image of layers of these sizes, for each of the platforms.
pub(crate) fn image(platforms: &[&str], sizes: &[usize]) -> Image {
    let platforms: Vec<_> = platforms.iter().map(|name| platform_image(name, sizes)).collect();
    let index = (platforms.len() > 1).then(|| {
        let manifests = platforms.iter().map(|platform| platform.manifest.descriptor.clone());
        assemble::index(manifests.collect(), &Default::default())
    });
    Image { platforms, index, others: Vec::new() }
}

fn platform_image(name: &str, sizes: &[usize]) -> PlatformImage {
    let platform: Platform = name.parse().unwrap();
    let layer = |(number, size): (usize, &usize)| {
        let seed = Digest::of(format!("{name} {number}").as_bytes()).hex();
        let bytes: Vec<u8> = seed.bytes().cycle().take(*size).collect();
        let blob = Blob::of_bytes(&bytes);
        let descriptor = Descriptor::of(media_type::LAYER, &bytes);
        LayerBlob { diff_id: DiffId(blob.digest()), tar_size: *size as u64, descriptor, blob }
    };
    let layers: Vec<_> = sizes.iter().enumerate().map(layer).collect();
    let assembled = assemble::image(&Recipe {
        platform,
        layers: &layers.iter().map(|layer| layer.to_layer("scant build")).collect::<Vec<_>>(),
        config: &RunConfig::default(),
        annotations: &Default::default(),
        epoch: 0,
    });
    PlatformImage::new(assembled, layers, Some(format!("provenance of {name}").into_bytes()))
}

/// Expects that two are the same image, down to each byte and to the provenance.
#[track_caller]
pub(crate) fn same(image: &Image, other: &Image) {
    assert_eq!(image.top().descriptor.digest, other.top().descriptor.digest);
    let (blobs, others) = (image.blobs(), other.blobs());
    assert_eq!(blobs.keys().collect::<Vec<_>>(), others.keys().collect::<Vec<_>>());
    for (digest, blob) in &others {
        assert_eq!(blob.read(1 << 20).unwrap(), blobs[digest].read(1 << 20).unwrap());
    }
}
