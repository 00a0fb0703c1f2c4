//! Who is listed, and the trail of changes.

use ipc::{BodyRole, BodyRow, BodyState, TrailEntry, TrailKind};
use wallet::UnixTime;
use wallet::ledger::Registry;
use wallet::ledger::event::Names;
use wallet::ledger::record::{Accreditation, Issuer, Record, Service};

/// One row for each thing that a body is.
pub(crate) fn body(record: &Record, now: UnixTime, locale: &str) -> Vec<BodyRow> {
    let mut rows = Vec::new();
    if let Some(last) = record.accreditations.last() {
        rows.push(accreditor(&record.id, last, now, locale));
    }
    if let Some(issuer) = &record.issuer {
        rows.push(self::issuer(&record.id, issuer, now, locale));
    }
    if let Some(last) = record.services.last() {
        rows.push(service(&record.id, last, now, locale));
    }
    rows
}

/// One change, where it is of a kind that people are told of.
pub(crate) fn trail(
    entry: &wallet::ledger::TrailEntry,
    registry: &Registry,
    locale: &str,
) -> Option<TrailEntry> {
    let kind = match entry.action {
        "accredit" => TrailKind::Accredited,
        "register-issuer" => TrailKind::IssuerRegistered,
        "register-service" => TrailKind::ServiceRegistered,
        "rotate-key" => TrailKind::KeyRotated,
        "revoke-key" => TrailKind::KeyRevoked,
        "withdraw" => TrailKind::Withdrawn,
        _ => return None,
    };
    let by = registry
        .record(&entry.signer)
        .and_then(|record| body(record, entry.time, locale).into_iter().next())
        .map_or_else(|| entry.signer.clone(), |row| row.name);
    Some(TrailEntry {
        index: entry.index,
        at: entry.time,
        kind,
        by,
    })
}

/// A name in the citizen's language, else in English, which is always there.
pub(super) fn named(names: &Names, locale: &str) -> String {
    let language = locale.split('-').next().unwrap_or(locale);
    names
        .get(language)
        .or_else(|| names.get("en"))
        .map(|name| wallet::words::visible(name))
        .unwrap_or_default()
}

fn accreditor(id: &str, given: &Accreditation, now: UnixTime, locale: &str) -> BodyRow {
    BodyRow {
        id: id.to_owned(),
        name: named(&given.names, locale),
        role: BodyRole::Accreditor,
        state: state(given.withdrawn.is_some(), now >= given.until),
        scope: given.types.iter().map(|id| title(id, locale)).collect(),
        until: Some(given.until),
    }
}

fn issuer(id: &str, issuer: &Issuer, now: UnixTime, locale: &str) -> BodyRow {
    let keys_gone = !issuer.keys.is_empty() && issuer.keys.iter().all(|key| key.revoked.is_some());
    let standing = || issuer.grants.iter().filter(|one| one.withdrawn.is_none());
    let until = standing().map(|grant| grant.until).max();
    let mut row = BodyRow {
        id: id.to_owned(),
        name: named(&issuer.names, locale),
        role: BodyRole::Issuer,
        state: state(until.is_none(), until.is_some_and(|until| now >= until)),
        scope: standing()
            .map(|grant| title(&grant.type_id, locale))
            .collect(),
        until,
    };
    if keys_gone {
        row.state = BodyState::Revoked;
    }
    row
}

fn service(id: &str, service: &Service, now: UnixTime, locale: &str) -> BodyRow {
    BodyRow {
        id: id.to_owned(),
        name: named(&service.names, locale),
        role: BodyRole::Service,
        state: state(service.withdrawn.is_some(), now >= service.until),
        scope: service
            .purposes
            .iter()
            .map(|purpose| named(&purpose.name, locale))
            .collect(),
        until: Some(service.until),
    }
}

fn state(withdrawn: bool, ended: bool) -> BodyState {
    if withdrawn {
        BodyState::Withdrawn
    } else if ended {
        BodyState::Ended
    } else {
        BodyState::Listed
    }
}

fn title(type_id: &str, locale: &str) -> String {
    wallet::type_title(type_id, locale)
}
