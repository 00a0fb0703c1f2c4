//! Light-client verification: whether one header follows from another that is trusted.

use std::time::Duration;

use keys::UnixTime;
use tendermint::block::Header;
use tendermint::block::signed_header::SignedHeader;
use tendermint::validator::Set;
use tendermint::{Time, trust_threshold::TrustThresholdFraction};
use tendermint_light_client_verifier::errors::VerificationErrorDetail as Detail;
use tendermint_light_client_verifier::options::Options;
use tendermint_light_client_verifier::types::{TrustedBlockState, UntrustedBlockState};
use tendermint_light_client_verifier::{ProdVerifier, Verdict, Verifier as _};

use super::headers::Headers;
use super::pin::NetworkPin;

/// A header may be so far ahead of the clock here.
const CLOCK_DRIFT: Duration = Duration::from_secs(120);

/// Why headers were refused. [`HeaderError::name`] is what programs compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// Not headers at all.
    #[error("not headers of a network")]
    Malformed,
    /// The first header is not the trusted one.
    #[error("the headers do not begin with the one that is trusted")]
    WrongStart,
    /// The header belongs to another chain, so to another ledger.
    #[error("the header belongs to another network")]
    WrongChain,
    /// The header is not what its validators signed, or a signature is wrong.
    #[error("the header is not the one that validators signed")]
    Forged,
    /// The header's validators are not those that the chain appointed.
    #[error("the header is not by the validators of this network")]
    WrongValidators,
    /// Two thirds of the validators did not sign.
    #[error("too few validators signed the header")]
    TooFewSignatures,
    /// The header is older than the one that is known.
    #[error("the header is older than the one that is known")]
    Old,
    /// The trusted header is older than the pin lets one be.
    #[error("the newest header known is too old to follow others from it")]
    TrustExpired,
    /// The header is later than the clock here.
    #[error("the header is later than the clock of this computer")]
    TimeAhead,
    /// Two headers of one height, both signed: validators contradict themselves.
    #[error("the network's validators signed two headers of one height")]
    SplitView,
    /// The header does not commit to the log that came with it.
    #[error("the header does not commit to this log")]
    WrongAppHash,
}

impl HeaderError {
    /// The name of the refusal.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Malformed => "malformed_headers",
            Self::WrongStart => "wrong_start",
            Self::WrongChain => "wrong_chain",
            Self::Forged => "forged_header",
            Self::WrongValidators => "wrong_validators",
            Self::TooFewSignatures => "too_few_signatures",
            Self::Old => "old_header",
            Self::TrustExpired => "trust_expired",
            Self::TimeAhead => "time_ahead",
            Self::SplitView => "split_view",
            Self::WrongAppHash => "wrong_app_hash",
        }
    }
}

/// What a step found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Follows,
    /// Too few of the trusted validators signed it: one in between is needed.
    NeedsAnother,
}

/// A header and the validators that it appoints for the next height.
#[derive(Clone, Copy)]
pub(crate) struct Trusted<'t> {
    pub(crate) header: &'t Header,
    pub(crate) next: &'t Set,
}

/// Whether `offered` follows from `trusted`. `now` is the clock against which both are held; the
/// offered header's own time where only the way from one to the other counts.
pub(crate) fn verify_step(
    pin: &NetworkPin,
    trusted: Trusted<'_>,
    offered: &SignedHeader,
    validators: &Set,
    now: Time,
) -> Result<Step, HeaderError> {
    // The verifier counts on from the trusted height, and must not come to the end of its type.
    if trusted.header.height.value() >= i64::MAX.unsigned_abs() {
        return Err(HeaderError::Malformed);
    }
    let untrusted = UntrustedBlockState {
        signed_header: offered,
        validators,
        next_validators: None,
    };
    let trusted_state = TrustedBlockState {
        chain_id: &pin.chain,
        header_time: trusted.header.time,
        height: trusted.header.height,
        next_validators: trusted.next,
        next_validators_hash: trusted.header.next_validators_hash,
    };
    let options = Options {
        trust_threshold: TrustThresholdFraction::ONE_THIRD,
        trusting_period: pin.trusting,
        clock_drift: CLOCK_DRIFT,
    };
    let adjacent = offered.header.height == trusted.header.height.increment();
    match ProdVerifier::default().verify_update_header(untrusted, trusted_state, &options, now) {
        Verdict::Success => Ok(Step::Follows),
        Verdict::NotEnoughTrust(_) if !adjacent => Ok(Step::NeedsAnother),
        Verdict::NotEnoughTrust(_) => Err(HeaderError::TooFewSignatures),
        Verdict::Invalid(detail) => Err(in_our_words(&detail)),
    }
}

