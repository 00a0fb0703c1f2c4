//! How much a node does for others.

use std::time::Instant;

/// A bucket that fills with time and is emptied by what is done.
pub(super) struct Rate {
    a_second: f64,
    at_once: f64,
    left: f64,
    seen: Instant,
}

impl Rate {
    /// So many a second in the long run, and so many at once.
    pub(super) fn new(a_second: u32, at_once: u32, now: Instant) -> Self {
        let (a_second, at_once) = (a_second.into(), at_once.into());
        Self {
            a_second,
            at_once,
            left: at_once,
            seen: now,
        }
    }

    /// True where one more may be done.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.seen).as_secs_f64();
        self.left = (self.left + passed * self.a_second).min(self.at_once);
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
        let mut rate = Rate::new(2000, 10_000, start);
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
