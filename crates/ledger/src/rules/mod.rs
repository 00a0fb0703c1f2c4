//! The rules: one pure function that every replica replays.
//!
//! Only governance accredits. Only an accreditor registers, within what it was accredited
//! for and not past its own term. Nothing is backdated, nothing is loosened: what was
//! revoked, rotated or withdrawn stays so, and a new grant is a new version beside the old.
//! No key belongs to two bodies or serves two purposes. A type is published by one accreditor
//! within its scope, and replaced by nobody else while that stands.

mod change;
mod fields;
mod publish;
mod register;
mod rejection;

use keys::UnixTime;

use crate::event::{Action, Event, GOVERNANCE, Genesis};
use crate::registry::{Governance, Owner, Registry, Role, TrailEntry};
use crate::signed::CheckedEvent;

pub use fields::purpose as check_purpose;
pub(crate) use fields::{entry_certificate, entry_key};
pub use rejection::Rejection;

/// How long a signed event may be held before the log takes it, in seconds.
pub const MAX_HOLD: UnixTime = 7 * 24 * 3600;
/// The version of the rules in this module.
pub const RULES: u64 = 1;

impl Registry {
    /// Applies the event that the log took at `time` as its entry `index`. On a rejection
    /// nothing has changed.
    pub fn apply(
        &mut self,
        index: u64,
        time: UnixTime,
        checked: &CheckedEvent,
    ) -> Result<(), Rejection> {
        let event = checked.event();
        if index != self.size {
            return Err(Rejection::Malformed("index"));
        }
        if time < self.time {
            return Err(Rejection::TimeWentBack);
        }
        if time > event.submit_before {
            return Err(Rejection::SubmittedTooLate);
        }
        if event.submit_before.saturating_sub(time) > MAX_HOLD {
            return Err(Rejection::HeldTooLong);
        }
        match &event.action {
            Action::Genesis(genesis) => self.begin(genesis, event, checked)?,
            _ => {
                self.check_origin(event)?;
                self.act(time, event, checked)?;
            }
        }
        self.size += 1;
        self.time = time;
        let entry = TrailEntry {
            index,
            time,
            action: event.action.name(),
            signer: event.signer.clone(),
        };
        self.trail
            .entry(event.action.subject().into())
            .or_default()
            .push(entry);
        Ok(())
    }

    fn begin(
        &mut self,
        genesis: &Genesis,
        event: &Event,
        checked: &CheckedEvent,
    ) -> Result<(), Rejection> {
        if self.size != 0 || event.ledger.is_some() {
            return Err(Rejection::Genesis);
        }
        if event.signer != GOVERNANCE || event.sequence != 1 {
            return Err(Rejection::Malformed("signer"));
        }
        if genesis.rules != RULES {
            return Err(Rejection::Malformed("rules"));
        }
        fields::line(&genesis.name, 200, "name")?;
        if genesis.name.trim().is_empty() || !(16..=64).contains(&genesis.nonce.len()) {
            return Err(Rejection::Malformed("name"));
        }
        let count = genesis.keys.len();
        let threshold = usize::try_from(genesis.threshold).unwrap_or(usize::MAX);
        if count == 0 || count > fields::MAX_KEYS || !(1..=count).contains(&threshold) {
            return Err(Rejection::Malformed("threshold"));
        }
        let mut thumbprints = Vec::new();
        for jwk in &genesis.keys {
            let thumbprint = fields::jwk(jwk)?.thumbprint();
            if thumbprints.contains(&thumbprint) {
                return Err(Rejection::KeyTaken);
            }
            thumbprints.push(thumbprint);
        }
        // Every governance key proves itself by signing the genesis.
        let signed: Vec<&str> = checked.signers().collect();
        if signed
            .iter()
            .any(|key| !thumbprints.iter().any(|own| own == key))
        {
            return Err(Rejection::ForgedEvent);
        }
        if signed.len() != thumbprints.len() {
            return Err(Rejection::ThresholdNotMet);
        }
        self.set_governance(Governance {
            name: genesis.name.clone(),
            rules: genesis.rules,
            keys: genesis.keys.clone(),
            threshold: genesis.threshold,
            sequence: 1,
            demo: genesis.demo,
        })?;
        self.ledger = checked.signed().payload_digest();
        for thumbprint in thumbprints {
            self.owners.insert(
                thumbprint,
                Owner {
                    body: GOVERNANCE.into(),
                    role: Role::Control,
                },
            );
        }
        Ok(())
    }

    /// The event is for this ledger, and the next one of its signer.
    fn check_origin(&self, event: &Event) -> Result<(), Rejection> {
        if self.size == 0 {
            return Err(Rejection::Genesis);
        }
        if event.ledger.as_deref() != Some(self.ledger.as_str()) {
            return Err(Rejection::WrongLedger);
        }
        let next = self.next_sequence(&event.signer);
        match event.sequence.cmp(&next) {
            std::cmp::Ordering::Less => Err(Rejection::ReplayedEvent),
            std::cmp::Ordering::Greater => Err(Rejection::SequenceGap),
            std::cmp::Ordering::Equal => Ok(()),
        }
    }

    fn act(
        &mut self,
        time: UnixTime,
        event: &Event,
        checked: &CheckedEvent,
    ) -> Result<(), Rejection> {
        let mut draft = match &event.action {
            Action::Genesis(_) => return Err(Rejection::Genesis),
            Action::Accredit(body) => self.accredit(time, event, checked, body)?,
            Action::RegisterIssuer(body) => self.register_issuer(time, event, checked, body)?,
            Action::RegisterService(body) => self.register_service(time, event, checked, body)?,
            Action::RotateKey(body) => self.rotate_key(time, event, checked, body)?,
            Action::RevokeKey(body) => self.revoke_key(time, event, checked, body)?,
            Action::PublishType(body) => self.publish_type(time, event, checked, body)?,
            Action::Withdraw(body) => self.withdraw(time, event, checked, body)?,
        };
        if event.signer == GOVERNANCE {
            let mut governance = self.governance.clone();
            governance.sequence = event.sequence;
            self.set_governance(governance)?;
        } else if draft.record.id == event.signer {
            draft.record.sequence = event.sequence;
        } else {
            let mut signer = self
                .record(&event.signer)
                .ok_or(Rejection::NotEntitled)?
                .clone();
            signer.sequence = event.sequence;
            self.set_record(signer)?;
        }
        self.commit(draft)
    }

    /// The keys that signed are all among `entitled`, and enough of them.
    fn require_signed(
        checked: &CheckedEvent,
        entitled: &[String],
        threshold: u64,
    ) -> Result<(), Rejection> {
        let mut count = 0_u64;
        for key in checked.signers() {
            if !entitled.iter().any(|own| own == key) {
                return Err(Rejection::ForgedEvent);
            }
            count += 1;
        }
        if count < threshold {
            return Err(Rejection::ThresholdNotMet);
        }
        Ok(())
    }

    fn require_governance(&self, event: &Event, checked: &CheckedEvent) -> Result<(), Rejection> {
        if event.signer != GOVERNANCE {
            return Err(Rejection::NotEntitled);
        }
        let entitled: Vec<String> = self
            .governance
            .keys
            .iter()
            .filter_map(|jwk| keys::PublicKey::from_jwk(jwk).ok())
            .map(|key| key.thumbprint())
            .collect();
        Self::require_signed(checked, &entitled, self.governance.threshold)
    }
}
