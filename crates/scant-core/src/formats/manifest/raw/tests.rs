//! `tests` as it is written: the shape is that of a file of structure tests.

use super::shapes::Short;
use crate::formats::structure_test::raw::StructureTests;

impl Short for StructureTests {
    const SYNTAX: &'static str = "A file of tests, by its path from the manifest's directory.";
}
