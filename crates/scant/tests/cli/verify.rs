//! `scant verify`.
