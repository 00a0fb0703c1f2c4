//! What a desk asks: a service, one of its purposes, and what the answer is bound to.

use keys::UnixTime;
use protocol::counter_code::{Ask, Binding, BindingError, CLOCK_DOUBT, Live, MAX_PASS};

use super::staple::Staples;
use crate::share::Way;

/// The most days for which a printed pass is good.
pub const MAX_PASS_DAYS: i64 = MAX_PASS / (24 * 3600);
/// How far a desk's clock may differ from this one's before it is mentioned, in seconds.
const CLOCK_TOLERANCE: UnixTime = 60;

/// What a desk asks, before anything was looked up. It names a service and a purpose; what is
/// asked for stands on the ledger.
#[derive(Clone)]
pub struct DeskAsk {
    service: String,
    purpose: String,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    /// The code on a desk's screen. Its signature fits the key in it; whose that is was not
    /// looked up yet.
    Live { live: Box<Live>, read_at: UnixTime },
    /// A poster, or the citizen's own choice from the ledger.
    Open { wants: Staples },
    /// To be printed.
    Pass { from: UnixTime, until: UnixTime },
}

/// No pass can be made for these dates: they are in the wrong order, over, or too far apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct PassError(#[from] BindingError);

impl PassError {
    /// True where the dates are too far apart; else their order is wrong, or they are over.
    pub fn is_too_long(self) -> bool {
        self.0 == BindingError::TooLong
    }
}

impl DeskAsk {
    /// The service and the purpose that the citizen chose from the ledger
    /// ([`crate::Wallet::desks`]).
    pub fn chosen(service: &str, purpose: &str) -> Self {
        Self {
            service: service.to_owned(),
            purpose: purpose.to_owned(),
            kind: Kind::Open {
                wants: Staples::default(),
            },
        }
    }

    /// The same for a printed pass that is good from `from` until before `until` (UNIX
    /// seconds), for at most [`super::MAX_PASS_DAYS`] days. At `now` it must not be over.
    ///
    /// # Errors
    /// [`PassError`] for dates in the wrong order, over, or too far apart.
    pub fn pass(
        service: &str,
        purpose: &str,
        (from, until): (UnixTime, UnixTime),
        now: UnixTime,
    ) -> Result<Self, PassError> {
        Binding::make_pass(from, until, now)?;
        Ok(Self {
            kind: Kind::Pass { from, until },
            ..Self::chosen(service, purpose)
        })
    }

    /// What was read from a code at `now`.
    pub(crate) fn from_code(ask: Ask, now: UnixTime) -> Self {
        Self {
            service: ask.service().to_owned(),
            purpose: ask.purpose().to_owned(),
            kind: match ask {
                Ask::Live(live) => Kind::Live { live, read_at: now },
                Ask::Poster { wants, .. } => Kind::Open {
                    wants: wants.into(),
                },
            },
        }
    }

    /// The service's client identifier.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The purpose's id.
    pub fn purpose(&self) -> &str {
        &self.purpose
    }

    /// The code on a desk's own screen.
    pub(super) fn live(&self) -> Option<&Live> {
        match &self.kind {
            Kind::Live { live, .. } => Some(live),
            Kind::Open { .. } | Kind::Pass { .. } => None,
        }
    }

    /// True for what is to be printed.
    pub fn is_pass(&self) -> bool {
        matches!(self.kind, Kind::Pass { .. })
    }

    /// How the answer goes.
    pub fn way(&self) -> Way {
        match &self.kind {
            Kind::Live { live, read_at } => Way::Code {
                live: true,
                expires_at: Some(open_until(live, *read_at)),
                clock_differs: !(live.made_at - CLOCK_TOLERANCE..live.expires_at).contains(read_at),
            },
            Kind::Open { .. } => Way::Code {
                live: false,
                expires_at: None,
                clock_differs: false,
            },
            Kind::Pass { from, until } => Way::Pass {
                from: *from,
                until: *until,
            },
        }
    }

    /// What the desk asked to have beside the answer.
    pub fn wants(&self) -> Staples {
        match &self.kind {
            Kind::Live { live, .. } => live.wants.into(),
            Kind::Open { wants } => *wants,
            Kind::Pass { .. } => Staples::default(),
        }
    }

    /// Whether an answer at `now` can still count. A wallet whose clock is wrong can answer a
    /// live code: what counts is the time since it was read. A code from hours ago is old by
    /// any clock.
    pub(super) fn is_over(&self, now: UnixTime) -> bool {
        match &self.kind {
            Kind::Live { live, read_at } => {
                now >= open_until(live, *read_at) || (live.made_at - read_at).abs() > CLOCK_DOUBT
            }
            Kind::Open { .. } => false,
            Kind::Pass { until, .. } => now >= *until,
        }
    }

    /// What an answer that is made at `now` is bound to, and until when by this computer's
    /// clock it is good.
    pub(super) fn make_binding(&self, now: UnixTime) -> Result<(Binding, UnixTime), BindingError> {
        Ok(match &self.kind {
            Kind::Live { live, read_at } => (live.binding(), open_until(live, *read_at)),
            Kind::Open { .. } => {
                let window = Binding::make_window(now);
                let over = window.over_at().unwrap_or(now);
                (window, over)
            }
            Kind::Pass { from, until } => (Binding::make_pass(*from, *until, now)?, *until),
        })
    }
}

/// As long as the desk leaves it open, by this computer's clock.
fn open_until(live: &Live, read_at: UnixTime) -> UnixTime {
    let open = live.expires_at.saturating_sub(live.made_at);
    let left = live.expires_at.saturating_sub(read_at);
    // By two clocks that agree some of the time has passed already.
    let agree = (0..=open).contains(&left);
    read_at.saturating_add(if agree { left } else { open })
}

// At whose desk somebody is about to show something is nobody's business.
impl std::fmt::Debug for DeskAsk {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "DeskAsk({:?})", self.way())
    }
}
