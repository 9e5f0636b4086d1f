//! What a process asked for lately. Programs ask for the same again and again; it is told once,
//! until other requests have taken its place. Bounded, and never wrong: what is not the same in
//! all is told.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use scant_core::words::{Access, Outcome};

/// How many are remembered of a process.
const PLACES: usize = 128;

/// The last accesses of a process, each in the place that its hash gives it.
#[derive(Default)]
pub(super) struct Recent {
    places: Vec<Option<Access>>,
}

impl Recent {
    /// Whether an access is new. It is remembered then.
    pub(super) fn is_new(&mut self, access: &Access) -> bool {
        if self.places.is_empty() {
            self.places.resize(PLACES, None);
        }
        let place = &mut self.places[place(access)];
        let new = place.as_ref() != Some(access);
        if new {
            *place = Some(access.clone());
        }
        new
    }
}

fn place(access: &Access) -> usize {
    let mut hasher = DefaultHasher::new();
    access.name.hash(&mut hasher);
    matches!(access.outcome, Outcome::Done).hash(&mut hasher);
    (hasher.finish() % PLACES as u64) as usize
}

#[cfg(test)]
mod tests {
    use scant_core::words::{Action, LastLink};

    use super::*;

    fn access(name: &str, outcome: Outcome) -> Access {
        Access {
            process: 1,
            program: (*b"/bin/a").into(),
            by: None,
            action: Action::Open,
            name: name.as_bytes().into(),
            directory: (*b"/").into(),
            last: LastLink::Follow,
            outcome,
        }
    }

    #[test]
    fn the_same_is_told_once_and_what_differs_always() {
        let mut recent = Recent::default();
        let done = access("/a", Outcome::Done);
        assert!(recent.is_new(&done));
        assert!(!recent.is_new(&done));
        assert!(recent.is_new(&access("/a", Outcome::Failed(2))));
        assert!(recent.is_new(&Access { action: Action::Look, ..done }));
    }

    #[test]
    fn memory_is_bounded() {
        let mut recent = Recent::default();
        for index in 0..10_000 {
            assert!(recent.is_new(&access(&format!("/{index}"), Outcome::Done)));
        }
        assert_eq!(recent.places.len(), PLACES);
    }
}
