//! Layouts made by hand: a good one has no violation, one broken in one way has that one.

mod documents;
mod fixture;
mod layers;
