//! Rotation, revocation and withdrawal.

use keys::UnixTime;

use super::register::{Draft, thumbprints};
use super::{Rejection, fields};
use crate::event::{Event, GOVERNANCE, RevokeKey, RotateKey, Withdraw};
use crate::record::{KeyRecord, Record, Revoked, Rotated, Service, Withdrawn};
use crate::registry::{Registry, Role};
use crate::signed::CheckedEvent;

impl Registry {
    pub(super) fn rotate_key(
        &self,
        time: UnixTime,
        event: &Event,
        checked: &CheckedEvent,
        body: &RotateKey,
    ) -> Result<Draft, Rejection> {
        let (mut draft, role, old) = self.key_of(&body.id, &body.old, event)?;
        self.require_right_over(time, &draft.record, role, &old, event, checked)?;
        if old.by == event.signer {
            // A new key needs a right that stands; ending one does not.
            self.require_accreditor(time, event, checked)?;
        }
        if old.revoked.is_some()
            || old.rotated.is_some()
            || !self.right_stands(time, &draft.record, role, &old)
        {
            return Err(Rejection::KeyEnded);
        }
        if body.accept_until < time {
            return Err(Rejection::Backdated);
        }
        if old.entry.ca != body.new.ca || (old.entry.ca && old.entry.san != body.new.san) {
            // Nothing is loosened: a leaf does not become a CA, a named CA an open one.
            return Err(Rejection::CertificateMismatch);
        }
        let new = self.claim_key(&mut draft, &body.new, &old.by, time, role)?;
        if keys_of(&mut draft.record).any(|key| key.thumbprint == new.thumbprint) {
            return Err(Rejection::KeyEnded);
        }
        for key in keys_of(&mut draft.record) {
            if key.thumbprint == body.old {
                key.rotated = Some(Rotated {
                    at: time,
                    accept_until: body.accept_until,
                    to: new.thumbprint.clone(),
                });
            }
        }
        match role {
            Role::Issuing => {
                if let Some(issuer) = &mut draft.record.issuer {
                    issuer.keys.push(new);
                }
            }
            _ => {
                // Another's registration may have come after the one that holds the old key.
                let mut services = draft.record.services.iter_mut().rev();
                let holds = |service: &&mut Service| holds(service, &old);
                if let Some(service) = services.find(holds) {
                    service.keys.push(new);
                }
            }
        }
        Ok(draft)
    }

    pub(super) fn revoke_key(
        &self,
        time: UnixTime,
        event: &Event,
        checked: &CheckedEvent,
        body: &RevokeKey,
    ) -> Result<Draft, Rejection> {
        let (mut draft, role, old) = self.key_of(&body.id, &body.key, event)?;
        self.require_right_over(time, &draft.record, role, &old, event, checked)?;
        fields::reason(Some(&body.reason))?;
        if old.revoked.is_some() {
            return Err(Rejection::KeyEnded);
        }
        if body.invalid_from.is_some_and(|from| from > time) {
            return Err(Rejection::Malformed("invalid_from"));
        }
        for key in keys_of(&mut draft.record) {
            if key.thumbprint == body.key {
                key.revoked = Some(Revoked {
                    at: time,
                    reason: body.reason.clone(),
                    invalid_from: body.invalid_from,
                });
            }
        }
        Ok(draft)
    }

    pub(super) fn withdraw(
        &self,
        time: UnixTime,
        event: &Event,
        checked: &CheckedEvent,
        body: &Withdraw,
    ) -> Result<Draft, Rejection> {
        fields::reason(body.reason.as_deref())?;
        if let Some(types) = &body.types {
            fields::types(types)?;
        }
        let withdrawn = Withdrawn {
            at: time,
            reason: body.reason.clone(),
        };
        if self.record(&body.id).is_none() {
            return Err(Rejection::UnknownBody);
        }
        let mut draft = self.draft(&body.id);
        if event.signer == GOVERNANCE {
            self.require_governance(event, checked)?;
            let accreditations = &mut draft.record.accreditations;
            // Also one that is past its term: what was issued under it ends with it.
            let last = accreditations
                .last_mut()
                .filter(|last| last.withdrawn.is_none() && body.types.is_none());
            if let Some(last) = last {
                last.withdrawn = Some(withdrawn);
                return Ok(draft);
            }
            // Whoever published a type first must not be able to keep it from its owner.
            return if body.types.is_none() && unpublish(&mut draft.record, None, &withdrawn) {
                Ok(draft)
            } else {
                Err(Rejection::NothingToWithdraw)
            };
        }
        let (_, own) = self.require_accreditor_key(event, checked)?;
        if own.withdrawn.is_some() {
            return Err(Rejection::NotAccredited);
        }
        let named = |type_id: &String| {
            body.types
                .as_ref()
                .is_none_or(|types| types.contains(type_id))
        };
        let mut count = 0;
        let mut of_others = false;
        if let Some(issuer) = &mut draft.record.issuer {
            for grant in &mut issuer.grants {
                if !grant.stands_at(time) || !named(&grant.type_id) {
                    continue;
                }
                if grant.by == event.signer {
                    grant.withdrawn = Some(withdrawn.clone());
                    count += 1;
                } else {
                    of_others = true;
                }
            }
        }
        if body.types.is_none() {
            for service in &mut draft.record.services {
                if !service.stands_at(time) {
                    continue;
                }
                if service.by == event.signer {
                    service.withdrawn = Some(withdrawn.clone());
                    count += 1;
                } else {
                    of_others = true;
                }
            }
        }
        if body.types.is_none() {
            if unpublish(&mut draft.record, Some(&event.signer), &withdrawn) {
                count += 1;
            }
            let left = &draft.record.publications;
            of_others |= left.iter().any(|one| one.withdrawn.is_none());
        }
        match (count, of_others) {
            (0, true) => Err(Rejection::RegisteredByAnother),
            (0, false) => Err(Rejection::NothingToWithdraw),
            _ => Ok(draft),
        }
    }

