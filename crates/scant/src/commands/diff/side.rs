//! One of the two that are compared: an image that is read, or a plan that is not built.

use std::collections::{BTreeMap, BTreeSet};

use scant_core::formats::oci::{self, ImageConfig, ImageManifest};
use scant_core::formats::provenance::{Document, Entry};
use scant_core::plan::{self, PlannedRoot, run_config};
use scant_core::rules::diff;
use scant_core::rules::diff::{Contents, Item, Kind, Layer, Settings};
use scant_core::words::{
    Digest, Hasher, Input, InputError, InputName, Meta, Node, NodeKind, TreePath,
};
use scant_io::image::{Image, PlatformImage};
use scant_io::images::{self, Files, Listed, ListedKind, Listing};

use crate::args::Diff;
use crate::exit::Failure;
use crate::project::{Planned, Project};
use crate::registries;
use crate::sources::Sources;
use crate::subject::{self, Subject};
use crate::surroundings::Surroundings;

/// What was named, opened; its files are read one platform at a time.
pub(super) struct Opened {
    name: String,
    what: What,
}

enum What {
    Image(Box<Image>),
    Files(Files),
    Plans { project: Box<Project>, plans: Vec<Planned> },
}

/// One platform of it.
pub(super) struct Side<'a> {
    name: &'a str,
    /// None for files without an image.
    pub(super) platform: Option<String>,
    source: Source<'a>,
    /// Why its files are there, where that is known.
    document: Option<Document>,
    /// None for files without an image.
    pub(super) settings: Option<Settings>,
    layers: Option<Vec<Layer>>,
}

enum Source<'a> {
    Files { files: Files, listing: Listing },
    Plan(&'a Planned),
}

impl Opened {
    /// Opens what `text` names; of several platforms the one that is wanted, or all.
    pub(super) fn open(
        text: &str,
        args: &Diff,
        surroundings: &Surroundings,
    ) -> Result<Self, Failure> {
        let platform = args.of.platform;
        let what = match Subject::parse(text)? {
            Subject::Manifest(path) => {
                let sources =
                    Sources::new(&args.inputs, &args.registry, surroundings).quiet(args.quiet);
                let project = Project::read(Some(&path), sources, surroundings)?.only(platform);
                let plans = project.plan()?;
                What::Plans { project: Box::new(project), plans }
            }
            Subject::Image(image) => {
                match registries::open_whole(&image, platform, &args.registry, surroundings)? {
                    images::Opened::Files(files) => What::Files(files),
                    images::Opened::Image(mut image) => {
                        if platform.is_some() {
                            let wanted = images::pick(&image, platform).map_err(Failure::input)?;
                            image.platforms = vec![wanted.clone()];
                        }
                        What::Image(Box::new(image))
                    }
                }
            }
        };
        Ok(Self { name: text.to_string(), what })
    }

    /// The platforms, in order; none for files without an image.
    pub(super) fn platforms(&self) -> Vec<Option<String>> {
        match &self.what {
            What::Files(_) => vec![None],
            What::Image(image) => image.platforms.iter().map(|p| Some(p.platform())).collect(),
            What::Plans { plans, .. } => {
                plans.iter().map(|planned| Some(planned.plan.platform.to_string())).collect()
            }
        }
    }

    /// Reads the platform of this number.
    pub(super) fn side(&self, number: usize) -> Result<Side<'_>, Failure> {
        let name = &self.name;
        match &self.what {
            What::Files(files) => Ok(Side {
                name,
                platform: None,
                source: Source::read(files.clone())?,
                document: None,
                settings: None,
                layers: None,
            }),
            What::Image(image) => Side::of_image(name, &image.platforms[number]),
            What::Plans { project, plans } => Ok(Side::of_plan(name, project, &plans[number])),
        }
    }
}

impl<'a> Side<'a> {
    fn of_image(name: &'a str, image: &PlatformImage) -> Result<Self, Failure> {
        let damaged = |what: &str, error| {
            Failure::input(format_args!("`{name}`: the {what} cannot be read: {error}"))
        };
        let config: ImageConfig =
            oci::decode(&image.config.bytes).map_err(|error| damaged("config", error))?;
        // Archives of `docker save` have no manifest, and so no annotations.
        let manifest: Option<ImageManifest> = oci::decode(&image.manifest.bytes).ok();
        let layer = |layer: &scant_io::image::LayerBlob| Layer {
            digest: layer.descriptor.digest,
            diff_id: layer.diff_id,
            size: layer.descriptor.size,
        };
        Ok(Self {
            name,
            platform: Some(image.platform()),
            source: Source::read(Files::of(image))?,
            document: subject::document(image)?,
            settings: Some(Settings {
                platform: image.platform(),
                run: config.config,
                annotations: manifest.map(|manifest| manifest.annotations).unwrap_or_default(),
            }),
            layers: Some(image.layers.iter().map(layer).collect()),
        })
    }

