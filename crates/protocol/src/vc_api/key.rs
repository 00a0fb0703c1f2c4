use credential::data_integrity::selective;
use credential::did::{self, Relationship, multikey};
use keys::bls::SecretKey;
use keys::{PublicKey, SigningKey};

use super::Problem;
use super::issue::Way;

/// The keys of an issuer, and the names under which it may use them.
pub struct IssuerKeys {
    /// The key for everything but BBS.
    pub signing: SigningKey,
    /// The key for BBS, where there is one.
    pub bbs: Option<SecretKey>,
    /// The `did:web` whose document lists the keys, where the issuer is known by it: the signing
    /// key by its Multikey, the BBS key by its thumbprint.
    pub did_web: Option<String>,
}

impl IssuerKeys {
    /// The issuers whose credentials are signed here: the `did:key` of the signing key, that of
    /// the BBS key where there is one, and the `did:web` where there is one.
    pub fn issuers(&self) -> Vec<String> {
        let bbs = self.bbs.as_ref();
        let bbs = bbs.map(|key| PublicKey::Bls12381G2(key.public()));
        std::iter::once(self.signing.public())
            .chain(bbs)
            .filter_map(|key| did::derive_did_key(&key).ok())
            .chain(self.did_web.clone())
            .collect()
    }

    /// True where the issuer is the `did:key` of the BBS key.
    pub(super) fn is_bbs(&self, issuer: &str) -> bool {
        self.bbs.as_ref().is_some_and(|key| {
            let key = PublicKey::Bls12381G2(key.public());
            did::derive_did_key(&key).is_ok_and(|did| did == issuer)
        })
    }

    fn public(&self, way: Way) -> Result<PublicKey, Problem> {
        match (way, &self.bbs) {
            (Way::Selective(selective::Suite::Bbs2023), Some(key)) => {
                Ok(PublicKey::Bls12381G2(key.public()))
            }
            (Way::Selective(selective::Suite::Bbs2023), None) => Err(Problem::NotOurs),
            _ => Ok(self.signing.public()),
        }
    }

    /// The DID URL of the key, by which the issuer's own document lists it.
    pub(super) fn url(&self, way: Way, issuer: &str) -> Result<String, Problem> {
        let key = self.public(way)?;
        if did::derive_did_key(&key).is_ok_and(|did| did == issuer) {
            return Ok(did::derive_did_key_url(&key)?);
        }
        if self.did_web.as_deref() != Some(issuer) {
            return Err(Problem::NotOurs);
        }
        let fragment = match key {
            PublicKey::Bls12381G2(_) => key.thumbprint(),
            _ => multikey::write(&key),
        };
        Ok(format!("{issuer}#{fragment}"))
    }

    /// The key of a URL, if it needs no network.
    pub(super) fn key_of(&self, url: &str) -> Result<PublicKey, Problem> {
        let (did, _) = did::split_url(url);
        if self.did_web.as_deref() != Some(did) {
            let document = did::resolve_self_contained(did)?;
            return Ok(document.key(url, Relationship::Assertion)?);
        }
        [Way::Jwt, Way::Selective(selective::Suite::Bbs2023)]
            .into_iter()
            .find(|way| self.url(*way, did).is_ok_and(|ours| ours == url))
            .ok_or(Problem::NoKey)
            .and_then(|way| self.public(way))
    }
}
