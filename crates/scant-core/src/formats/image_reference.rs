//! How images are named: `TRANSPORT:REST` as skopeo and podman write it, and the names of images
//! in registries. Whether anything is there, and which transports work, is decided elsewhere.

mod name;

pub use name::{Name, NameError};

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

/// A place an image is read from or written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageReference {
    /// `oci:DIR[:TAG]`: an OCI image layout.
    Oci {
        /// The layout's directory. It cannot hold a colon.
        directory: String,
        /// The tag: `org.opencontainers.image.ref.name`, compared literally.
        tag: Option<String>,
    },
    /// `oci-archive:FILE[:TAG]`: a layout in a tar archive.
    OciArchive {
        /// The archive. It cannot hold a colon.
        file: String,
        /// The tag.
        tag: Option<String>,
    },
    /// `docker-archive:FILE[:REF]`: what `docker load` reads.
    DockerArchive {
        /// The archive. It cannot hold a colon.
        file: String,
        /// The name.
        name: Option<Name>,
    },
    /// `docker-daemon:REF`: an image of a Docker engine.
    DockerDaemon {
        /// The name.
        name: Name,
    },
    /// `docker://REF`: an image in a registry.
    Docker {
        /// The name.
        name: Name,
    },
    /// `rootfs:DIR`: the files, in a directory.
    Rootfs {
        /// The directory.
        directory: String,
    },
    /// `tar:FILE`: the files, in a tar archive.
    Tar {
        /// The archive.
        file: String,
    },
}

/// An argument that names an image: a reference, or only a path, whose kind the file itself tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageArgument {
    /// With a transport.
    Reference(ImageReference),
    /// A path without a transport: a layout, an archive or a directory of files.
    Path(String),
}

/// A text that names no image.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// Nothing before a colon.
    #[error("`{text}` names no transport; one of {TRANSPORTS} was expected, as in `oci:{text}`")]
    NoTransport {
        /// What was given.
        text: String,
    },
    /// Something else before the colon.
    #[error("`{transport}` in `{text}` is no transport that scant knows: {TRANSPORTS}{}", hint(.text))]
    UnknownTransport {
        /// What was given.
        text: String,
        /// What stands where a transport would.
        transport: String,
    },
    /// Nothing after the colon.
    #[error("`{text}` names no {what}")]
    Empty {
        /// What was given.
        text: String,
        /// What is missing.
        what: &'static str,
    },
    /// A tag that a layout cannot hold.
    #[error(
        "`{tag}` in `{text}` is not a tag: letters, digits and single `-._:@+/` between them were \
         expected (everything after the first colon of the path is the tag)"
    )]
    Tag {
        /// What was given.
        text: String,
        /// The part that is no tag.
        tag: String,
    },
    /// Slashes are part of this transport's name.
    #[error("`{text}` should be `docker://{}`", .text.trim_start_matches("docker:"))]
    Slashes {
        /// What was given.
        text: String,
    },
    /// A name that no registry could have.
    #[error(transparent)]
    Name(#[from] NameError),
}

/// The transports there are, for messages.
const TRANSPORTS: &str =
    "oci:, oci-archive:, docker-archive:, docker-daemon:, docker://, rootfs:, tar:";

/// What somebody may have meant who wrote a name or a path without a transport.
fn hint(text: &str) -> String {
    match text.parse::<Name>() {
        Ok(_) => alloc::format!(
            " (did you mean `docker://{text}` or `docker-daemon:{text}`? a path with a colon can be written `./{text}`)"
        ),
        Err(_) => String::new(),
    }
}

impl ImageReference {
    /// Reads an argument that may also be a path alone. It is one when it holds no colon, or when
    /// it starts with `/`, `./` or `../`.
    ///
    /// # Errors
    /// As [`ImageReference::from_str`].
    pub fn parse_or_path(text: &str) -> Result<ImageArgument, ReferenceError> {
        let path = ["/", "./", "../"].iter().any(|start| text.starts_with(start));
        if path || (!text.is_empty() && !text.contains(':')) {
            return Ok(ImageArgument::Path(text.to_string()));
        }
        text.parse().map(ImageArgument::Reference)
    }

