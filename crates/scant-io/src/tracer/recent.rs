//! What a process asked for lately. Programs ask for the same again and again; it is told once,
//! until other requests have taken its place. Bounded, and never wrong: what is not the same in
//! all is told.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::mem;

use scant_core::words::{Access, Action, LastLink, Outcome};

use super::decode::Request;

/// How many are remembered of a process: so many places, with so many in each. Two that a hash gives
/// the same place do not drive one another out.
const PLACES: usize = 32;
const IN_A_PLACE: usize = 4;

/// The last accesses of a process, each in the place that its hash gives it, the newest first.
#[derive(Default)]
pub(super) struct Recent {
    places: Vec<[Option<Access>; IN_A_PLACE]>,
}

impl Recent {
    /// Whether this was asked for and done lately. How it ends this time is not waited for: that a
    /// file is there is known, and a call costs half as much.
    pub(super) fn was_done(&self, request: &Request) -> bool {
        let only_reads =
            matches!(request.action, Action::Open | Action::List | Action::Look | Action::ReadLink);
        let place = place(
            (&request.action, &request.name, &request.directory, request.last),
            Outcome::Done,
        );
        let same = |access: &Access| {
            access.outcome == Outcome::Done
                && (&access.action, access.last) == (&request.action, request.last)
                && (&*access.name, &*access.directory) == (&*request.name, &*request.directory)
        };
        only_reads && self.places.get(place).is_some_and(|all| all.iter().flatten().any(same))
    }

    /// Whether an access is new. It is remembered then.
    pub(super) fn is_new(&mut self, access: &Access) -> bool {
        if self.places.is_empty() {
            self.places.resize_with(PLACES, Default::default);
        }
        let request = (&access.action, &*access.name, &*access.directory, access.last);
        let place = &mut self.places[place(request, access.outcome)];
        let is_new = !place.iter().flatten().any(|known| known == access);
        if is_new {
            place.rotate_right(1);
            place[0] = Some(access.clone());
        }
        is_new
    }
}

fn place(request: (&Action, &[u8], &[u8], LastLink), outcome: Outcome) -> usize {
    let (action, name, directory, last) = request;
    let mut hasher = DefaultHasher::new();
    (name, directory, mem::discriminant(action)).hash(&mut hasher);
    (last == LastLink::Keep, outcome == Outcome::Done).hash(&mut hasher);
    (hasher.finish() % PLACES as u64) as usize
}

#[cfg(test)]
mod tests {
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
    fn what_was_done_is_not_waited_for() {
        let mut recent = Recent::default();
        let request = |action, name: &str| Request {
            action,
            name: name.into(),
            directory: b"/".to_vec(),
            last: LastLink::Follow,
        };
        recent.is_new(&access("/a", Outcome::Done));
        recent.is_new(&access("/b", Outcome::Failed(2)));
        recent.is_new(&Access { action: Action::Change, ..access("/c", Outcome::Done) });
        assert!(recent.was_done(&request(Action::Open, "/a")));
        assert!(!recent.was_done(&request(Action::Look, "/a")));
        assert!(!recent.was_done(&request(Action::Open, "/b")));
        assert!(!recent.was_done(&request(Action::Change, "/c")));
    }

    #[test]
    fn a_few_do_not_drive_one_another_out() {
        // Whatever their hashes are: programs ask for a handful of names in turn.
        for round in 0..1000 {
            let all: Vec<_> =
                (0..5).map(|n| access(&format!("/{round}/{n}"), Outcome::Done)).collect();
            let mut recent = Recent::default();
            assert!(all.iter().all(|one| recent.is_new(one)));
            assert!(!all.iter().any(|one| recent.is_new(one)), "round {round}");
        }
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
