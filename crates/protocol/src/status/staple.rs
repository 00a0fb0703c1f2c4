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

#[cfg(test)]
mod tests {
    use credential::format::KeyName;
    use credential::status::token::{Bits, Draft, TokenList};
    use keys::SigningKey;

    use super::*;
    use crate::status::{CardIssuer, look_up};

    const NOW: UnixTime = 1_790_000_000;
    const URI: &str = "https://issuer.example/status/1";

    fn list(key: &SigningKey, uri: &str, issued_at: UnixTime) -> Vec<u8> {
        let mut list = TokenList::new(Bits::One, 1024).unwrap();
        list.set(7, 1).unwrap();
        let draft = Draft {
            uri,
            issuer: Some("https://issuer.example"),
            key_name: KeyName::Id("k"),
            issued_at,
            expires: Some(NOW + 3600),
            ttl: Some(600),
            list: &list,
        };
        draft.to_jwt(key).into_bytes()
    }

    fn reference(index: u64) -> StatusRef {
        StatusRef::TokenList {
            uri: URI.to_owned(),
            index,
        }
    }

    #[test]
    fn a_list_is_as_old_as_its_issuer_says() {
        let key = SigningKey::make_p256();
        let other = SigningKey::make_p256().public();
        let keys = [other, key.public()];
        let bytes = list(&key, URI, NOW - 500);
        let found = verify_stapled(&bytes, &reference(7), &keys, NOW).unwrap();
        assert_eq!(found.fetched_at(), NOW - 500);
        assert!(found.is_fresh(NOW) && !found.is_fresh(NOW + 100));
        let public = key.public();
        let card = CardIssuer {
            key: &public,
            name: None,
        };
        let at = |index| {
            let references = [reference(index)];
            let known = look_up(&references, card, |_| Some(&found), |_| false, NOW);
            known.unwrap().unwrap().standing
        };
        assert_eq!(at(7), credential::status::Standing::Revoked);
        assert_eq!(at(8), credential::status::Standing::Valid);
    }

    #[test]
    fn another_key_address_or_time_is_refused() {
        let key = SigningKey::make_p256();
        let keys = [key.public()];
        let refused = |bytes: &[u8], keys: &[PublicKey], now| {
            assert!(verify_stapled(bytes, &reference(7), keys, now).is_err());
        };
        let good = list(&key, URI, NOW);
        assert!(verify_stapled(&good, &reference(7), &keys, NOW).is_ok());
        refused(&good, &[SigningKey::make_p256().public()], NOW);
        refused(&good, &[], NOW);
        refused(
            &list(&key, "https://issuer.example/status/2", NOW),
            &keys,
            NOW,
        );
        refused(&list(&key, URI, NOW + 120), &keys, NOW);
        refused(&good, &keys, NOW + 3600);
        refused(b"not a list", &keys, NOW);
        let mut changed = good.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        refused(&changed, &keys, NOW);
    }
}
