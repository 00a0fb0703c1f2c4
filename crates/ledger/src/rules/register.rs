//! Accreditation, registration of issuers and of services.

use std::sync::Arc;

use keys::{PublicKey, UnixTime, b64};

use super::{Rejection, fields};
use crate::event::{
    ANY_TYPE, Accredit, ControlKey, Event, KeyEntry, RegisterIssuer, RegisterService,
};
use crate::record::{Accreditation, Grant, Issuer, KeyRecord, Record, Service};
use crate::registry::{Anchor, Owner, Registry, Role};
use crate::signed::CheckedEvent;

/// What an event makes of one record, before it is written.
pub(super) struct Draft {
    pub(super) record: Record,
    owners: Vec<(String, Owner)>,
    anchors: Vec<(String, String, Anchor)>,
}

impl Draft {
    pub(super) fn new(record: Record) -> Self {
        Self {
            record,
            owners: Vec::new(),
            anchors: Vec::new(),
        }
    }
}

impl Registry {
    pub(super) fn commit(&mut self, draft: Draft) -> Result<(), Rejection> {
        self.set_record(draft.record)?;
        Arc::make_mut(&mut self.owners).extend(draft.owners);
        for (thumbprint, subject, anchor) in draft.anchors {
            let subjects = Arc::make_mut(&mut self.subjects);
            let bodies = subjects.entry(subject).or_default();
            if !bodies.contains(&anchor.body) {
                bodies.push(anchor.body.clone());
            }
            let anchors = Arc::make_mut(&mut self.anchors);
            let anchors = anchors.entry(thumbprint).or_default();
            if !anchors.contains(&anchor) {
                anchors.push(anchor);
            }
        }
        Ok(())
    }

    pub(super) fn draft(&self, id: &str) -> Draft {
        Draft::new(self.record(id).cloned().unwrap_or_else(|| Record::new(id)))
    }

    pub(super) fn accredit(
        &self,
        time: UnixTime,
        event: &Event,
        checked: &CheckedEvent,
        body: &Accredit,
    ) -> Result<Draft, Rejection> {
        self.require_governance(event, checked)?;
        fields::id(&body.id)?;
        fields::body_names(&body.names)?;
        fields::types(&body.types)?;
        if body.until <= time {
            return Err(Rejection::Backdated);
        }
        let mut draft = self.draft(&body.id);
        if draft
            .record
            .accreditations
            .last()
            .is_some_and(|last| last.stands_at(time))
        {
            return Err(Rejection::AlreadyRegistered);
        }
        if body.control_keys.is_empty() {
            return Err(Rejection::KeyRequired);
        }
        self.claim_control(&mut draft, &body.control_keys)?;
        draft.record.accreditations.push(Accreditation {
            names: body.names.clone(),
            control_keys: body.control_keys.clone(),
            types: body.types.clone(),
            from: time,
            until: body.until,
            withdrawn: None,
        });
        Ok(draft)
    }

