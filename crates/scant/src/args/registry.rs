//! What can be typed about registries.

#![allow(rustdoc::broken_intra_doc_links, reason = "the comments are the help: `DIR[:TAG]`")]

use std::path::PathBuf;

use clap::Args as ClapArgs;
use scant_core::formats::image_reference::ImageReference;
use scant_core::words::Platform;

/// How registries are asked: flattened into the arguments of commands that do.
#[derive(ClapArgs, Clone, Debug, Default)]
pub(crate) struct RegistryArgs {
    /// Ask this registry without verifying its certificate, or without encryption; may be given
    /// several times
    #[arg(long, value_name = "HOST", help_heading = "Registries")]
    pub(crate) insecure_registry: Vec<String>,
    /// The file of credentials, and no other; else those of Docker and podman
    #[arg(long, value_name = "FILE", help_heading = "Registries")]
    pub(crate) authfile: Option<PathBuf>,
}

/// Copy an image, for all its platforms, without changing it
///
/// Between registries, layouts, archives and the Docker engine. Blobs that the destination has are not
/// sent again; those of the same registry are not even read. Prints the place and the digest.
#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  scant copy docker://docker.io/library/alpine:3 oci:alpine
  scant copy oci-archive:app.tar docker://registry.example.com/team/app:1.0
  scant copy docker://r.example.com/app:rc docker://r.example.com/app:1.0
  scant copy docker://r.example.com/app:1.0 docker-daemon:app:1.0 --platform linux/amd64

Only docker-archive: and docker-daemon: have other digests afterwards: they hold no manifests, and
one platform.")]
pub(crate) struct Copy {
    /// docker://NAME, oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME],
    /// docker-daemon:NAME
    #[arg(value_name = "SOURCE")]
    pub(crate) source: String,
    /// The same
    #[arg(value_name = "DESTINATION", value_parser = super::parse_output)]
    pub(crate) destination: ImageReference,
    /// Copy all platforms and the index that lists them: what is done unless a platform is named
    #[arg(long, conflicts_with = "platform")]
    pub(crate) all: bool,
    /// Copy the image for this platform, without an index
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) platform: Option<Platform>,
    #[command(flatten)]
    pub(crate) registry: RegistryArgs,
    /// Print no progress, no summary
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Print JSON: the place, the digest, what was sent
    #[arg(long)]
    pub(crate) json: bool,
}

/// Keep a name and a password for a registry
///
/// They are tried first. They go to the credential helper that the file names, else into the file,
/// which nobody else may read: docker, podman and skopeo use it as well.
#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  scant login registry.example.com -u alice --password-stdin < password.txt
  scant login docker.io -u alice --password-stdin --authfile ./auth.json < token.txt")]
pub(crate) struct Login {
    /// The registry: HOST[:PORT]
    #[arg(value_name = "REGISTRY")]
    pub(crate) name: String,
    /// Whose password it is
    #[arg(short, long, value_name = "NAME")]
    pub(crate) username: String,
    /// Read the password from standard input, which is the only way: others see arguments
    #[arg(long, required = true)]
    pub(crate) password_stdin: bool,
    #[command(flatten)]
    pub(crate) registry: RegistryArgs,
    /// Print JSON: where the password is kept
    #[arg(long)]
    pub(crate) json: bool,
}

/// Forget the name and the password for a registry
///
/// In all files and credential helpers that would be asked for them.
#[derive(ClapArgs)]
#[command(after_help = "\
Example:
  scant logout registry.example.com

Exits with 1 if there was nothing to forget.")]
pub(crate) struct Logout {
    /// The registry: HOST[:PORT]
    #[arg(value_name = "REGISTRY")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) registry: RegistryArgs,
    /// Print JSON: the files that were changed
    #[arg(long)]
    pub(crate) json: bool,
}
