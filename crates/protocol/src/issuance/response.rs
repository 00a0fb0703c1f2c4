//! The answer of the credential endpoint (OpenID4VCI 1.0 §8.3).

use credential::did;
use keys::jws;
use keys::{PublicKey, SigningKey};
use serde_json::Value;

use super::error::{InDocument as _, RedeemError};
use super::redeem::Copy;
use crate::fetch::Document;
use crate::members::{self, BadMember, Object};

const DOCUMENT: Document = Document::Credential;
/// The most credentials that one answer may bring.
pub const MAX_CREDENTIALS: usize = 128;
const MAX_NOTIFICATION: usize = 1024;

/// Credentials as the issuer sent them; nobody has verified them.
pub struct CredentialResponse {
    pub(crate) credentials: Vec<String>,
    pub(crate) notification_id: Option<String>,
}

impl CredentialResponse {
    /// Reads an answer of status 200 or 202. One that promises the credential for later is
    /// [`RedeemError::Deferred`].
    pub fn read(object: &Object) -> Result<Self, RedeemError> {
        if members::text(object, "transaction_id", net::MAX_URL)
            .in_answer(DOCUMENT)?
            .is_some()
        {
            let interval = object.get("interval").and_then(Value::as_u64);
            return Err(RedeemError::Deferred { interval });
        }
        let bad = BadMember("credentials");
        let credentials = members::array(object, "credentials", MAX_CREDENTIALS)
            .and_then(|found| found.filter(|found| !found.is_empty()).ok_or(bad))
            .and_then(|found| {
                let texts = found.iter().map(|entry| {
                    let text = entry.get("credential").and_then(Value::as_str);
                    text.map(str::to_owned).ok_or(bad)
                });
                texts.collect::<Result<Vec<_>, _>>()
            })
            .in_answer(DOCUMENT)?;
        let notification_id =
            members::text(object, "notification_id", MAX_NOTIFICATION).in_answer(DOCUMENT)?;
        Ok(Self {
            credentials,
            notification_id: notification_id.map(str::to_owned),
        })
    }

    /// How many credentials came.
    pub fn count(&self) -> usize {
        self.credentials.len()
    }

    /// Gives each copy the key that it is bound to. The specification does not promise that
    /// copies come in the order of the proofs, so `cnf` decides. A copy without any `cnf` is
    /// marked so; one that is bound to a key that nobody made here is refused.
    pub(crate) fn pair(
        self,
        keys: Vec<SigningKey>,
    ) -> Result<(Vec<Copy>, Option<String>), RedeemError> {
        if self.credentials.len() > keys.len() {
            return Err(RedeemError::CopyCount);
        }
        let mut keys: Vec<_> = keys.into_iter().map(Some).collect();
        let mut copies = Vec::with_capacity(self.credentials.len());
        for credential in self.credentials {
            let holder = holder(&credential)?;
            let fits = |key: &SigningKey| match &holder {
                Holder::Key(public) => key.public() == *public,
                Holder::Nobody => true,
            };
            let key = keys
                .iter_mut()
                .find(|slot| slot.as_ref().is_some_and(fits))
                .and_then(Option::take)
                .ok_or(RedeemError::OtherKey)?;
            copies.push(Copy {
                credential,
                key,
                bound: matches!(holder, Holder::Key(_)),
            });
        }
        Ok((copies, self.notification_id))
    }
}

enum Holder {
    Key(PublicKey),
    Nobody,
}

/// Reads `cnf` before anybody vouched for it: only to find out which key it means.
fn holder(credential: &str) -> Result<Holder, RedeemError> {
    let bad = RedeemError::Member {
        document: DOCUMENT,
        member: "credential",
    };
    let jwt = credential.split('~').next().unwrap_or_default();
    let Some(claims) = jws::Unverified::parse(jwt)
        .ok()
        .and_then(|jwt| jwt.unverified_claims().ok())
    else {
        return Err(bad);
    };
    let Some(cnf) = claims.get("cnf") else {
        return Ok(Holder::Nobody);
    };
    if let Some(jwk) = cnf.get("jwk") {
        return PublicKey::from_jwk(jwk)
            .map(Holder::Key)
            .map_err(|_| RedeemError::OtherKey);
    }
    let kid = cnf.get("kid").and_then(Value::as_str).unwrap_or_default();
    did::resolve_self_contained(did::split_url(kid).0)
        .and_then(|document| document.key(kid, did::Relationship::Authentication))
        .map(Holder::Key)
        .map_err(|_| RedeemError::OtherKey)
}