    pub(super) fn register_issuer(
        &self,
        time: UnixTime,
        event: &Event,
        checked: &CheckedEvent,
        body: &RegisterIssuer,
    ) -> Result<Draft, Rejection> {
        let (accreditation, own) = self.require_accreditor(time, event, checked)?;
        fields::id(&body.id)?;
        fields::body_names(&body.names)?;
        fields::types(&body.types)?;
        fields::urls(&body.status_lists, self.governance().demo)?;
        if let Some(jurisdiction) = &body.jurisdiction {
            fields::line(jurisdiction, 32, "jurisdiction")?;
        }
        if body.types.iter().any(|type_id| !own.covers(type_id)) {
            return Err(Rejection::OutOfScope);
        }
        let until = term(time, body.until, own)?;
        if body.keys.is_empty() {
            return Err(Rejection::KeyRequired);
        }
        let mut draft = self.draft(&body.id);
        self.require_no_other(time, &draft.record, event)?;
        let mut issuer = match draft.record.issuer.take() {
            Some(issuer) => {
                self.require_room(time, &issuer, body)?;
                issuer
            }
            None => Issuer {
                names: body.names.clone(),
                jurisdiction: None,
                control_keys: Vec::new(),
                keys: Vec::new(),
                grants: Vec::new(),
                status_lists: Vec::new(),
            },
        };
        self.claim_control(&mut draft, &body.control_keys)?;
        let by = &event.signer;
        for key in self.claim_issuing(&mut draft, &body.keys, by, time)? {
            let before = issuer
                .keys
                .iter()
                .find(|old| old.thumbprint == key.thumbprint && old.by == *by);
            match before {
                Some(old) if old.revoked.is_some() || old.rotated.is_some() => {
                    return Err(Rejection::KeyEnded);
                }
                Some(old) if old.entry.ca == key.entry.ca && old.entry.san == key.entry.san => {}
                Some(_) => return Err(Rejection::KeyTaken),
                None => {
                    if is_ended(&mut issuer.keys.iter(), &key) {
                        return Err(Rejection::KeyEnded);
                    }
                    issuer.keys.push(key);
                }
            }
        }
        issuer.names = body.names.clone();
        issuer.jurisdiction.clone_from(&body.jurisdiction);
        issuer.status_lists.clone_from(&body.status_lists);
        // A control key that was stolen, or that another accreditor named, must have an end.
        let taken_over = issuer.grants.last().is_some_and(|last| last.by != *by);
        if taken_over || !body.control_keys.is_empty() {
            issuer.control_keys.clone_from(&body.control_keys);
        }
        issuer.grants.extend(body.types.iter().map(|type_id| Grant {
            type_id: type_id.clone(),
            by: by.clone(),
            accreditation,
            from: time,
            until,
            withdrawn: None,
        }));
        draft.record.issuer = Some(issuer);
        Ok(draft)
    }

    /// One registrar a body: nothing stands under the id that another gave it, neither a grant,
    /// nor a service, nor an accreditation of another than the signer.
    fn require_no_other(
        &self,
        time: UnixTime,
        record: &Record,
        event: &Event,
    ) -> Result<(), Rejection> {
        let signer = &event.signer;
        let mut grants = record.issuer.iter().flat_map(|issuer| &issuer.grants);
        let mut services = record.services.iter();
        let mut accreditations = record.accreditations.iter();
        if grants.any(|grant| grant.by != *signer && self.grant_stands(grant, time))
            || services.any(|service| service.by != *signer && self.service_stands(service, time))
            || (record.id != *signer && accreditations.any(|own| own.stands_at(time)))
        {
            return Err(Rejection::RegisteredByAnother);
        }
        Ok(())
    }

    /// A second registration may only add what does not stand already.
    fn require_room(
        &self,
        time: UnixTime,
        issuer: &Issuer,
        body: &RegisterIssuer,
    ) -> Result<(), Rejection> {
        let standing = issuer
            .grants
            .iter()
            .filter(|grant| self.grant_stands(grant, time));
        for grant in standing {
            let any = grant.type_id == ANY_TYPE || body.types.iter().any(|new| new == ANY_TYPE);
            if any || body.types.contains(&grant.type_id) {
                return Err(Rejection::AlreadyRegistered);
            }
        }
        Ok(())
    }

    /// True while a grant stands at `time`: neither it nor the accreditation below it was
    /// withdrawn, and its term is not over.
    pub fn grant_stands(&self, grant: &Grant, time: UnixTime) -> bool {
        grant.stands_at(time)
            && self
                .accreditation(&grant.by, grant.accreditation)
                .is_some_and(|accreditation| accreditation.withdrawn.is_none())
    }

