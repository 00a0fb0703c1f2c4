//! What is refused before any signature is looked at: events come from anybody, and an entry's worth
//! of proofs of possession takes seconds to check.
//!
//! Nothing is refused here that the rules would take: they say the same again after the signatures.

use keys::{PublicKey, UnixTime};

use crate::event::Action;
use crate::registry::Registry;
use crate::replay::signer_keys;
use crate::rules::{MAX_HOLD, MAX_KEYS, Rejection};
use crate::signed::SignedEvent;

/// Says whether the signatures of an event are worth checking at `time`.
pub(crate) fn admit(
    registry: &Registry,
    signed: &SignedEvent,
    time: UnixTime,
) -> Result<(), Rejection> {
    let event = signed.event();
    if matches!(event.action, Action::Genesis(_)) {
        return Ok(());
    }
    let own = signer_keys(registry, &event.signer);
    let brought = signed.declared_keys();
    let among = |keys: &[(String, PublicKey)], key| keys.iter().any(|(one, _)| one == key);
    if !signed
        .named_keys()
        .all(|key| among(&own, key) || among(&brought, key))
    {
        return Err(Rejection::ForgedEvent);
    }
    if time > event.submit_before {
        return Err(Rejection::SubmittedTooLate);
    }
    if event.submit_before.saturating_sub(time) > MAX_HOLD {
        return Err(Rejection::HeldTooLong);
    }
    if event.ledger.as_deref() != Some(registry.ledger()) {
        return Err(Rejection::WrongLedger);
    }
    match event.sequence.cmp(&registry.next_sequence(&event.signer)) {
        std::cmp::Ordering::Less => return Err(Rejection::ReplayedEvent),
        std::cmp::Ordering::Greater => return Err(Rejection::SequenceGap),
        std::cmp::Ordering::Equal => {}
    }
    // New keys of the governance say yes too; nobody else signs by a key that the event brings.
    if !matches!(event.action, Action::RotateGovernance(_)) {
        if own.is_empty() {
            return Err(match &event.action {
                Action::RegisterIssuer(_) | Action::RegisterService(_) | Action::PublishType(_) => {
                    Rejection::NotAccredited
                }
                _ => Rejection::NotEntitled,
            });
        }
        if !signed.named_keys().all(|key| among(&own, key)) {
            return Err(Rejection::ForgedEvent);
        }
    }
    let (control, keys) = match &event.action {
        Action::Accredit(body) => (body.control_keys.len(), 0),
        Action::RegisterIssuer(body) => (body.control_keys.len(), body.keys.len()),
        Action::RegisterService(body) => (0, body.keys.len()),
        _ => (0, 0),
    };
    if control > MAX_KEYS {
        return Err(Rejection::Malformed("control_keys"));
    }
    if keys > MAX_KEYS {
        return Err(Rejection::Malformed("keys"));
    }
    Ok(())
}
