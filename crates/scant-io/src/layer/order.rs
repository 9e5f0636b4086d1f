//! Something that threads use one after the other, in the order of their pieces.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A value with the number of the piece whose turn it is.
pub(super) struct InOrder<T> {
    state: Mutex<State<T>>,
    moved: Condvar,
}

struct State<T> {
    next: u64,
    is_stopped: bool,
    value: T,
}

impl<T> InOrder<T> {
    pub(super) fn new(first: u64, value: T) -> Self {
        let state = State { next: first, is_stopped: false, value };
        Self { state: Mutex::new(state), moved: Condvar::new() }
    }

    /// Waits until all pieces before `number` had their turn, and takes it; none if the work has
    /// been stopped. An error stops it.
    pub(super) fn turn<R, E>(
        &self,
        number: u64,
        act: impl FnOnce(&mut T) -> Result<R, E>,
    ) -> Option<Result<R, E>> {
        let waiting = |state: &mut State<T>| !state.is_stopped && state.next != number;
        let state = self.moved.wait_while(self.lock(), waiting);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        if state.is_stopped {
            return None;
        }
        let result = act(&mut state.value);
        match result {
            Ok(_) => state.next += 1,
            // Nobody comes after one that has failed.
            Err(_) => state.is_stopped = true,
        }
        drop(state);
        self.moved.notify_all();
        Some(result)
    }

    /// Ends all waiting.
    pub(super) fn stop(&self) {
        self.lock().is_stopped = true;
        self.moved.notify_all();
    }

    pub(super) fn into_value(self) -> T {
        self.state.into_inner().unwrap_or_else(PoisonError::into_inner).value
    }

    /// A thread that panicked is joined, and its panic goes on there.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
