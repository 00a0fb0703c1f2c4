//! Cards and their details.

use ipc::ValueView;
use ipc::{
    AddedView, CardRow, CardState, CardView, DetailView, HowKnown, IssuerView, SharedWith,
    StatusLookUp,
};
use wallet::words::{Detail, Shown};

use super::reviews::{verdict, warnings};

pub(crate) fn row(row: wallet::CardRow) -> CardRow {
    CardRow {
        id: row.id.to_string(),
        title: row.title,
        issuer: row.issuer.name,
        state: if row.checking {
            checking(row.state)
        } else {
            state(row.state)
        },
        valid_until: row.valid_until,
        added_at: row.added_at,
        colour: row.colour,
        face: row.face,
    }
}

pub(crate) fn card(view: wallet::CardView) -> CardView {
    let listed = view.row.verdict.body.is_some();
    CardView {
        face: view.face,
        status: view.row.status.map(|status| StatusLookUp {
            checked_at: status.checked_at,
        }),
        status_messages: view.status_messages,
        about: view.about,
        issuer: IssuerView {
            name: view.row.issuer.name.clone(),
            id: view.row.issuer.id.clone(),
            name_listed: listed,
            verdict: if view.row.checking {
                ipc::Verdict::Checking
            } else {
                verdict(view.row.verdict.standing)
            },
            checked_at: view.row.verdict.age.map(|age| age.attested),
            how: how_known(view.row.how),
        },
        added_at: view.row.added_at,
        valid_from: view.row.valid_from,
        copies_left: view.row.unshown,
        copies: view.row.copies,
        holder: view.holder,
        shared_with: view
            .shared_with
            .into_iter()
            .map(|(event, service, at)| SharedWith {
                event: event.to_string(),
                service,
                at,
            })
            .collect(),
        row: row(view.row),
    }
}

pub(crate) fn details(details: Vec<Detail>) -> Vec<DetailView> {
    details.into_iter().map(detail).collect()
}

pub(crate) fn added(added: wallet::Added) -> AddedView {
    AddedView {
        cards: added.cards.into_iter().map(row).collect(),
        warnings: warnings(added.warnings),
    }
}

pub(super) fn detail(detail: Detail) -> DetailView {
    DetailView {
        label: detail.label,
        value: value(detail.value),
    }
}

pub(super) fn value(shown: Shown) -> ValueView {
    match shown {
        Shown::Text(text) => ValueView::Text(text),
        Shown::Date(date) => ValueView::Date(date),
        Shown::YesNo(yes) => ValueView::YesNo(yes),
        Shown::Photo(url) => ValueView::Photo(url),
        Shown::List(all) => ValueView::List(all.into_iter().map(value).collect()),
        Shown::Group(all) => ValueView::Group(details(all)),
    }
}

pub(super) fn how_known(how: wallet::HowKnown) -> HowKnown {
    match how {
        wallet::HowKnown::Certificate => HowKnown::Certificate,
        wallet::HowKnown::Did => HowKnown::Did,
        wallet::HowKnown::Website => HowKnown::Website,
    }
}

/// What can be said of a card before the ledger is asked: nothing good.
fn checking(known: wallet::CardState) -> CardState {
    match state(known) {
        CardState::Valid | CardState::ExpiresSoon | CardState::StatusUnknown => CardState::Checking,
        known => known,
    }
}

fn state(state: wallet::CardState) -> CardState {
    match state {
        wallet::CardState::Valid => CardState::Valid,
        wallet::CardState::ExpiresSoon => CardState::ExpiresSoon,
        wallet::CardState::Expired => CardState::Expired,
        wallet::CardState::NotYet => CardState::NotYet,
        wallet::CardState::Withdrawn | wallet::CardState::Revoked => CardState::Withdrawn,
        wallet::CardState::Suspended => CardState::Suspended,
        wallet::CardState::StatusUnknown => CardState::StatusUnknown,
    }
}
