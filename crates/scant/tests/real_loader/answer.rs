//! What is said about one file, by whomever.

use std::collections::BTreeSet;

/// The answer about one file.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The real paths of what is loaded, and `MISSING name` for what is not found.
    Loads(BTreeSet<String>),
    /// The file, or one it needs, is damaged or does not fit; with the reason.
    Refused(String),
}

impl Answer {
    /// Whether both load the same, or both refuse.
    pub(crate) fn agrees_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Loads(ours), Self::Loads(theirs)) => ours == theirs,
            (Self::Refused(_), Self::Refused(_)) => true,
            _ => false,
        }
    }

    /// Where the two differ, for people.
    pub(crate) fn compared_with(&self, real: &Self) -> String {
        match (self, real) {
            (Self::Loads(ours), Self::Loads(theirs)) => {
                let only_ours: Vec<_> = ours.difference(theirs).collect();
                let only_theirs: Vec<_> = theirs.difference(ours).collect();
                format!("only scant: {only_ours:?}; only the loader: {only_theirs:?}")
            }
            _ => format!("scant {}; the loader {}", self.in_short(), real.in_short()),
        }
    }

    fn in_short(&self) -> String {
        match self {
            Self::Loads(objects) => format!("loads {objects:?}"),
            Self::Refused(reason) => format!("refuses it: {reason}"),
        }
    }
}
