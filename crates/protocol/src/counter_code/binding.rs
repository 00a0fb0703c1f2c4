use credential::format::Request;
use keys::{UnixTime, b64};
use rand::RngCore as _;
use rand::rngs::OsRng;
use sha2::{Digest as _, Sha256};

use super::cbor::{CborError, Reader, Writer};

/// How many bytes a challenge and a serial number have.
pub const CHALLENGE: usize = 16;
/// The length of a window, in seconds.
pub const SLOT: UnixTime = 60;
/// How many windows earlier or later than the desk's own are taken.
pub const SLOT_TOLERANCE: i64 = 1;
/// The longest time that a printed pass may be good for, in seconds.
pub const MAX_PASS: UnixTime = 31 * 24 * 3600;
/// A code that is older than this many seconds is called old, whatever the clocks say.
pub const CLOCK_DOUBT: UnixTime = 30 * 60;
/// What an mdoc's device signature has as the address of the answer.
pub const RESPONSE_URI: &str = "cairn-counter-code:1";

/// What makes an answer good once, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// To the challenge that a desk shows.
    Live {
        /// The challenge.
        challenge: [u8; CHALLENGE],
        /// When the desk made it, by the desk's clock.
        made_at: UnixTime,
    },
    /// To a short window of time, by the wallet's clock.
    Window {
        /// Which: seconds since 1970 divided by [`SLOT`].
        slot: i64,
        /// Random, so that the answer is one of its kind.
        serial: [u8; CHALLENGE],
    },
    /// To a range of dates: a printed pass.
    Pass {
        /// Random, so that the pass is one of its kind.
        serial: [u8; CHALLENGE],
        /// When it was made.
        made_at: UnixTime,
        /// From when it is good.
        from: UnixTime,
        /// Until when it is good; that second is the first at which it is not.
        until: UnixTime,
    },
}

/// Why a binding cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BindingError {
    /// The end of a pass is not after its beginning, or is over.
    #[error("the pass ends before it begins")]
    Empty,
    /// Longer than [`MAX_PASS`].
    #[error("a pass is good for at most 31 days")]
    TooLong,
}

/// Why an answer does not count now. [`TimeFault::name`] is what programs compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeFault {
    /// Made at a time that is still to come by the desk's clock.
    #[error("the code was made at a time that is still to come: one of the two clocks is wrong")]
    ClockAhead,
    /// Made some minutes ago: an old code, or a clock that is behind.
    #[error("the code was made some minutes ago: it is old, or one of the two clocks is wrong")]
    ClockBehind,
    /// Made long ago.
    #[error("the code is old")]
    Old,
    /// The pass is not good yet.
    #[error("the pass is not good yet")]
    PassNotYet,
    /// The pass is over.
    #[error("the pass is over")]
    PassOver,
}

impl TimeFault {
    /// As programs spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClockAhead => "clock_ahead",
            Self::ClockBehind => "clock_behind",
            Self::Old => "code_old",
            Self::PassNotYet => "pass_not_yet",
            Self::PassOver => "pass_over",
        }
    }
}

impl Binding {
    /// To the window of `now`.
    pub fn make_window(now: UnixTime) -> Self {
        Self::Window {
            slot: now.div_euclid(SLOT),
            serial: make_random(),
        }
    }

    /// To a range of dates.
    ///
    /// # Errors
    /// As [`BindingError`].
    pub fn make_pass(from: UnixTime, until: UnixTime, now: UnixTime) -> Result<Self, BindingError> {
        if until <= from || until <= now {
            return Err(BindingError::Empty);
        }
        if until.saturating_sub(from) > MAX_PASS {
            return Err(BindingError::TooLong);
        }
        Ok(Self::Pass {
            serial: make_random(),
            made_at: now,
            from,
            until,
        })
    }

