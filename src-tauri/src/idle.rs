//! When the citizen last touched the window.

use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

/// The last touch, by two clocks: the steady one stands still while some computers sleep, and the
/// other can be set. The longer of the two counts, so that a doubt locks.
pub(crate) struct Idle {
    last: Mutex<(Instant, SystemTime)>,
}

impl Idle {
    pub(crate) fn new() -> Self {
        Self {
            last: Mutex::new((Instant::now(), SystemTime::now())),
        }
    }

    /// The citizen did something.
    pub(crate) fn touch(&self) {
        *self.last() = (Instant::now(), SystemTime::now());
    }

    /// Whether nothing was done for so long.
    pub(crate) fn longer_than(&self, patience: Duration) -> bool {
        let (steady, wall) = *self.last();
        longer(
            steady.elapsed(),
            // A clock that was set back says nothing; the steady one still counts.
            wall.elapsed().unwrap_or_default(),
            patience,
        )
    }

    fn last(&self) -> std::sync::MutexGuard<'_, (Instant, SystemTime)> {
        self.last
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn longer(steady: Duration, wall: Duration, patience: Duration) -> bool {
    steady.max(wall) >= patience
}

#[cfg(test)]
mod tests {
    use super::{Idle, longer};
    use std::time::Duration;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn either_clock_is_enough() {
        assert!(longer(MINUTE, Duration::ZERO, MINUTE));
        assert!(longer(Duration::ZERO, MINUTE, MINUTE));
        assert!(!longer(MINUTE / 2, MINUTE / 2, MINUTE));
    }

    #[test]
    fn a_touch_starts_anew() {
        let idle = Idle::new();
        std::thread::sleep(Duration::from_millis(20));
        assert!(idle.longer_than(Duration::from_millis(20)));
        idle.touch();
        assert!(!idle.longer_than(Duration::from_secs(5)));
    }
}
