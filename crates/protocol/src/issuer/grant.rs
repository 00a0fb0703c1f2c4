//! One offer, from the code to the card.

use keys::{UnixTime, b64};
use rand::RngCore as _;
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::reply::Refusal;

/// Wrong typed codes after which an offer is locked.
pub const MAX_GUESSES: u32 = 5;
/// How long an access token serves, in seconds.
pub(crate) const TOKEN_LIFETIME: UnixTime = 600;

/// How far an offer has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The code has not been taken.
    Offered,
    /// The code was taken; the card was not.
    Redeemed,
    /// The card was handed out.
    Issued,
    /// The wallet says that it keeps the card.
    Accepted,
    /// The wallet says that it could not keep the card.
    Failed,
    /// Too many wrong typed codes.
    Locked,
    /// Over before the card was handed out.
    Expired,
}

/// Whether the cards of an offer stand. One word for all copies, so that no copy is forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CardStatus {
    /// They stand.
    #[default]
    Valid,
    /// They are stopped for a time.
    Suspended,
    /// They are withdrawn for good.
    Revoked,
}

/// A card that an offer promises.
#[derive(Clone, Serialize, Deserialize)]
pub struct Promised {
    /// Which configuration.
    pub configuration_id: String,
    /// The claims about the subject. Empty once they are not needed any more.
    pub claims: Map<String, Value>,
    /// Seconds from issue to expiry.
    pub valid_for: UnixTime,
}

/// The state of one offer. Codes and tokens are kept as hashes only.
#[derive(Clone, Serialize, Deserialize)]
pub struct Grant {
    /// A name for lists; worth nothing to a stranger.
    pub id: String,
    /// When it was made.
    pub created: UnixTime,
    /// When the code is over.
    pub expires: UnixTime,
    /// How far it has come.
    pub stage: Stage,
    /// What it promises.
    pub promised: Promised,
    /// The most copies that the wallet may have in all.
    pub copies: usize,
    /// How many copies were handed out.
    pub issued: usize,
    /// Whether its cards stand.
    #[serde(default)]
    pub status: CardStatus,
    pub(crate) code: String,
    pub(crate) typed: Option<Typed>,
    pub(crate) token: Option<Token>,
    /// The offer for those who come by reference, until the code is taken.
    pub(crate) reference: Option<Reference>,
    pub(crate) notifications: Vec<String>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Typed {
    pub(crate) hash: String,
    pub(crate) wrong: u32,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Token {
    pub(crate) hash: String,
    pub(crate) expires: UnixTime,
    /// Thumbprint of the DPoP key that it is bound to.
    pub(crate) key: Option<String>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Reference {
    pub(crate) hash: String,
    pub(crate) offer: Value,
}

impl Grant {
    /// Under which keys a store must find this grant.
    pub fn lookups(&self) -> Vec<String> {
        let token = self.token.iter().map(|token| token_lookup(&token.hash));
        let reference = self.reference.iter();
        std::iter::once(code_lookup(&self.code))
            .chain(token)
            .chain(reference.map(|reference| reference_lookup(&reference.hash)))
            .collect()
    }

    /// Takes the code: once, in time, with the typed code that goes with it.
    pub(crate) fn redeem(&mut self, typed: Option<&str>, now: UnixTime) -> Result<(), Refusal> {
        const NOT_VALID: Refusal = Refusal::new("invalid_grant", "the code is not valid");
        self.sweep(now);
        if self.stage != Stage::Offered || self.status != CardStatus::Valid {
            return Err(NOT_VALID);
        }
        match (&mut self.typed, typed) {
            (None, None) => {}
            (None, Some(_)) => {
                return Err(Refusal::new("invalid_request", "no typed code is expected"));
            }
            (Some(_), None) => {
                return Err(Refusal::new("invalid_request", "the typed code is missing"));
            }
            (Some(expected), Some(typed)) => {
                if derive_typed_hash(&self.code, typed) != expected.hash {
                    expected.wrong = expected.wrong.saturating_add(1);
                    if expected.wrong >= MAX_GUESSES {
                        self.stage = Stage::Locked;
                        self.forget();
                    }
                    return Err(Refusal::new("invalid_grant", "the typed code is wrong"));
                }
            }
        }
        self.stage = Stage::Redeemed;
        self.reference = None;
        Ok(())
    }

    /// Ends what is over and forgets what is not needed any more.
    pub fn sweep(&mut self, now: UnixTime) {
        let token_over = |token: &Token| token.expires < now;
        match self.stage {
            Stage::Offered if self.expires < now => {
                self.stage = Stage::Expired;
                self.forget();
            }
            Stage::Redeemed if self.token.as_ref().is_none_or(token_over) => {
                self.stage = Stage::Expired;
                self.forget();
            }
            Stage::Issued if self.token.as_ref().is_none_or(token_over) => self.forget(),
            _ => {}
        }
    }

    pub(crate) fn forget(&mut self) {
        self.promised.claims.clear();
        self.reference = None;
    }
}

pub(crate) fn code_lookup(hash: &str) -> String {
    format!("code:{hash}")
}

pub(crate) fn token_lookup(hash: &str) -> String {
    format!("token:{hash}")
}

pub(crate) fn reference_lookup(hash: &str) -> String {
    format!("offer:{hash}")
}

/// 256 random bits, base64url.
pub(crate) fn make_secret() -> String {
    let mut bytes = [0; 32];
    OsRng.fill_bytes(&mut bytes);
    b64::encode(bytes)
}

pub(crate) fn derive_hash(secret: &str) -> String {
    b64::encode(Sha256::digest(secret))
}

/// A typed code is short: its hash guards against a glance, the count of guesses against
/// guessing.
pub(crate) fn derive_typed_hash(code_hash: &str, typed: &str) -> String {
    derive_hash(&format!("{code_hash}:{typed}"))
}