fn in_our_words(detail: &Detail) -> HeaderError {
    match detail {
        Detail::InsufficientSignersOverlap(_)
        | Detail::NotEnoughTrust(_)
        | Detail::NoSignatureForCommit(_) => HeaderError::TooFewSignatures,
        Detail::InvalidValidatorSet(_)
        | Detail::InvalidNextValidatorSet(_)
        | Detail::FaultySigner(_)
        | Detail::MismatchPreCommitLength(_) => HeaderError::WrongValidators,
        Detail::NonIncreasingHeight(_) | Detail::NonMonotonicBftTime(_) => HeaderError::Old,
        Detail::ChainIdMismatch(_) => HeaderError::WrongChain,
        Detail::NotWithinTrustPeriod(_) => HeaderError::TrustExpired,
        Detail::HeaderFromTheFuture(_) => HeaderError::TimeAhead,
        _ => HeaderError::Forged,
    }
}

/// Checks headers that begin with the pin's, each against the one before and its time. What
/// follows stood at the time of the last header; whether it still does is for a clock to say.
pub(crate) fn check_from_pin(pin: &NetworkPin, headers: &Headers) -> Result<(), HeaderError> {
    let start = &headers.start;
    if start.height.value() != pin.height || start.hash().as_bytes() != pin.header.as_slice() {
        return Err(HeaderError::WrongStart);
    }
    if start.chain_id != pin.chain {
        return Err(HeaderError::WrongChain);
    }
    let mut trusted = appointed(headers, start)?;
    for step in &headers.steps {
        trusted = follow(pin, headers, trusted, step, step.header.time)?;
    }
    if !headers.binds_log() {
        return Err(HeaderError::WrongAppHash);
    }
    Ok(())
}

/// The header with the validators that it appoints, where they are among the sets.
fn appointed<'h>(headers: &'h Headers, header: &'h Header) -> Result<Trusted<'h>, HeaderError> {
    let next = headers.set(header.next_validators_hash);
    let next = next.ok_or(HeaderError::WrongValidators)?;
    Ok(Trusted { header, next })
}

fn follow<'h>(
    pin: &NetworkPin,
    headers: &'h Headers,
    trusted: Trusted<'_>,
    step: &'h SignedHeader,
    now: Time,
) -> Result<Trusted<'h>, HeaderError> {
    let validators = headers.set(step.header.validators_hash);
    let validators = validators.ok_or(HeaderError::WrongValidators)?;
    match verify_step(pin, trusted, step, validators, now)? {
        Step::Follows => appointed(headers, &step.header),
        Step::NeedsAnother => Err(HeaderError::WrongValidators),
    }
}

/// What is known after `offered`, by headers that were checked before (`known`, from the pin).
///
/// Headers up to the height that is known say nothing new; the others must follow from the
/// newest known one, within the trusting period at `now`.
pub(crate) fn extend(
    pin: &NetworkPin,
    known: Option<&Headers>,
    offered: &Headers,
    now: UnixTime,
) -> Result<Headers, HeaderError> {
    let clock = Time::from_unix_timestamp(now, 0).map_err(|_| HeaderError::TimeAhead)?;
    let begun;
    let known = match known {
        Some(known) => known,
        None => {
            begun = begin(pin, offered)?;
            &begun
        }
    };
    let mut next = known.clone();
    next.sets.extend(offered.sets.iter().cloned());
    if offered.height() < known.height() {
        return Err(HeaderError::Old);
    }
    let mut newest = known.steps.last().cloned();
    let mut trusted = appointed(&next, known.last())?;
    let mut fresh = Vec::new();
    for step in &offered.steps {
        if step.header.height > trusted.header.height {
            trusted = follow(pin, &next, trusted, step, clock)?;
            fresh.push(step.clone());
            newest = Some(step.clone());
        }
    }
    if offered.last().hash() != trusted.header.hash() {
        return Err(contradiction(pin, known, offered));
    }
    let sets = next.sets.clone();
    let mut next = shorten(pin, known, &sets, fresh, newest)?;
    next.size = offered.size;
    next.root = offered.root;
    if !next.binds_log() {
        return Err(HeaderError::WrongAppHash);
    }
    Ok(next)
}

