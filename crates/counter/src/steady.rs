//! Whether the computer's clock goes as time does.

use std::time::{Duration, Instant};

use keys::UnixTime;

/// The clock may part from time by so much between two looks, as when a time server sets it.
const TOLERANCE: Duration = Duration::from_secs(300);
/// After a leap the clock is believed again when it has gone steadily for so long.
const CALM: Duration = Duration::from_secs(3600);

/// Compares the clock at each look with the time that has passed since the one before.
///
/// Who removes things by the clock alone must not do it by one that leapt ahead for a moment. A
/// computer that slept leaps too.
pub(crate) struct Steady {
    before: (UnixTime, Instant),
    leapt: Option<Instant>,
}

impl Steady {
    pub(crate) fn new(clock: UnixTime, at: Instant) -> Self {
        Self {
            before: (clock, at),
            leapt: None,
        }
    }

    /// True where the clock has not leapt, or not for an hour.
    pub(crate) fn is_calm(&mut self, clock: UnixTime, at: Instant) -> bool {
        let (clock_before, before) = self.before;
        self.before = (clock, at);
        let by_clock = i128::from(clock) - i128::from(clock_before);
        let passed = i128::from(at.saturating_duration_since(before).as_secs());
        if (by_clock - passed).unsigned_abs() > u128::from(TOLERANCE.as_secs()) {
            self.leapt = Some(at);
        }
        self.leapt
            .is_none_or(|leapt| at.saturating_duration_since(leapt) >= CALM)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_leap_an_hour_must_pass() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut steady = Steady::new(1000, start);
        assert!(steady.is_calm(1060, at(60)));
        // A time server sets it.
        assert!(steady.is_calm(1420, at(120)));
        let year = 365 * 86_400;
        assert!(!steady.is_calm(1480 + year, at(180)));
        assert!(!steady.is_calm(1540 + year, at(240)));
        // Set right again: that is a leap too.
        assert!(!steady.is_calm(1600, at(300)));
        assert!(!steady.is_calm(1600 + 3599, at(300 + 3599)));
        assert!(steady.is_calm(1600 + 3600, at(300 + 3600)));
        assert!(!steady.is_calm(UnixTime::MIN, at(5000)));
        assert!(!steady.is_calm(UnixTime::MAX, at(5060)));
    }
}