    fn key_of(
        &self,
        id: &str,
        thumbprint: &str,
        event: &Event,
    ) -> Result<(Draft, Role, KeyRecord), Rejection> {
        let record = self.record(id).ok_or(Rejection::UnknownBody)?;
        let issuing = record.issuer.iter().flat_map(|issuer| &issuer.keys);
        let service = record.services.iter().flat_map(|service| &service.keys);
        let mut found = issuing
            .map(|key| (Role::Issuing, key))
            .chain(service.map(|key| (Role::Service, key)))
            .filter(|(_, key)| key.thumbprint == thumbprint);
        let first = found.next().ok_or(Rejection::UnknownKey)?;
        // The newest registration of the key decides whose it is.
        let (role, key) = found.next_back().unwrap_or(first);
        if event.signer == GOVERNANCE {
            return Err(Rejection::NotEntitled);
        }
        Ok((self.draft(id), role, key.clone()))
    }

    /// The body itself by its control keys where the key is an issuing key, or the accreditor
    /// that registered the key.
    fn require_right_over(
        &self,
        time: UnixTime,
        record: &Record,
        role: Role,
        key: &KeyRecord,
        event: &Event,
        checked: &CheckedEvent,
    ) -> Result<(), Rejection> {
        if key.by == event.signer {
            let (_, own) = self.require_accreditor_key(event, checked)?;
            return if own.withdrawn.is_none() {
                Ok(())
            } else {
                Err(Rejection::NotAccredited)
            };
        }
        if record.id == event.signer && role == Role::Issuing {
            // Whoever registered an accredited body as an issuer does not name its control keys.
            let accredited = record.accreditations.last();
            let own = match accredited.filter(|own| own.stands_at(time)) {
                Some(own) => thumbprints(&own.control_keys),
                None => record
                    .issuer
                    .as_ref()
                    .map(|issuer| thumbprints(&issuer.control_keys))
                    .unwrap_or_default(),
            };
            return if own.is_empty() {
                Err(Rejection::NotEntitled)
            } else {
                Self::require_signed(checked, &own, 1)
            };
        }
        if self.require_accreditor_key(event, checked).is_ok() {
            return Err(Rejection::RegisteredByAnother);
        }
        Err(Rejection::NotEntitled)
    }

    /// True while something stands under which the key counts: a grant of its accreditor, or the
    /// service that holds it.
    fn right_stands(&self, time: UnixTime, record: &Record, role: Role, key: &KeyRecord) -> bool {
        if role == Role::Issuing {
            let grants = record.issuer.iter().flat_map(|issuer| &issuer.grants);
            return grants
                .filter(|grant| grant.by == key.by)
                .any(|grant| self.grant_stands(grant, time));
        }
        let mut services = record.services.iter().rev();
        services
            .find(|service| holds(service, key))
            .is_some_and(|service| self.service_stands(service, time))
    }
}

fn holds(service: &Service, key: &KeyRecord) -> bool {
    let mut keys = service.keys.iter();
    service.by == key.by && keys.any(|own| own.thumbprint == key.thumbprint)
}

/// Ends what an accreditor, or anybody, published of a type. False where nothing stood.
fn unpublish(record: &mut Record, by: Option<&str>, withdrawn: &Withdrawn) -> bool {
    let mut any = false;
    for publication in &mut record.publications {
        let named = by.is_none_or(|by| publication.by == by);
        if named && publication.withdrawn.is_none() {
            publication.withdrawn = Some(withdrawn.clone());
            any = true;
        }
    }
    any
}

fn keys_of(record: &mut Record) -> impl Iterator<Item = &mut KeyRecord> {
    record
        .issuer
        .iter_mut()
        .flat_map(|issuer| &mut issuer.keys)
        .chain(
            record
                .services
                .iter_mut()
                .flat_map(|service| &mut service.keys),
        )
}
