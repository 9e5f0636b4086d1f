//! What a manifest says of suggestions. What there is to suggest is found out by the plan.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Span, Spanned};
use crate::formats::suggestion_rules::{Parameters, Rule};

/// The `suggestions` section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggestions {
    /// Files of rules, relative to the manifest's directory.
    pub files: Vec<Spanned<String>>,
    /// The rules of those files. Empty until somebody has read them: a manifest's text does not
    /// hold them.
    pub rules: Vec<Rule>,
    /// What is taken in.
    pub accept: Vec<Accepted>,
    /// What is left out on purpose.
    pub decline: Vec<Declined>,
}

/// A suggestion that is taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The whole item.
    pub span: Span,
    /// Its name.
    pub id: String,
    /// What the lists of its rule hold.
    pub with: Vec<With>,
}

/// A list of a rule, with other values than its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct With {
    /// Its name.
    pub name: Spanned<String>,
    /// What it holds.
    pub values: Vec<Spanned<String>>,
}

impl Accepted {
    /// What the lists of its rule hold, by their names.
    pub fn parameters(&self) -> Parameters {
        let texts = |with: &With| with.values.iter().map(|value| value.value.clone()).collect();
        self.with.iter().map(|with| (with.name.value.clone(), texts(with))).collect()
    }
}

/// A suggestion that is left out on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declined {
    /// The whole item.
    pub span: Span,
    /// Its name.
    pub id: String,
    /// A person's reason.
    pub reason: String,
}
