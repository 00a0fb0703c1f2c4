//! Evidence of what the ledger says about a card's issuer, to be checked by anyone, years later.

use keys::UnixTime;
use ledger::{About, Pin, StoredReplica};
use vault::{Id, RecordError};

use crate::card::{Face, IssuerKey};
use crate::trust::TrustError;
use crate::wallet::Wallet;

/// Why there is no evidence about a card's issuer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// The ledger does not know the issuer's key.
    #[error("the ledger does not know who issued this card")]
    Unlisted,
    /// The ledger says more about the issuer than evidence holds.
    #[error("what the ledger says about who issued this card is too long for evidence")]
    TooLong,
    /// The ledger's replica.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] RecordError),
}

/// Evidence about a card's issuer. It holds public data of the ledger, the issuer's key, the
/// type and the time of issue: nothing of the card's content, and no signature over it.
#[derive(Clone, Debug)]
pub struct CardEvidence {
    /// The file's content.
    pub bytes: Vec<u8>,
    /// The time for which it speaks.
    pub attested: UnixTime,
}

impl Wallet {
    /// Makes evidence about the issuer of a card from the replica on this computer. Nothing is
    /// fetched.
    pub fn evidence(&self, card: Id) -> Result<CardEvidence, EvidenceError> {
        let summary = self.vault.card(card)?.summary;
        let key = Face::of(&summary)
            .and_then(|face| face.issuer_key())
            .ok_or(EvidenceError::Unlisted)?;
        let verdict = self
            .trust
            .issuer(key.presented(), &summary.type_id, summary.issued_at);
        let body = verdict.body.ok_or(EvidenceError::Unlisted)?;
        let following = self.following()?.ok_or(TrustError::NoLedger)?;
        let pin = Pin::parse(following.pin.as_bytes()).map_err(TrustError::from)?;
        let stored = StoredReplica::open(self.trust.place(&pin), pin).map_err(TrustError::from)?;
        let evidence = stored
            .prove_standing(&body.id)
            .map_err(TrustError::from)?
            .ok_or(EvidenceError::Unlisted)?;
        let about = About {
            key: match key {
                IssuerKey::Bare(key) => ledger::IssuerKey::Bare(key),
                IssuerKey::Chain(chain) => ledger::IssuerKey::Chain(chain),
            },
            type_id: credential::catalogue::ledger_type(&summary.type_id).to_owned(),
            issued_at: summary.issued_at,
        };
        let bytes = evidence.about(about).to_bytes();
        Ok(CardEvidence {
            bytes: bytes.map_err(|_| EvidenceError::TooLong)?,
            attested: stored.replica().attested(),
        })
    }
}
