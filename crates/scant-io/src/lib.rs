//! The part of scant that touches the world.
