//! How many events a node looks at.

use std::time::Instant;

/// Events a second in the long run: a look costs a few signatures.
const A_SECOND: f64 = 2000.0;
/// Events at once.
const AT_ONCE: f64 = 10_000.0;

/// A bucket that fills with time and is emptied by events.
pub(super) struct Rate {
    left: f64,
    seen: Instant,
}

impl Rate {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            left: AT_ONCE,
            seen: now,
        }
    }

    /// True where one more may be looked at.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.seen).as_secs_f64();
        self.left = (self.left + passed * A_SECOND).min(AT_ONCE);
        self.seen = now;
        if self.left < 1.0 {
            return false;
        }
        self.left -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn it_empties_and_fills_again() {
        let start = Instant::now();
        let mut rate = Rate::new(start);
        let taken = (0..20_000).filter(|_| rate.take(start)).count();
        assert_eq!(taken, 10_000);
        let later = start + Duration::from_millis(500);
        let taken = (0..20_000).filter(|_| rate.take(later)).count();
        assert_eq!(taken, 1000);
        let much_later = start + Duration::from_secs(3600);
        let taken = (0..20_000).filter(|_| rate.take(much_later)).count();
        assert_eq!(taken, 10_000);
    }
}