    /// As programs spell its kind: `live`, `window` or `pass`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Live { .. } => "live",
            Self::Window { .. } => "window",
            Self::Pass { .. } => "pass",
        }
    }

    /// The time that the holder's proof states. For a challenge it is the desk's, so that a
    /// wallet with a wrong clock can answer.
    pub fn stated_time(&self) -> UnixTime {
        match self {
            Self::Live { made_at, .. } | Self::Pass { made_at, .. } => *made_at,
            Self::Window { slot, .. } => slot.saturating_mul(SLOT),
        }
    }

    /// Whether a window or a pass counts at `now`, by the desk's clock. Whether a challenge is
    /// open is for the desk that made it to say.
    ///
    /// # Errors
    /// As [`TimeFault`].
    pub fn check_time(&self, now: UnixTime) -> Result<(), TimeFault> {
        match self {
            Self::Live { .. } => Ok(()),
            Self::Window { slot, .. } => {
                let behind = now.div_euclid(SLOT).saturating_sub(*slot);
                if behind < -SLOT_TOLERANCE {
                    Err(TimeFault::ClockAhead)
                } else if behind <= SLOT_TOLERANCE {
                    Ok(())
                } else if now.saturating_sub(self.stated_time()) <= CLOCK_DOUBT {
                    Err(TimeFault::ClockBehind)
                } else {
                    Err(TimeFault::Old)
                }
            }
            Self::Pass {
                made_at,
                from,
                until,
                ..
            } => {
                if *made_at > now.saturating_add(SLOT_TOLERANCE * SLOT) {
                    Err(TimeFault::ClockAhead)
                } else if now < *from {
                    Err(TimeFault::PassNotYet)
                } else if now >= *until {
                    Err(TimeFault::PassOver)
                } else {
                    Ok(())
                }
            }
        }
    }

    /// The second from which [`Self::check_time`] never accepts it again; `None` for a
    /// challenge.
    pub fn over_at(&self) -> Option<UnixTime> {
        match self {
            Self::Live { .. } => None,
            Self::Window { slot, .. } => {
                Some(slot.saturating_add(SLOT_TOLERANCE + 1).saturating_mul(SLOT))
            }
            Self::Pass { until, .. } => Some(*until),
        }
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        let time = |time: i64| u64::try_from(time).unwrap_or(0);
        match self {
            Self::Live { challenge, made_at } => {
                writer.array(3).unsigned(0).bytes(challenge);
                writer.unsigned(time(*made_at));
            }
            Self::Window { slot, serial } => {
                writer.array(3).unsigned(1).bytes(serial);
                writer.unsigned(time(*slot));
            }
            Self::Pass {
                serial,
                made_at,
                from,
                until,
            } => {
                writer.array(5).unsigned(2).bytes(serial);
                writer.unsigned(time(*made_at));
                writer.unsigned(time(*from)).unsigned(time(*until));
            }
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        let length = reader.array()?;
        let kind = reader.unsigned()?;
        let random = reader.bytes()?;
        let random = random.try_into().map_err(|_| CborError::Unexpected)?;
        let first = time(reader)?;
        match (kind, length) {
            (0, 3) => Ok(Self::Live {
                challenge: random,
                made_at: first,
            }),
            (1, 3) => Ok(Self::Window {
                slot: first,
                serial: random,
            }),
            (2, 5) => {
                let (from, until) = (time(reader)?, time(reader)?);
                if until <= from || until.saturating_sub(from) > MAX_PASS {
                    return Err(CborError::Unexpected);
                }
                Ok(Self::Pass {
                    serial: random,
                    made_at: first,
                    from,
                    until,
                })
            }
            _ => Err(CborError::Unexpected),
        }
    }
}

/// The latest time that is read: the end of the year 9999.
const MAX_TIME: UnixTime = 253_402_300_799;

pub(super) fn time(reader: &mut Reader<'_>) -> Result<UnixTime, CborError> {
    let time = i64::try_from(reader.unsigned()?).map_err(|_| CborError::Unexpected)?;
    if time > MAX_TIME {
        return Err(CborError::Unexpected);
    }
    Ok(time)
}

pub(super) fn make_random() -> [u8; CHALLENGE] {
    let mut bytes = [0; CHALLENGE];
    OsRng.fill_bytes(&mut bytes);
    bytes
}

/// Whom an answer is for, what for, and what makes it good once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    service: String,
    purpose: String,
    binding: Binding,
    nonce: String,
}

impl Bound {
    /// Of an answer to the service with this client identifier, prefix included, for its
    /// purpose with this id.
    pub fn new(service: &str, purpose: &str, binding: Binding) -> Self {
        let digest = digest("cairn:counter-code:1:nonce", service, purpose, &binding);
        Self {
            service: service.to_owned(),
            purpose: purpose.to_owned(),
            binding,
            nonce: b64::encode(digest),
        }
    }

    /// The service's client identifier, prefix included.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The purpose's id.
    pub fn purpose(&self) -> &str {
        &self.purpose
    }

    /// What makes it good once.
    pub fn binding(&self) -> &Binding {
        &self.binding
    }

