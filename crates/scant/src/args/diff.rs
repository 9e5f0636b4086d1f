//! What can be typed after `scant diff`.

#![allow(rustdoc::broken_intra_doc_links, reason = "the comments are the help")]

use clap::Args as ClapArgs;
use scant_core::rules::diff::Exclude;

use super::{InputArgs, OfPlatform, RegistryArgs};

/// Show what differs between two images, and why what is new is there
///
/// Compared is what a container sees: paths with type, content, mode, owner, attributes, and which
/// names share a file; and the settings. How files are divided into layers does not matter. A
/// manifest is planned, not built.
#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  scant diff oci-archive:old.tar nginx.yaml      # what a build would change
  scant diff oci:app:1 oci:app:2 --exclude '/usr/share/doc/**'
  scant diff docker-archive:saved.tar rootfs:./rootfs --times
  scant diff --quiet oci:a oci:b && echo the same

Exits with 1 if anything differs, with 3 if one of them cannot be read.")]
pub(crate) struct Diff {
    /// An image (oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, docker://NAME, rootfs:DIR,
    /// tar:FILE, or a
    /// path), or a manifest
    #[arg(value_name = "IMAGE|MANIFEST")]
    pub(crate) before: String,
    /// What it is compared with, likewise
    #[arg(value_name = "IMAGE|MANIFEST")]
    pub(crate) after: String,
    #[command(flatten)]
    pub(crate) of: OfPlatform,
    /// Compare the layers too: digests, diff IDs, sizes
    #[arg(long)]
    pub(crate) layers: bool,
    /// Compare modification times too
    #[arg(long)]
    pub(crate) times: bool,
    /// Leave out the paths that match, with all that is below them; may be given several times
    #[arg(long, value_name = "GLOB", value_parser = Exclude::glob)]
    pub(crate) exclude: Vec<String>,
    /// Print nothing: the exit code tells
    #[arg(short, long, conflicts_with = "json")]
    pub(crate) quiet: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) registry: RegistryArgs,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
}
