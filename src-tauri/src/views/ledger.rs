//! Who is listed and by whom, and the trail of changes.

use ipc::{
    BodyRole, BodyRow, BodyState, BodyView, LedgerKept, PublishedFile, TrailEntry, TrailKind,
    TypePart,
};
use wallet::UnixTime;
use wallet::ledger::event::{GOVERNANCE, Names};
use wallet::ledger::record::{Accreditation, Grant, Issuer, Record, Service};
use wallet::ledger::{self, Registry};

pub(crate) fn ledger_kept(kept: wallet::LedgerKept) -> LedgerKept {
    match kept {
        wallet::LedgerKept::NotAdded => LedgerKept::NotAdded,
        wallet::LedgerKept::NotFetched => LedgerKept::NotFetched,
        wallet::LedgerKept::Reading => LedgerKept::Reading,
        wallet::LedgerKept::Kept => LedgerKept::Kept,
    }
}

/// One row for each thing that a body is, and for each accreditor that lists it.
pub(crate) fn body(
    registry: &Registry,
    record: &Record,
    now: UnixTime,
    locale: &str,
) -> Vec<BodyRow> {
    let mut rows = Vec::new();
    if let Some(last) = record.accreditations.last() {
        rows.push(accreditor(&record.id, last, now, locale));
    }
    if let Some(issuer) = &record.issuer {
        rows.extend(issuer_rows(registry, &record.id, issuer, now, locale));
    }
    if let Some(last) = record.services.last() {
        rows.push(service(registry, &record.id, last, now, locale));
    }
    rows.extend(published(registry, record, locale));
    for row in &mut rows {
        row.by_name = row.by.as_ref().map(|by| name_of(registry, by, locale));
    }
    rows
}

/// All about one id. None where the ledger never spoke of it.
pub(crate) fn whole_body(
    registry: &Registry,
    id: &str,
    now: UnixTime,
    locale: &str,
) -> Option<BodyView> {
    let changes = registry.changes(Some(id));
    if changes.is_empty() {
        return None;
    }
    Some(BodyView {
        rows: registry
            .record(id)
            .map(|record| body(registry, record, now, locale))
            .unwrap_or_default(),
        files: files(registry, id),
        trail: changes
            .iter()
            .map(|change| trail(change.entry, registry, locale))
            .collect(),
    })
}

fn files(registry: &Registry, id: &str) -> Vec<PublishedFile> {
    let Some(standing) = registry.published_type(id) else {
        return Vec::new();
    };
    let parts = [
        (TypePart::Schema, Some(&standing.schema)),
        (TypePart::Metadata, Some(&standing.metadata)),
        (TypePart::Context, standing.context.as_ref()),
    ];
    let with_file = parts
        .into_iter()
        .filter_map(|(part, file)| file.map(|file| (part, file)));
    with_file
        .map(|(part, file)| PublishedFile {
            part,
            integrity: file.integrity.clone(),
            uri: file.uri.clone(),
        })
        .collect()
}

/// One change.
fn trail(entry: &ledger::TrailEntry, registry: &Registry, locale: &str) -> TrailEntry {
    let kind = match entry.action {
        "genesis" => TrailKind::Founded,
        "accredit" => TrailKind::Accredited,
        "register-issuer" => TrailKind::IssuerRegistered,
        "register-service" => TrailKind::ServiceRegistered,
        "rotate-key" => TrailKind::KeyRotated,
        "revoke-key" => TrailKind::KeyRevoked,
        "publish-type" => TrailKind::TypePublished,
        "withdraw" => TrailKind::Withdrawn,
        "rotate-governance" => TrailKind::GovernanceRotated,
        "adopt-rules" => TrailKind::RulesAdopted,
        _ => TrailKind::Other,
    };
    let by = (entry.signer != GOVERNANCE).then(|| name_of(registry, &entry.signer, locale));
    TrailEntry {
        index: entry.index,
        at: entry.time,
        kind,
        action: entry.action.to_owned(),
        by,
    }
}

/// A body's name, else its id.
fn name_of(registry: &Registry, id: &str, locale: &str) -> String {
    registry
        .record(id)
        .and_then(Record::names)
        .map_or_else(|| id.to_owned(), |names| named(names, locale))
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
        by: None,
        by_name: None,
        role: BodyRole::Accreditor,
        state: state(given.stands_at(now), given.withdrawn.is_some()),
        scope: given.types.iter().map(|id| title(id, locale)).collect(),
        until: Some(given.until),
    }
}

/// A row for each accreditor that granted something: what it grants now, or how that ended.
fn issuer_rows(
    registry: &Registry,
    id: &str,
    issuer: &Issuer,
    now: UnixTime,
    locale: &str,
) -> Vec<BodyRow> {
    let keys_gone = !issuer.keys.is_empty() && issuer.keys.iter().all(|key| key.revoked.is_some());
    let mut accreditors: Vec<&str> = Vec::new();
    for grant in &issuer.grants {
        if !accreditors.contains(&grant.by.as_str()) {
            accreditors.push(&grant.by);
        }
    }
    let row = |by: &str| {
        let own = || issuer.grants.iter().filter(|grant| grant.by == by);
        let kept: Vec<&Grant> = own().filter(|one| one.withdrawn.is_none()).collect();
        let stands = kept.iter().any(|one| registry.grant_stands(one, now));
        let over = kept.iter().any(|one| now >= one.until);
        BodyRow {
            id: id.to_owned(),
            name: named(&issuer.names, locale),
            by: Some(by.to_owned()),
            by_name: None,
            role: BodyRole::Issuer,
            state: if keys_gone {
                BodyState::Revoked
            } else {
                state(stands, !over)
            },
            scope: kept
                .iter()
                .map(|grant| title(&grant.type_id, locale))
                .collect(),
            until: kept.iter().map(|grant| grant.until).max(),
        }
    };
    accreditors.into_iter().map(row).collect()
}

fn service(
    registry: &Registry,
    id: &str,
    service: &Service,
    now: UnixTime,
    locale: &str,
) -> BodyRow {
    let over = service.withdrawn.is_none() && now >= service.until;
    BodyRow {
        id: id.to_owned(),
        name: named(&service.names, locale),
        by: Some(service.by.clone()),
        by_name: None,
        role: BodyRole::Service,
        state: state(registry.service_stands(service, now), !over),
        scope: service
            .purposes
            .iter()
            .map(|purpose| named(&purpose.name, locale))
            .collect(),
        until: Some(service.until),
    }
}

/// A row for each accreditor that published a type: its last publication.
fn published(registry: &Registry, record: &Record, locale: &str) -> Vec<BodyRow> {
    let standing = registry.published_type(&record.id);
    let mut rows: Vec<BodyRow> = Vec::new();
    for one in record.publications.iter().rev() {
        let by = Some(one.by.clone());
        if rows.iter().any(|row| row.by == by) {
            continue;
        }
        rows.push(BodyRow {
            id: record.id.clone(),
            name: title(&record.id, locale),
            by,
            by_name: None,
            role: BodyRole::Type,
            state: if standing == Some(one) {
                BodyState::Listed
            } else if registry.publication_stands(one) {
                BodyState::Replaced
            } else {
                BodyState::Withdrawn
            },
            scope: Vec::new(),
            until: None,
        });
    }
    rows
}

fn state(stands: bool, withdrawn: bool) -> BodyState {
    match (stands, withdrawn) {
        (true, _) => BodyState::Listed,
        (false, true) => BodyState::Withdrawn,
        (false, false) => BodyState::Ended,
    }
}

fn title(type_id: &str, locale: &str) -> String {
    wallet::type_title(type_id, locale)
}
