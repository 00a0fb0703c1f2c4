//! The key binding JWT (RFC 9901 §4.3 and §7.3).

use keys::jws::{self, JwsError};
use keys::{PublicKey, SigningKey, UnixTime};
use serde_json::{Map, Value, json};
use subtle::ConstantTimeEq as _;

use super::{HashAlgorithm, HolderKeyError, KEY_BINDING_MAX_AGE, KeyBindingError, LEEWAY};
use crate::did::{self, Relationship};

const TYPE: &str = "kb+jwt";

/// What a verifier asked for.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    /// `aud`: the verifier's own identifier (in OpenID4VP the client identifier).
    pub audience: &'a str,
    /// `nonce` of the request.
    pub nonce: &'a str,
    /// False only where the request did away with holder binding. A key binding that is
    /// there is checked all the same.
    pub require_key_binding: bool,
}

/// Signs a key binding for `sd_jwt`, which ends in a tilde.
pub(super) fn sign(
    sd_jwt: &str,
    hash: HashAlgorithm,
    key: &SigningKey,
    audience: &str,
    nonce: &str,
    now: UnixTime,
) -> String {
    let claims = json!({
        "iat": now,
        "aud": audience,
        "nonce": nonce,
        "sd_hash": hash.derive_digest(sd_jwt),
    });
    jws::sign_claims(TYPE, Map::new(), &claims, key)
}

/// Checks a key binding for `sd_jwt`, which ends in a tilde.
pub(super) fn verify(
    jwt: &jws::Unverified,
    sd_jwt: &str,
    hash: HashAlgorithm,
    holder: &PublicKey,
    expected: &Expected<'_>,
    now: UnixTime,
) -> Result<(), KeyBindingError> {
    jwt.require_type(TYPE).map_err(|_| KeyBindingError::Type)?;
    let verified = jwt.verify(holder).map_err(KeyBindingError::Signature)?;
    let claims = verified
        .claims()
        .map_err(|_: JwsError| KeyBindingError::Claim { claim: "payload" })?;
    let text = |claim: &'static str| {
        claims
            .get(claim)
            .and_then(Value::as_str)
            .ok_or(KeyBindingError::Claim { claim })
    };
    if text("aud")? != expected.audience {
        return Err(KeyBindingError::Audience);
    }
    if !same(text("nonce")?, expected.nonce) {
        return Err(KeyBindingError::Nonce);
    }
    if text("sd_hash")? != hash.derive_digest(sd_jwt) {
        return Err(KeyBindingError::SdHash);
    }
    let issued = claims
        .get("iat")
        .and_then(super::verify::numeric_date)
        .ok_or(KeyBindingError::Claim { claim: "iat" })?;
    if issued > now.saturating_add(LEEWAY) {
        return Err(KeyBindingError::InFuture);
    }
    if issued < now.saturating_sub(KEY_BINDING_MAX_AGE) {
        return Err(KeyBindingError::TooOld);
    }
    Ok(())
}

/// Reads `cnf` (RFC 7800 §3.1): `jwk`, or `kid` where that is a DID URL which holds its own
/// key. Other confirmation methods are not understood.
pub(super) fn holder_key(cnf: &Value) -> Result<PublicKey, HolderKeyError> {
    if let Some(jwk) = cnf.get("jwk") {
        return Ok(PublicKey::from_jwk(jwk)?);
    }
    let url = cnf
        .get("kid")
        .and_then(Value::as_str)
        .ok_or(HolderKeyError::NotFound)?;
    did::resolve_self_contained(did::split_url(url).0)
        .and_then(|document| document.key(url, Relationship::Authentication))
        .map_err(|_| HolderKeyError::NotFound)
}

fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}
