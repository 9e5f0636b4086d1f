//! How an image is divided into layers, as declared. Which node goes where is decided in
//! `plan::layers`.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Span, Spanned};
use crate::words::InputName;

/// How an image is divided into layers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Layers {
    /// Not at all.
    #[default]
    Single,
    /// A layer for each input.
    ByInput,
    /// A layer for each of the largest packages. Holds the place of the word.
    ByPackage(Span),
    /// As the groups say; never empty.
    Groups(Vec<LayerGroup>),
}

/// What one layer takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerGroup {
    /// The whole item.
    pub span: Span,
    /// The layer's name: no other group has it, and it is not [`Layers::REST`].
    pub name: String,
    /// What goes into it, if no group before it takes that; never empty.
    pub takes: Vec<Spanned<Selector>>,
}

/// What a layer takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// Files of packages: a valid glob over their names.
    Package(String),
    /// Paths of the image: a valid glob over them, with the slash at the beginning.
    Path(String),
    /// All files of an input.
    Input(InputName),
}

impl Layers {
    /// The name of the last layer, which takes what no other does.
    pub const REST: &'static str = "rest";

    /// The most layers that an image may have: Docker refuses one of 126 with `max depth exceeded`.
    pub const MOST: usize = 125;
}
