//! Proof from its files alone that an image starts: nothing is executed. It knows nothing of the
//! user's manifest; what is declared comes in as values.
//!
//! The checks by name are words ([`Check`](crate::words::Check)).
//!
//! ```text
//! finding        what they find
//! place          the image, and the questions that all checks ask of it
//! walk           what is where
//! user           whom it runs as
//! start          what is started
//! elves          what the loader of the image says, versions, symbols
//! scripts, links, modes, secrets, surroundings, cache    the other groups of checks
//! allow          what somebody has accepted
//! ```

mod allow;
mod cache;
mod elves;
mod finding;
mod links;
mod modes;
mod place;
mod scripts;
mod secrets;
mod start;
mod surroundings;
mod symbols;
mod user;
mod versions;
mod walk;

use alloc::vec::Vec;

pub use allow::{Allow, allow};
pub use finding::{Finding, sort};
pub use place::{Extent, Image};
pub use versions::GlibcNeed;

use finding::Findings;
use place::Place;

/// What is known of an image after it was checked.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// All findings, the worst first.
    pub findings: Vec<Finding>,
    /// The glibc it needs and has.
    pub glibc: GlibcNeed,
}

/// Checks an image. Reads its files; executes nothing.
pub fn check(image: &Image<'_>) -> Report {
    let place = Place::new(image);
    let mut findings = Findings::default();
    let user = user::identity(&place, &mut findings);
    let started = start::programs(&place, &user, &mut findings);
    let walked = match image.extent {
        Extent::Whole => walk::walk(&place, &mut findings),
        Extent::Start => Vec::new(),
    };
    let glibc = elves::check(&place, &user, &started, &walked, &mut findings);
    if image.extent == Extent::Whole {
        scripts::check(&place, &walked, &mut findings);
        links::check(&place, &walked, &mut findings);
        modes::check(&place, &walked, &mut findings);
        secrets::check(&place, &walked, &mut findings);
        surroundings::check(&place, &walked, &mut findings);
        cache::check_root(&place, &walked, &mut findings);
    }
    Report { findings: findings.finish(), glibc }
}