    pub(super) fn register_service(
        &self,
        time: UnixTime,
        event: &Event,
        checked: &CheckedEvent,
        body: &RegisterService,
    ) -> Result<Draft, Rejection> {
        let (accreditation, own) = self.require_accreditor(time, event, checked)?;
        fields::id(&body.id)?;
        fields::body_names(&body.names)?;
        fields::purposes(&body.purposes)?;
        let until = term(time, body.until, own)?;
        let mut draft = self.draft(&body.id);
        self.require_no_other(time, &draft.record, event)?;
        let mut services = draft.record.services.iter();
        if services.any(|service| self.service_stands(service, time)) {
            return Err(Rejection::AlreadyRegistered);
        }
        self.require_client_id(&body.id, &body.keys)?;
        let mut keys = Vec::new();
        for entry in &body.keys {
            let key = self.claim_key(&mut draft, entry, &event.signer, time, Role::Service)?;
            let mut known = draft.record.services.iter().flat_map(|old| &old.keys);
            if is_ended(&mut known, &key) {
                return Err(Rejection::KeyEnded);
            }
            keys.push(key);
        }
        draft.record.services.push(Service {
            names: body.names.clone(),
            by: event.signer.clone(),
            accreditation,
            keys,
            purposes: body.purposes.clone(),
            from: time,
            until,
            withdrawn: None,
        });
        Ok(draft)
    }

    /// What each prefix of a client id (OpenID4VP 1.0 §5.9.3) asks of the keys.
    fn require_client_id(&self, id: &str, keys: &[KeyEntry]) -> Result<(), Rejection> {
        if keys.len() > fields::MAX_KEYS {
            return Err(Rejection::Malformed("keys"));
        }
        if let Some(url) = id.strip_prefix("redirect_uri:") {
            // Such requests are not signed: the exact URL is all there is.
            return if fields::web_url(url, self.governance().demo) && keys.is_empty() {
                Ok(())
            } else {
                Err(Rejection::Malformed("id"))
            };
        }
        if keys.is_empty() {
            return Err(Rejection::KeyRequired);
        }
        let wants_x509 = id.starts_with("x509_san_dns:") || id.starts_with("x509_hash:");
        for entry in keys {
            let Some(certificate) = fields::entry_certificate(entry)? else {
                if wants_x509 {
                    return Err(Rejection::KeyRequired);
                }
                continue;
            };
            if entry.ca {
                continue;
            }
            let fits = if let Some(name) = id.strip_prefix("x509_san_dns:") {
                certificate.san_dns().contains(&name.to_ascii_lowercase())
            } else if let Some(hash) = id.strip_prefix("x509_hash:") {
                b64::encode(certificate.sha256()) == hash
            } else {
                true
            };
            if !fits {
                return Err(Rejection::CertificateMismatch);
            }
        }
        Ok(())
    }

    /// The signer is accredited now, and its newest control keys signed.
    pub(super) fn require_accreditor(
        &self,
        time: UnixTime,
        event: &Event,
        checked: &CheckedEvent,
    ) -> Result<(u64, &Accreditation), Rejection> {
        let (version, own) = self.require_accreditor_key(event, checked)?;
        if !own.stands_at(time) {
            return Err(Rejection::NotAccredited);
        }
        Ok((version, own))
    }

    /// The signer is or was accredited, and its newest control keys signed.
    pub(super) fn require_accreditor_key(
        &self,
        event: &Event,
        checked: &CheckedEvent,
    ) -> Result<(u64, &Accreditation), Rejection> {
        let accreditations = self
            .record(&event.signer)
            .map(|record| record.accreditations.as_slice())
            .unwrap_or_default();
        let own = accreditations.last().ok_or(Rejection::NotAccredited)?;
        Self::require_signed(checked, &thumbprints(&own.control_keys), 1)?;
        Ok((accreditations.len() as u64 - 1, own))
    }

    fn claim_control(&self, draft: &mut Draft, keys: &[ControlKey]) -> Result<(), Rejection> {
        if keys.len() > fields::MAX_KEYS {
            return Err(Rejection::Malformed("control_keys"));
        }
        for key in keys {
            let public = fields::jwk(&key.jwk)?;
            self.claim(draft, &public, Role::Control)?;
        }
        Ok(())
    }

