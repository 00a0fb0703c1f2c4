//! Nonces that need no memory until they are used.

use hmac::{Hmac, Mac};
use keys::{UnixTime, b64};
use rand::RngCore as _;
use rand::rngs::OsRng;
use sha2::Sha256;
use zeroize::Zeroizing;

const LIFETIME: UnixTime = 300;
const MAC: usize = 16;
const RANDOM: usize = 12;

/// Makes and recognises nonces: `expiry ‖ random ‖ HMAC-SHA-256` under a key of this issuer.
/// Handing one out leaves no trace, so nobody can fill the memory by asking.
pub struct Nonces(Zeroizing<[u8; 64]>);

impl Nonces {
    /// Nonces under a fresh key.
    pub fn make() -> Self {
        let mut key = Zeroizing::new([0; 64]);
        OsRng.fill_bytes(key.as_mut());
        Self(key)
    }

    /// Nonces under a given key, so that they outlive a restart.
    pub fn with_key(key: [u8; 64]) -> Self {
        Self(Zeroizing::new(key))
    }

    /// A nonce for one purpose, good for five minutes.
    pub fn make_nonce(&self, purpose: &str, now: UnixTime) -> String {
        let mut bytes = now.saturating_add(LIFETIME).to_be_bytes().to_vec();
        let mut random = [0; RANDOM];
        OsRng.fill_bytes(&mut random);
        bytes.extend_from_slice(&random);
        let mac = self.mac(purpose, &bytes).finalize().into_bytes();
        bytes.extend(mac.iter().take(MAC));
        b64::encode(bytes)
    }

    /// When the nonce is over; nothing if it is over already, for another purpose, or not
    /// one of ours.
    pub fn expiry(&self, purpose: &str, nonce: &str, now: UnixTime) -> Option<UnixTime> {
        let bytes = b64::decode(nonce).ok()?;
        let (signed, mac) = bytes.split_at_checked(size_of::<UnixTime>() + RANDOM)?;
        self.mac(purpose, signed).verify_truncated_left(mac).ok()?;
        if mac.len() != MAC {
            return None;
        }
        let expiry = UnixTime::from_be_bytes(*signed.first_chunk()?);
        (now <= expiry).then_some(expiry)
    }

    fn mac(&self, purpose: &str, bytes: &[u8]) -> Hmac<Sha256> {
        // The key fills one block of the hash.
        let mut mac = <Hmac<Sha256> as Mac>::new((&*self.0).into());
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(bytes);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_for_its_purpose_its_time_and_its_issuer() {
        let (nonces, now) = (Nonces::make(), 1_800_000_000);
        let nonce = nonces.make_nonce("proof", now);
        assert_eq!(nonces.expiry("proof", &nonce, now), Some(now + LIFETIME));
        assert_eq!(nonces.expiry("dpop", &nonce, now), None);
        assert_eq!(nonces.expiry("proof", &nonce, now + LIFETIME + 1), None);
        assert_eq!(Nonces::make().expiry("proof", &nonce, now), None);
        assert_ne!(nonce, nonces.make_nonce("proof", now));
        let mut bytes = b64::decode(&nonce).unwrap();
        for cut in [0, 8, 20, 21, bytes.len() - 1] {
            assert_eq!(
                nonces.expiry("proof", &b64::encode(&bytes[..cut]), now),
                None,
                "{cut}"
            );
        }
        bytes[0] ^= 1;
        assert_eq!(nonces.expiry("proof", &b64::encode(bytes), now), None);
    }
}
