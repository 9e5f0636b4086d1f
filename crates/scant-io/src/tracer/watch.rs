//! When a program has to end, and what it is told from outside. Counts a timer, since the clock of
//! the machine is nobody's here.

use std::io;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::kernel::{Forwarding, TICKS_PER_SECOND, Timer};
use super::program::Bounds;

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Hand this signal to the program.
    Forward(i32),
    /// Ask all to end.
    Ask,
    Kill,
}

/// Watches over the bounds of a run. Its timer interrupts the waits of this thread.
pub(super) struct Watch<'a> {
    bounds: &'a Bounds<'a>,
    timer: Timer,
    forwarding: Option<Forwarding>,
    seen: u64,
    /// The tick at which it was asked to end.
    asked: Option<u64>,
}

impl<'a> Watch<'a> {
    /// To be made before the program is started, which may send signals at once.
    pub(super) fn start(bounds: &'a Bounds<'a>) -> io::Result<Self> {
        let forwarding = bounds.forward.then(Forwarding::start).transpose()?;
        Ok(Self { bounds, timer: Timer::start()?, forwarding, seen: 0, asked: None })
    }

    /// The most tasks at a time.
    pub(super) fn most_tasks(&self) -> usize {
        self.bounds.tasks
    }

    /// Whether the program was asked to end.
    pub(super) fn has_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// What has become due.
    pub(super) fn orders(&mut self) -> Vec<Order> {
        let now = self.timer.ticks();
        if now == self.seen {
            return Vec::new();
        }
        self.seen = now;
        let signals = self.forwarding.iter().flat_map(Forwarding::take);
        let mut orders: Vec<Order> = signals.map(Order::Forward).collect();
        match self.asked {
            Some(since) if now - since >= ticks(self.bounds.grace) => orders.push(Order::Kill),
            Some(_) => {}
            None => {
                let late = self.bounds.time.is_some_and(|time| now >= ticks(time));
                let stop = self.bounds.stop.is_some_and(|stop| stop.load(Ordering::Relaxed));
                if late || stop {
                    self.asked = Some(now);
                    orders.push(Order::Ask);
                }
            }
        }
        orders
    }
}

fn ticks(time: Duration) -> u64 {
    let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    milliseconds.saturating_mul(TICKS_PER_SECOND) / 1000
}
