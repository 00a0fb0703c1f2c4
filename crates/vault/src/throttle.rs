//! The delay after wrong passphrases. It stands in the file in clear: it slows down a person at
//! this computer, and is no defence once the file has been copied.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Wrong passphrases that cost no wait: a slip of the finger.
const FREE: u32 = 2;
/// The longest wait, in milliseconds.
const LONGEST: u64 = 30_000;

/// Attempts since the last right passphrase. Times are milliseconds of the UNIX epoch.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Throttle {
    failures: u32,
    last: u64,
}

impl Throttle {
    /// An unreadable counter counts as many failures, not as none.
    pub(crate) fn parse(bytes: &[u8], now: u64) -> Self {
        serde_json::from_slice(bytes).unwrap_or(Self {
            failures: u32::MAX,
            last: now,
        })
    }

    /// How long to wait before the next attempt; zero where it may be made now.
    pub(crate) fn wait(&self, now: u64) -> Duration {
        let Some(steps) = self.failures.checked_sub(FREE + 1) else {
            return Duration::ZERO;
        };
        let delay = 1_000_u64
            .checked_shl(steps.min(20))
            .unwrap_or(LONGEST)
            .min(LONGEST);
        let passed = now.saturating_sub(self.last);
        Duration::from_millis(delay.saturating_sub(passed))
    }

    /// Where the clock was set back, the wait starts from now: else it might last for years.
    pub(crate) fn rebased(self, now: u64) -> Option<Self> {
        (self.last > now).then_some(Self { last: now, ..self })
    }

    /// Counts an attempt, before it is known whether it succeeds: killing the program in the
    /// middle must not make an attempt free.
    pub(crate) fn attempted(self, now: u64) -> Self {
        Self {
            failures: self.failures.saturating_add(1),
            last: now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_to_thirty_seconds() {
        let mut throttle = Throttle::default();
        let waits: Vec<u64> = (0..10)
            .map(|_| {
                throttle = throttle.attempted(5);
                throttle.wait(5).as_secs()
            })
            .collect();
        assert_eq!(waits, [0, 0, 1, 2, 4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn passes_with_time() {
        let throttle = Throttle {
            failures: 8,
            last: 1_000,
        };
        assert_eq!(throttle.wait(11_000), Duration::from_secs(20));
        assert_eq!(throttle.wait(31_000), Duration::ZERO);
    }

    #[test]
    fn a_clock_set_back_costs_one_wait() {
        let throttle = Throttle {
            failures: 100,
            last: 9_000_000,
        };
        let rebased = throttle.rebased(1_000).unwrap();
        assert_eq!(rebased.wait(1_000), Duration::from_secs(30));
        assert_eq!(rebased.wait(31_000), Duration::ZERO);
        assert_eq!(rebased.rebased(1_000), None);
    }

    #[test]
    fn an_unreadable_counter_does_not_help() {
        assert_eq!(Throttle::parse(b"{}", 7).wait(7), Duration::from_secs(30));
    }
}
