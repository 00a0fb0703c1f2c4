//! The rules: one pure function that every replica replays.
//!
//! Only governance accredits. Only an accreditor registers, within what it was accredited
//! for and not past its own term. Nothing is backdated, nothing is loosened: what was
//! revoked, rotated or withdrawn stays so, and a new grant is a new version beside the old.
//! No key belongs to two bodies or serves two purposes. A type is published by one accreditor
//! within its scope, and replaced by nobody else while that stands.

mod change;
mod fields;
mod governance;
mod publish;
mod register;
mod rejection;
mod validators;

use std::sync::Arc;

use keys::UnixTime;

use crate::event::{Action, Event, GOVERNANCE};
use crate::registry::{Registry, TrailEntry};
use crate::signed::CheckedEvent;

pub use fields::purpose as check_purpose;
pub use fields::takes_key;
pub(crate) use fields::{MAX_KEYS, entry_certificate, entry_key, known_key};
pub use rejection::Rejection;

/// How long a signed event may be held before the log takes it, in seconds.
pub const MAX_HOLD: UnixTime = 7 * 24 * 3600;
/// The latest version of the rules in this module. Every earlier one is kept too, since a ledger
/// is replayed under the rules that it kept at the time: 1 is what there was at first, with
/// `adopt-rules`; 2 adds `rotate-governance` and `set-validator`.
pub const RULES: u64 = 2;

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
            Action::RotateGovernance(body) => {
                self.check_origin(event)?;
                self.rotate_governance(event, checked, body)?;
            }
            Action::AdoptRules(body) => {
                self.check_origin(event)?;
                self.adopt_rules(event, checked, body)?;
            }
            Action::SetValidator(body) => {
                self.check_origin(event)?;
                self.set_validator(event, checked, body)?;
            }
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
        Arc::make_mut(&mut self.trail)
            .entry(event.action.subject().into())
            .or_default()
            .push(entry);
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
        let since = event.action.since();
        if since > self.governance.rules {
            return Err(Rejection::NotInTheseRules(since));
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
            Action::Genesis(_)
            | Action::RotateGovernance(_)
            | Action::AdoptRules(_)
            | Action::SetValidator(_) => return Err(Rejection::Genesis),
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
}
