//! Archives made byte by byte, right ones and wrong ones. Programs that make archives make only
//! right ones.

mod tar;
mod zip;

pub use tar::{RawHeader, RawTar};
pub use zip::{RawMember, RawZip};
