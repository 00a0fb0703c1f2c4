//! What the vault stores. It knows the shapes, not what they mean: the wallet does.

use std::fmt;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::Id;
use crate::secret::Key;

/// Someone outside: an issuer or a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Its identifier in the protocol or on the ledger.
    pub id: String,
    /// Its name as it was shown.
    pub name: String,
}

/// What a list of cards needs: small, so that ten thousand are read at once. Times are UNIX
/// seconds. `Debug` shows the id alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardSummary {
    /// The card.
    pub id: Id,
    /// The credential format, such as `dc+sd-jwt`.
    pub format: String,
    /// The credential type, such as a `vct`.
    pub type_id: String,
    /// Who issued it.
    pub issuer: Party,
    /// Thumbprint of the issuer's key that the credential was verified with.
    pub verified_key: String,
    /// When it was issued.
    pub issued_at: Option<i64>,
    /// From when it is valid.
    pub valid_from: Option<i64>,
    /// Until when it is valid.
    pub valid_until: Option<i64>,
    /// When the wallet took it.
    pub added_at: i64,
    /// Copies there are. Set by the vault.
    pub copies: u32,
    /// Copies never shown. Set by the vault.
    pub unshown: u32,
    /// What the list shows and what matching needs: the wallet's own, small JSON.
    pub display: Value,
}

/// What one card needs when it is looked at. `Debug` shows nothing.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardDetails {
    /// The claims as they are displayed.
    pub claims: Value,
    /// How it came: issuer URL, notification and the like.
    pub issuance: Value,
    /// The type metadata that came with it.
    pub type_metadata: Option<Value>,
    /// The wallet's own JSON: status, verdict and the like.
    pub extra: Value,
}

/// One card with all that belongs to it. `Debug` shows the id alone.
#[derive(Clone)]
pub struct CardRecord {
    /// What the list needs.
    pub summary: CardSummary,
    /// What the card's page needs.
    pub details: CardDetails,
    /// The copies, each bound to its own key, in the order they were issued.
    pub copies: Vec<CopyRecord>,
}

/// One copy of a credential and the key it is bound to, where it is bound to one. `Debug` shows the id and the count alone.
#[derive(Clone)]
pub struct CopyRecord {
    /// The copy.
    pub id: Id,
    /// The credential as it was issued.
    pub credential: SecretString,
    /// The holder's secret key; `None` for a credential that is bound to no key.
    pub key: Option<HolderKey>,
    /// How often this copy was shown.
    pub shown: u32,
}

/// The 32 secret bytes of a holder key. Wiped when dropped; has no `Debug`.
pub struct HolderKey(Key);

/// What stands in place of a key where there is none: no key is zero.
pub(crate) const NO_KEY: [u8; 32] = [0; 32];

impl HolderKey {
    /// From 32 bytes; `None` for another length, and for zeros, which are no key.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        Key::from_slice(bytes)
            .filter(|key| *key.expose() != NO_KEY)
            .map(Self)
    }

    /// The 32 bytes.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }
}

impl Clone for HolderKey {
    fn clone(&self) -> Self {
        let mut key = Key::empty();
        key.expose_mut().copy_from_slice(self.expose());
        Self(key)
    }
}

/// One line of the citizen's history. It never holds the value of a claim. `Debug` shows the id
/// and the kind alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRecord {
    /// The line.
    pub id: Id,
    /// When, in UNIX seconds.
    pub time: i64,
    /// What happened, in the wallet's closed set of words.
    pub kind: String,
    /// With whom.
    pub service: Option<Party>,
    /// What else there is to say: names of claims, outcome. Never their values.
    pub details: Value,
}

impl fmt::Debug for CardSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardSummary")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for CardDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardDetails").finish_non_exhaustive()
    }
}

impl fmt::Debug for CardRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardRecord")
            .field("id", &self.summary.id)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for CopyRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopyRecord")
            .field("id", &self.id)
            .field("shown", &self.shown)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for HistoryRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HistoryRecord")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
