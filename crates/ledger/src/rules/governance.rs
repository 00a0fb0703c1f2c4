//! The governance itself: how a ledger begins, who speaks for it, and by which rules.

use std::cmp::Ordering;
use std::sync::Arc;

use keys::PublicKey;

use super::{RULES, Rejection, fields, validators};
use crate::event::{AdoptRules, Event, GOVERNANCE, Genesis, RotateGovernance};
use crate::registry::{Governance, Owner, Registry, Role};
use crate::signed::CheckedEvent;

impl Registry {
    pub(super) fn begin(
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
        if genesis.rules > RULES {
            return Err(Rejection::NewerRules(genesis.rules));
        }
        if genesis.rules == 0 {
            return Err(Rejection::Malformed("rules"));
        }
        fields::line(&genesis.name, 200, "name")?;
        if genesis.name.trim().is_empty() || !(16..=64).contains(&genesis.nonce.len()) {
            return Err(Rejection::Malformed("name"));
        }
        let thumbprints = thumbprints(&genesis.keys, genesis.threshold)?;
        let validators = validators::first(&genesis.validators, &thumbprints)?;
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
            validators: genesis.validators.clone(),
        })?;
        self.ledger = checked.signed().payload_digest();
        self.own_governance_keys(thumbprints);
        self.own_validator_keys(&validators);
        Ok(())
    }

    pub(super) fn rotate_governance(
        &mut self,
        event: &Event,
        checked: &CheckedEvent,
        body: &RotateGovernance,
    ) -> Result<(), Rejection> {
        if event.signer != GOVERNANCE {
            return Err(Rejection::NotEntitled);
        }
        let old = self.governance_keys();
        let new = thumbprints(&body.keys, body.threshold)?;
        let signed: Vec<&str> = checked.signers().collect();
        let among = |keys: &[String], key: &str| keys.iter().any(|own| own == key);
        if signed
            .iter()
            .any(|key| !among(&old, key) && !among(&new, key))
        {
            return Err(Rejection::ForgedEvent);
        }
        let of_old = signed.iter().filter(|key| among(&old, key)).count();
        if (of_old as u64) < self.governance.threshold {
            return Err(Rejection::ThresholdNotMet);
        }
        for key in new.iter().filter(|key| !among(&old, key)) {
            match self.owners.get(key) {
                // It spoke for the governance before and was let go.
                Some(owner) if owner.body.as_ref() == GOVERNANCE => {
                    return Err(Rejection::KeyEnded);
                }
                Some(_) => return Err(Rejection::KeyTaken),
                None if self.anchors.contains_key(key) => return Err(Rejection::KeyTaken),
                None => {}
            }
            // Whoever is to sign from now on shows that they can.
            if !signed.contains(&key.as_str()) {
                return Err(Rejection::PossessionNotProven);
            }
        }
        if body.keys == self.governance.keys && body.threshold == self.governance.threshold {
            return Err(Rejection::NothingChanges);
        }
        let mut governance = self.governance.clone();
        governance.sequence = event.sequence;
        governance.keys.clone_from(&body.keys);
        governance.threshold = body.threshold;
        self.set_governance(governance)?;
        self.own_governance_keys(new);
        Ok(())
    }

    pub(super) fn adopt_rules(
        &mut self,
        event: &Event,
        checked: &CheckedEvent,
        body: &AdoptRules,
    ) -> Result<(), Rejection> {
        self.require_governance(event, checked)?;
        match body.rules.cmp(&self.governance.rules) {
            Ordering::Less => return Err(Rejection::RulesGoBack),
            Ordering::Equal => return Err(Rejection::NothingChanges),
            Ordering::Greater => {}
        }
        // What comes after it cannot be judged here: better to stop with the reason than to
        // judge it by rules that the ledger no longer keeps.
        if body.rules > RULES {
            return Err(Rejection::NewerRules(body.rules));
        }
        let mut governance = self.governance.clone();
        governance.sequence = event.sequence;
        governance.rules = body.rules;
        self.set_governance(governance)
    }

    pub(super) fn require_governance(
        &self,
        event: &Event,
        checked: &CheckedEvent,
    ) -> Result<(), Rejection> {
        if event.signer != GOVERNANCE {
            return Err(Rejection::NotEntitled);
        }
        Self::require_signed(checked, &self.governance_keys(), self.governance.threshold)
    }

    fn governance_keys(&self) -> Vec<String> {
        let keys = self.governance.keys.iter();
        keys.filter_map(|jwk| PublicKey::from_jwk(jwk).ok())
            .map(|key| key.thumbprint())
            .collect()
    }

    fn own_governance_keys(&mut self, thumbprints: Vec<String>) {
        for thumbprint in thumbprints {
            Arc::make_mut(&mut self.owners).insert(
                thumbprint,
                Owner {
                    body: GOVERNANCE.into(),
                    role: Role::Control,
                },
            );
        }
    }
}

/// The thumbprints of governance keys: at least one, none twice, and a threshold that they can
/// meet.
fn thumbprints(keys: &[serde_json::Value], threshold: u64) -> Result<Vec<String>, Rejection> {
    let count = keys.len();
    let threshold = usize::try_from(threshold).unwrap_or(usize::MAX);
    if count == 0 || count > fields::MAX_KEYS || !(1..=count).contains(&threshold) {
        return Err(Rejection::Malformed("threshold"));
    }
    let mut thumbprints = Vec::new();
    for jwk in keys {
        let key = fields::jwk(jwk)?;
        fields::signs_text(&key)?;
        let thumbprint = key.thumbprint();
        if thumbprints.contains(&thumbprint) {
            return Err(Rejection::KeyTaken);
        }
        thumbprints.push(thumbprint);
    }
    Ok(thumbprints)
}
