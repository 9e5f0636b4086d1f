//! Progress bars on stderr while layers are written and files are loaded; nothing where stderr is no
//! terminal.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use scant_core::words::Tree;
use scant_io::cache::Step;
use scant_io::layer;

/// The progress of one build over all its layers.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Bytes of the layers that are done.
    before: AtomicU64,
    /// Bytes of the layer that is being written.
    current: AtomicU64,
}

impl Progress {
    /// Progress through layers of these trees.
    pub(crate) fn new<'t>(quiet: bool, trees: impl Iterator<Item = &'t Tree>) -> Self {
        let is_shown = !quiet && std::io::stderr().is_terminal();
        let size = |tree| if is_shown { layer::tar_size(tree).unwrap_or(0) } else { 0 };
        let bar = bar(is_shown, trees.map(size).sum(), "writing layers");
        Self { bar, before: AtomicU64::new(0), current: AtomicU64::new(0) }
    }

    /// So many bytes of the current layer are done.
    pub(crate) fn layer(&self, done: u64) {
        self.current.store(done, Ordering::Relaxed);
        self.bar.set_position(self.before.load(Ordering::Relaxed) + done);
    }

    /// The current layer is done.
    pub(crate) fn layer_is_done(&self) {
        let done = self.current.swap(0, Ordering::Relaxed);
        self.before.fetch_add(done, Ordering::Relaxed);
    }

    /// All is done: the bar goes away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// The progress of files that are loaded from the network.
pub(crate) struct Loading(ProgressBar);

impl Loading {
    /// Progress of nothing so far.
    pub(crate) fn new(quiet: bool) -> Self {
        let is_shown = !quiet && std::io::stderr().is_terminal();
        Self(bar(is_shown, 0, "loading"))
    }

    /// What [`scant_io::cache::Downloads::fetch`] tells, from any thread.
    pub(crate) fn step(&self, step: Step) {
        match step {
            Step::Expected(size) => self.0.inc_length(size),
            Step::Received(size) => self.0.inc(size),
            Step::Lost(size) => self.0.dec(size),
        }
    }

    /// All is done: the bar goes away.
    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

fn bar(is_shown: bool, size: u64, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(size);
    bar.set_draw_target(match is_shown {
        false => ProgressDrawTarget::hidden(),
        true => ProgressDrawTarget::stderr(),
    });
    let style = "{msg} {wide_bar} {decimal_bytes}/{decimal_total_bytes} {eta}";
    bar.set_style(ProgressStyle::with_template(style).expect("the template is a literal"));
    bar.set_message(what);
    bar
}
