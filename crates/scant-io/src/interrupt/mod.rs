//! What is done when somebody wants scant to end: what is unfinished is removed, and then it ends by
//! the signal, as it would have without this. Not for SIGKILL, after which the next
//! `Scratch` sweeps; nor while `run` hands signals to a program.
//!
//! A handler of signals may do next to nothing, so that a thread does it, which no signal reaches.
//! All else that scant started goes on meanwhile. Unfinished directories get another name first: then
//! no other thread can put half of one in its place. Children have the signals as they were, for a
//! handler is not inherited, as a mask would be.

mod kernel;

use std::collections::BTreeSet;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::remove;

/// What is to be removed.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// From now on, signals that would end scant have it remove what is unfinished before. To be called
/// once, at the start, while there is one thread.
///
/// # Errors
/// When there are no more descriptors or threads.
pub fn watch() -> io::Result<()> {
    let (mut came, write) = io::pipe()?;
    kernel::without_signals(|| {
        std::thread::Builder::new().spawn(move || {
            // The other end is never closed.
            if matches!(came.read(&mut [0]), Ok(1)) {
                end();
            }
        })
    })?;
    kernel::handle(write)
}

/// Never comes back once a signal has come: what fails then fails for that, and is not worth a word.
pub fn wait_if_ended() {
    while kernel::signal().is_some() {
        std::thread::park();
    }
}

/// What is unfinished, for changing it: nothing of it is removed meanwhile. Whoever asks for it after
/// a signal gets it never.
pub(crate) fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes all that is unfinished, and ends.
fn end() -> ! {
    // Whoever asks again does not want to wait.
    kernel::handle_no_more();
    let unfinished = unfinished();
    unfinished.iter().for_each(|directory| remove_unfinished(directory));
    kernel::end_by_signal()
}

/// A best effort: what cannot be removed is swept by the next build there.
fn remove_unfinished(directory: &Path) {
    let mut gone = directory.as_os_str().to_owned();
    gone.push("-ended");
    if std::fs::rename(directory, &gone).is_ok() {
        let _ = remove::directory(gone.as_ref());
    }
}
