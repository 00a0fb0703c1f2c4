use credential::status::StatusRef;
use keys::{PublicKey, UnixTime};

use super::{CachedList, Received, StatusError};
use crate::issuer_keys::IssuerKey;

/// A clock may be behind the issuer's by so many seconds.
const LEEWAY: UnixTime = 60;

/// Verifies a list that came along with a card, by one of these keys: the card's own, and those
/// that are known to be the same issuer's. Nothing is fetched.
///
/// The list is as old as its issuer says, whenever it was handed on: that time stands for
/// [`CachedList::fetched_at`].
///
/// # Errors
/// As [`StatusError`]; [`StatusError::Form`] for a list that does not say when it was made, or
/// was made at a time to come.
pub fn verify_stapled(
    bytes: &[u8],
    reference: &StatusRef,
    keys: &[PublicKey],
    now: UnixTime,
) -> Result<CachedList, StatusError> {
    let list = Received::parse(bytes, reference)?;
    let uri = reference.list();
    let mut refused = StatusError::Form;
    for key in keys
        .iter()
        .filter(|key| key.algorithm() == list.algorithm())
    {
        match list.verify(key, uri, now) {
            Ok(found) => {
                let made_at = found.issued_at.ok_or(StatusError::Form)?;
                if made_at > now.saturating_add(LEEWAY) {
                    return Err(StatusError::Form);
                }
                let key = IssuerKey::Jwk(key.clone());
                return Ok(found.cache(bytes, uri, key, None, made_at.min(now)));
            }
            Err(error) => refused = error,
        }
    }
    Err(refused)
}
