//! From the wallet's errors to the closed set of failures that the page has words for.
//!
//! Nothing of an error's text crosses: only its kind and a short reference.

use std::time::Duration;

use ipc::{Failure, FailureKind as Kind, Retry};
use wallet::desk::{DeskCodeError, DeskError};
use wallet::open_link::OpenLinkError;
use wallet::presentation::FetchError;
use wallet::share::{RequestError, ShareError};
use wallet::{
    AddError, EvidenceError, HttpError, KeyringError, OpenError, RecordError, TrustError, Weakness,
};
use wallet::{RedeemError, ResolveError};

/// A failure for the page.
pub(crate) trait Fails {
    fn failure(&self) -> Failure;
}

fn after(failure: Failure, wait: Duration) -> Failure {
    let seconds = u32::try_from(wait.as_secs_f64().ceil() as u64).unwrap_or(u32::MAX);
    failure.retry(match seconds {
        0 => Retry::Now,
        seconds => Retry::After(seconds),
    })
}

pub(crate) fn locked() -> Failure {
    Failure::new(Kind::Locked, "locked")
}

pub(crate) fn review_gone() -> Failure {
    Failure::new(Kind::ReviewGone, "review_gone")
}

impl Fails for OpenError {
    fn failure(&self) -> Failure {
        match self {
            Self::Absent => Failure::new(Kind::NotFound, "no_wallet"),
            Self::Exists => Failure::new(Kind::InUse, "wallet_exists"),
            Self::WrongPassphrase { retry_after } => after(
                Failure::new(Kind::WrongSecret, "wrong_passphrase"),
                *retry_after,
            ),
            Self::TooSoon { retry_after } => {
                after(Failure::new(Kind::Delayed, "too_soon"), *retry_after)
            }
            Self::WrongCode => {
                Failure::new(Kind::WrongSecret, "wrong_recovery_code").retry(Retry::Now)
            }
            Self::Weak(weakness) => {
                let reference = match weakness {
                    Weakness::TooShort { .. } => "too_short",
                    Weakness::TooLong => "too_long",
                    _ => "guessable",
                };
                Failure::new(Kind::WeakPassphrase, reference).retry(Retry::Now)
            }
            Self::Keyring(error) => error.failure(),
            Self::InUse => Failure::new(Kind::InUse, "in_use").retry(Retry::Now),
            Self::Newer => Failure::new(Kind::Damaged, "newer_version"),
            Self::Damaged(_) => Failure::new(Kind::Damaged, "damaged"),
            Self::Network(_) => Failure::new(Kind::Internal, "network_setup"),
            _ => Failure::new(Kind::Internal, "file_system"),
        }
    }
}

impl Fails for KeyringError {
    fn failure(&self) -> Failure {
        let reference = match self {
            Self::Missing => "keyring_missing",
            Self::Locked => "keyring_locked",
            Self::TimedOut => "keyring_timed_out",
            Self::NoSecret => "keyring_no_secret",
            Self::OtherSecret => "keyring_other_secret",
            _ => "keyring_failed",
        };
        Failure::new(Kind::Keyring, reference).retry(Retry::Now)
    }
}

impl Fails for RecordError {
    fn failure(&self) -> Failure {
        match self {
            Self::Locked => locked(),
            Self::NotFound => Failure::new(Kind::NotFound, "not_found"),
            Self::Damaged { .. } => Failure::new(Kind::Damaged, "record_damaged"),
            _ => Failure::new(Kind::Internal, "vault"),
        }
    }
}

impl Fails for OpenLinkError {
    fn failure(&self) -> Failure {
        let reference = match self {
            Self::Link(_) => "not_a_wallet_link",
            Self::Frame(_) => "no_code_in_picture",
            _ => "neither_text_nor_picture",
        };
        Failure::new(Kind::Unreadable, reference)
    }
}

impl Fails for HttpError {
    fn failure(&self) -> Failure {
        match self {
            Self::Forbidden(_) => Failure::new(Kind::Forbidden, "address"),
            Self::Redirected(inner) => inner.failure(),
            Self::Tls => Failure::new(Kind::Untrusted, "no_secure_connection"),
            Self::TooLarge { .. } => Failure::new(Kind::Untrusted, "answer_too_large"),
            Self::TooManyRedirects => Failure::new(Kind::Untrusted, "too_many_redirects"),
            Self::Malformed | Self::Setup => Failure::new(Kind::Internal, "network"),
            _ => Failure::new(Kind::Unreachable, "unreachable").retry(Retry::Now),
        }
    }
}

/// The network's failure behind an error, where there is one: it says best what to do next.
fn network(error: &(dyn std::error::Error + 'static)) -> Option<Failure> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(http) = error.downcast_ref::<HttpError>() {
            return Some(http.failure());
        }
        next = error.source();
    }
    None
}