    /// The transport, with its colon.
    pub fn transport(&self) -> &'static str {
        match self {
            Self::Oci { .. } => "oci:",
            Self::OciArchive { .. } => "oci-archive:",
            Self::DockerArchive { .. } => "docker-archive:",
            Self::DockerDaemon { .. } => "docker-daemon:",
            Self::Docker { .. } => "docker://",
            Self::Rootfs { .. } => "rootfs:",
            Self::Tar { .. } => "tar:",
        }
    }

    /// The file or directory of this host that it names; none for daemons and registries.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Oci { directory, .. } | Self::Rootfs { directory } => Some(directory),
            Self::OciArchive { file, .. }
            | Self::DockerArchive { file, .. }
            | Self::Tar { file } => Some(file),
            Self::DockerDaemon { .. } | Self::Docker { .. } => None,
        }
    }
}

impl FromStr for ImageReference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let whole = || text.to_string();
        let Some((transport, rest)) = text.split_once(':') else {
            return Err(ReferenceError::NoTransport { text: whole() });
        };
        let need = |rest: &str, what| match rest {
            "" => Err(ReferenceError::Empty { text: whole(), what }),
            rest => Ok(rest.to_string()),
        };
        // As skopeo does: the path ends at its first colon, the rest may hold more of them.
        let (path, reference) = match rest.split_once(':') {
            Some((path, reference)) => (path, Some(reference).filter(|text| !text.is_empty())),
            None => (rest, None),
        };
        let tag = || match reference {
            Some(tag) if !is_ref_name(tag) => {
                Err(ReferenceError::Tag { text: whole(), tag: tag.to_string() })
            }
            tag => Ok(tag.map(ToString::to_string)),
        };
        match transport {
            "oci" => Ok(Self::Oci { directory: need(path, "directory")?, tag: tag()? }),
            "oci-archive" => Ok(Self::OciArchive { file: need(path, "file")?, tag: tag()? }),
            "docker-archive" => {
                let name = reference.map(str::parse).transpose()?;
                Ok(Self::DockerArchive { file: need(path, "file")?, name })
            }
            "docker-daemon" => Ok(Self::DockerDaemon { name: need(rest, "image")?.parse()? }),
            "docker" => {
                let name = rest
                    .strip_prefix("//")
                    .ok_or_else(|| ReferenceError::Slashes { text: whole() })?;
                Ok(Self::Docker { name: need(name, "image")?.parse()? })
            }
            "rootfs" => Ok(Self::Rootfs { directory: need(rest, "directory")? }),
            "tar" => Ok(Self::Tar { file: need(rest, "file")? }),
            _ => Err(ReferenceError::UnknownTransport {
                text: whole(),
                transport: transport.to_string(),
            }),
        }
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.transport())?;
        f.write_str(self.path().unwrap_or_default())?;
        match self {
            Self::Oci { tag: Some(tag), .. } | Self::OciArchive { tag: Some(tag), .. } => {
                write!(f, ":{tag}")
            }
            Self::DockerArchive { name: Some(name), .. } => write!(f, ":{name}"),
            Self::DockerDaemon { name } | Self::Docker { name } => write!(f, "{name}"),
            _ => Ok(()),
        }
    }
}

/// The grammar of `org.opencontainers.image.ref.name`.
/// [Image specification, annotations](https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md).
fn is_ref_name(text: &str) -> bool {
    text.split('/').all(|component| {
        let alphanumeric = |c: char| c.is_ascii_alphanumeric();
        let separators = component.split(alphanumeric).filter(|part| !part.is_empty());
        component.starts_with(alphanumeric)
            && component.ends_with(alphanumeric)
            && separators
                .into_iter()
                .all(|part| matches!(part, "-" | "." | "_" | ":" | "@" | "+" | "--"))
    })
}

#[cfg(test)]
mod tests;