    fn claim_issuing(
        &self,
        draft: &mut Draft,
        entries: &[KeyEntry],
        by: &str,
        time: UnixTime,
    ) -> Result<Vec<KeyRecord>, Rejection> {
        if entries.len() > fields::MAX_KEYS {
            return Err(Rejection::Malformed("keys"));
        }
        let mut records: Vec<KeyRecord> = Vec::new();
        for entry in entries {
            let record = self.claim_key(draft, entry, by, time, Role::Issuing)?;
            if records
                .iter()
                .any(|other| other.thumbprint == record.thumbprint)
            {
                return Err(Rejection::Malformed("keys"));
            }
            records.push(record);
        }
        Ok(records)
    }

    /// Checks one key entry and takes its key for the body, or notes the CA above it.
    pub(super) fn claim_key(
        &self,
        draft: &mut Draft,
        entry: &KeyEntry,
        by: &str,
        time: UnixTime,
        role: Role,
    ) -> Result<KeyRecord, Rejection> {
        let key = fields::key_entry(entry)?;
        if !entry.ca {
            self.claim(draft, &key, role)?;
        } else if role == Role::Issuing {
            self.claim_anchor(draft, entry, &key)?;
        } else if self.owners.contains_key(&key.thumbprint()) {
            return Err(Rejection::KeyTaken);
        }
        Ok(KeyRecord {
            thumbprint: key.thumbprint(),
            entry: entry.clone(),
            by: by.to_owned(),
            from: time,
            rotated: None,
            revoked: None,
        })
    }

    fn claim(&self, draft: &mut Draft, key: &PublicKey, role: Role) -> Result<(), Rejection> {
        if role != Role::Issuing {
            fields::signs_text(key)?;
        }
        let thumbprint = key.thumbprint();
        let owner = Owner {
            body: draft.record.id.as_str().into(),
            role,
        };
        let drafted = draft.owners.iter().find(|(taken, _)| *taken == thumbprint);
        let taken = drafted
            .map(|(_, owner)| owner)
            .or_else(|| self.owners.get(&thumbprint));
        if taken.is_some_and(|taken| *taken != owner) || self.anchors.contains_key(&thumbprint) {
            return Err(Rejection::KeyTaken);
        }
        draft.owners.push((thumbprint, owner));
        Ok(())
    }

    /// Several bodies may stand below one CA, each under a name of its own.
    fn claim_anchor(
        &self,
        draft: &mut Draft,
        entry: &KeyEntry,
        key: &PublicKey,
    ) -> Result<(), Rejection> {
        let thumbprint = key.thumbprint();
        let anchor = Anchor {
            body: draft.record.id.as_str().into(),
            san: entry.san.clone(),
        };
        let others = self.anchors.get(&thumbprint).into_iter().flatten();
        let unclear = others
            .filter(|other| other.body != anchor.body)
            .any(|other| other.san.is_none() || anchor.san.is_none() || other.san == anchor.san);
        if unclear || self.owners.contains_key(&thumbprint) {
            return Err(Rejection::KeyTaken);
        }
        let certificate =
            fields::entry_certificate(entry)?.ok_or(Rejection::CertificateMismatch)?;
        draft
            .anchors
            .push((thumbprint, certificate.subject(), anchor));
        Ok(())
    }
}

/// True where the key was revoked or rotated away, whoever registered it then.
fn is_ended(known: &mut dyn Iterator<Item = &KeyRecord>, key: &KeyRecord) -> bool {
    known
        .filter(|old| old.thumbprint == key.thumbprint)
        .any(|old| old.revoked.is_some() || old.rotated.is_some())
}

/// The end that was asked for, or the accreditor's own; never after it, never in the past.
fn term(
    time: UnixTime,
    until: Option<UnixTime>,
    own: &Accreditation,
) -> Result<UnixTime, Rejection> {
    let until = until.unwrap_or(own.until);
    if until <= time {
        return Err(Rejection::Backdated);
    }
    if until > own.until {
        return Err(Rejection::PastTerm);
    }
    Ok(until)
}

/// Thumbprints of keys that a record holds: they stand in it in their shortest form.
pub(super) fn thumbprints(keys: &[ControlKey]) -> Vec<String> {
    keys.iter()
        .map(|key| PublicKey::thumbprint_of_jwk(&key.jwk))
        .collect()
}
