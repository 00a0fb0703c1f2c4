//! The answer of the credential endpoint (OpenID4VCI 1.0 §8.3).

use credential::format::{Fault, Format};
use keys::SigningKey;
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
                let texts = found.iter().map(|entry| match entry.get("credential") {
                    Some(Value::String(text)) => Ok(text.clone()),
                    Some(object @ Value::Object(_)) => Ok(object.to_string()),
                    _ => Err(bad),
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
    /// copies come in the order of the proofs, so what the copy says decides, before anybody
    /// vouched for it. A copy that names no key gets none; one that is bound to a key that
    /// nobody made here is refused.
    pub(crate) fn pair(
        self,
        keys: Vec<SigningKey>,
        format: &dyn Format,
    ) -> Result<(Vec<Copy>, Option<String>), RedeemError> {
        if self.credentials.len() > keys.len().max(1) {
            return Err(RedeemError::CopyCount);
        }
        let mut keys: Vec<_> = keys.into_iter().map(Some).collect();
        let mut copies = Vec::with_capacity(self.credentials.len());
        for credential in self.credentials {
            let facts = format
                .describe(&credential)
                .map_err(|refused| match refused.fault {
                    Fault::NotTheHolder => RedeemError::OtherKey,
                    _ => RedeemError::Member {
                        document: DOCUMENT,
                        member: "credential",
                    },
                })?;
            let key = match facts.holder {
                None => None,
                Some(holder) => {
                    let fits = |key: &SigningKey| key.public() == holder;
                    let slot = keys.iter_mut().find(|slot| slot.as_ref().is_some_and(fits));
                    Some(slot.and_then(Option::take).ok_or(RedeemError::OtherKey)?)
                }
            };
            copies.push(Copy { credential, key });
        }
        Ok((copies, self.notification_id))
    }
}