    /// The nonce of the holder's proof.
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// What every format's presentation is bound to: the same for the wallet that makes it and
    /// the counter that checks it.
    pub fn request(&self) -> Request<'_> {
        Request {
            client_id: &self.service,
            nonce: &self.nonce,
            response_uri: Some(RESPONSE_URI),
            encryption_key: None,
            now: self.binding.stated_time(),
        }
    }

    /// What a counter keeps so that the same answer is not taken twice. It says nothing about
    /// anybody, and no answer can be made from it.
    pub fn mark(&self) -> [u8; 32] {
        // The challenge alone: whoever answers it first has answered it.
        digest(
            "cairn:counter-code:1:mark",
            &self.service,
            &self.purpose,
            &self.binding,
        )
    }
}

/// SHA-256 over the texts, each behind its length in bytes as eight bytes, the most significant
/// first, and over the encoded binding, likewise.
fn digest(context: &str, service: &str, purpose: &str, binding: &Binding) -> [u8; 32] {
    let mut writer = Writer::new();
    binding.write(&mut writer);
    let encoded = writer.into_bytes();
    let mut digest = Sha256::new();
    for part in [
        context.as_bytes(),
        service.as_bytes(),
        purpose.as_bytes(),
        &encoded,
    ] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = 1_790_000_025;

    #[test]
    fn a_window_is_open_around_its_time() {
        let window = Binding::make_window(NOW);
        let start = window.stated_time();
        assert!(start <= NOW && NOW < start + SLOT);
        assert_eq!(window.over_at(), Some(start + 120));
        for (at, expected) in [
            (start - 61, Err(TimeFault::ClockAhead)),
            (start - 60, Ok(())),
            (start, Ok(())),
            (start + 119, Ok(())),
            (start + 120, Err(TimeFault::ClockBehind)),
            (NOW + 600, Err(TimeFault::ClockBehind)),
            (NOW - 600, Err(TimeFault::ClockAhead)),
            (start + CLOCK_DOUBT + 1, Err(TimeFault::Old)),
        ] {
            assert_eq!(window.check_time(at), expected, "{}", at - start);
        }
    }

    #[test]
    fn a_pass_is_good_for_its_days() {
        let day = 24 * 3600;
        let pass = Binding::make_pass(NOW + day, NOW + 3 * day, NOW).unwrap();
        assert_eq!(pass.check_time(NOW), Err(TimeFault::PassNotYet));
        assert_eq!(pass.check_time(NOW - 60), Err(TimeFault::PassNotYet));
        assert_eq!(pass.check_time(NOW - 61), Err(TimeFault::ClockAhead));
        assert_eq!(pass.check_time(NOW + day), Ok(()));
        assert_eq!(pass.check_time(NOW + 3 * day), Err(TimeFault::PassOver));
        for (from, until, error) in [
            (NOW, NOW, BindingError::Empty),
            (NOW - day, NOW - 1, BindingError::Empty),
            (NOW, NOW + MAX_PASS + 1, BindingError::TooLong),
        ] {
            assert_eq!(Binding::make_pass(from, until, NOW), Err(error));
        }
    }

    #[test]
    fn the_nonce_depends_on_everything() {
        let window = Binding::Window {
            slot: 1,
            serial: [1; CHALLENGE],
        };
        let other = Binding::Window {
            slot: 1,
            serial: [2; CHALLENGE],
        };
        let nonces = [
            Bound::new("a", "b", window.clone()),
            Bound::new("ab", "", window.clone()),
            Bound::new("a", "c", window.clone()),
            Bound::new("a", "b", other),
            Bound::new(
                "a",
                "b",
                Binding::Live {
                    challenge: [1; CHALLENGE],
                    made_at: 1,
                },
            ),
        ];
        for (position, one) in nonces.iter().enumerate() {
            assert_ne!(one.nonce(), b64::encode(one.mark()));
            for other in nonces.iter().skip(position + 1) {
                assert_ne!(one.nonce(), other.nonce());
                assert_ne!(one.mark(), other.mark());
            }
        }
        let first = nonces.first().unwrap();
        assert_eq!(first, &Bound::new("a", "b", window));
    }

    #[test]
    fn bindings_go_there_and_back() {
        let pass = Binding::make_pass(NOW, NOW + 60, NOW).unwrap();
        let live = Binding::Live {
            challenge: make_random(),
            made_at: NOW,
        };
        for binding in [pass, live, Binding::make_window(NOW)] {
            let mut writer = Writer::new();
            binding.write(&mut writer);
            let bytes = writer.into_bytes();
            let mut reader = Reader::new(&bytes);
            assert_eq!(Binding::read(&mut reader).unwrap(), binding);
            reader.end().unwrap();
        }
    }
}
