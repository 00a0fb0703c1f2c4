//! What rides along with an answer, so that a counter without a network can decide: the
//! ledger's evidence about the issuers, and the lists of statuses.

use protocol::counter_code::{
    MAX_STAPLED_EVIDENCE, MAX_STAPLES, StapledStatus, Staples as Riding, Wants,
};
use secrecy::ExposeSecret as _;
use vault::RecordError;

use crate::evidence::EvidenceError;
use crate::share::Parcel;
use crate::wallet::{Wallet, now};

/// What should ride along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Staples {
    /// What the ledger says about the issuers: some kilobytes a card, so that a code that was
    /// still becomes an animated one.
    pub evidence: bool,
    /// The issuers' lists of statuses, where one is at hand and at most 4 kB long.
    pub status: bool,
}

impl Staples {
    /// What either of two wants.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            evidence: self.evidence || other.evidence,
            status: self.status || other.status,
        }
    }
}

impl From<Wants> for Staples {
    fn from(wants: Wants) -> Self {
        Self {
            evidence: wants.evidence,
            status: wants.status,
        }
    }
}

/// What rode along, and what was asked for and did not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stapled {
    /// How many issuers the ledger's evidence is about.
    pub evidence: usize,
    /// How many lists of statuses.
    pub statuses: usize,
    /// What was asked for and is not there.
    pub left_out: Vec<LeftOut>,
}

/// What was asked for and does not ride along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// The ledger says nothing about who issued the card with this title.
    EvidenceUnlisted(String),
    /// The evidence about the issuer of the card with this title is too long for a code.
    EvidenceTooLong(String),
    /// No list of the card with this title is at hand, or it is over: look at the cards'
    /// statuses while there is a network.
    StatusNotHere(String),
    /// The list of the card with this title is too long for a code.
    StatusTooLong(String),
}

impl LeftOut {
    /// The name of the reason, for scripts.
    pub fn name(&self) -> &'static str {
        match self {
            Self::EvidenceUnlisted(_) => "evidence_unlisted",
            Self::EvidenceTooLong(_) => "evidence_too_long",
            Self::StatusNotHere(_) => "status_not_here",
            Self::StatusTooLong(_) => "status_too_long",
        }
    }

    /// The title of the card.
    pub fn title(&self) -> &str {
        match self {
            Self::EvidenceUnlisted(title)
            | Self::EvidenceTooLong(title)
            | Self::StatusNotHere(title)
            | Self::StatusTooLong(title) => title,
        }
    }
}

impl Wallet {
    /// Collects what should ride along with these presentations from what is kept here.
    pub(super) fn staple(
        &self,
        parcel: &Parcel,
        wanted: Staples,
    ) -> Result<(Riding, Stapled), RecordError> {
        let mut riding = Riding::default();
        let mut stapled = Stapled::default();
        for (card, copy) in parcel.cards.iter().zip(&parcel.copies) {
            let left_out = |reason: fn(String) -> LeftOut| reason(card.title.clone());
            if wanted.evidence {
                match self.evidence(card.card) {
                    Ok(evidence) if riding.evidence.contains(&evidence.bytes) => {}
                    Ok(evidence)
                        if evidence.bytes.len() <= MAX_STAPLED_EVIDENCE
                            && riding.evidence.len() < MAX_STAPLES =>
                    {
                        riding.evidence.push(evidence.bytes);
                    }
                    Ok(_) | Err(EvidenceError::TooLong) => {
                        stapled.left_out.push(left_out(LeftOut::EvidenceTooLong));
                    }
                    Err(EvidenceError::Vault(error)) => return Err(error),
                    Err(_) => stapled.left_out.push(left_out(LeftOut::EvidenceUnlisted)),
                }
            }
            if wanted.status {
                for uri in self.lists_of(card.card, *copy)? {
                    let known = riding.statuses.iter().any(|one| one.uri == uri);
                    let list = self.statuses.get(&uri);
                    let list = list.filter(|list| !list.is_expired(now()));
                    match list.as_ref().map(|list| list.published()) {
                        _ if known => {}
                        None => stapled.left_out.push(left_out(LeftOut::StatusNotHere)),
                        Some(Some(list)) if riding.statuses.len() < MAX_STAPLES => {
                            let list = list.to_vec();
                            riding.statuses.push(StapledStatus { uri, list });
                        }
                        Some(_) => stapled.left_out.push(left_out(LeftOut::StatusTooLong)),
                    }
                }
            }
        }
        stapled.evidence = riding.evidence.len();
        stapled.statuses = riding.statuses.len();
        Ok((riding, stapled))
    }

    /// Where the status of this very copy is published: the lists of other copies would say
    /// more than is shown.
    fn lists_of(&self, card: vault::Id, copy: vault::Id) -> Result<Vec<String>, RecordError> {
        let record = self.vault.card(card)?;
        let format = credential::format::by_id(&record.summary.format);
        let stored = record.copies.iter().find(|one| one.id == copy);
        let facts = format
            .zip(stored)
            .and_then(|(format, copy)| format.describe(copy.credential.expose_secret()).ok());
        let mut lists: Vec<String> = Vec::new();
        for place in facts.iter().flat_map(|facts| &facts.status) {
            if !lists.iter().any(|list| list == place.list()) {
                lists.push(place.list().to_owned());
            }
        }
        Ok(lists)
    }
}
