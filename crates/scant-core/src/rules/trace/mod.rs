//! What the runs of an image say about it: accesses to uses, uses to what the manifest lacks. Reads
//! the image's tree and the inputs; knows neither how accesses were seen nor how a manifest is
//! written.
//!
//! ```text
//! resolve   a name, followed in the image as the kernel does
//! record    accesses of one run to its uses; searches that succeeded are no findings
//! deny      what is never proposed
//! propose   uses of all runs to entries, and what there is to say besides
//! wholes    directories that may be meant as a whole
//! unused    the inverse: what no run touched
//! ```

mod deny;
mod propose;
mod record;
mod resolve;
mod unused;
mod wholes;

pub use deny::{Refusal, denied};
pub use propose::{Answer, Entry, Proposal, Question, Told, propose};
pub use record::{Counts, Recorder};
pub use resolve::{Led, There, follow};
pub use unused::unused;
pub use wholes::Whole;
