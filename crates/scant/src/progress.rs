//! Progress bars on stderr while layers are written and files are loaded; nothing where stderr is no
//! terminal.

use std::fmt;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

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
pub(crate) struct Loading {
    bar: ProgressBar,
    files: Mutex<Files>,
}

/// The files that are being loaded, and how many are done.
#[derive(Default)]
struct Files {
    names: Vec<String>,
    done: usize,
}

impl Loading {
    /// Progress of nothing so far.
    pub(crate) fn new(quiet: bool) -> Self {
        let is_shown = !quiet && std::io::stderr().is_terminal();
        Self { bar: bar(is_shown, 0, "loading"), files: Mutex::default() }
    }

    /// What [`scant_io::cache::Downloads::fetch`] tells, from any thread.
    pub(crate) fn step(&self, step: Step<'_>) {
        match step {
            Step::Begun(name) => self.change(|files| files.names.push(name.to_string())),
            Step::Ended(name) => self.change(|files| {
                files.done += 1;
                if let Some(place) = files.names.iter().position(|known| known == name) {
                    files.names.remove(place);
                }
            }),
            Step::Expected(size) => self.bar.inc_length(size),
            Step::Received(size) => self.bar.inc(size),
            Step::Lost(size) => self.bar.dec(size),
        }
    }

    fn change(&self, change: impl FnOnce(&mut Files)) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut files);
        self.bar.set_message(files.to_string());
    }
}

/// All is done: the bar goes away.
impl Drop for Loading {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Names come from servers: on a terminal they are short, and characters.
impl fmt::Display for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 32;
        write!(f, "loading")?;
        if let Some(name) = self.names.first() {
            let name: String = name.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
            write!(f, " {name}")?;
        }
        match self.names.len().saturating_sub(1) {
            0 => {}
            more => write!(f, " and {more} more")?,
        }
        if self.done > 0 {
            write!(f, ", {} done", self.done)?;
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_loaded_is_named() {
        let loading = Loading::new(true);
        let shown = || loading.files.lock().unwrap().to_string();
        let mut seen = vec![shown()];
        for step in [
            Step::Begun("a.deb"),
            Step::Begun("\u{1b}[2Jb.deb"),
            Step::Ended("a.deb"),
            Step::Ended("\u{1b}[2Jb.deb"),
        ] {
            loading.step(step);
            seen.push(shown());
        }
        assert_eq!(
            seen,
            [
                "loading",
                "loading a.deb",
                "loading a.deb and 1 more",
                "loading [2Jb.deb, 1 done",
                "loading, 2 done"
            ]
        );
    }
}
