//! DPoP (RFC 9449): access tokens that only the holder of a key can use.

use std::collections::HashMap;

use keys::jws::{self, JwsError};
use keys::{Algorithm, KeyError, PublicKey, SigningKey, UnixTime, b64};
use rand::RngCore as _;
use rand::rngs::OsRng;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

/// The `typ` of a proof (RFC 9449 §4.2).
pub const TYPE: &str = "dpop+jwt";
/// How old or how far ahead a proof may be, in seconds.
pub const MAX_AGE: UnixTime = 300;

/// The wallet's side: one fresh key for one redemption, and the latest nonce of each server.
pub struct Prover {
    key: SigningKey,
    nonces: HashMap<String, String>,
}

impl Prover {
    /// A prover with a fresh P-256 key.
    pub fn make() -> Self {
        Self {
            key: SigningKey::make_p256(),
            nonces: HashMap::new(),
        }
    }

    /// Keeps the nonce that a server handed out, for its next proof.
    pub fn remember_nonce(&mut self, url: &Url, nonce: &str) {
        if nonce.len() <= 1024 {
            let origin = url.origin().ascii_serialization();
            self.nonces.insert(origin, nonce.to_owned());
        }
    }

    /// The value of a `DPoP` header. `token` is the access token that goes with it.
    pub fn make_proof(
        &self,
        method: &str,
        url: &Url,
        token: Option<&str>,
        now: UnixTime,
    ) -> String {
        let mut jti = [0; 16];
        OsRng.fill_bytes(&mut jti);
        let mut claims = json!({
            "jti": b64::encode(jti),
            "htm": method,
            "htu": target(url).as_str(),
            "iat": now,
        });
        if let Some(object) = claims.as_object_mut() {
            if let Some(token) = token {
                object.insert("ath".to_owned(), derive_token_hash(token).into());
            }
            if let Some(nonce) = self.nonces.get(&url.origin().ascii_serialization()) {
                object.insert("nonce".to_owned(), nonce.as_str().into());
            }
        }
        let header = Map::from_iter([("jwk".to_owned(), self.key.public().to_jwk())]);
        jws::sign_claims(TYPE, header, &claims, &self.key)
    }
}

/// `ath`: the hash of an access token (RFC 9449 §4.2).
pub fn derive_token_hash(token: &str) -> String {
    b64::encode(Sha256::digest(token))
}

/// The request target without query and fragment (RFC 9449 §4.2).
fn target(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// Why a proof was refused (RFC 9449 §4.3).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DpopError {
    /// Not a JWS of the right type, or its signature is wrong.
    #[error("the DPoP proof is malformed: {0}")]
    Jws(#[from] JwsError),
    /// The header carries no acceptable public key.
    #[error("the DPoP proof carries no acceptable key: {0}")]
    Key(#[from] KeyError),
    /// A claim is missing or of the wrong kind.
    #[error("the DPoP proof has no acceptable `{0}`")]
    Claim(&'static str),
    /// Made for another method.
    #[error("the DPoP proof is for another method")]
    Method,
    /// Made for another URL.
    #[error("the DPoP proof is for another address")]
    Target,
    /// Too old, or from the future.
    #[error("the DPoP proof is not of this moment")]
    Time,
    /// Made for another access token, or for none.
    #[error("the DPoP proof is for another access token")]
    Token,
    /// Without a nonce, or with one that is not valid: the server names a fresh one.
    #[error("the DPoP proof lacks a valid nonce")]
    Nonce,
    /// Made with another key than the access token is bound to.
    #[error("the DPoP proof is by another key")]
    OtherKey,
}

/// What the request is, that a proof must be for.
pub struct Expected<'a> {
    /// `POST`.
    pub method: &'a str,
    /// The URL that was asked.
    pub url: &'a Url,
    /// The access token that came with it, and the thumbprint of the key it is bound to.
    pub token: Option<(&'a str, &'a str)>,
    /// Whether a nonce is one that this server handed out.
    pub nonce: &'a (dyn Fn(&str) -> bool + Sync),
}

/// A proof that was checked. Whether `jti` was seen before is for the caller to remember,
/// for at least [`MAX_AGE`] on either side of `iat`.
#[derive(Clone, Debug)]
pub struct Proven {
    /// The key that the client holds.
    pub key: PublicKey,
    /// The proof's own id.
    pub jti: String,
}

/// The server's side: checks one proof.
pub fn verify(proof: &str, expected: &Expected<'_>, now: UnixTime) -> Result<Proven, DpopError> {
    let jws = jws::Unverified::parse(proof)?;
    jws.require_type(TYPE)?;
    let jwk = jws.header.get("jwk").ok_or(KeyError::Malformed)?;
    let key = PublicKey::from_jwk(jwk)?;
    if !Algorithm::OF_WALLETS.contains(&jws.algorithm()) {
        return Err(JwsError::Algorithm.into());
    }
    let claims = jws.verify(&key)?.claims()?;
    let text = |name: &'static str| {
        claims
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty() && text.len() <= 4096)
            .ok_or(DpopError::Claim(name))
    };
    if text("htm")? != expected.method {
        return Err(DpopError::Method);
    }
    let htu: Url = text("htu")?.parse().map_err(|_| DpopError::Claim("htu"))?;
    if target(&htu) != target(expected.url) {
        return Err(DpopError::Target);
    }
    let iat = claims
        .get("iat")
        .and_then(Value::as_i64)
        .ok_or(DpopError::Claim("iat"))?;
    if now.saturating_sub(iat).saturating_abs() > MAX_AGE {
        return Err(DpopError::Time);
    }
    if !claims
        .get("nonce")
        .and_then(Value::as_str)
        .is_some_and(|nonce| (expected.nonce)(nonce))
    {
        return Err(DpopError::Nonce);
    }
    if let Some((token, thumbprint)) = expected.token {
        if text("ath")? != derive_token_hash(token) {
            return Err(DpopError::Token);
        }
        if key.thumbprint() != thumbprint {
            return Err(DpopError::OtherKey);
        }
    }
    let jti = text("jti")?.to_owned();
    Ok(Proven { key, jti })
}

#[cfg(test)]
mod tests;