/// Whether headers that hold from the pin's on may count at `now`: they follow from the newest
/// header that is known or, where none is, the pin's is within the trusting period.
pub(crate) fn follows_now(
    pin: &NetworkPin,
    known: Option<&Headers>,
    offered: &Headers,
    now: UnixTime,
) -> bool {
    let trusting = UnixTime::try_from(pin.trusting.as_secs()).unwrap_or(UnixTime::MAX);
    let began = offered.start.time.unix_timestamp();
    match known {
        Some(known) => extend(pin, Some(known), offered, now).is_ok(),
        None => now < began.saturating_add(trusting),
    }
}

/// Another header of the height that is known: forged, or signed as the known one was. Headers
/// that end at another height, or do not rise, contradict nothing.
pub(super) fn contradiction(pin: &NetworkPin, known: &Headers, offered: &Headers) -> HeaderError {
    let heights = || offered.steps.iter().map(|step| step.header.height);
    let rises = heights()
        .zip(heights().skip(1))
        .all(|(one, next)| one < next);
    if offered.height() != known.height() || !rises {
        return HeaderError::Malformed;
    }
    let mut both = known.clone();
    both.sets.extend(offered.sets.iter().cloned());
    both.steps.pop();
    let (Some(other), Ok(before)) = (offered.steps.last(), appointed(&both, both.last())) else {
        return HeaderError::Forged;
    };
    match follow(pin, &both, before, other, other.header.time) {
        Ok(_) => HeaderError::SplitView,
        Err(error) => error,
    }
}

/// The pin's header alone, as the beginning of `offered` gives it.
fn begin(pin: &NetworkPin, offered: &Headers) -> Result<Headers, HeaderError> {
    let alone = Headers {
        steps: Vec::new(),
        ..offered.clone()
    };
    match check_from_pin(pin, &alone) {
        // Its log is not the one that came with the newest header.
        Ok(()) | Err(HeaderError::WrongAppHash) => Ok(alone),
        Err(other) => Err(other),
    }
}

/// The way from the pin to the newest header, without what is not needed on it: every header
/// here was checked, and each may be left out from which the newest follows without it.
fn shorten(
    pin: &NetworkPin,
    known: &Headers,
    sets: &[Set],
    fresh: Vec<SignedHeader>,
    newest: Option<SignedHeader>,
) -> Result<Headers, HeaderError> {
    let mut way = Headers {
        start: known.start.clone(),
        steps: Vec::new(),
        sets: sets.to_vec(),
        size: known.size,
        root: known.root,
    };
    let Some(newest) = newest else {
        way.trim();
        return Ok(way);
    };
    let mut between: Vec<SignedHeader> = known.steps.iter().cloned().chain(fresh).collect();
    between.pop();
    let mut rest = between.into_iter();
    loop {
        let trusted = appointed(&way, way.last())?;
        let direct = follow(pin, &way, trusted, &newest, newest.header.time).is_ok();
        if direct {
            break;
        }
        let Some(step) = rest.next() else {
            return Err(HeaderError::WrongValidators);
        };
        way.steps.push(step);
    }
    way.steps.push(newest);
    way.trim();
    if !way.fits() {
        // A newer pin is needed: the way has become too long to be kept.
        return Err(HeaderError::TrustExpired);
    }
    Ok(way)
}
