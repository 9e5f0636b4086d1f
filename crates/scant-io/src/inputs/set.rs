//! The inputs of a build, by name.

use std::collections::BTreeMap;

use scant_core::words::{Input, InputName};

/// The opened inputs of a build.
#[derive(Default)]
pub struct Inputs(BTreeMap<InputName, Box<dyn Input>>);

impl Inputs {
    /// Adds an input. One of the same name is replaced and returned.
    pub fn insert(&mut self, name: InputName, input: Box<dyn Input>) -> Option<Box<dyn Input>> {
        self.0.insert(name, input)
    }

    /// The input of this name.
    pub fn get(&self, name: &InputName) -> Option<&dyn Input> {
        self.0.get(name).map(|input| &**input)
    }

    /// All inputs, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&InputName, &dyn Input)> {
        self.0.iter().map(|(name, input)| (name, &**input))
    }
}
