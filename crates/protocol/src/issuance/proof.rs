//! The key proof (OpenID4VCI 1.0 appendix F.1).

use credential::did;
use keys::{SigningKey, UnixTime, jws};
use serde_json::{Map, Value, json};

use super::error::RedeemError;
use super::metadata::Binding;

/// The `typ` of a key proof.
pub const PROOF_TYPE: &str = "openid4vci-proof+jwt";

/// Proves that `key` is in this wallet, to `issuer` and for this `nonce` only. `iss` is left
/// out, as the specification asks where the client is anonymous.
pub(crate) fn make(
    key: &SigningKey,
    binding: Binding,
    issuer: &str,
    nonce: Option<&str>,
    now: UnixTime,
) -> Result<String, RedeemError> {
    let public = key.public();
    let (name, value) = match binding {
        Binding::Jwk => ("jwk", public.to_jwk()),
        Binding::DidKey => ("kid", did_url(did::derive_did_key_url(&public))?),
        Binding::DidJwk => ("kid", did_url(did::derive_did_jwk_url(&public))?),
    };
    let header = Map::from_iter([(name.to_owned(), value)]);
    let mut claims = json!({"aud": issuer, "iat": now});
    if let (Some(nonce), Some(object)) = (nonce, claims.as_object_mut()) {
        object.insert("nonce".to_owned(), nonce.into());
    }
    Ok(jws::sign_claims(PROOF_TYPE, header, &claims, key))
}

fn did_url(url: Result<String, did::DidError>) -> Result<Value, RedeemError> {
    url.map(Value::String).map_err(|_| RedeemError::KeyName)
}