    fn of_plan(name: &'a str, project: &Project, planned: &'a Planned) -> Self {
        let platform = planned.plan.platform;
        let layers = plan::split(&planned.plan.tree, &project.manifest);
        Self {
            name,
            platform: Some(platform.to_string()),
            source: Source::Plan(planned),
            document: Some(planned.document(&layers)),
            settings: Some(Settings {
                platform: platform.to_string(),
                run: run_config(&project.manifest.image),
                annotations: project.manifest.image.annotations.clone(),
            }),
            layers: None,
        }
    }

    /// What it holds, with all attributes.
    pub(super) fn listing(&self, args: &Diff) -> diff::Listing<'_> {
        match &self.source {
            Source::Plan(planned) => {
                let nodes = planned.plan.tree.iter();
                nodes.map(|(path, node)| (path, item_of_node(node, planned))).collect()
            }
            Source::Files { files, listing } => {
                let item = |listed| item_of_listed(listed, files, args.times);
                listing.iter().map(|(path, listed)| (path, item(listed))).collect()
            }
        }
    }

    /// Whether a listing names every attribute that there is.
    pub(super) fn shows_all_xattrs(&self) -> bool {
        match &self.source {
            Source::Plan(_) => true,
            Source::Files { files, .. } => files.directory().is_none(),
        }
    }

    /// The digests of these files.
    pub(super) fn digests(&self, wanted: &BTreeSet<TreePath>) -> Result<Contents, Failure> {
        match &self.source {
            Source::Files { files, listing } => {
                files.digests(listing, wanted).map_err(Failure::input)
            }
            Source::Plan(planned) => {
                let inputs: BTreeMap<InputName, &dyn Input> =
                    planned.inputs.iter().map(|(name, input)| (name.clone(), input)).collect();
                let root = PlannedRoot::new(&planned.plan.tree, &inputs);
                let digest = |path: &TreePath| Ok((path.clone(), digest(&root, path)?));
                let digests: Result<_, InputError> = wanted.iter().map(digest).collect();
                digests.map_err(Failure::input)
            }
        }
    }

    /// Its layers.
    pub(super) fn layers(&self) -> Result<&[Layer], Failure> {
        self.layers.as_deref().ok_or_else(|| {
            Failure::usage(format_args!("`{}` has no layers to compare", self.name))
                .hint("images have, and a manifest when it is built")
        })
    }

    /// What it was named by.
    pub(super) fn name(&self) -> &str {
        self.name
    }

    /// What is known of why a path is there.
    pub(super) fn entry(&self, path: &TreePath) -> Option<&Entry> {
        self.document.as_ref()?.get(path)
    }
}

impl Source<'_> {
    fn read(files: Files) -> Result<Self, Failure> {
        let listing = files.list().map_err(Failure::input)?;
        Ok(Self::Files { files, listing })
    }
}

fn item_of_listed<'a>(listed: &'a Listed, files: &Files, times: bool) -> Item<'a> {
    let kind = match &listed.kind {
        ListedKind::Directory => Kind::Directory,
        ListedKind::File { size } => Kind::File { size: *size, identity: files.identity(listed) },
        ListedKind::Symlink { target } => Kind::Symlink { target },
        ListedKind::HardLink { target } => Kind::HardLink { target },
        ListedKind::Special(what) => Kind::Special(what),
    };
    Item {
        kind,
        mode: listed.mode,
        uid: listed.uid,
        gid: listed.gid,
        xattrs: &listed.xattrs,
        mtime: times.then_some(listed.mtime),
    }
}

/// A plan has no times: a build gives all files one.
fn item_of_node<'a>(node: &'a Node, planned: &'a Planned) -> Item<'a> {
    let kind = match &node.kind {
        NodeKind::Directory => Kind::Directory,
        NodeKind::File(file) => Kind::File { size: file.size, identity: None },
        NodeKind::Symlink { target } => Kind::Symlink { target },
        NodeKind::HardLink { target } => Kind::HardLink { target },
    };
    // All names of a file share what the file is.
    let file = match &node.kind {
        NodeKind::HardLink { target } => planned.plan.tree.get(target),
        _ => None,
    };
    let Meta { mode, uid, gid, xattrs } = &file.unwrap_or(node).meta;
    Item { kind, mode: *mode, uid: (*uid).into(), gid: (*gid).into(), xattrs, mtime: None }
}

/// The digest of a file, which is never held whole.
fn digest(root: &PlannedRoot<'_>, path: &TreePath) -> Result<Digest, InputError> {
    let file = root.open(path)?;
    let (mut hasher, mut buffer, mut offset) = (Hasher::default(), vec![0; 64 << 10], 0);
    loop {
        match file.read_at(offset, &mut buffer)? {
            0 => return Ok(hasher.finish()),
            count => {
                hasher.update(&buffer[..count]);
                offset += count as u64;
            }
        }
    }
}
