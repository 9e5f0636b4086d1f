//! Where the tests of a manifest are.

use alloc::boxed::Box;
use alloc::string::String;

use super::Spanned;
use crate::formats::structure_test::StructureTests;

/// Tests in a file, or in the manifest itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TestSource {
    /// A file of tests, relative to the manifest's directory.
    File(Spanned<String>),
    /// Tests that stand in the manifest.
    Here(Box<StructureTests>),
}
