//! Who signs a network's blocks. Governance decides it, and nobody else.

use std::sync::Arc;

use super::{Rejection, fields};
use crate::comet::MAX_VALIDATORS;
use crate::event::{Event, GOVERNANCE, Validator};
use crate::registry::{Owner, Registry, Role};
use crate::signed::CheckedEvent;

/// The most that one signature may weigh.
const MAX_POWER: u64 = 1000;

/// Thumbprints of the validators of a genesis: none where one operator keeps the ledger.
pub(super) fn first(
    validators: &[Validator],
    governance: &[String],
) -> Result<Vec<String>, Rejection> {
    if validators.len() > MAX_VALIDATORS {
        return Err(Rejection::Malformed("validators"));
    }
    let mut thumbprints = Vec::new();
    for validator in validators {
        let thumbprint = check(validator)?;
        if validator.power == 0 {
            return Err(Rejection::Malformed("power"));
        }
        if thumbprints.contains(&thumbprint) || governance.contains(&thumbprint) {
            return Err(Rejection::KeyTaken);
        }
        thumbprints.push(thumbprint);
    }
    Ok(thumbprints)
}

fn check(validator: &Validator) -> Result<String, Rejection> {
    fields::line(&validator.name, 200, "name")?;
    let key = fields::jwk(&validator.key)?;
    if !matches!(key, keys::PublicKey::Ed25519(_)) {
        return Err(Rejection::Malformed("key"));
    }
    if validator.power > MAX_POWER {
        return Err(Rejection::Malformed("power"));
    }
    Ok(key.thumbprint())
}

impl Registry {
    pub(super) fn set_validator(
        &mut self,
        event: &Event,
        checked: &CheckedEvent,
        body: &Validator,
    ) -> Result<(), Rejection> {
        self.require_governance(event, checked)?;
        if self.governance.validators.is_empty() {
            return Err(Rejection::NotANetwork);
        }
        let thumbprint = check(body)?;
        let owner = self.owners.get(&thumbprint);
        if owner.is_some_and(|owner| owner.role != Role::Validating)
            || self.anchors.contains_key(&thumbprint)
        {
            return Err(Rejection::KeyTaken);
        }
        let mut governance = self.governance.clone();
        governance.sequence = event.sequence;
        let validators = &mut governance.validators;
        let known = validators.iter().position(|one| one.key == body.key);
        match known {
            None if body.power == 0 => return Err(Rejection::UnknownKey),
            None => validators.push(body.clone()),
            Some(at) if body.power == 0 => {
                validators.remove(at);
            }
            Some(at) => match validators.get_mut(at) {
                Some(one) if one == body => return Err(Rejection::NothingChanges),
                Some(one) => one.clone_from(body),
                None => return Err(Rejection::UnknownKey),
            },
        }
        // Without a validator there is no block that could appoint another.
        if validators.is_empty() || validators.len() > MAX_VALIDATORS {
            return Err(Rejection::Malformed("validators"));
        }
        self.set_governance(governance)?;
        self.own_validator_keys(&[thumbprint]);
        Ok(())
    }

    pub(super) fn own_validator_keys(&mut self, thumbprints: &[String]) {
        for thumbprint in thumbprints {
            let owner = Owner {
                body: GOVERNANCE.into(),
                role: Role::Validating,
            };
            Arc::make_mut(&mut self.owners).insert(thumbprint.clone(), owner);
        }
    }
}
