//! The way from a header that is known to a node's newest, as that node gives it.

use tendermint::block::signed_header::SignedHeader;
use tendermint::validator::Set;

use super::headers::{Headers, MAX_STEPS};
use super::pin::NetworkPin;
use super::rpc::Rpc;
use super::verify::{HeaderError, Step, Trusted, contradiction, verify_step};
use crate::replica::{Replica, UpdateError};
use crate::source::SourceError;

/// The most headers that are asked for on the way from one to another.
const MAX_ASKED: usize = 2 * MAX_STEPS;

/// The headers from what is known to the newest.
pub(super) async fn follow(
    rpc: &Rpc<'_>,
    pin: &NetworkPin,
    since: &Replica,
    newest: SignedHeader,
) -> Result<Headers, SourceError> {
    let mut headers = match since.headers() {
        Some(known) => known.clone(),
        None => first(rpc, pin).await?,
    };
    if newest.header.height.value() < headers.height() {
        return Err(SourceError::Behind);
    }
    walk(rpc, pin, &mut headers, newest).await?;
    Ok(headers)
}

/// The pin's header and the validators that it appoints.
async fn first(rpc: &Rpc<'_>, pin: &NetworkPin) -> Result<Headers, SourceError> {
    let signed = rpc.commit(Some(pin.height)).await?;
    if signed.header.hash().as_bytes() != pin.header.as_slice() {
        return Err(refused(HeaderError::WrongStart));
    }
    let next = rpc.validators(pin.height.saturating_add(1)).await?;
    Ok(Headers {
        start: signed.header,
        steps: Vec::new(),
        sets: vec![next],
        size: 0,
        root: [0; 32],
    })
}

/// Adds the newest header, and those in between that are needed to come to it.
async fn walk(
    rpc: &Rpc<'_>,
    pin: &NetworkPin,
    headers: &mut Headers,
    newest: SignedHeader,
) -> Result<(), SourceError> {
    if newest.header.hash() == headers.last().hash() {
        return Ok(());
    }
    if newest.header.height == headers.last().height {
        let mut offered = headers.clone();
        let validators = validators_of(rpc, headers, &newest).await?;
        offered.sets.push(validators);
        offered.steps.pop();
        offered.steps.push(newest);
        return match contradiction(pin, headers, &offered) {
            // For `advance` to refuse, and to be kept as evidence.
            HeaderError::SplitView => {
                *headers = offered;
                Ok(())
            }
            other => Err(refused(other)),
        };
    }
    let validators = validators_of(rpc, headers, &newest).await?;
    // With their validators: a header is held against each that comes nearer to it, and who signed
    // it is asked once.
    let mut ahead = vec![(newest, validators)];
    for _ in 0..MAX_ASKED {
        let Some((next, validators)) = ahead.last() else {
            return Ok(());
        };
        let last = headers.last();
        let known = headers.set(last.next_validators_hash);
        let trusted = Trusted {
            header: last,
            next: known.ok_or_else(|| refused(HeaderError::WrongValidators))?,
        };
        // The clock's word comes later, with the whole update.
        let now = next.header.time;
        match verify_step(pin, trusted, next, validators, now).map_err(refused)? {
            Step::Follows => {
                let Some((step, validators)) = ahead.pop() else {
                    return Ok(());
                };
                headers.sets.push(validators);
                appoint(rpc, headers, &step).await?;
                headers.steps.push(step);
            }
            Step::NeedsAnother => {
                let (from, to) = (last.height.value(), next.header.height.value());
                let middle = from + (to - from) / 2;
                let between = rpc.commit(Some(middle)).await?;
                if between.header.height.value() != middle {
                    return Err(SourceError::Malformed);
                }
                let validators = validators_of(rpc, headers, &between).await?;
                ahead.push((between, validators));
            }
        }
    }
    Err(refused(HeaderError::WrongValidators))
}

/// The validators that signed a header: known ones where it names them.
async fn validators_of(
    rpc: &Rpc<'_>,
    headers: &Headers,
    signed: &SignedHeader,
) -> Result<Set, SourceError> {
    match headers.set(signed.header.validators_hash) {
        Some(known) => Ok(known.clone()),
        None => rpc.validators(signed.header.height.value()).await,
    }
}

/// Fetches the validators that a header appoints, where they are not known.
async fn appoint(
    rpc: &Rpc<'_>,
    headers: &mut Headers,
    step: &SignedHeader,
) -> Result<(), SourceError> {
    let hash = step.header.next_validators_hash;
    if headers.set(hash).is_none() {
        let height = step.header.height.value().saturating_add(1);
        let next = rpc.validators(height).await?;
        if next.hash() != hash {
            return Err(refused(HeaderError::WrongValidators));
        }
        headers.sets.push(next);
    }
    Ok(())
}

pub(super) fn refused(error: HeaderError) -> SourceError {
    SourceError::Refused(UpdateError::Header(error))
}