impl Fails for AddError {
    fn failure(&self) -> Failure {
        if let Some(failure) = network(self) {
            return failure;
        }
        match self {
            Self::ReviewGone(_) => review_gone(),
            Self::Ticks(_) => Failure::new(Kind::Internal, "ticks"),
            Self::Choice => Failure::new(Kind::NotFound, "choice"),
            Self::Vault(error) => error.failure(),
            Self::Resolve(ResolveError::Offer(_)) => Failure::new(Kind::Unreadable, "offer"),
            Self::Resolve(ResolveError::Unsupported(_)) => {
                Failure::new(Kind::Untrusted, "offer_unsupported")
            }
            Self::Resolve(_) => Failure::new(Kind::Untrusted, "issuer_metadata"),
            Self::Redeem(error) => redeem(error),
            Self::Blocked(_) => Failure::new(Kind::Untrusted, "issuer_blocked"),
            Self::NotListed(_) => Failure::new(Kind::Untrusted, "key_not_listed"),
            Self::Published(_) => Failure::new(Kind::Untrusted, "type_not_as_published"),
            _ => Failure::new(Kind::Untrusted, "card_failed_a_check"),
        }
    }
}

fn redeem(error: &RedeemError) -> Failure {
    match error {
        RedeemError::TxCode(_) => Failure::new(Kind::WrongSecret, "tx_code").retry(Retry::Now),
        RedeemError::CodeRefused => {
            let again = if error.spent() { Retry::No } else { Retry::Now };
            Failure::new(Kind::WrongSecret, "tx_code_refused").retry(again)
        }
        RedeemError::Refused { .. } => Failure::new(Kind::Refused, "issuer_refused"),
        RedeemError::Deferred { .. } => Failure::new(Kind::Refused, "issuer_not_finished"),
        _ => Failure::new(Kind::Untrusted, "issuer_answer"),
    }
}

impl Fails for RequestError {
    fn failure(&self) -> Failure {
        if let Some(failure) = network(self) {
            return failure;
        }
        match self {
            Self::Fetch(FetchError::Status { .. }) => {
                Failure::new(Kind::Refused, "request_not_given")
            }
            Self::Fetch(_) => Failure::new(Kind::Untrusted, "request"),
            Self::ReviewGone(_) => review_gone(),
            Self::Choice(_) | Self::CardsDoNotFit => Failure::new(Kind::NotFound, "choice"),
            Self::Vault(error) => error.failure(),
            _ => Failure::new(Kind::Damaged, "card_damaged"),
        }
    }
}

impl Fails for ShareError {
    fn failure(&self) -> Failure {
        match self {
            Self::ReviewGone(_) => review_gone(),
            Self::Ticks(_) => Failure::new(Kind::Internal, "ticks"),
            Self::Blocked(_) => Failure::new(Kind::Untrusted, "service_blocked"),
            Self::OutOfRange => Failure::new(Kind::NotFound, "choice"),
            Self::CodeOver => Failure::new(Kind::ReviewGone, "desk_code_over"),
            Self::TooLongForACode => Failure::new(Kind::Refused, "too_long_for_a_code"),
            Self::Vault(error) => error.failure(),
            _ => Failure::new(Kind::Damaged, "card_damaged"),
        }
    }
}

impl Fails for TrustError {
    fn failure(&self) -> Failure {
        if self.is_refusal() {
            return Failure::new(Kind::Untrusted, self.name());
        }
        if let Some(failure) = network(self) {
            return failure;
        }
        match self {
            Self::NoLedger => Failure::new(Kind::NotFound, "no_ledger"),
            Self::Vault(error) => error.failure(),
            _ => Failure::new(Kind::Unreachable, "ledger").retry(Retry::Now),
        }
    }
}

impl Fails for DeskCodeError {
    fn failure(&self) -> Failure {
        Failure::new(Kind::Unreadable, self.name())
    }
}

impl Fails for DeskError {
    fn failure(&self) -> Failure {
        match self {
            Self::Request(error) => error.failure(),
            Self::NoLedger => Failure::new(Kind::NotFound, self.name()),
            Self::Over => Failure::new(Kind::ReviewGone, self.name()),
            _ => Failure::new(Kind::Untrusted, self.name()),
        }
    }
}

impl Fails for EvidenceError {
    fn failure(&self) -> Failure {
        match self {
            Self::Trust(error) => error.failure(),
            Self::Vault(error) => error.failure(),
            Self::TooLong => Failure::new(Kind::NotFound, "evidence_too_long"),
            _ => Failure::new(Kind::NotFound, "issuer_not_on_ledger"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_rounded_up_to_whole_seconds() {
        let error = OpenError::TooSoon {
            retry_after: Duration::from_millis(1200),
        };
        assert_eq!(error.failure().retry, Retry::After(2));
        assert_eq!(error.failure().kind, Kind::Delayed);
        let error = OpenError::WrongPassphrase {
            retry_after: Duration::ZERO,
        };
        assert_eq!(error.failure().retry, Retry::Now);
    }

    #[test]
    fn an_address_that_is_never_asked_is_told_from_one_that_does_not_answer() {
        assert_eq!(HttpError::Unreachable.failure().kind, Kind::Unreachable);
        let hidden = HttpError::Redirected(Box::new(HttpError::Unreachable));
        assert_eq!(hidden.failure().kind, Kind::Unreachable);
    }
}
