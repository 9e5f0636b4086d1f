//! When something is tried again, and how long is waited before.

use std::time::Duration;

use super::NetError;

/// How often something is tried, and how long is waited in between.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How often, the first time included.
    pub tries: u32,
    /// The first wait. Each is twice as long as the one before.
    pub first_wait: Duration,
    /// The longest wait, also when a server asks for more.
    pub longest_wait: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            tries: 5,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(60),
        }
    }
}

impl Patience {
    /// How long to wait after so many failed tries, the last of which failed so; none if it is over.
    fn wait(&self, failed: u32, error: &NetError) -> Option<Duration> {
        if failed >= self.tries || !error.is_transient() {
            return None;
        }
        let asked = match error {
            NetError::Status(status) => status.retry_after.map(Duration::from_secs),
            _ => None,
        };
        let own = self.first_wait.saturating_mul(1 << (failed - 1).min(16));
        Some(asked.unwrap_or(own).min(self.longest_wait))
    }
}

/// Does something until it goes well, fails for good, or has failed too often. It is told how often
/// it has failed before.
///
/// # Errors
/// The last one.
pub fn retry<T>(
    patience: &Patience,
    mut act: impl FnMut(u32) -> Result<T, NetError>,
) -> Result<T, NetError> {
    let mut failed = 0;
    loop {
        let error = match act(failed) {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        failed += 1;
        match patience.wait(failed, &error) {
            Some(wait) => std::thread::sleep(wait),
            None => return Err(error),
        }
    }
}
