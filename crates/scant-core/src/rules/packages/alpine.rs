//! What Alpine's relations mean.
