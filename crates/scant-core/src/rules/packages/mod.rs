//! Which packages go together: what each system of packages means by its relations, over one solver.
//! Where packages come from, and who is trusted, is not decided here.

pub mod accounts;
pub mod actions;
pub mod alpine;
pub mod debian;
mod solve;
pub mod start;

pub use solve::{Candidates, Unsolvable, Wish, solve};
