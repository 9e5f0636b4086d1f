//! Programs of an image, run in the sandbox.

use scant_core::formats::oci::RunConfig;

use super::Testee;
use super::commands::Engine;
use crate::exit::Failure;
use crate::surroundings::Surroundings;

/// What runs programs of an image.
///
/// # Errors
/// When nothing can be run on this machine, or the image cannot be unpacked.
pub(super) fn engine(
    _testee: &Testee,
    _config: &RunConfig,
    _surroundings: &Surroundings,
) -> Result<Box<dyn Engine>, Failure> {
    Err(Failure::usage("this version cannot run commands"))
}
